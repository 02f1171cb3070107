/**
 * Training and judging fraud models: logistic regression, boosted trees, splits in time with delayed labels, and the metrics that
 * fraud teams use.
 *
 * @packageDocumentation
 */
export * from './average-precision.js';
export * from './card-precision.js';
export * from './evaluate.js';
export * from './roc-auc.js';
export * from './split-by-time.js';
export { type BoostingOptions, trainBoosting } from './train-boosting.js';
export * from './train-error.js';
export * from './train-in-worker.js';
export { type LogisticOptions, trainLogistic } from './train-logistic.js';
