/**
 * Grows one tree over binned rows, always splitting the open node of largest gain (leaf-wise, as LightGBM does). When only the depth
 * is bounded the order of splits makes no difference to the tree, which is then the one of depth-wise growth (as XGBoost's); nodes are
 * in that case taken last in, first out, so that few histograms are held at a time.
 *
 * The rows of a node are a range of `order`. A split parts the range in two, builds the histogram of the smaller part and gets the
 * other's by subtraction.
 */
import type { TreeArrays } from '@fraudops/model';
import { type BinnedMatrix, MISSING_BIN } from './feature-bins.js';
import { type NodeSums, type Split, type SplitRules, findSplit } from './find-split.js';
import { FEATURE_STRIDE, HistogramPool, type RowRange, buildHistogram, subtractHistogram } from './histogram.js';
import { TreeWriter } from './tree-writer.js';

/** Shape of a tree; see {@link BoostingOptions}. */
export interface TreeRules extends SplitRules {
  readonly depth: number;
  /** Undefined: as many as the depth allows. */
  readonly maxLeaves: number | undefined;
  readonly learningRate: number;
  readonly maxLeafStep: number;
}

/** A node that may still be split. */
interface OpenNode {
  readonly node: number;
  readonly depth: number;
  readonly start: number;
  readonly end: number;
  readonly sums: NodeSums;
  readonly split: Split | undefined;
  /** Undefined when the node can't be split, or the pool was full. */
  readonly histogram: Float64Array | undefined;
}

/** Largest float32: every finite value is at most this. */
const MAX_FLOAT32 = 3.4028234663852886e38;

/** Grows trees, one after the other, over the same rows. */
export class TreeGrower {
  readonly #bins: BinnedMatrix;
  readonly #pairs: Float64Array;
  readonly #rules: TreeRules;
  readonly #pool: HistogramPool;
  readonly #order: Uint32Array;
  readonly #moved: Uint32Array;
  #writer = new TreeWriter();

  /** @param pairs gradients and hessians, see `Gradients`; read anew for each tree */
  constructor(bins: BinnedMatrix, pairs: Float64Array, rules: TreeRules) {
    this.#bins = bins;
    this.#pairs = pairs;
    this.#rules = rules;
    this.#pool = new HistogramPool(bins.featureCount);
    this.#order = new Uint32Array(bins.rowCount);
    this.#moved = new Uint32Array(bins.rowCount);
  }

