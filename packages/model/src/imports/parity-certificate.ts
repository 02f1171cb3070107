/**
 * Parity: a model that came from another library, or goes to one, gives the same margins there and here. It is shown on rows where
 * implementations differ when they differ: on thresholds and right beside them, missing and infinite values, categories never seen.
 */
import { type OptionKinds, isArrayLike, showValue } from '@fraudops/core';
import { ModelError } from '../model-error.js';
import type { Model } from '../model.js';
import { requireOptions, requireOwnModel } from '../required-arguments.js';
import { float32Rounding } from './float32-rounding.js';
import { coverageCounter, type ModelCoverage } from './model-coverage.js';
import { type RowKind, ROW_KINDS, RowKinds } from './row-kinds.js';

/** Rows and what another library makes of them. */
export interface ParityReference {
  /** One value a feature, in the model's order; null and NaN are missing. Values are taken as float32. */
  readonly rows: readonly ArrayLike<number | null>[];
  /** One a row: margins, before the logistic function. */
  readonly margins?: ArrayLike<number> | undefined;
  /** One a row: probabilities of fraud. Margins show more; give these if there are none. */
  readonly probabilities?: ArrayLike<number> | undefined;
  /**
   * True when the other library adds leaves in float32, as XGBoost does: margins are then compared after what this rounding explains,
   * which is known to the bit. Default false.
   */
  readonly float32Sums?: boolean | undefined;
}

const REFERENCE: OptionKinds<ParityReference> = {
  rows: 'array',
  margins: 'checked',
  probabilities: 'checked',
  float32Sums: 'flag',
};

/** That a model was compared, with what, and how close it came. Plain data, fit to be kept beside the model. */
export interface ParityCertificate {
  readonly compared: 'margins' | 'probabilities';
  readonly rowCount: number;
  /** Largest allowed difference, relative to the other library's value where that is above 1. */
  readonly tolerance: number;
  /** Largest difference found, not relative; with `float32Sums` after the rounding of float32 sums. */
  readonly largestDifference: number;
  /** Number of the row that has it. */
  readonly largestDifferenceRow: number;
  /** How many rows show each kind of value. A row can show several. */
  readonly rowsOfKind: Readonly<Record<RowKind, number>>;
  /** How much of the model the rows put to the test. */
  readonly coverage: ModelCoverage;
}

/**
 * Compares the model with another library on the rows.
 *
 * Rows of every kind that the model can be shown (see {@link RowKind}) have to be there, and together they have to show the model: at least
 * 80 % of the splits both ways (of larger models, as many as 80 % of 1,000), or every weight of a linear model in at least as many rows as
 * there are weights, up to 100. {@link certificateRows} makes such rows.
 *
 * @param options.tolerance largest |ours - theirs| / max(1, |theirs|). Default 1e-6
 * @throws {ModelError} CERTIFICATE_FAILED naming the row that differs most, the kind of rows that is absent, or how little of the
 * model the rows show; INVALID_MODEL when rows, margins and probabilities don't fit each other or hold anything but numbers; INVALID_OPTION; FEATURE_MISMATCH for a row of another length
 * @example
 * const rows = certificateRows(model, { seed: 1 });
 * certify(model, { rows, margins: marginsOfTheOtherLibrary }).largestDifference; // 2.4e-7
 */
