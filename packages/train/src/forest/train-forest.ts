/**
 * Random forest (Breiman 2001): trees that each learn from rows drawn with replacement, and at each split choose among a few drawn
 * features by Gini's impurity. The score is the mean of the shares of frauds in the leaves that a row reaches. It needs little tuning and
 * does not overfit with more trees.
 *
 * Features are cut into bins first, which makes deep trees over a million rows a matter of a second each. Missing values (NaN) go to the
 * side of each split where they part the classes best; where none came by in training, to the heavier side. Counts are whole numbers and
 * each tree has a random sequence of its own, so the model depends on nothing but the arguments: `trainInWorker` gives the same bits on any
 * number of threads.
 */
import { type FeatureMatrix, type OptionKinds, type Progress, silentProgress } from '@fraudops/core';
import { MAX_TREES, type TreeModel, treeModel } from '@fraudops/model/forms';
import { requireOptions } from '../required-arguments.js';
import { requireOption, requireTrainingData } from '../training-data.js';
import { TrainError } from '../train-error.js';
import { MAX_COLUMN_BINS, binColumns } from './column-bins.js';
import { requireExactWeights } from './exact-weights.js';
import { ForestGrower, type ForestPart, type ForestRules, requireForestNodes } from './forest-grower.js';
import { type OutOfBag, judgeOutOfBag, mergeOutOfBag } from './out-of-bag.js';

/** Options of {@link trainForest}. */
export interface ForestOptions {
  /** Trees, 1 to 20,000; default 100. */
  readonly trees?: number;
  /** Splits on the longest path of a tree, 1 to 64; default 64, which hardly ever binds. */
  readonly depth?: number;
  /** Leaves of a tree, 2 to 4,096; default: no bound. When set, the node whose split gains most is split first. */
  readonly maxLeaves?: number;
  /** Least number of rows in a leaf, a row counted as often as it was drawn, whatever its weight; 0 to 1e9, default 1. */
  readonly minRowsPerLeaf?: number;
  /** Features tried at each split: `'sqrt'`, the default, for the square root of their number, or a share of them from 0 to 1; at least one. */
  readonly columnSampling?: 'sqrt' | number;
  /** Whether each tree draws its rows with replacement; default true. Without, trees differ only by the features they try. */
  readonly bootstrap?: boolean;
  /** Whether to score training rows by the trees that left them out; default false. Needs `bootstrap`. */
  readonly outOfBag?: boolean;
  /**
   * Weight of each row, 0 or more; default 1 each. Only their ratios matter to scores. Those of a class add up to at least 1e-12 of all,
   * and 1e-100. Each is rounded to a multiple of 2^-46 of all or less, which may change the sum of a class by at most 1 %.
   */
  readonly weights?: Float64Array;
  /** Bins of a feature, 2 to 255, besides the one for missing values; default 255. */
  readonly bins?: number;
  /** Draws rows and features; default 0. */
  readonly seed?: number;
  /** Told of each tree; default: nobody. */
  readonly progress?: Progress;
}

/** The kind of each option. */
export const FOREST_OPTIONS: OptionKinds<ForestOptions> = {
  trees: 'checked',
  depth: 'checked',
  maxLeaves: 'checked',
  minRowsPerLeaf: 'checked',
  columnSampling: 'checked',
  bootstrap: 'flag',
  outOfBag: 'flag',
  weights: 'array',
  bins: 'checked',
  seed: 'checked',
  progress: 'progress',
};

/** A forest fresh from training. */
export interface TrainedForest extends TreeModel {
  /** With the option `outOfBag` only. It belongs to the training: it is not saved with the model. */
  readonly outOfBag: OutOfBag | undefined;
}

