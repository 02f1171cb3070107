import { type FeatureMatrix, type OptionKinds, type Progress, showValue } from '@fraudops/core';
import { MAX_TREES, type TreeModel } from '@fraudops/model/forms';
import { requireOneOf, requireOptions } from '../required-arguments.js';
import { requireOption } from '../training-data.js';
import { TrainError } from '../train-error.js';
import { MAX_BINS } from './feature-bins.js';
import type { ValidationMetric } from './validation-metric.js';

/** Options of {@link trainBoosting}. */
export interface BoostingOptions {
  /** Trees at most, 1 to 20,000; default 100. Fewer when no split gains anything any more, or when `validation` says so. */
  readonly trees?: number;
  /**
   * Which node is split next. `leaf` (default): the one of largest gain, as LightGBM does. `depth`: level by level, as XGBoost does. It
   * makes no difference to what the trees say unless maxLeaves stops them.
   */
  readonly growth?: 'leaf' | 'depth';
  /** Splits on the longest path of a tree, 1 to 64; default 6. */
  readonly depth?: number;
  /** Leaves of a tree, 2 to 4,096; default: as many as the depth allows. */
  readonly maxLeaves?: number;
  /** Share of its correction that each tree makes, 0.0001 to 1; default 0.1. Lower needs more trees. */
  readonly learningRate?: number;
  /** Penalty on the squares of leaf values, 0 to 1e9; default 1. */
  readonly l2?: number;
  /** Penalty on the sizes of leaf values, 0 to 1e9; default 0. A leaf whose sum of gradients is within it says nothing. */
  readonly l1?: number;
  /** Least sum of hessians on either side of a split, 0 to 1e9; default 1. A row counts p (1 - p), at most 1/4. */
  readonly minChildWeight?: number;
  /** Least number of training rows on either side of a split, 1 to 1e9; default 1. Counting rows takes about half as long again. */
  readonly minRowsPerLeaf?: number;
  /**
   * Largest correction of a leaf before learningRate, in log-odds, 0.01 to 1e9; default 4. Where frauds are rare, p (1 - p) is tiny at
   * first and Newton's step, G / (H + l2), shoots far past its aim; without a bound a high learningRate costs accuracy.
   */
  readonly maxLeafStep?: number;
  /** Gain that a split must exceed, 0 to 1e9; default 0. Gains up to 1e-6, or less where all weights are below 1, are noise. */
  readonly minGain?: number;
  /** Bins of a feature, 2 to 255, besides the one for missing values; default 255. */
  readonly bins?: number;
  /** Share of the rows that each tree learns from, drawn anew for each, 0.01 to 1; default 1. */
  readonly rowSampling?: number;
  /** Share of the features that each tree may split by, drawn anew for each, 0.01 to 1 and at least one; default 1. */
  readonly columnSampling?: number;
  /** Features that may only raise (1) or only lower (-1) the score as their value grows; missing values go where they gain most. */
  readonly monotone?: Readonly<Record<string, 1 | -1>>;
  /**
   * Features whose values are category codes, 0 to 16,777,215 (a fraction is cut off). The most frequent ones, as many as there are bins
   * less one, can go left; rare and never seen ones go right.
   */
  readonly categorical?: readonly string[];
  /** Factor of the weights of fraud rows, 1e-6 to 1e6; default 1. It shifts the probabilities, see `withCalibration`. */
  readonly positiveWeight?: number;
  /** Weight of each row, 0 or more; default 1 each. Those of a class add up to at least 1e-12 of all, and 1e-100. */
  readonly weights?: Float64Array;
  /** The loss to lower; default `logLoss`. */
  readonly objective?: BoostingObjective;
  /** Rows of a later time on which training stops early. */
  readonly validation?: BoostingValidation;
  /**
   * Goes on where this model ended: its trees come first. With its rows, options and seed, the model is the one that all trees would have
   * made in one go. It has the matrix's features, the logistic link and no calibration.
   */
  readonly continueFrom?: Pick<TreeModel, 'featureNames' | 'baseMargin' | 'trees' | 'link' | 'calibration'>;
  /** Draws samples: of rows that bins are chosen from when there are more than 200,000, of rows and of features. Default 0. */
  readonly seed?: number;
  /** Told of each tree; default: nobody. */
  readonly progress?: Progress;
}

