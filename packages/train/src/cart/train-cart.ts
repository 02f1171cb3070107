/**
 * One small classification tree (CART: Breiman et al. 1984) that a person can read, by ml-cart. For a first look at which rules part frauds
 * from the rest, and as a model that can be printed; `trainForest` and `trainBoosting` rank better.
 *
 * ml-cart's time grows with the square of the rows: 2,000 rows of 15 features take about a second, 10,000 half a minute. So the splits
 * are chosen on at most `rowLimit` rows: when there are more, on a seeded sample that holds frauds as far as half of it. The shares of
 * frauds in the leaves, and the covers, are always those of all rows.
 *
 * Missing values (NaN) count as larger than all others, so they go right.
 */
import { type FeatureMatrix, type OptionKinds, type Progress, silentProgress } from '@fraudops/core';
import { type TreeModel, treeModel } from '@fraudops/model';
import { DecisionTreeClassifier } from 'ml-cart';
import { requireOptions } from '../required-arguments.js';
import { requireOption, requireTrainingData } from '../training-data.js';
import { TrainError } from '../train-error.js';
import { cartTree } from './cart-tree.js';
import { sampleForCart } from './cart-sample.js';

/** Options of {@link trainCart}. */
export interface CartOptions {
  /** Splits on the longest path, 1 to 10; default 4. */
  readonly depth?: number;
  /** A node of fewer rows of the sample is not split, 2 to 1e9; default 20. */
  readonly minRowsToSplit?: number;
  /** Least gain of a split in Gini's impurity, 0 to 1; default 0. */
  readonly minGain?: number;
  /** Rows that splits are chosen on, 10 to 10,000; default 2,000. Ten times as many take a hundred times as long. */
  readonly rowLimit?: number;
  /** Weight of each row, 0 or more; default 1 each. Rows are drawn by weight, and counted by it in the leaves. */
  readonly weights?: Float64Array;
  /** Draws the sample; default 0. */
  readonly seed?: number;
  /** Its task says on how many rows splits are chosen; default: nobody. */
  readonly progress?: Progress;
}

const OPTIONS: OptionKinds<CartOptions> = {
  depth: 'checked',
  minRowsToSplit: 'checked',
  minGain: 'checked',
  rowLimit: 'checked',
  weights: 'array',
  seed: 'checked',
  progress: 'progress',
};

/** A small tree fresh from training. */
export interface TrainedCart extends TreeModel {
  /** Rows that splits were chosen on. Fewer than the training rows when those are above `rowLimit`: splits then vary with the seed. */
  readonly sampledRows: number;
}

/** Most features: each costs as much as the rows do. */
const MAX_CART_FEATURES = 200;

/**
 * Trains one small classification tree (CART) that a person can read. Its time grows with the square of the rows, so splits are chosen on at
 * most `rowLimit` rows, a seeded sample that holds frauds as far as half of it; shares in the leaves and covers are those of all rows.
 * Missing values (NaN) count as larger than all others. {@link trainForest} and {@link trainBoosting} rank better.
 *
 * @param labels one a row, 0 or 1
 * @returns a model of one tree with link `identity`: leaf values are shares of frauds, cover is the weight of the rows
 * @throws {TrainError} on bad input, before any work: EMPTY, LENGTH_MISMATCH, DUPLICATE_FEATURE, INVALID_LABEL, ONE_CLASS, NOT_FINITE,
 *   INVALID_WEIGHT, INVALID_OPTION (also for more than 200 features)
 * @example
 * const cart = trainCart(matrix, labels, { depth: 3 });
 * console.log(describeTree(cart));
 */
export function trainCart(matrix: FeatureMatrix, labels: Uint8Array, options: CartOptions = {}): TrainedCart {
  const rules = requireRules(options);
  requireTrainingData('trainCart', matrix, labels, options.weights);
  if (matrix.names.length > MAX_CART_FEATURES) {
    throw new TrainError(
      'INVALID_OPTION',
      `trainCart: ${matrix.names.length} features, at most ${MAX_CART_FEATURES} are allowed; select fewer, or use trainForest`,
    );
  }
  const sample = sampleForCart(labels, options.weights, rules);
  const name = `Training a small tree on ${sample.length} of ${matrix.rowCount} rows`;
  const task = (options.progress ?? silentProgress).task(name, { total: 1, unit: 'trees' });
  try {
    const classifier = new DecisionTreeClassifier({
      gainFunction: 'gini',
      maxDepth: rules.depth,
      // ml-cart's bound is the largest leaf that is not split any more.
      minNumSamples: rules.minRowsToSplit - 1,
      gainThreshold: rules.minGain,
    });
    classifier.train(
      rowsOf(matrix, sample),
      Array.from(sample, (row) => labels[row]!),
    );
    const tree = cartTree(classifier.root, matrix, labels, options.weights);
    const model = treeModel({ featureNames: matrix.names, baseMargin: 0, trees: [tree], link: 'identity' });
    task.advance(1);
    task.done();
    return Object.assign(model, { sampledRows: sample.length });
  } catch (error) {
    task.fail((error as Error).message);
    throw error;
  }
}

function requireRules(options: CartOptions) {
  requireOptions('trainCart', options, OPTIONS);
  const option = (
    name: Exclude<keyof CartOptions, 'weights' | 'progress'>,
    low: number,
    high: number,
    byDefault: number,
    whole = true,
  ) => requireOption(`trainCart: ${name}`, options[name], { low, high, default: byDefault, whole });
  return {
    depth: option('depth', 1, 10, 4),
    minRowsToSplit: option('minRowsToSplit', 2, 1e9, 20),
    minGain: option('minGain', 0, 1, 0, false),
    rowLimit: option('rowLimit', 10, 10_000, 2_000),
    seed: option('seed', -Number.MAX_VALUE, Number.MAX_VALUE, 0, false),
  };
}

/** Rows as ml-cart takes them. Missing values become infinite: it compares x < threshold, and its order of NaN is undefined. */
function rowsOf(matrix: FeatureMatrix, rows: Uint32Array): number[][] {
  return Array.from(rows, (row) =>
    matrix.columns.map((column) => (Number.isNaN(column[row]!) ? Number.POSITIVE_INFINITY : column[row]!)),
  );
}
