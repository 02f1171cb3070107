/**
 * Isolation forest (Liu, Ting and Zhou 2008): finds odd rows without labels. Each tree parts a small sample of rows by thresholds drawn at
 * random; a row that few cuts set apart from all others is odd. With h the number of splits on a row's path, n the rows of the leaf and
 * psi those of the sample, the score is
 *
 *     2 ^ -( mean over trees of (h + c(n)) / c(psi) ),   c(n) = 2 (ln(n - 1) + 0.5772...) - 2 (n - 1) / n
 *
 * where c, the mean path of a search tree of n rows, stands for what a deeper tree would add; c(2) = 1, c(1) = 0. Scores near 1 are odd, below
 * 0.5 usual. They are no probabilities: rank by them, or calibrate once labels are there.
 *
 * A missing value (NaN) goes to the side that more rows of the sample went to, so that it makes a row neither odd nor usual by itself.
 */
import { type FeatureMatrix, type OptionKinds, type Progress, type Random, seededRandom, silentProgress } from '@fraudops/core';
import { MAX_NODES, MAX_TREES, type TreeArrays, type TreeModel, treeModel } from '@fraudops/model';
import { requireOptions } from '../required-arguments.js';
import { requireFeatures, requireOption } from '../training-data.js';
import { TrainError } from '../train-error.js';

/** Options of {@link trainIsolationForest}. */
export interface IsolationForestOptions {
  /** Trees, 1 to 20,000; default 100. */
  readonly trees?: number;
  /** Rows that each tree learns from, drawn without replacement, 2 to 100,000; default 256, or all rows if there are fewer. */
  readonly sampleRows?: number;
  /** Draws rows, features and thresholds; default 0. */
  readonly seed?: number;
  /** Told of each tree; default: nobody. */
  readonly progress?: Progress;
}

const OPTIONS: OptionKinds<IsolationForestOptions> = {
  trees: 'checked',
  sampleRows: 'checked',
  seed: 'checked',
  progress: 'progress',
};

/**
 * Trains an isolation forest, which finds odd rows without labels: those that few random cuts set apart from all others. Scores near 1 are odd,
 * below 0.5 usual; they are no probabilities, so rank by them, or calibrate once labels are there. A missing value (NaN) makes a row
 * neither odd nor usual by itself. Training takes milliseconds whatever the number of rows.
 *
 * @returns a tree model with link `exp2`: the margin is minus the mean path over c(psi), cover is the number of sampled rows
 * @throws {TrainError} on bad input, before any work: EMPTY (fewer than two rows, or no features), LENGTH_MISMATCH, DUPLICATE_FEATURE,
 *   NOT_FINITE, INVALID_OPTION; INVALID_OPTION also when the trees outgrow the 4,000,000 nodes that a model holds
 * @example
 * const model = trainIsolationForest(matrix, { trees: 200, seed: 7 });
 * const oddness = model.scoreBatch(matrix);
 */
export function trainIsolationForest(matrix: FeatureMatrix, options: IsolationForestOptions = {}): TreeModel {
  requireOptions('trainIsolationForest', options, OPTIONS);
  const option = (name: 'trees' | 'sampleRows', low: number, high: number, byDefault: number) =>
    requireOption(`trainIsolationForest: ${name}`, options[name], { low, high, default: byDefault, whole: true });
  const treeCount = option('trees', 1, MAX_TREES, 100);
  const sampleRows = option('sampleRows', 2, 100_000, 256);
  const anyNumber = { low: -Number.MAX_VALUE, high: Number.MAX_VALUE, default: 0 };
  const seed = requireOption('trainIsolationForest: seed', options.seed, anyNumber);
  requireFeatures('trainIsolationForest', matrix);
  if (matrix.rowCount < 2) {
    throw new TrainError(
      'EMPTY',
      'trainIsolationForest: 1 row, expected at least 2, since nothing is odd by itself; take a longer window',
    );
  }
  const task = (options.progress ?? silentProgress).task('Training an isolation forest', { total: treeCount, unit: 'trees' });
  try {
    const grower = new IsolationTreeGrower(matrix, Math.min(sampleRows, matrix.rowCount), treeCount);
    const trees: TreeArrays[] = [];
    let nodeCount = 0;
    for (let t = 0; t < treeCount; t++) {
      const tree = grower.grow(seededRandom(seed).fork(`tree ${t}`));
      trees.push(tree);
      requireNodes(t + 1, (nodeCount += tree.feature.length));
      task.advance(1);
    }
    const model = treeModel({ featureNames: matrix.names, baseMargin: 0, trees, link: 'exp2' });
    task.done();
    return model;
  } catch (error) {
    task.fail((error as Error).message);
    throw error;
  }
}

function requireNodes(treeCount: number, nodeCount: number): void {
  if (nodeCount <= MAX_NODES) return;
  throw new TrainError(
    'INVALID_OPTION',
    `trainIsolationForest: ${treeCount} trees have ${nodeCount} nodes, a model holds at most ${MAX_NODES}; lower trees or sampleRows`,
    { details: { treeCount, nodeCount, limit: MAX_NODES } },
  );
}

const EULER = 0.5772156649015329;

/** Mean path to a row in a binary search tree of n rows. */
export function meanPath(rows: number): number {
  if (rows <= 2) return Math.max(0, rows - 1);
  return 2 * (Math.log(rows - 1) + EULER) - (2 * (rows - 1)) / rows;
}

