/**
 * Watches a metric on rows of a later time while trees are added, and says when it has not improved for a while. The model then ends
 * with the tree at which it was best.
 */
import type { FeatureMatrix } from '@fraudops/core';
import { type TreeArrays, treeModel } from '@fraudops/model/forms';
import { requireMatrixForm, requireOneOf } from '../required-arguments.js';
import { requireOption, requireTrainingData } from '../training-data.js';
import { TrainError } from '../train-error.js';
import type { BoostingValidation } from './boosting-options.js';
import { VALIDATION_METRICS, type ValidationMetric, goodness } from './validation-metric.js';

/** Early stopping by options that were checked. */
export class EarlyStopping {
  readonly #matrix: FeatureMatrix;
  readonly #labels: Uint8Array;
  readonly #weights: Float64Array | undefined;
  readonly #metric: ValidationMetric;
  readonly #patience: number;
  readonly #margins: Float64Array;
  #best: number;
  #bestTrees = 0;
  #trees = 0;

  /**
   * @param margins of the validation rows before the first tree; taken over
   * @throws {TrainError} see {@link requireValidation}
   */
  constructor(validation: BoostingValidation, margins: Float64Array) {
    const { patience, metric } = requireValidation(validation, validation.matrix.names);
    this.#matrix = validation.matrix;
    this.#labels = validation.labels;
    this.#weights = validation.weights;
    this.#metric = metric;
    this.#patience = patience;
    this.#margins = margins;
    this.#best = this.#goodness();
  }

  /** Trees that the model ends with. */
  get bestTrees(): number {
    return this.#bestTrees;
  }

  /** Looks at one more tree; whether training should stop. */
  add(tree: TreeArrays): boolean {
    const leaves = treeModel({ featureNames: this.#matrix.names, baseMargin: 0, trees: [tree] }).marginBatch(this.#matrix);
    for (let i = 0; i < leaves.length; i++) this.#margins[i]! += leaves[i]!;
    this.#trees++;
    const now = this.#goodness();
    if (now > this.#best) {
      this.#best = now;
      this.#bestTrees = this.#trees;
    }
    return this.#trees - this.#bestTrees >= this.#patience;
  }

  #goodness(): number {
    return goodness(this.#metric, { margins: this.#margins, labels: this.#labels, weights: this.#weights });
  }
}

/**
 * The numbers of a validation, checked with its rows.
 *
 * @throws {TrainError} LENGTH_MISMATCH unless it has the training matrix's features; INVALID_OPTION; and what the rows of a training may throw
 */
export function requireValidation(
  validation: BoostingValidation,
  featureNames: readonly string[],
): { patience: number; metric: ValidationMetric } {
  requireMatrixForm('trainBoosting: validation', validation.matrix);
  const { names } = validation.matrix;
  const other = featureNames.findIndex((name, i) => names[i] !== name);
  if (names.length !== featureNames.length || other >= 0) {
    throw new TrainError(
      'LENGTH_MISMATCH',
      `trainBoosting: validation: the matrix has the features ${names.slice(0, 5).join(', ')}${names.length > 5 ? ', ...' : ''}, expected those of the training matrix in their order`,
      { details: { position: other } },
    );
  }
  requireTrainingData('trainBoosting: validation', validation.matrix, validation.labels, validation.weights);
  return {
    patience: requireOption('trainBoosting: validation: patience', validation.patience, {
      low: 1,
      high: 20_000,
      default: 20,
      whole: true,
    }),
    metric: requireOneOf(
      'trainBoosting',
      'validation: metric',
      validation.metric === undefined ? 'averagePrecision' : validation.metric,
      VALIDATION_METRICS,
    ),
  };
}
