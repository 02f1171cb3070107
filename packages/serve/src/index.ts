/**
 * A scoring service that knows no HTTP: it serves the model version that the registry has in Production, changes versions without
 * losing a request, decides by a policy, keeps its decisions, counts for Prometheus, and describes itself as OpenAPI.
 *
 * @packageDocumentation
 */
export * from './decision-log.js';
export * from './decision-policy.js';
export { type Health, healthSchema } from './health.js';
export * from './operation.js';
export { type ServiceInfo, canScore, serviceInfoSchema } from './operations.js';
export * from './problem.js';
export * from './scored.js';
export * from './scoring-service.js';
export * from './serve-error.js';
export { MAX_ISSUES, type ValidationIssue, validationIssueSchema } from './validation-issue.js';
export { MAX_COLLECTED, type OnlineFor } from './warm-states.js';
