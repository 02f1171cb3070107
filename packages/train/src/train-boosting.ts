/**
 * Gradient-boosted trees for the log loss, by histograms and second-order gains (XGBoost: Chen and Guestrin 2016; LightGBM: Ke et al.
 * 2017). The margin starts at the log-odds of the rows' share of frauds; each tree corrects what the ones before left over, its leaves
 * being -learningRate * G / (H + l2), where G and H are the sums of first and second derivatives over the leaf's rows.
 *
 * Missing values (NaN) go to the side of each split where they gain most. The result depends on nothing but the arguments, not even on
 * the order of the rows (up to 200,000 rows without weights; beyond, the seed draws the rows that bins are chosen from).
 */
import { type FeatureMatrix, type Progress, silentProgress } from '@fraudops/core';
import { MAX_NODES, MAX_TREES, type TreeArrays, type TreeModel, treeModel } from '@fraudops/model';
import { MAX_BINS, binFeatures } from './feature-bins.js';
import { Gradients } from './gradients.js';
import { TreeGrower } from './grow-tree.js';
import { requireOption, requireTrainingData } from './training-data.js';
import { TrainError } from './train-error.js';

/** Options of {@link trainBoosting}. */
export interface BoostingOptions {
  /** Trees at most, 1 to 20,000; default 100. Fewer when no split gains anything any more. */
  readonly trees?: number;
  /** Splits on the longest path of a tree, 1 to 64; default 6. */
  readonly depth?: number;
  /** Leaves of a tree, 2 to 4,096; default: as many as the depth allows. When set, the leaf of largest gain is split first. */
  readonly maxLeaves?: number;
  /** Share of its correction that each tree makes, 0.0001 to 1; default 0.1. Lower needs more trees. */
  readonly learningRate?: number;
  /** Penalty on leaf values, 0 to 1e9; default 1. */
  readonly l2?: number;
  /** Least sum of hessians on either side of a split, 0 to 1e9; default 1. A row counts p (1 - p), at most 1/4. */
  readonly minChildWeight?: number;
  /**
   * Largest correction of a leaf before learningRate, in log-odds, 0.01 to 1e9; default 4. Where frauds are rare, p (1 - p) is tiny at
   * first and Newton's step, G / (H + l2), shoots far past its aim; without a bound a high learningRate costs accuracy.
   */
  readonly maxLeafStep?: number;
  /** Gain that a split must exceed, 0 to 1e9; default 0. */
  readonly minGain?: number;
  /** Bins of a feature, 2 to 255, besides the one for missing values; default 255. */
  readonly bins?: number;
  /** Weight of each row, 0 or more; default 1 each. Those of a class add up to at least 1e-12 of all, and 1e-100. */
  readonly weights?: Float64Array;
  /** Draws the rows that bins are chosen from when there are more than 200,000; default 0. */
  readonly seed?: number;
  /** Told of each tree; default: nobody. */
  readonly progress?: Progress;
}

/**
 * Trains boosted trees; see the module's comment.
 *
 * @param labels one a row, 0 or 1
 * @throws {TrainError} on bad input, before any work: EMPTY, LENGTH_MISMATCH, DUPLICATE_FEATURE, INVALID_LABEL, ONE_CLASS, NOT_FINITE,
 *   INVALID_WEIGHT, INVALID_OPTION; INVALID_OPTION also when the trees outgrow the 4,000,000 nodes that a model holds
 * @example
 * const model = trainBoosting(matrix, labels, { trees: 50, depth: 3, learningRate: 0.3 });
 * model.scoreBatch(matrix);
 */
export function trainBoosting(matrix: FeatureMatrix, labels: Uint8Array, options: BoostingOptions = {}): TreeModel {
  return boost(matrix, labels, options).model;
}

/** {@link trainBoosting}, giving also the margin of each training row. */
export function boost(
  matrix: FeatureMatrix,
  labels: Uint8Array,
  options: BoostingOptions,
): { model: TreeModel; margins: Float64Array } {
  const rules = requireRules(options);
  requireTrainingData('trainBoosting', matrix, labels, options.weights);
  const task = (options.progress ?? silentProgress).task('Training boosted trees', { total: rules.trees, unit: 'trees' });
  try {
    const bins = binFeatures(matrix, rules.bins, rules.seed);
    const gradients = new Gradients(labels, options.weights);
    const grower = new TreeGrower(bins, gradients.pairs, rules);
    const baseMargin = logOddsOfFraud(labels, options.weights);
    const margins = new Float64Array(matrix.rowCount).fill(baseMargin);
    const trees: TreeArrays[] = [];
    let nodeCount = 0;
    while (trees.length < rules.trees) {
      gradients.update(margins);
      const tree = grower.grow(margins);
      trees.push(tree);
      requireNodes((nodeCount += tree.feature.length), trees.length);
      task.advance(1);
      // A lone root: no split gains anything any more, and the trees to come would find the same.
      if (tree.feature.length === 1) break;
    }
    task.done();
    return { model: treeModel({ featureNames: matrix.names, baseMargin, trees }), margins };
  } catch (error) {
    task.fail((error as Error).message);
    throw error;
  }
}

function requireRules(options: BoostingOptions) {
  const option = (name: keyof BoostingOptions, low: number, high: number, byDefault: number, whole = false) =>
    requireOption(`trainBoosting: ${name}`, options[name] as number | undefined, { low, high, default: byDefault, whole });
  return {
    trees: option('trees', 1, MAX_TREES, 100, true),
    depth: option('depth', 1, 64, 6, true),
    maxLeaves: options.maxLeaves === undefined ? undefined : option('maxLeaves', 2, 4096, 2, true),
    learningRate: option('learningRate', 1e-4, 1, 0.1),
    l2: option('l2', 0, 1e9, 1),
    minChildWeight: option('minChildWeight', 0, 1e9, 1),
    maxLeafStep: option('maxLeafStep', 0.01, 1e9, 4),
    minGain: option('minGain', 0, 1e9, 0),
    bins: option('bins', 2, MAX_BINS, MAX_BINS, true),
    seed: option('seed', -Number.MAX_VALUE, Number.MAX_VALUE, 0),
  };
}

function requireNodes(nodeCount: number, treeCount: number): void {
  if (nodeCount > MAX_NODES) {
    throw new TrainError(
      'INVALID_OPTION',
      `trainBoosting: ${treeCount} trees have ${nodeCount} nodes, a model holds at most ${MAX_NODES}; lower trees or depth, or set maxLeaves`,
      { details: { treeCount, nodeCount, limit: MAX_NODES } },
    );
  }
}

function logOddsOfFraud(labels: Uint8Array, weights: Float64Array | undefined): number {
  let frauds = 0;
  let genuine = 0;
  for (let i = 0; i < labels.length; i++) {
    const weight = weights ? weights[i]! : 1;
    if (labels[i] === 1) frauds += weight;
    else genuine += weight;
  }
  return Math.log(frauds / genuine);
}