export function certify(
  model: Model,
  reference: ParityReference,
  options: { readonly tolerance?: number | undefined } = {},
): ParityCertificate {
  requireOwnModel('certify', model);
  requireOptions('certify', reference, REFERENCE, 'reference');
  requireOptions('certify', options, { tolerance: 'checked' });
  const { tolerance = 1e-6 } = options;
  if (!(Number.isFinite(tolerance) && tolerance >= 0 && tolerance <= 1)) {
    throw new ModelError('INVALID_OPTION', `certify: tolerance is ${showValue(tolerance)}, expected 0 to 1`);
  }
  const compared = reference.margins === undefined ? 'probabilities' : 'margins';
  const theirs = requireValues(reference, compared);
  const kinds = new RowKinds(model);
  const counter = coverageCounter(model);
  let largestDifference = 0;
  let largestDifferenceRow = 0;
  let worst: { row: number; excess: number; ours: number } | undefined;
  for (let row = 0; row < theirs.length; row++) {
    const values = requireRowValues(reference.rows[row], row);
    const rounding = reference.float32Sums === true ? float32Rounding(model, values) : 0;
    const ours = compared === 'margins' ? model.margin(values) + rounding : model.score(values);
    const difference = Math.abs(ours - theirs[row]!);
    if (difference > largestDifference) [largestDifference, largestDifferenceRow] = [difference, row];
    const excess = difference / Math.max(1, Math.abs(theirs[row]!));
    if (excess > tolerance && excess > (worst?.excess ?? 0)) worst = { row, excess, ours };
    kinds.count(values);
    counter.count(values);
  }
  if (worst) throw differs(compared, worst.row, worst.ours, theirs[worst.row]!, tolerance);
  const absent = ROW_KINDS.filter((kind) => kinds.isRequired(kind) && kinds.rowsOfKind[kind] === 0);
  if (absent.length > 0) {
    throw new ModelError(
      'CERTIFICATE_FAILED',
      `certify: no rows with ${absent.join(', ')}, on which libraries differ; score the rows of certificateRows(model)`,
      { details: { absent } },
    );
  }
  const coverage = counter.coverage();
  requireCoverage(coverage, theirs.length);
  const rowsOfKind = Object.freeze({ ...kinds.rowsOfKind });
  return Object.freeze({
    compared,
    rowCount: theirs.length,
    tolerance,
    largestDifference,
    largestDifferenceRow,
    rowsOfKind,
    coverage,
  });
}

function requireValues(reference: ParityReference, compared: 'margins' | 'probabilities'): ArrayLike<number> {
  const values = reference[compared];
  const { rows } = reference;
  if (!Array.isArray(rows) || rows.length === 0) throw invalid('no rows, expected at least one');
  if (values === undefined) throw invalid('neither margins nor probabilities, expected one of them');
  requireFinite(compared, values);
  if (values.length !== rows.length) throw invalid(`${values.length} ${compared} for ${rows.length} rows, expected one each`);
  return values;
}

/** @throws {ModelError} INVALID_MODEL unless all values are finite numbers: no strings, no nulls, which would count as 0 */
export function requireFinite(what: string, values: ArrayLike<number>): void {
  if (!isArrayLike(values)) throw invalid(`${what} is ${showValue(values)}, expected an array`);
  for (let i = 0; i < values.length; i++) {
    // Number.isFinite is false for all that is no number.
    if (Number.isFinite(values[i])) continue;
    throw invalid(
      `${what}[${i}] is ${showValue(values[i])}, expected a finite number; where a linear model has no score for missing values, leave ` +
        'such rows out: certificateRows(model, { seed, missing: false })',
    );
  }
}

/** One float32 a feature. */
function requireRowValues(row: unknown, position: number): number[] {
  if (!Array.isArray(row) && !(ArrayBuffer.isView(row) && 'length' in row)) {
    throw invalid(`rows[${position}] is ${showValue(row)}, expected an array`);
  }
  return Array.from(row as ArrayLike<unknown>, (value, feature) => {
    if (value === null) return Number.NaN;
    if (typeof value === 'number') return Math.fround(value);
    throw invalid(`rows[${position}][${feature}] is ${showValue(value)}, expected a number, or null for missing`);
  });
}

/** Rows that are asked for at most to show the weights of a linear model. */
const MAX_ASKED_ROWS = 100;

function requireCoverage(coverage: ModelCoverage, rowCount: number): void {
  const { of, total, shown, required } = coverage;
  const askedRows = of === 'weights' ? Math.min(total, MAX_ASKED_ROWS) : 0;
  if (shown >= required && rowCount >= askedRows) return;
  const what = of === 'splits' ? 'sent both ways' : `of features with different values, in at least ${askedRows} rows`;
  throw new ModelError(
    'CERTIFICATE_FAILED',
    `certify: ${rowCount} rows show ${shown} of ${total} ${of}, expected at least ${required} ${what}; score the rows of certificateRows(model)`,
    { details: { ...coverage, rowCount } },
  );
}

function differs(compared: string, row: number, ours: number, theirs: number, tolerance: number): ModelError {
  return new ModelError(
    'CERTIFICATE_FAILED',
    `certify: row ${row} scores ${ours} here and ${theirs} there (${compared}), expected at most ${tolerance} apart; check that rows and ` +
      `${compared} belong together, and which trees and which missing values the other library used`,
    { details: { row, ours, theirs, tolerance } },
  );
}

function invalid(rule: string): ModelError {
  return new ModelError('INVALID_MODEL', `certify: ${rule}`);
}
