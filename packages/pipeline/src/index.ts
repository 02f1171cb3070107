/**
 * Pipelines of a fraud team: prepare data, train and promote, watch and decide to retrain. Each is a graph of tasks, declared with
 * {@link defineDag} and run with {@link runDag}.
 *
 * @packageDocumentation
 */
export {
  type BoostingParameters,
  type Candidate,
  type Lineage,
  type Recipe,
  candidateFiles,
  featureTable,
  makeCandidate,
  matrixOf,
  policyFor,
  scoreRows,
} from './candidate.js';
export * from './dag.js';
export * from './data-pipeline.js';
export * from './incumbent-gate.js';
export * from './monitoring-pipeline.js';
export * from './pipeline-error.js';
export * from './run-dag.js';
export * from './training-dates.js';
export * from './training-pipeline.js';
export * from './training-set.js';
