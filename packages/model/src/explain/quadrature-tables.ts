/**
 * What the fast way to explain trees (see `quadrature-tree-shap.ts`) needs to know of them, packed into one buffer whose layout the
 * WebAssembly kernel shares:
 *
 * - a header a tree, {@link TREE_WORDS} words of 32 bits: where its splits and leaves lie and how many there are, how many pairs of
 *   quadrature points are exact for it, and where their complements 1 - t and their weights lie;
 * - a record a split, {@link SPLIT_WORDS} words; a record a leaf, {@link LEAF_WORDS} words;
 * - rows of one number a quadrature point: complements, weights, ones, and 1 / (t + (1 - t) z) of splits whose feature was met before;
 * - listed categories.
 *
 * Positions are in bytes from the start of the buffer. Nodes take slots in preorder: the left child has the slot after its parent's.
 */
import { gaussLegendre } from './gauss-legendre.js';
import type { TreeShape } from './tree-shape.js';

/** Most bytes of a model's tables. The trees that do not fit are explained by `depthFirstTreeShap`. */
export const MAX_TABLE_BYTES = 2 ** 28;
/** Most nodes of a tree in the tables, so that working memory stays below 17 MB. */
export const MAX_TREE_SLOTS = 2 ** 18;

/** Words of a tree's header, and what they hold. */
export const TREE_WORDS = 8;
export const TREE = { splitsAt: 0, splitCount: 1, leavesAt: 2, leafCount: 3, pairs: 4, complementsAt: 5, weightsAt: 6 } as const;

/**
 * Words of a split's record, and what they hold. `above` is the number of the nearest split above on the same feature, splitCount when
 * there is none, and `aboveSide` is 1 when this split lies right of it. `zeroLeft` and `zeroRight` (float64) are the shares of training
 * weight that all splits on this feature let through, down to either child; `rightShare` (float64) is what this split alone sends right.
 */
export const SPLIT_WORDS = 16;
export const SPLIT = {
  feature: 0,
  threshold: 1,
  flags: 2,
  slot: 3,
  rightSlot: 4,
  above: 5,
  aboveSide: 6,
  inversesAt: 7,
  categoriesAt: 8,
  categoryCount: 9,
  zeroLeft: 10,
  zeroRight: 12,
  rightShare: 14,
} as const;
/** Bits of a split's flags. */
export const MISSING_LEFT = 1;
export const ZERO_IS_MISSING = 2;

/** Words of a leaf's record: slot, nothing, value (float64). */
export const LEAF_WORDS = 4;

/** Packed trees. */
export interface QuadratureTables {
  readonly buffer: ArrayBuffer;
  readonly treesAt: number;
  readonly treeCount: number;
  /** A row of ones, as long as the longest row of points. */
  readonly onesAt: number;
  /** Most nodes and most splits of a tree: what working memory is made for. */
  readonly maxSlots: number;
  readonly maxSplits: number;
}

/** Trees in the order of the model, parted by what fits into tables. Trees without a split are in neither part. */
export function partByTableSize(shapes: readonly TreeShape[]): { packed: TreeShape[]; tooLarge: TreeShape[] } {
  const packed: TreeShape[] = [];
  const tooLarge: TreeShape[] = [];
  let bytes = 0;
  for (const shape of shapes) {
    if (shape.depth === 0) continue;
    const size = tableBytes(shape);
    const fits = shape.preorder.length <= MAX_TREE_SLOTS && bytes + size <= MAX_TABLE_BYTES;
    if (fits) bytes += size;
    (fits ? packed : tooLarge).push(shape);
  }
  return { packed, tooLarge };
}

/** Pairs of points that integrate a tree exactly: its integrands have degree pathFeatures - 1 at most. */
export const pairsFor = (pathFeatures: number): number => Math.ceil(pathFeatures / 4);

const WORD_BYTES = 4;
/** A pair of float64, and the alignment of everything. */
const PAIR_BYTES = 16;
/** Address 0 stays unused. */
const FIRST_BYTE = 64;

