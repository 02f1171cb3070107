/**
 * How a version did on rows, as gates read it. The caller scores the rows, for the registry knows no models; what comes is checked before
 * any gate judges by it, since a score that is NaN or a label that is none must not end in a pass.
 */
import { isArrayLike, isPlainObject, showValue } from '@fraudops/core';
import { FIELD_LIMITS } from '../bounded-fields.js';
import type { ModelVersion } from '../model-version.js';
import { RegistryError } from '../registry-error.js';

/** Labelled rows with the scores of one version; row i of each array is one transaction. */
export interface EvaluatedRows {
  /**
   * Says which rows these are and in which order, such as a SHA-256 of their ids: equal for two versions only when both were given the
   * same rows. 1 to 250 characters; recorded.
   */
  readonly fingerprint: string;
  /** Higher is more suspicious. */
  readonly scores: ArrayLike<number>;
  /** 0 or 1; 255 where it is not known or not final yet: gates judge by the labels that are given. */
  readonly labels: ArrayLike<number>;
  /** Epoch milliseconds UTC. */
  readonly times?: ArrayLike<number>;
  /** Card or customer, 0 or more; -1 is unknown. */
  readonly entityCodes?: ArrayLike<number>;
  /** In any one currency. */
  readonly amounts?: ArrayLike<number>;
  /** What each row belongs to, by the name of the grouping, such as `{ channel: ['web', 'shop', ...] }`. */
  readonly segments?: Readonly<Record<string, ArrayLike<string>>>;
}

/**
 * Scores rows with a version: loads its files, scores, and says what is known of the rows. All versions must get the same rows, none of
 * which any of them has learned from.
 *
 * @param signal aborted when the gate's time is up
 */
export type EvaluateVersion = (version: ModelVersion, signal: AbortSignal) => EvaluatedRows | Promise<EvaluatedRows>;

/** Most rows of one evaluation. */
export const MAX_EVALUATED_ROWS = 50_000_000;
/** The label of a row whose label is not known. */
export const UNKNOWN_LABEL = 255;

/** Evaluates a version, and checks what comes. @throws {RegistryError} GATE_ERROR naming the first value that is none */
export async function evaluated(evaluate: EvaluateVersion, version: ModelVersion, signal: AbortSignal): Promise<EvaluatedRows> {
  const rows: unknown = await evaluate(version, signal);
  signal.throwIfAborted();
  const where = `the evaluation of version ${version.version}`;
  if (!isPlainObject(rows)) throw unfit(`${where} is ${showValue(rows)}, expected an object with fingerprint, scores and labels`);
  const { fingerprint } = rows;
  if (typeof fingerprint !== 'string' || fingerprint.length === 0 || fingerprint.length > FIELD_LIMITS.labelLength) {
    throw unfit(`${where}: fingerprint is ${showValue(fingerprint)}, expected 1 to ${FIELD_LIMITS.labelLength} characters`);
  }
  const rowCount = requireColumn(where, 'scores', rows['scores'], { expected: 'a finite number', allows: Number.isFinite });
  if (rowCount === 0) throw unfit(`${where} has no rows, so there is nothing to judge by`);
  requireColumn(where, 'labels', rows['labels'], { rowCount, expected: '0, 1 or 255 for unknown', allows: isLabel });
  for (const name of ['times', 'entityCodes', 'amounts']) {
    if (rows[name] !== undefined) {
      requireColumn(where, name, rows[name], { rowCount, expected: 'a finite number', allows: Number.isFinite });
    }
  }
  const { segments = {} } = rows;
  if (!isPlainObject(segments)) throw unfit(`${where}: segments is ${showValue(segments)}, expected an object of arrays`);
  return rows as unknown as EvaluatedRows;
}

/** Whether a label is one. */
const isLabel = (value: unknown) => value === 0 || value === 1 || value === UNKNOWN_LABEL;

/** What a column must hold. */
interface ColumnRule {
  /** Default: any number of rows that is not too large. */
  readonly rowCount?: number;
  readonly expected: string;
  allows(value: unknown): boolean;
}

/** The length of a column. @throws {RegistryError} GATE_ERROR naming the first entry that breaks the rule */
export function requireColumn(where: string, name: string, values: unknown, rule: ColumnRule): number {
  if (!isArrayLike(values)) throw unfit(`${where}: ${name} is ${showValue(values)}, expected an array with one entry a row`);
  const { rowCount = values.length } = rule;
  if (values.length !== rowCount) {
    throw unfit(`${where}: ${name} has ${values.length} entries for ${rowCount} scores, expected one each`);
  }
  if (rowCount > MAX_EVALUATED_ROWS) {
    throw unfit(`${where}: ${rowCount} rows, at most ${MAX_EVALUATED_ROWS} are allowed; judge by a sample`);
  }
  for (let row = 0; row < rowCount; row++) {
    if (!rule.allows(values[row])) {
      throw unfit(`${where}: ${name}[${row}] is ${showValue(values[row])}, expected ${rule.expected}`);
    }
  }
  return rowCount;
}

/** A GATE_ERROR: what the caller's function gave is nothing to judge by. */
export function unfit(problem: string): RegistryError {
  return new RegistryError('GATE_ERROR', problem);
}

/** Rows by their label. */
export function countLabels(labels: ArrayLike<number>): { frauds: number; genuine: number; unknown: number } {
  let frauds = 0;
  let genuine = 0;
  for (let row = 0; row < labels.length; row++) {
    if (labels[row] === 1) frauds++;
    else if (labels[row] === 0) genuine++;
  }
  return { frauds, genuine, unknown: labels.length - frauds - genuine };
}