/** Grows one tree after the other; a node's rows are a range of `#rows`. */
class IsolationTreeGrower {
  readonly #matrix: FeatureMatrix;
  readonly #rows: Uint32Array;
  readonly #features: Uint32Array;
  readonly #maxDepth: number;
  /** What one step on a path is worth in the margin. */
  readonly #unit: number;
  #tree = newTree();

  constructor(matrix: FeatureMatrix, sampleRows: number, trees: number) {
    this.#matrix = matrix;
    this.#rows = new Uint32Array(sampleRows);
    this.#features = Uint32Array.from(matrix.names, (_, j) => j);
    this.#maxDepth = Math.ceil(Math.log2(sampleRows));
    this.#unit = -1 / (meanPath(sampleRows) * trees);
  }

  grow(random: Random): TreeArrays {
    drawRows(this.#rows, this.#matrix.rowCount, random);
    this.#features.forEach((_, j, features) => (features[j] = j));
    this.#tree = newTree();
    this.#addNode(0, this.#rows.length, 0, random);
    const { feature, threshold, left, right, missingLeft, value, cover } = this.#tree;
    return {
      feature: Int32Array.from(feature),
      threshold: Float32Array.from(threshold),
      left: Int32Array.from(left),
      right: Int32Array.from(right),
      missingLeft: Uint8Array.from(missingLeft),
      value: Float64Array.from(value),
      cover: Float64Array.from(cover),
    };
  }

  /** Calls itself to a depth of log2 of the sample at most. */
  #addNode(start: number, end: number, depth: number, random: Random): number {
    const tree = this.#tree;
    const node = tree.feature.push(-1) - 1;
    tree.threshold.push(0);
    tree.left.push(-1);
    tree.right.push(-1);
    tree.missingLeft.push(0);
    tree.value.push(0);
    tree.cover.push(end - start);
    const split = depth < this.#maxDepth && end - start > 1 ? this.#drawSplit(start, end, random) : undefined;
    if (!split) {
      tree.value[node] = this.#unit * (depth + meanPath(end - start));
      return node;
    }
    const middle = this.#part(start, end, split);
    tree.feature[node] = split.feature;
    tree.threshold[node] = split.threshold;
    tree.missingLeft[node] = Number(split.missingLeft);
    tree.left[node] = this.#addNode(start, middle, depth + 1, random);
    tree.right[node] = this.#addNode(middle, end, depth + 1, random);
    return node;
  }

  /** A random threshold on a random feature among those that differ here; undefined when none does. */
  #drawSplit(start: number, end: number, random: Random): RandomSplit | undefined {
    const features = this.#features;
    for (let drawn = 0; drawn < features.length; drawn++) {
      const place = drawn + random.integer(features.length - drawn);
      const feature = features[place]!;
      features[place] = features[drawn]!;
      features[drawn] = feature;
      const { low, high } = this.#range(feature, start, end);
      if (!(low < high)) continue;
      const drawnThreshold = Math.fround(random.between(low, high));
      const threshold = drawnThreshold < high ? drawnThreshold : low;
      return { feature, threshold, missingLeft: this.#isLeftHeavier(feature, threshold, start, end) };
    }
    return undefined;
  }

  #range(feature: number, start: number, end: number): { low: number; high: number } {
    const column = this.#matrix.columns[feature]!;
    let low = Number.POSITIVE_INFINITY;
    let high = Number.NEGATIVE_INFINITY;
    for (let i = start; i < end; i++) {
      const value = column[this.#rows[i]!]!;
      if (value < low) low = value;
      if (value > high) high = value;
    }
    return { low, high };
  }

  #isLeftHeavier(feature: number, threshold: number, start: number, end: number): boolean {
    const column = this.#matrix.columns[feature]!;
    let balance = 0;
    for (let i = start; i < end; i++) {
      const value = column[this.#rows[i]!]!;
      if (value <= threshold) balance++;
      else if (value > threshold) balance--;
    }
    return balance >= 0;
  }

  /** Moves rows that go left before the others; returns where those begin. */
  #part(start: number, end: number, { feature, threshold, missingLeft }: RandomSplit): number {
    const column = this.#matrix.columns[feature]!;
    let middle = start;
    for (let i = start; i < end; i++) {
      const row = this.#rows[i]!;
      const value = column[row]!;
      if (!(value <= threshold) && !(missingLeft && Number.isNaN(value))) continue;
      this.#rows[i] = this.#rows[middle]!;
      this.#rows[middle++] = row;
    }
    return middle;
  }
}

interface RandomSplit {
  readonly feature: number;
  readonly threshold: number;
  readonly missingLeft: boolean;
}

/** {@link TreeArrays} while they grow. */
const newTree = (): Record<keyof Omit<TreeArrays, 'categories' | 'categoryStarts' | 'zeroIsMissing'>, number[]> => ({
  feature: [],
  threshold: [],
  left: [],
  right: [],
  missingLeft: [],
  value: [],
  cover: [],
});

/** Fills the array with distinct rows (Floyd's algorithm; Bentley and Floyd 1987). */
function drawRows(rows: Uint32Array, rowCount: number, random: Random): void {
  const drawn = new Set<number>();
  for (let last = rowCount - rows.length; last < rowCount; last++) {
    const row = random.integer(last + 1);
    drawn.add(drawn.has(row) ? last : row);
  }
  rows.set([...drawn]);
}
