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
export { DEFAULT_GRACE_MS, type GarbageOptions, type GarbageReport, MIN_GRACE_MS, collectGarbage } from './garbage-collection.js';
export { DEFAULT_GATE_TIMEOUT_MS, type Gate, type GateContext, type GateResult, MAX_GATES } from './gate.js';
export { exportModel, exportModelBytes } from './model-archive.js';
export { type ArchiveSource, type ImportOptions, type ModelImport, importModel } from './model-import.js';
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
export type { Approval, ModelVersion } from './model-version.js';
export type { DataLineage, Lineage } from './lineage.js';
export type { ModelSignature, SignatureField, SignatureType } from './signature.js';
export {
  type SlotRun,
  TRAFFIC_LIMITS,
  type Traffic,
  type TrafficShare,
  type TrafficSplit,
  routeFor,
  splitTraffic,
} from './traffic.js';
export { NOTE_LIMITS } from './version-notes.js';
export type { ApprovalOptions } from './approval.js';
export type { WatchFailure, WatchOptions } from './event-watch.js';
export type { AliasChange, AliasOptions } from './model-alias.js';
export type { DescriptionChange } from './model-description.js';
export type { HistoryOptions } from './model-history.js';
export type { RegisteredModel } from './registered-model.js';
export type { TrafficOptions } from './traffic-change.js';
export type { Promotion, PromotionOptions, RollbackOptions } from './promotion.js';
export type { Actor, Registration } from './registration.js';
export * from './registry-error.js';
export type * from './event-payloads.js';
export type {
  EventEnvelope,
  EventOf,
  PromotedEvent,
  PromotionRefusedEvent,
  RegisteredEvent,
  RegistryEvent,
  RolledBackEvent,
} from './registry-event.js';
export type { PromotionStage, Stage } from './stage.js';
export type { VerifyProblem, VerifyReport } from './verify-model.js';
export { type StoreProblem, type StoreVerifyReport, verifyStore } from './verify-store.js';
export { type RetentionReport, type RetentionRules, type VersionName, retention } from './retention.js';
export { type RunRetentionReport, type RunRetentionRules, runRetention } from './run-retention.js';
export * from './compare-runs.js';
export { type DatasetInput, MAX_INPUTS } from './dataset-input.js';
export type { Experiment } from './experiment.js';
export type { Run } from './run.js';
export { type RunEnvironment, describeEnvironment, gitCodeVersion } from './run-environment.js';
export type { MetricPoint, RunRecord } from './run-record.js';
export { MAX_SEARCHED_RUNS, type RunPage, type RunQuery } from './run-search.js';
export type { RunStart } from './run-start.js';
export { CRASHED_AFTER_INTERVALS, DEFAULT_HEARTBEAT_MS, type RunStatus } from './run-status.js';
export { FILTER_LIMITS } from './search-filter.js';
export { MAX_ORDER_CLAUSES } from './search-order.js';
export { MAX_FILTER_LENGTH } from './search-tokens.js';
export * from './tracker.js';
export type { TarSource } from './ustar.js';