  /** A tree for the present gradients; adds its leaf to the margin of each row. A tree of one node means that no split gains anything. */
  grow(margins: Float64Array): TreeArrays {
    this.#writer = new TreeWriter();
    // The last tree left the rows shuffled; in order they are read faster.
    for (let row = 0; row < this.#order.length; row++) this.#order[row] = row;
    const { maxLeaves } = this.#rules;
    const open = [this.#openRoot()];
    let leaves = 1;
    while (open.length > 0) {
      const next = maxLeaves === undefined ? open.pop()! : takeBest(open);
      if (next.split && (maxLeaves === undefined || leaves < maxLeaves)) {
        open.push(...this.#split(next, next.split));
        leaves++;
      } else {
        this.#close(next, margins);
      }
    }
    return this.#writer.toArrays();
  }

  #openRoot(): OpenNode {
    const range = { start: 0, end: this.#bins.rowCount };
    const histogram = this.#pool.take();
    buildHistogram(this.#bins, this.#pairs, this.#order, range, histogram);
    const sums = totalOf(histogram);
    return this.#open(this.#writer.add(sums.hessian), 0, range, sums, histogram);
  }

  #open(node: number, depth: number, { start, end }: RowRange, sums: NodeSums, histogram?: Float64Array): OpenNode {
    const split = histogram && findSplit(histogram, sums, this.#bins, this.#rules);
    const kept = split && !this.#pool.full;
    if (histogram && !kept) this.#pool.give(histogram);
    return { node, depth, start, end, sums, split, histogram: kept ? histogram : undefined };
  }

  /** The two children, left first. */
  #split(parent: OpenNode, split: Split): OpenNode[] {
    const { cuts } = this.#bins;
    const depth = parent.depth + 1;
    const middle = this.#part(parent, split);
    const left = this.#writer.add(split.left.hessian);
    const right = this.#writer.add(split.right.hessian);
    this.#writer.split(parent.node, {
      feature: split.feature,
      // Behind the last bin only missing values are left: every number goes left.
      threshold: cuts[split.feature]![split.bin] ?? MAX_FLOAT32,
      missingLeft: split.missingLeft,
      left,
      right,
    });
    const leftRange = { start: parent.start, end: middle };
    const rightRange = { start: middle, end: parent.end };
    const [leftHistogram, rightHistogram] = this.#childHistograms(parent, leftRange, rightRange, depth < this.#rules.depth);
    return [
      this.#open(left, depth, leftRange, split.left, leftHistogram),
      this.#open(right, depth, rightRange, split.right, rightHistogram),
    ];
  }

  #childHistograms(parent: OpenNode, left: RowRange, right: RowRange, splittable: boolean): [Float64Array?, Float64Array?] {
    if (!splittable) {
      if (parent.histogram) this.#pool.give(parent.histogram);
      return [];
    }
    const leftIsSmaller = left.end - left.start <= right.end - right.start;
    const smaller = this.#pool.take();
    buildHistogram(this.#bins, this.#pairs, this.#order, leftIsSmaller ? left : right, smaller);
    const larger = parent.histogram ?? this.#pool.take();
    if (parent.histogram) subtractHistogram(larger, smaller);
    else buildHistogram(this.#bins, this.#pairs, this.#order, leftIsSmaller ? right : left, larger);
    return leftIsSmaller ? [smaller, larger] : [larger, smaller];
  }

  /** Moves the rows that go left to the front of the node's range, keeping the order on both sides; returns where the right ones begin. */
  #part({ start, end }: OpenNode, split: Split): number {
    const column = this.#bins.columns[split.feature]!;
    const order = this.#order;
    const moved = this.#moved;
    let kept = start;
    let movedCount = 0;
    for (let k = start; k < end; k++) {
      const row = order[k]!;
      const bin = column[row]!;
      if (bin <= split.bin || (bin === MISSING_BIN && split.missingLeft)) order[kept++] = row;
      else moved[movedCount++] = row;
    }
    order.set(moved.subarray(0, movedCount), kept);
    return kept;
  }

  #close({ node, start, end, sums, histogram }: OpenNode, margins: Float64Array): void {
    if (histogram) this.#pool.give(histogram);
    const { learningRate, l2, maxLeafStep } = this.#rules;
    // With no hessian and no penalty the rows are all certain already.
    const step = sums.hessian + l2 > 0 ? -sums.gradient / (sums.hessian + l2) : 0;
    const value = learningRate * Math.max(-maxLeafStep, Math.min(step, maxLeafStep));
    this.#writer.close(node, value);
    for (let k = start; k < end; k++) margins[this.#order[k]!]! += value;
  }
}

/** Removes and returns the node of largest gain; of equals the first one opened. */
function takeBest(open: OpenNode[]): OpenNode {
  let best = 0;
  for (let i = 1; i < open.length; i++) {
    const ahead = (open[i]!.split?.gain ?? -1) - (open[best]!.split?.gain ?? -1);
    if (ahead > 0 || (ahead === 0 && open[i]!.node < open[best]!.node)) best = i;
  }
  const [node] = open.splice(best, 1);
  return node!;
}

/** Sums over all rows: every row is in exactly one bin of the first feature. */
function totalOf(histogram: Float64Array): NodeSums {
  let gradient = 0;
  let hessian = 0;
  for (let place = 0; place < FEATURE_STRIDE; place += 2) {
    gradient += histogram[place]!;
    hessian += histogram[place + 1]!;
  }
  return { gradient, hessian };
}
