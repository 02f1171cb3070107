/**
 * Decides whether the tables of mask-tables.ts are made for a model, and which trees share them; before any table is made.
 *
 * Trees come in blocks of neighbours, each with tables of its own, whose size is at most about that of the second cache: so time and
 * memory grow with the number of trees, not with its square. Walking down the trees stays the way for trees of many leaves, for few trees
 * over many features, and for models whose tables would be too large or would take too long to make.
 */
import type { TreeArrays } from '../tree-arrays.js';
import { countCuts } from './split-rule.js';

/** Most leaves of a tree. */
const MAX_LEAVES = 64;
/** Most bytes of all tables of a model. */
const MAX_TABLE_BYTES = 64 * 2 ** 20;
/** Most times that category splits and the like are asked where an interval goes: about half a second. */
const MAX_QUESTIONS = 2 ** 26;
/** Bytes of a block's tables beyond which rows wait for memory. */
const BLOCK_BYTES = 1.25 * 2 ** 20;
/** Masks of an interval are padded to a multiple of this many words, as the kernel reads them. */
const WORDS_AT_ONCE = 16;

/** Trees that share tables. */
export interface BlockPlan {
  readonly treeCount: number;
  /** 32-bit words of a tree's mask: 1 for trees of at most 32 leaves, 2 for at most 64; one number for all blocks. */
  readonly wordsPerTree: number;
  /** Words of an interval's masks, tree after tree, padded. */
  readonly wordsPerRow: number;
  /** Values of the leaves from left to right, 32 * wordsPerTree a tree. */
  readonly leaves: Float64Array;
  /** The splits of each feature, in the order of the trees. */
  readonly splitsByFeature: ReadonlyMap<number, readonly PlacedSplit[]>;
}

/** A split, and the leaves that a row can still reach after going right there, as bits 0 to 31 and 32 to 63. */
export interface PlacedSplit {
  readonly tree: TreeArrays;
  /** Position of the tree in its block. */
  readonly treePosition: number;
  readonly node: number;
  readonly lowMask: number;
  readonly highMask: number;
}

/** The blocks, in the order of the trees; undefined when the rows are better walked down the trees. */
export function planBlocks(trees: readonly TreeArrays[]): BlockPlan[] | undefined {
  let mostLeaves = 1;
  for (const tree of trees) mostLeaves = Math.max(mostLeaves, (tree.feature.length + 1) / 2);
  if (mostLeaves > MAX_LEAVES) return undefined;
  const wordsPerTree = mostLeaves > 32 ? 2 : 1;
  const blockCount = chooseBlockCount(trees, wordsPerTree);
  if (blockCount * BLOCK_BYTES > MAX_TABLE_BYTES) return undefined;
  const plans: BlockPlan[] = [];
  const spent = { bytes: 0, questions: 0, maskNs: CALL_NS, walkNs: 0 };
  for (let i = 0; i < blockCount; i++) {
    const begin = Math.floor((trees.length * i) / blockCount);
    const plan = planBlock(trees.slice(begin, Math.floor((trees.length * (i + 1)) / blockCount)), wordsPerTree);
    addCosts(plan, spent);
    if (spent.bytes > MAX_TABLE_BYTES || spent.questions > MAX_QUESTIONS) return undefined;
    plans.push(plan);
  }
  for (const tree of trees) spent.walkNs += WALK_TREE_NS + WALK_SPLIT_NS * expectedDepth(tree, 0);
  return spent.maskNs < spent.walkNs ? plans : undefined;
}

/** A block's tables take bytes in proportion to its cuts times its trees. */
function chooseBlockCount(trees: readonly TreeArrays[], wordsPerTree: number): number {
  let cuts = 0;
  for (const tree of trees) {
    for (let node = 0; node < tree.feature.length; node++) if (tree.feature[node] !== -1) cuts += countCuts(tree, node);
  }
  return Math.max(1, Math.min(trees.length, Math.ceil(Math.sqrt((cuts * trees.length * wordsPerTree * 4) / BLOCK_BYTES))));
}

function planBlock(trees: readonly TreeArrays[], wordsPerTree: number): BlockPlan {
  const wordsPerRow = Math.ceil((trees.length * wordsPerTree) / WORDS_AT_ONCE) * WORDS_AT_ONCE;
  const leaves = new Float64Array(trees.length * wordsPerTree * 32);
  const splitsByFeature = new Map<number, PlacedSplit[]>();
  trees.forEach((tree, t) => placeNode(tree, t, 0, 0));
  return { treeCount: trees.length, wordsPerTree, wordsPerRow, leaves, splitsByFeature };

  /** Numbers the leaves below a node from `leaf` on; gives the number after the last. No deeper than a tree of MAX_LEAVES can be. */
  function placeNode(tree: TreeArrays, t: number, node: number, leaf: number): number {
    const feature = tree.feature[node]!;
    if (feature === -1) {
      leaves[t * wordsPerTree * 32 + leaf] = tree.value[node]!;
      return leaf + 1;
    }
    const leftEnd = placeNode(tree, t, tree.left[node]!, leaf);
    const masks = { lowMask: ~bitRange(leaf, leftEnd), highMask: ~bitRange(leaf - 32, leftEnd - 32) };
    const split = { tree, treePosition: t, node, ...masks };
    const others = splitsByFeature.get(feature);
    if (others) others.push(split);
    else splitsByFeature.set(feature, [split]);
    return placeNode(tree, t, tree.right[node]!, leftEnd);
  }
}

/** Bits begin to end - 1 of 32; positions outside count for nothing. */
function bitRange(begin: number, end: number): number {
  let bits = 0;
  for (let i = Math.max(0, begin); i < Math.min(32, end); i++) bits |= 1 << i;
  return bits;
}

// What a row takes, as measured with 1 to 500 trees of 2 to 64 leaves over 5 to 300 features; only ratios matter.
const CALL_NS = 50;
const FEATURE_NS = 2.5;
const SEARCH_STEP_NS = 0.4;
const WORD_NS = 0.09;
const LEAF_NS = 0.7;
const WALK_TREE_NS = 5;
const WALK_SPLIT_NS = 8;

/** Adds what a block's tables cost to make and to use; upper bounds, since cuts may coincide. */
function addCosts(plan: BlockPlan, spent: { bytes: number; questions: number; maskNs: number }): void {
  for (const splits of plan.splitsByFeature.values()) {
    let cuts = 0;
    let asked = 0;
    for (const { tree, node } of splits) {
      const count = countCuts(tree, node);
      cuts += count;
      if (count > 1) asked++;
    }
    spent.bytes += (cuts + 2) * plan.wordsPerRow * 4;
    spent.questions += (cuts + 2) * asked;
    spent.maskNs += FEATURE_NS + SEARCH_STEP_NS * Math.log2(cuts + 1) + WORD_NS * plan.wordsPerRow;
  }
  spent.maskNs += LEAF_NS * plan.treeCount;
}

/** Splits on the way of a row that goes left and right equally often. */
function expectedDepth(tree: TreeArrays, node: number): number {
  if (tree.feature[node] === -1) return 0;
  return 1 + (expectedDepth(tree, tree.left[node]!) + expectedDepth(tree, tree.right[node]!)) / 2;
}