const splitCount = ({ preorder }: TreeShape): number => (preorder.length - 1) / 2;
const categoryBytes = ({ tree }: TreeShape): number =>
  Math.ceil(((tree.categories?.length ?? 0) * WORD_BYTES) / PAIR_BYTES) * PAIR_BYTES;

function tableBytes(shape: TreeShape): number {
  const splits = splitCount(shape);
  const repeats = shape.sameAbove.reduce((count, above) => count + Number(above >= 0), 0);
  const records = TREE_WORDS + splits * SPLIT_WORDS + (splits + 1) * LEAF_WORDS;
  return records * WORD_BYTES + repeats * pairsFor(shape.pathFeatures) * PAIR_BYTES + categoryBytes(shape);
}

/** Packs trees with at least one split each, in time and memory linear in the tables. */
export function quadratureTables(shapes: readonly TreeShape[]): QuadratureTables {
  const pairCounts = new Set(shapes.map(({ pathFeatures }) => pairsFor(pathFeatures)));
  const maxPairs = Math.max(1, ...pairCounts);
  const ruleBytes = [...pairCounts].reduce((sum, pairs) => sum + 2 * pairs * PAIR_BYTES, maxPairs * PAIR_BYTES);
  const bytes = shapes.reduce((sum, shape) => sum + tableBytes(shape), FIRST_BYTE + ruleBytes);
  const writer = new TableWriter(bytes);
  const onesAt = writer.row(new Float64Array(2 * maxPairs).fill(1));
  const rules = new Map([...pairCounts].map((pairs) => [pairs, writer.rule(pairs)]));
  const treesAt = writer.take(shapes.length * TREE_WORDS * WORD_BYTES);
  shapes.forEach((shape, i) => {
    writer.tree(shape, treesAt / WORD_BYTES + i * TREE_WORDS, rules.get(pairsFor(shape.pathFeatures))!, onesAt);
  });
  return {
    buffer: writer.buffer,
    treesAt,
    treeCount: shapes.length,
    onesAt,
    maxSlots: shapes.reduce((most, { preorder }) => Math.max(most, preorder.length), 0),
    maxSplits: shapes.reduce((most, shape) => Math.max(most, splitCount(shape)), 0),
  };
}

/** A quadrature rule in the tables. */
interface PackedRule {
  readonly pairs: number;
  readonly points: Float64Array;
  readonly complementsAt: number;
  readonly weightsAt: number;
}

/** Where the parts of a tree are while it is packed. */
interface TreePlace {
  /** Position of the first split's record, in words. */
  readonly firstSplit: number;
  readonly categoriesAt: number;
  /** By node: its slot, and its number among the splits. */
  readonly slotOf: Int32Array;
  readonly numberOf: Int32Array;
  readonly rule: PackedRule;
  readonly onesAt: number;
}

class TableWriter {
  readonly buffer: ArrayBuffer;
  readonly #words: Int32Array;
  readonly #floats: Float32Array;
  readonly #doubles: Float64Array;
  #end = FIRST_BYTE;

  constructor(bytes: number) {
    this.buffer = new ArrayBuffer(bytes);
    this.#words = new Int32Array(this.buffer);
    this.#floats = new Float32Array(this.buffer);
    this.#doubles = new Float64Array(this.buffer);
  }

  /** The position of so many bytes more, which are a multiple of 16. */
  take(bytes: number): number {
    const at = this.#end;
    this.#end += bytes;
    return at;
  }

  row(values: Float64Array): number {
    const at = this.take(values.byteLength);
    this.#doubles.set(values, at / 8);
    return at;
  }

  rule(pairs: number): PackedRule {
    const { points, weights } = gaussLegendre(2 * pairs);
    // The points lie symmetrically around 1/2.
    return { pairs, points, complementsAt: this.row(points.toReversed()), weightsAt: this.row(weights) };
  }