/**
 * Trains a random forest: trees that each learn from rows drawn with replacement and choose among a few drawn features at each split. It needs
 * little tuning. Missing values (NaN) go to the side where they part the classes best. It blocks the event loop; {@link trainInWorker}
 * gives the same bits on any number of threads.
 *
 * @param labels one a row, 0 or 1
 * @returns a tree model with link `identity`: leaf values are shares of frauds over the number of trees, cover is the weight of the rows
 *   drawn
 * @throws {TrainError} on bad input, before any work: EMPTY, LENGTH_MISMATCH, DUPLICATE_FEATURE, INVALID_LABEL, ONE_CLASS, NOT_FINITE,
 *   INVALID_WEIGHT, INVALID_OPTION; INVALID_OPTION also when the trees outgrow the 4,000,000 nodes that a model holds
 * @example
 * const forest = trainForest(matrix, labels, { trees: 200, minRowsPerLeaf: 3, outOfBag: true });
 * forest.outOfBag!.averagePrecision;
 */
export function trainForest(matrix: FeatureMatrix, labels: Uint8Array, options: ForestOptions = {}): TrainedForest {
  const rules = requireForest(matrix, labels, options);
  const task = (options.progress ?? silentProgress).task('Training a forest', { total: rules.trees, unit: 'trees' });
  try {
    const bins = binColumns(matrix, labels, rules.bins, rules.seed);
    const part = new ForestGrower(bins, labels, rules).grow({ first: 0, step: 1, grown: () => task.advance(1) });
    const forest = assembleForest(matrix.names, labels, [part]);
    task.done();
    return forest;
  } catch (error) {
    task.fail((error as Error).message);
    throw error;
  }
}

/** The options as numbers. @throws {TrainError} as {@link trainForest} does before any work */
export function requireForest(matrix: FeatureMatrix, labels: Uint8Array, options: ForestOptions): ForestRules {
  requireOptions('trainForest', options, FOREST_OPTIONS);
  const option = (name: keyof ForestOptions, low: number, high: number, byDefault: number, whole = false) =>
    requireOption(`trainForest: ${name}`, options[name] as number | undefined, { low, high, default: byDefault, whole });
  const { bootstrap = true, outOfBag = false, columnSampling = 'sqrt', weights } = options;
  const rules = {
    trees: option('trees', 1, MAX_TREES, 100, true),
    depth: option('depth', 1, 64, 64, true),
    maxLeaves: options.maxLeaves === undefined ? undefined : option('maxLeaves', 2, 4096, 2, true),
    minRowsPerLeaf: option('minRowsPerLeaf', 0, 1e9, 1),
    bins: option('bins', 2, MAX_COLUMN_BINS, MAX_COLUMN_BINS, true),
    seed: option('seed', -Number.MAX_VALUE, Number.MAX_VALUE, 0),
  };
  const share = columnSampling === 'sqrt' ? 1 : option('columnSampling', 0, 1, 1);
  if (outOfBag && !bootstrap) {
    throw new TrainError(
      'INVALID_OPTION',
      'trainForest: outOfBag is set and bootstrap is not, expected trees that leave rows out; set bootstrap, or leave outOfBag out',
    );
  }
  requireTrainingData('trainForest', matrix, labels, weights);
  const featureCount = matrix.names.length;
  const columns = Math.floor(columnSampling === 'sqrt' ? Math.sqrt(featureCount) : share * featureCount);
  return {
    ...rules,
    columnsPerSplit: Math.max(1, columns),
    bootstrap,
    outOfBag,
    weights: requireExactWeights('trainForest', labels, weights),
  };
}

/** The forest of all parts, whose trees take turns: tree t is the next of part t modulo their number. */
export function assembleForest(names: readonly string[], labels: Uint8Array, parts: readonly ForestPart[]): TrainedForest {
  const treeCount = parts.reduce((sum, part) => sum + part.trees.length, 0);
  const trees = Array.from({ length: treeCount }, (_, t) => parts[t % parts.length]!.trees[Math.floor(t / parts.length)]!);
  requireForestNodes(trees.reduce((sum, tree) => sum + tree.feature.length, 0));
  const model = treeModel({ featureNames: names, baseMargin: 0, trees, link: 'identity' });
  const sums = parts.flatMap((part) => part.outOfBag ?? []);
  if (sums.length === 0) return Object.assign(model, { outOfBag: undefined });
  return Object.assign(model, { outOfBag: judgeOutOfBag(sums.reduce(mergeOutOfBag), labels) });
}
