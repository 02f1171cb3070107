/**
 * Tables that find a row's leaf in every tree at once, for trees of at most 64 leaves.
 *
 * Number a tree's leaves from left to right and give each a bit. A row that goes right at a split can't reach the leaves on the split's
 * left. Take those away for every split at which the row goes right: the lowest leaf that is left over is the row's (QuickScorer,
 * Lucchese et al. 2015). QuickScorer finds these splits by scanning thresholds. But each depends on one feature, and the cuts of all
 * splits part a feature's values into intervals; so the leaves that an interval leaves over, in all trees, are written down here
 * beforehand. What remains for a row is a binary search a feature and the intersection of as many rows of bits. Splits on categories, and
 * those that take zeros for missing, are intervals too.
 */
import type { TreeArrays } from '../tree-arrays.js';
import { type BlockPlan, type PlacedSplit, planBlocks } from './mask-plan.js';
import { countCuts, cutsOf, goesLeft } from './split-rule.js';

/** Tables of neighbouring trees. */
export interface MaskBlock extends Pick<BlockPlan, 'treeCount' | 'wordsPerTree' | 'wordsPerRow' | 'leaves'> {
  /** The features that any split looks at. */
  readonly features: readonly MaskFeature[];
}

/** Tables of a feature. */
interface MaskFeature {
  /** Position of the feature. */
  readonly feature: number;
  /** Ascending, without repetition. Interval i goes from above cut i - 1 to cut i, included; the last one has no end. */
  readonly cuts: Float32Array;
  /** Rows of masks: row 0 for missing values, row i + 1 for interval i. Bit k of a tree's mask is set if leaf k can still be reached. */
  readonly masks: Uint32Array;
}

/** Tables of the trees; undefined when rows are better walked down the trees, see mask-plan.ts. */
export function maskBlocks(trees: readonly TreeArrays[]): MaskBlock[] | undefined {
  return planBlocks(trees)?.map((plan) => {
    const { treeCount, wordsPerTree, wordsPerRow, leaves, splitsByFeature } = plan;
    const features = [...splitsByFeature].map(([feature, splits]) => maskFeature(feature, splits, plan));
    return { treeCount, wordsPerTree, wordsPerRow, leaves, features };
  });
}

function maskFeature(feature: number, splits: readonly PlacedSplit[], { wordsPerTree, wordsPerRow }: BlockPlan): MaskFeature {
  const cuts = distinctCuts(splits);
  const rows = cuts.length + 2;
  const masks = new Uint32Array(rows * wordsPerRow).fill(0xffffffff);
  const goRight = (row: number, { treePosition, lowMask, highMask }: PlacedSplit): void => {
    const word = row * wordsPerRow + treePosition * wordsPerTree;
    masks[word]! &= lowMask;
    if (wordsPerTree === 2) masks[word + 1]! &= highMask;
  };
  for (const split of splits) if (!goesLeft(split.tree, split.node, Number.NaN)) goRight(0, split);

  // Each interval has the masks of the one before, less what its lower cut takes away.
  const byThreshold = splits.filter(isByThreshold).sort((a, b) => thresholdOf(a) - thresholdOf(b));
  let passed = 0;
  for (let row = 2; row < rows; row++) {
    masks.copyWithin(row * wordsPerRow, (row - 1) * wordsPerRow, row * wordsPerRow);
    const lowerCut = cuts[row - 2]!;
    while (passed < byThreshold.length && thresholdOf(byThreshold[passed]!) <= lowerCut) goRight(row, byThreshold[passed++]!);
  }

  for (const split of splits) {
    if (isByThreshold(split)) continue;
    for (let row = 1; row < rows; row++) {
      // What lies between two cuts goes where the upper one goes.
      if (!goesLeft(split.tree, split.node, cuts[row - 1] ?? Number.POSITIVE_INFINITY)) goRight(row, split);
    }
  }
  return { feature, cuts, masks };
}

function distinctCuts(splits: readonly PlacedSplit[]): Float32Array {
  const all = Float32Array.from(splits.flatMap(({ tree, node }) => cutsOf(tree, node))).sort();
  return all.filter((cut, i) => i === 0 || cut !== all[i - 1]);
}

/** Whether the split has one cut, its threshold: smaller values go left, larger ones right. */
const isByThreshold = ({ tree, node }: PlacedSplit): boolean => countCuts(tree, node) === 1;

const thresholdOf = ({ tree, node }: PlacedSplit): number => tree.threshold[node]!;