/** `logLoss`, the focal loss, or one of your own. */
export type BoostingObjective = 'logLoss' | { readonly focal: FocalLoss } | CustomObjective;

/** The focal loss, which turns to rows that are hard to tell: -a (1 - p)^gamma ln p, p the probability of the true class (Lin et al. 2017). */
export interface FocalLoss {
  /** How little easy rows count, 0 to 10; default 2. With 0 it is the weighted log loss. */
  readonly gamma?: number;
  /** Weight a of frauds, 0.01 to 0.99; that of the others is 1 - alpha. Default 0.25. */
  readonly alpha?: number;
}

/** A loss by its derivatives. */
export interface CustomObjective {
  /**
   * Fills in the first and second derivative of each row's loss by its margin, without its weight; second ones are 0 or more. Not for
   * {@link trainInWorker}: functions can't be sent to a thread.
   */
  readonly gradients: (margins: Float64Array, labels: Uint8Array, gradients: Float64Array, hessians: Float64Array) => void;
}

/** Where early stopping looks. Take rows from after the training rows: random ones would tell how well it repeats the past. */
export interface BoostingValidation {
  /** The training matrix's features, in its order. */
  readonly matrix: FeatureMatrix;
  readonly labels: Uint8Array;
  /** Default 1 each. */
  readonly weights?: Float64Array;
  /** Trees without an improvement after which training stops, 1 to 20,000; default 20. The model ends with the best one. */
  readonly patience?: number;
  /** What to improve; default `averagePrecision`. */
  readonly metric?: ValidationMetric;
}

const OPTIONS: OptionKinds<BoostingOptions> = {
  trees: 'checked',
  growth: 'checked',
  depth: 'checked',
  maxLeaves: 'checked',
  learningRate: 'checked',
  l2: 'checked',
  l1: 'checked',
  minChildWeight: 'checked',
  minRowsPerLeaf: 'checked',
  maxLeafStep: 'checked',
  minGain: 'checked',
  bins: 'checked',
  rowSampling: 'checked',
  columnSampling: 'checked',
  monotone: 'object',
  categorical: 'array',
  positiveWeight: 'checked',
  weights: 'array',
  objective: 'checked',
  validation: 'object',
  continueFrom: 'object',
  seed: 'checked',
  progress: 'progress',
};

const VALIDATION: OptionKinds<BoostingValidation> = {
  matrix: 'object',
  labels: 'array',
  weights: 'array',
  patience: 'checked',
  metric: 'checked',
};

const FOCAL_LOSS: OptionKinds<FocalLoss> = { gamma: 'checked', alpha: 'checked' };

/** The options with their defaults, checked; features by position. */
export type BoostingRules = ReturnType<typeof requireBoostingRules>;

