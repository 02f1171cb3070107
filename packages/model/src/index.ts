/**
 * Fraud models as data: linear models and tree ensembles that score, load, save and verify without running any code from a file.
 *
 * @packageDocumentation
 */
export * from './bundle.js';
export { type Calibration, MAX_CALIBRATION_POINTS, withCalibration } from './calibrated-model.js';
export { type Explanation } from './explanation.js';
export * from './linear-model.js';
export { type Link } from './link.js';
export * from './logistic.js';
export { type Model } from './model.js';
export * from './model-error.js';
export * from './model-from-json.js';
export * from './model-limits.js';
export { type TreeArrays } from './tree-arrays.js';
export { type TreeModel, type TreeModelParts, treeModel } from './tree-model.js';