  tree(shape: TreeShape, header: number, rule: PackedRule, onesAt: number): void {
    const splits = splitCount(shape);
    const splitsAt = this.take(splits * SPLIT_WORDS * WORD_BYTES);
    const leavesAt = this.take((splits + 1) * LEAF_WORDS * WORD_BYTES);
    const words = this.#words;
    words[header + TREE.splitsAt] = splitsAt;
    words[header + TREE.splitCount] = splits;
    words[header + TREE.leavesAt] = leavesAt;
    words[header + TREE.leafCount] = splits + 1;
    words[header + TREE.pairs] = rule.pairs;
    words[header + TREE.complementsAt] = rule.complementsAt;
    words[header + TREE.weightsAt] = rule.weightsAt;
    const categoriesAt = this.take(categoryBytes(shape));
    if (shape.tree.categories) words.set(shape.tree.categories, categoriesAt / WORD_BYTES);
    const slotOf = new Int32Array(shape.preorder.length);
    const numberOf = new Int32Array(shape.preorder.length);
    shape.preorder.forEach((node, slot) => (slotOf[node] = slot));
    const place: TreePlace = { firstSplit: splitsAt / WORD_BYTES, categoriesAt, slotOf, numberOf, rule, onesAt };
    let split = 0;
    let leaf = leavesAt / WORD_BYTES;
    shape.preorder.forEach((node, slot) => {
      if (shape.tree.feature[node] === -1) {
        words[leaf] = slot;
        this.#doubles[leaf / 2 + 1] = shape.tree.value[node]!;
        leaf += LEAF_WORDS;
      } else {
        numberOf[node] = split;
        this.#split(shape, node, place);
        split++;
      }
    });
  }

  #split({ tree, sameAbove, leftShare }: TreeShape, node: number, place: TreePlace): void {
    const { firstSplit, categoriesAt, slotOf, numberOf, rule, onesAt } = place;
    const record = firstSplit + numberOf[node]! * SPLIT_WORDS;
    const words = this.#words;
    words[record + SPLIT.feature] = tree.feature[node]!;
    this.#floats[record + SPLIT.threshold] = tree.threshold[node]!;
    words[record + SPLIT.flags] = tree.missingLeft[node]! * MISSING_LEFT + (tree.zeroIsMissing?.[node] ?? 0) * ZERO_IS_MISSING;
    words[record + SPLIT.slot] = slotOf[node]!;
    words[record + SPLIT.rightSlot] = slotOf[tree.right[node]!]!;
    const firstCategory = tree.categoryStarts?.[node] ?? 0;
    words[record + SPLIT.categoriesAt] = categoriesAt + firstCategory * WORD_BYTES;
    words[record + SPLIT.categoryCount] = (tree.categoryStarts?.[node + 1] ?? 0) - firstCategory;
    const above = sameAbove[node]!;
    let zero = 1;
    if (above === -1) {
      words[record + SPLIT.above] = (slotOf.length - 1) / 2;
      words[record + SPLIT.inversesAt] = onesAt;
    } else {
      const side = Number(slotOf[node]! >= slotOf[tree.right[above]!]!);
      words[record + SPLIT.above] = numberOf[above]!;
      words[record + SPLIT.aboveSide] = side;
      const aboveRecord = firstSplit + numberOf[above]! * SPLIT_WORDS;
      zero = this.#doubles[(aboveRecord + (side === 1 ? SPLIT.zeroRight : SPLIT.zeroLeft)) / 2]!;
      words[record + SPLIT.inversesAt] = this.row(inverses(rule.points, zero));
    }
    this.#doubles[(record + SPLIT.zeroLeft) / 2] = zero * leftShare[node]!;
    this.#doubles[(record + SPLIT.zeroRight) / 2] = zero * (1 - leftShare[node]!);
    this.#doubles[(record + SPLIT.rightShare) / 2] = 1 - leftShare[node]!;
  }
}

/** 1 / (t + (1 - t) zero) at each point t. */
function inverses(points: Float64Array, zero: number): Float64Array {
  const last = points.length - 1;
  return points.map((point, i) => 1 / (point + points[last - i]! * zero));
}