/** @throws {TrainError} INVALID_OPTION naming the option, its value and its range */
export function requireBoostingRules(options: BoostingOptions, featureNames: readonly string[]) {
  requireOptions('trainBoosting', options, OPTIONS);
  if (options.validation !== undefined) requireOptions('trainBoosting', options.validation, VALIDATION, 'options.validation');
  const option = (name: keyof BoostingOptions, low: number, high: number, byDefault: number, whole = false) =>
    requireOption(`trainBoosting: ${name}`, options[name] as number | undefined, { low, high, default: byDefault, whole });
  const monotone = requireMonotone(options.monotone ?? {}, featureNames);
  return {
    trees: option('trees', 1, MAX_TREES, 100, true),
    growth: requireOneOf('trainBoosting', 'growth', options.growth === undefined ? 'leaf' : options.growth, ['leaf', 'depth']),
    depth: option('depth', 1, 64, 6, true),
    maxLeaves: options.maxLeaves === undefined ? undefined : option('maxLeaves', 2, MAX_LEAVES, 2, true),
    learningRate: option('learningRate', 1e-4, 1, 0.1),
    l2: option('l2', 0, 1e9, 1),
    l1: option('l1', 0, 1e9, 0),
    minChildWeight: option('minChildWeight', 0, 1e9, 1),
    minRowsPerLeaf: option('minRowsPerLeaf', 1, 1e9, 1, true),
    maxLeafStep: option('maxLeafStep', 0.01, 1e9, 4),
    minGain: option('minGain', 0, 1e9, 0),
    bins: option('bins', 2, MAX_BINS, MAX_BINS, true),
    rowSampling: option('rowSampling', 0.01, 1, 1),
    columnSampling: option('columnSampling', 0.01, 1, 1),
    monotone,
    categorical: requireCategorical(Array.from(options.categorical ?? []), featureNames, monotone),
    positiveWeight: option('positiveWeight', 1e-6, 1e6, 1),
    objective: requireObjective(options.objective === undefined ? 'logLoss' : options.objective),
    seed: option('seed', -Number.MAX_VALUE, Number.MAX_VALUE, 0),
  };
}

/** Most leaves of a tree when leaves bound it. */
const MAX_LEAVES = 4096;

function requireFeature(option: string, name: string, featureNames: readonly string[]): number {
  const position = featureNames.indexOf(name);
  if (position >= 0) return position;
  throw new TrainError(
    'INVALID_OPTION',
    `trainBoosting: ${option} names ${typeof name === 'string' ? name : showValue(name)}, expected a feature of the matrix`,
    {
      details: { option, name },
    },
  );
}

/** Direction by feature: 1, -1 or 0. */
function requireMonotone(monotone: Readonly<Record<string, 1 | -1>>, featureNames: readonly string[]): Int8Array {
  const directions = new Int8Array(featureNames.length);
  for (const [name, direction] of Object.entries(monotone)) {
    if (direction !== 1 && direction !== -1) {
      throw new TrainError(
        'INVALID_OPTION',
        `trainBoosting: monotone: ${name} is ${showValue(direction)}, expected 1 (rising) or -1 (falling)`,
        { details: { name, direction: showValue(direction) } },
      );
    }
    directions[requireFeature('monotone', name, featureNames)] = direction;
  }
  return directions;
}

function requireCategorical(names: readonly string[], featureNames: readonly string[], monotone: Int8Array): ReadonlySet<number> {
  const positions = names.map((name) => requireFeature('categorical', name, featureNames));
  const both = positions.find((position) => monotone[position] !== 0);
  if (both === undefined) return new Set(positions);
  const name = featureNames[both]!;
  throw new TrainError(
    'INVALID_OPTION',
    `trainBoosting: ${name} is categorical and monotone, expected one or the other; codes have no order`,
    { details: { name } },
  );
}

function requireObjective(objective: BoostingObjective) {
  if (objective === 'logLoss') return objective;
  if (typeof objective !== 'object' || (objective as object | null) === null) throw noObjective(objective);
  if ('focal' in objective) {
    requireOptions('trainBoosting', objective.focal, FOCAL_LOSS, 'options.objective.focal');
    const { gamma, alpha } = objective.focal;
    return {
      focal: {
        gamma: requireOption('trainBoosting: objective: gamma', gamma, { low: 0, high: 10, default: 2 }),
        alpha: requireOption('trainBoosting: objective: alpha', alpha, { low: 0.01, high: 0.99, default: 0.25 }),
      },
    };
  }
  if (typeof objective.gradients === 'function') return objective;
  throw noObjective(objective);
}

function noObjective(objective: unknown): TrainError {
  return new TrainError(
    'INVALID_OPTION',
    `trainBoosting: objective is ${showValue(objective)}, expected logLoss, { focal } or { gradients }`,
  );
}
