/**
 * Gradient-boosted trees by histograms and second-order gains (XGBoost: Chen and Guestrin 2016; LightGBM: Ke et al. 2017). The margin
 * starts at the log-odds of the rows' share of frauds; each tree corrects what the ones before left over, its leaves being
 * -learningRate * G / (H + l2), where G and H are the sums of first and second derivatives over the leaf's rows.
 *
 * Missing values (NaN) go to the side of each split where they gain most. The result depends on nothing but the arguments: not on the
 * number of threads, nor on the machine, and up to 200,000 rows not even on the order of the rows, as long as rows aren't sampled.
 */
import type { FeatureMatrix } from '@fraudops/core';
import type { TreeModel } from '@fraudops/model';
import { type BoostingJob, layOutJob, requireBoostingJob, runBoosting } from './boosting-job.js';
import type { BoostingOptions } from './boosting-options.js';
import { CrewMember } from './training-crew.js';
import { type KernelChoice, TrainingMemory, allocate } from './training-memory.js';

/**
 * Trains gradient-boosted trees by histograms and second-order gains, as XGBoost and LightGBM do, on one thread. Missing values (NaN) go to
 * the side of each split where they gain most. The same arguments give the same model on any machine.
 *
 * It blocks the event loop: services use {@link trainInWorker}, which also takes several threads and gives the same bits.
 *
 * @param labels one a row, 0 or 1
 * @throws {TrainError} on bad input, before any work: EMPTY, LENGTH_MISMATCH, DUPLICATE_FEATURE, INVALID_LABEL, ONE_CLASS, NOT_FINITE,
 *   INVALID_WEIGHT, INVALID_OPTION (also for rows that take more than 2 GB); INVALID_OPTION also when the trees outgrow the 4,000,000
 *   nodes that a model holds
 * @example
 * const model = trainBoosting(matrix, labels, { trees: 50, depth: 3, learningRate: 0.3 });
 * model.scoreBatch(matrix);
 */
export function trainBoosting(matrix: FeatureMatrix, labels: Uint8Array, options: BoostingOptions = {}): TreeModel {
  return boost({ matrix, labels, options }).model;
}

/** {@link trainBoosting}, giving also the margin of each training row, by the kernel that is asked for. */
export function boost(job: BoostingJob, kernel: KernelChoice = 'fastest'): { model: TreeModel; margins: Float64Array } {
  const rules = requireBoostingJob(job);
  const layout = layOutJob(job, rules, 1);
  const memory = new TrainingMemory(layout, allocate(layout), kernel);
  const control = memory.ints.subarray(layout.control / 4, layout.control / 4 + 16);
  const model = runBoosting(job, memory, new CrewMember(control, 0, 1));
  const first = layout.margins / 8;
  return { model: model!, margins: memory.float64.slice(first, first + layout.rowCount) };
}
