import { type OptionKinds, showValue } from '@fraudops/core';
import { requireBoostingRules } from './boosting/boosting-options.js';
import { FOREST_OPTIONS } from './forest/train-forest.js';
import { LOGISTIC_OPTIONS } from './linear/train-logistic.js';
import { requireMatrixForm, requireOneOf, requireOptions, requireTypedArray } from './required-arguments.js';
import { TrainError } from './train-error.js';
import type { TrainingControl, TrainingJob } from './train-in-worker.js';

const CONTROL: OptionKinds<TrainingControl> = { signal: 'signal', progress: 'progress', threads: 'checked' };

const JOB: OptionKinds<TrainingJob> = { algorithm: 'checked', matrix: 'checked', labels: 'checked', options: 'object' };

/**
 * Throws unless the arguments of {@link trainInWorker} can be sent to a thread, which then looks at the rows.
 *
 * @throws {TrainError} INVALID_OPTION, INVALID_VALUE
 */
export function requireTrainingJob(job: TrainingJob, control: TrainingControl): void {
  const what = 'trainInWorker';
  requireOptions(what, control, CONTROL, 'control');
  requireOptions(what, job, JOB, 'job');
  requireOneOf(what, 'algorithm', job.algorithm, ['logistic', 'boosting', 'forest']);
  requireMatrixForm(what, job.matrix);
  requireTypedArray(what, 'labels', job.labels, Uint8Array);
  const { options } = job;
  if (options === undefined) return;
  requireOptionsOf(job);
  if ('progress' in options && options.progress !== undefined) {
    throw new TrainError('INVALID_OPTION', `${what}: options.progress can't be sent to a thread; pass it in the second argument`);
  }
  requireWeights(options.weights, 'options.weights');
  if (job.algorithm !== 'boosting') return;
  const { validation, objective, continueFrom } = job.options ?? {};
  if (validation) {
    requireMatrixForm(what, validation.matrix, 'options.validation.matrix');
    requireTypedArray(what, 'options.validation.labels', validation.labels, Uint8Array);
    requireWeights(validation.weights, 'options.validation.weights');
  }
  if (continueFrom && !Array.isArray(continueFrom.featureNames)) {
    const shown = showValue(continueFrom.featureNames);
    throw new TrainError(
      'INVALID_OPTION',
      `${what}: options.continueFrom.featureNames is ${shown}, expected those of a tree model`,
    );
  }
  if (typeof objective === 'object' && 'gradients' in objective) {
    throw new TrainError(
      'INVALID_OPTION',
      `${what}: options.objective.gradients is ${showValue(objective.gradients)}, which can't be sent to a thread; use trainBoosting`,
    );
  }
}

function requireOptionsOf(job: TrainingJob): void {
  if (job.algorithm === 'boosting') requireBoostingRules(job.options!, job.matrix.names);
  else if (job.algorithm === 'forest') requireOptions('trainForest', job.options!, FOREST_OPTIONS);
  else requireOptions('trainLogistic', job.options!, LOGISTIC_OPTIONS);
}

function requireWeights(weights: unknown, name: string): void {
  if (weights !== undefined) requireTypedArray('trainInWorker', name, weights, Float64Array);
}
