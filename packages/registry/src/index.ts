/**
 * Runs that are tracked, and models that are versioned, promoted through gates and audited, on any `BlobStore` of `@fraudops/core`.
 *
 * {@link modelRegistry} keeps models, {@link tracker} keeps experiments and runs.
 *
 * @packageDocumentation
 */
export { ARTIFACT_LIMITS, type ArtifactFile, type ArtifactReference } from './artifact.js';
export { FIELD_LIMITS } from './bounded-fields.js';
export { MAX_NAME_LENGTH } from './entity-name.js';
export { DEFAULT_GATE_TIMEOUT_MS, type Gate, type GateContext, type GateResult, MAX_GATES } from './gate.js';
export * from './gates/better-than-incumbent.js';
export * from './gates/calibration-within.js';
export type { ClusterBy } from './gates/cluster-error.js';
export { evaluatedOnce } from './gates/evaluated-once.js';
export { type EvaluateVersion, type EvaluatedRows, MAX_EVALUATED_ROWS } from './gates/evaluated-rows.js';
export * from './gates/fair-by-segment.js';
export type { NamedGateOptions } from './gates/gate-options.js';
export * from './gates/human-approval.js';
export * from './gates/latency-at-most.js';
export * from './gates/metric-gates.js';
export * from './gates/sample-at-least.js';
export * from './gates/signature-compatible.js';
export { type FairMeasure, MAX_SEGMENTS } from './gates/segment-shares.js';
export * from './gates/skew-replay.js';
export { RUN_LIMITS } from './metric-log.js';
export * from './model-registry.js';
export { type ModelState, emptyModelState, foldEvents } from './model-state.js';
export type { ModelVersion } from './model-version.js';
export type { Promotion, PromotionOptions, RollbackOptions } from './promotion.js';
export type { Actor, Registration } from './registration.js';
export * from './registry-error.js';
export type {
  EventEnvelope,
  PromotedEvent,
  PromotionPayload,
  PromotionRefusedEvent,
  RegisteredEvent,
  RegisteredPayload,
  RegistryEvent,
  RollbackPayload,
  RolledBackEvent,
} from './registry-event.js';
export type { PromotionStage, Stage } from './stage.js';
export type { VerifyProblem, VerifyReport } from './verify-model.js';
export type { Run } from './run.js';
export type { MetricPoint, RunRecord, RunStatus } from './run-record.js';
export * from './tracker.js';
