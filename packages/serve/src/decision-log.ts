/**
 * What the service decided, kept so that drift can be measured on it and decisions can be explained later.
 *
 * The service only appends; where records go is the log's business. {@link memoryDecisionLog} keeps the newest in memory.
 */
import { Table, categoryColumn, numberColumn, timeColumn } from '@fraudops/core';
import type { Decision } from './decision-policy.js';
import { NewestItems } from './newest-items.js';
import { ServeError } from './serve-error.js';

/** One decision with what led to it. */
export interface DecisionRecord {
  /** The transaction's id; null when transactions have none. */
  readonly transactionId: string | number | null;
  /** When the transaction took place, epoch milliseconds. */
  readonly timeMs: number;
  /** When it was scored, by the service's clock, epoch milliseconds. */
  readonly decidedMs: number;
  /** Probability of fraud. */
  readonly score: number;
  readonly decision: Decision;
  readonly model: string;
  readonly modelVersion: number;
  /** Names of `features`; records of one model version share the array. */
  readonly featureNames: readonly string[];
  /** Feature values before scaling, as the feature set computes them; NaN is missing. */
  readonly features: Float64Array;
}

/** Where decisions are written. */
export interface DecisionLog {
  /**
   * Adds a record. Must not block: what takes time goes on behind the promise, which nobody waits for. When it throws or the promise
   * rejects, the transaction's answer is given all the same and the decision is counted as unlogged.
   */
  append(record: DecisionRecord): void | Promise<void>;
  /** Records kept. */
  readonly size: number;
  /** Records dropped to stay within the log's bounds. */
  readonly dropped: number;
  /** The records kept, oldest first. */
  records(): DecisionRecord[];
  /** The records as a table; see {@link decisionTable}. */
  toTable(): Table;
  /** Forgets all records; does not count as dropping. */
  clear(): void;
}

/** A decision log in memory; see {@link memoryDecisionLog}. */
export interface MemoryDecisionLog extends DecisionLog {
  /** Adds a record, at once. */
  append(record: DecisionRecord): void;
}

/** Columns of {@link decisionTable} besides the features; no feature may have one of these names. */
export const DECISION_COLUMNS = ['transactionId', 'time', 'decidedAt', 'score', 'decision', 'modelVersion'] as const;

/**
 * A decision log in memory that keeps the newest records.
 *
 * @param options `capacity`: most records kept, 1 to 10,000,000, default 50,000 (about 25 MB with 15 features)
 * @throws {ServeError} INVALID_OPTION
 * @example
 * const decisionLog = memoryDecisionLog({ capacity: 100_000 });
 * const service = await scoringService({ registry, model: 'fraud', online, decisionLog });
 * detectDrift(referenceProfile, decisionLog.toTable());
 */
export function memoryDecisionLog(options: { capacity?: number } = {}): MemoryDecisionLog {
  const capacity = options.capacity ?? 50_000;
  if (!(Number.isInteger(capacity) && capacity >= 1 && capacity <= 10_000_000)) {
    throw new ServeError(
      'INVALID_OPTION',
      `memoryDecisionLog: capacity is ${capacity}, expected an integer from 1 to 10,000,000`,
      {
        details: { capacity },
      },
    );
  }
  return new NewestDecisions(capacity);
}

class NewestDecisions implements MemoryDecisionLog {
  readonly #newest: NewestItems<DecisionRecord>;

  constructor(capacity: number) {
    this.#newest = new NewestItems(capacity);
  }

  get size(): number {
    return this.#newest.size;
  }

  get dropped(): number {
    return this.#newest.dropped;
  }

  append(record: DecisionRecord): void {
    this.#newest.add(record);
  }

  records(): DecisionRecord[] {
    return this.#newest.all();
  }

  toTable(): Table {
    return decisionTable(this.records());
  }

  clear(): void {
    this.#newest.clear();
  }
}

/**
 * Decisions as a table, one row each: the feature columns (number, in order of first appearance; NaN where a record's model lacks the
 * feature), then `transactionId` (category), `time` and `decidedAt` (time), `score` (number), `decision` (category) and `modelVersion`
 * (number). These are the columns that a reference profile of training features has, so drift can be measured on them.
 */
export function decisionTable(records: readonly DecisionRecord[]): Table {
  const features = new Map<string, Float64Array>();
  let names: readonly string[] | undefined;
  let columns: Float64Array[] = [];
  records.forEach((record, row) => {
    if (record.featureNames !== names) {
      names = record.featureNames;
      for (const name of names) if (!features.has(name)) features.set(name, new Float64Array(records.length).fill(Number.NaN));
      columns = names.map((name) => features.get(name)!);
    }
    columns.forEach((column, j) => {
      column[row] = record.features[j]!;
    });
  });
  return Table.fromColumns({
    ...Object.fromEntries([...features].map(([name, values]) => [name, numberColumn(values)])),
    transactionId: categoryColumn(records.map(({ transactionId }) => (transactionId === null ? null : String(transactionId)))),
    time: timeColumn(Float64Array.from(records, ({ timeMs }) => timeMs)),
    decidedAt: timeColumn(Float64Array.from(records, ({ decidedMs }) => decidedMs)),
    score: numberColumn(Float64Array.from(records, ({ score }) => score)),
    decision: categoryColumn(records.map(({ decision }) => decision)),
    modelVersion: numberColumn(Float64Array.from(records, ({ modelVersion }) => modelVersion)),
  });
}
