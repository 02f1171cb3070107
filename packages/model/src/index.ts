/**
 * Fraud models as data: linear models and tree ensembles that score, load, save and verify without running any code from a file.
 *
 * @packageDocumentation
 */
export * from './bundle.js';
export { type Calibration, MAX_CALIBRATION_POINTS, withCalibration } from './calibrated-model.js';
export * from './explain/explain-batch.js';
export * from './explain/reason-codes.js';
export {
  MAX_REASON_GROUPS,
  type ReasonGroup,
  type ReasonRules,
  type ReasonRulesParts,
  type ReasonWording,
  type ValueFormat,
  reasonRules,
} from './explain/reason-rules.js';
export * from './explain/top-contributions.js';
export { type Explanation } from './explanation.js';
export { toXgboostJson } from './exports/xgboost-json.js';
export { certificateRows, type CertificateRowsOptions } from './imports/certificate-rows.js';
export { MAX_IMPORT_BYTES } from './imports/foreign-file.js';
export { type ImportedCategories, type ImportedModel, type ImportOptions, type ImportSource } from './imports/imported-model.js';
export { fromLightgbm, type LightgbmImportOptions } from './imports/lightgbm.js';
export { fromMlCart, type MlCartImportOptions } from './imports/ml-cart.js';
export { type ModelCoverage } from './imports/model-coverage.js';
export { certify, type ParityCertificate, type ParityReference } from './imports/parity-certificate.js';
export { type RowKind } from './imports/row-kinds.js';
export { fromXgboost, type XgboostImportOptions } from './imports/xgboost.js';
export * from './linear-model.js';
export { type Link } from './link.js';
export * from './logistic.js';
export { MLFLOW_PATHS, type MlflowOptions, type MlflowVersions, mlflowModelFiles } from './mlflow/mlflow-model-files.js';
export { type Model } from './model.js';
export * from './model-error.js';
export * from './model-from-json.js';
export * from './model-limits.js';
export { type AsyncModel } from './onnx/async-model.js';
export { type FromOnnxOptions, type ImportedOnnxModel, type OnnxSource, fromOnnx } from './onnx/from-onnx.js';
export { type OnnxRuntimeOptions, onnxRuntimeModel } from './onnx/onnx-runtime-model.js';
export { type ToOnnxOptions, toOnnx } from './onnx/to-onnx.js';
export { type TreeArrays } from './tree-arrays.js';
export { type TreeModel, type TreeModelParts, treeModel } from './tree-model.js';
