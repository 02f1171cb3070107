import type { Table } from '@fraudops/core';
import { type DriftOptions, type DriftProfile, type DriftReport, detectDrift } from '@fraudops/drift';
import { type Dag, defineDag } from './dag.js';
import { PipelineError } from './pipeline-error.js';

/** Options of {@link monitoringPipeline}. */
export interface MonitoringPipelineOptions {
  /** Profile of the rows that the served model was trained on; `profile.json` of its bundle. */
  readonly reference: DriftProfile;
  /** Features of served traffic, such as `service.decisionLog.toTable()`. */
  readonly current: Table;
  /** Columns to compare; default: all of the profile. */
  readonly columns?: readonly string[];
  /** Tests and limits; `driftShare` is the share of drifted columns from which retraining is asked for. Default 0.2. */
  readonly limits?: Omit<DriftOptions, 'columns'>;
  /** Least rows of traffic to judge by; fewer never ask for retraining. Default 500. */
  readonly minRows?: number;
}

/** What {@link monitoringPipeline} gives. */
export interface MonitoringOutcome {
  readonly report: DriftReport;
  /** Whether to train again. */
  readonly retrain: boolean;
  /** Why, in one sentence. */
  readonly reason: string;
}

/** Window features move together, so a shift that matters shows in a fifth of them; half (Evidently's default) comes late. */
const DEFAULT_DRIFT_SHARE = 0.2;

/**
 * The monitoring pipeline: `compare` -> `decide`.
 *
 * @throws {PipelineError} INVALID_OPTION; what `detectDrift` throws
 * @example
 * const { output } = await runDag(monitoringPipeline({ reference, current: service.decisionLog.toTable() }));
 * if (output.retrain) await runDag(trainingPipeline(...));
 */
export function monitoringPipeline(options: MonitoringPipelineOptions): Dag<MonitoringOutcome> {
  const { reference, current, columns, limits = {}, minRows = 500 } = options;
  if (!(Number.isInteger(minRows) && minRows >= 1)) {
    throw new PipelineError('INVALID_OPTION', `monitoringPipeline: minRows is ${minRows}, expected a whole number of at least 1`);
  }
  return defineDag('monitoring', (task) => {
    const compare = task('compare', [], () =>
      detectDrift(reference, current, { driftShare: DEFAULT_DRIFT_SHARE, ...limits, ...(columns ? { columns } : {}) }),
    );
    return task('decide', [compare], ([report]) => ({ report, ...decide(report, minRows) }));
  });
}

function decide(report: DriftReport, minRows: number): Pick<MonitoringOutcome, 'retrain' | 'reason'> {
  const counts = `${report.drifted.length} of ${report.columns.length} features drifted`;
  const limit = `retraining begins at ${(report.driftShare * 100).toFixed(0)} %`;
  if (report.rows.current < minRows) {
    return {
      retrain: false,
      reason: `${counts}, but only ${report.rows.current} rows were served; at least ${minRows} are needed to judge`,
    };
  }
  return { retrain: report.datasetDrift, reason: `${counts} (${(report.share * 100).toFixed(0)} %); ${limit}` };
}
