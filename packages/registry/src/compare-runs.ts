import type { RunRecord } from './run-record.js';

/** Runs side by side. */
export interface RunComparison {
  /** In the order given. */
  readonly runs: readonly RunRecord[];
  /** Parameters that are not the same in all runs, in order of their names. */
  readonly params: readonly ParamDifference[];
  /** Names of the parameters that are the same in all runs. */
  readonly equalParams: readonly string[];
  /** All metrics of any run, in order of their names. */
  readonly metrics: readonly MetricComparison[];
}

/** A parameter of several runs. */
export interface ParamDifference {
  readonly name: string;
  /** Of each run; undefined where it has none. */
  readonly values: readonly (string | number | boolean | undefined)[];
}

/** A metric of several runs. */
export interface MetricComparison {
  readonly name: string;
  /** Last value of each run; null where it is not defined, undefined where it is missing. */
  readonly values: readonly (number | null | undefined)[];
  /** What each run has more than the first one; undefined where either has no number. */
  readonly differences: readonly (number | undefined)[];
}

/**
 * Puts runs side by side: the parameters that tell them apart, and their metrics with the differences from the first run.
 *
 * @param runs records, the one that the others are compared with coming first
 * @example
 * const { params, metrics } = compareRuns([before, after]);
 * metrics[0]; // { name: 'averagePrecision', values: [0.61, 0.64], differences: [0, 0.03] }
 */
export function compareRuns(runs: readonly RunRecord[]): RunComparison {
  const params = namesOf(runs.map((run) => run.params)).map((name) => ({
    name,
    values: runs.map((run) => ownMember(run.params, name)),
  }));
  const isEqual = ({ values }: ParamDifference) => values.every((value) => value === values[0]);
  return {
    runs,
    params: params.filter((param) => !isEqual(param)),
    equalParams: params.filter(isEqual).map(({ name }) => name),
    metrics: namesOf(runs.map((run) => run.metrics)).map((name) => compareMetric(name, runs)),
  };
}

function compareMetric(name: string, runs: readonly RunRecord[]): MetricComparison {
  const values = runs.map((run) => ownMember(run.metrics, name)?.value);
  const [first] = values;
  const differences = values.map((value) => (typeof value === 'number' && typeof first === 'number' ? value - first : undefined));
  return { name, values, differences };
}

/** A member that a record has itself: names such as `constructor` are names like others. */
function ownMember<Value>(record: Readonly<Record<string, Value>>, name: string): Value | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}

function namesOf(records: readonly Readonly<Record<string, unknown>>[]): string[] {
  return [...new Set(records.flatMap((record) => Object.keys(record)))].toSorted();
}
