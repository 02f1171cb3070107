import type { Table } from '@fraudops/core';
import { type ColumnDrift, type DriftLimits, type ReferenceColumn, compareColumn } from './column-drift.js';
import { DriftError } from './drift-error.js';
import type { DriftProfile } from './drift-profile.js';
import { type DriftReport, driftReport } from './drift-report.js';
import { requireColumnNames, shown, testableColumn } from './testable-column.js';

/** Options of {@link detectDrift}. */
export interface DriftOptions {
  /** Columns to compare; default: all of the reference's number, category and flag columns. */
  readonly columns?: readonly string[];
  /** A p-value below this is significant; default .05. Above 0, below 1. */
  readonly significance?: number;
  /** Least effect that counts as drift, KS distance or Cramér's V; default .1, Cohen's "small". 0 to 1. */
  readonly minimumEffect?: number;
  /** Least change of the share of missing values that counts as drift; default .05, five percentage points. 0 to 1. */
  readonly minimumMissingChange?: number;
  /** Share of drifted columns from which the dataset as a whole counts as drifted; default .5, as Evidently's. Above 0, at most 1. */
  readonly driftShare?: number;
}

/**
 * Compares current data with a reference, column by column: the two-sample Kolmogorov-Smirnov test for numbers, Pearson's
 * chi-squared test of homogeneity for categories and flags, and the share of missing values for all.
 *
 * A column drifts when the difference is significant (p < `significance`) **and** large (effect >= `minimumEffect`). With 100,000
 * rows a shift of half a percentage point is significant and means nothing; with 30 rows a large one may be chance. "A p-value does
 * not measure the size of an effect" (American Statistical Association 2016). It also drifts when its share of missing values
 * changes significantly and by at least `minimumMissingChange`. The dataset drifts when at least `driftShare` of its columns do.
 *
 * Between two tables D is exact. Against a profile D is measured at up to 1,001 of the reference's values and is at most .001 below
 * the true one ({@link ColumnDrift.statisticErrorBound}). Missing values, NaN and infinities are left out of the tests. A column
 * without a single value on one side is not tested but its missing share is; a column with one value on both sides has effect 0.
 * Categories too rare for the chi-squared test ({@link MINIMUM_EXPECTED_COUNT}) are added up; where all of several are, the column is
 * not tested either. Further columns of the current table are
 * ignored. p-values are not corrected for the number of columns: the effect size guards against chance findings.
 *
 * @param reference the training data, or its profile
 * @param current the data to judge
 * @throws {DriftError} EMPTY for no rows or columns; UNKNOWN_COLUMN, WRONG_KIND naming the column; INVALID_OPTION
 * @example
 * const report = detectDrift(profile, lastWeek);
 * if (report.datasetDrift) retrain(report.drifted);
 */
export function detectDrift(reference: DriftProfile | Table, current: Table, options: DriftOptions = {}): DriftReport {
  const limits = requireLimits(options);
  const driftShare = requireShare('driftShare', options.driftShare ?? 0.5, { aboveZero: true });
  const side = isTable(reference) ? tableSide(reference) : profileSide(reference);
  const names = options.columns ?? side.names;
  requireColumnNames('detectDrift', names);
  const rows = { reference: side.rowCount, current: current.rowCount };
  for (const [name, count] of Object.entries(rows)) {
    if (count === 0) throw new DriftError('EMPTY', `detectDrift: the ${name} data have 0 rows, need at least 1`, { side: name });
  }
  const pairs = names.map((name) => {
    const found = side.column(name);
    const column = testableColumn('detectDrift', 'current table', current, name);
    const kind = found.from === 'profile' ? found.profile.kind : found.column.kind;
    if (kind !== column.kind) {
      const message = `detectDrift: column ${shown(name)} is ${kind} in the reference and ${column.kind} in the current table, expected one kind`;
      throw new DriftError('WRONG_KIND', message, { column: name, reference: kind, current: column.kind });
    }
    return { name, found, column };
  });
  const columns = pairs.map(({ name, found, column }) => compareColumn(name, found, column, rows, limits));
  return driftReport({ ...verdict(columns, driftShare), ...limits, comparedWith: side.from, rows, columns });
}

function verdict(columns: readonly ColumnDrift[], driftShare: number) {
  const drifted = columns.filter((column) => column.drifted).map(({ column }) => column);
  const share = drifted.length / columns.length;
  return { drifted, share, driftShare, datasetDrift: share >= driftShare };
}

interface ReferenceSide {
  readonly from: 'profile' | 'table';
  readonly rowCount: number;
  readonly names: readonly string[];
  column(name: string): ReferenceColumn;
}

function tableSide(table: Table): ReferenceSide {
  return {
    from: 'table',
    rowCount: table.rowCount,
    names: table.columnNames.filter((name) => table.column(name).kind !== 'time'),
    column: (name) => ({ from: 'table', column: testableColumn('detectDrift', 'reference table', table, name) }),
  };
}

function profileSide(profile: DriftProfile): ReferenceSide {
  const byName = new Map(profile.columns.map((column) => [column.column, column]));
  return {
    from: 'profile',
    rowCount: profile.rowCount,
    names: [...byName.keys()],
    column(name) {
      const found = byName.get(name);
      if (!found) {
        const message = `detectDrift: the reference profile has no column ${shown(name)}; profile it, or leave it out of the columns`;
        throw new DriftError('UNKNOWN_COLUMN', message, { column: name });
      }
      return { from: 'profile', profile: found };
    },
  };
}

/** By shape, not by class: two installed copies of core have two Table classes. */
function isTable(reference: DriftProfile | Table): reference is Table {
  return 'columnNames' in reference;
}

function requireLimits(options: DriftOptions): DriftLimits {
  return {
    significance: requireShare('significance', options.significance ?? 0.05, { aboveZero: true, belowOne: true }),
    minimumEffect: requireShare('minimumEffect', options.minimumEffect ?? 0.1),
    minimumMissingChange: requireShare('minimumMissingChange', options.minimumMissingChange ?? 0.05),
  };
}

function requireShare(name: string, value: number, bounds: { aboveZero?: boolean; belowOne?: boolean } = {}): number {
  const fits = (bounds.aboveZero ? value > 0 : value >= 0) && (bounds.belowOne ? value < 1 : value <= 1);
  if (fits) return value;
  const range = `${bounds.aboveZero ? 'more than 0' : '0'} to ${bounds.belowOne ? 'less than 1' : '1'}`;
  throw new DriftError('INVALID_OPTION', `detectDrift: ${name} is ${value}, expected ${range}`, { name, value });
}
