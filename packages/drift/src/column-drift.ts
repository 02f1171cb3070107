/** The comparison of one column: its test, its effect size, its missing values, and the verdict. */
import {
  type AlignedCount,
  MINIMUM_EXPECTED_COUNT,
  alignCounts,
  countCategories,
  poolRareCategories,
  totalOf,
} from './category-counts.js';
import { chiSquaredHomogeneityTest, cramersV } from './chi-squared-test.js';
import { type DistributionSummary, type LargestGap, summariseCategories, summariseNumbers } from './distribution-summary.js';
import type { CategoryProfile, NumberProfile } from './drift-profile.js';
import { distributionOfSample, distributionOfSketch } from './empirical-distribution.js';
import { ksPValue, largestGap } from './ks-test.js';
import { largestGapToSketch } from './quantile-sketch.js';
import { type TestableColumn, sortedFiniteValues } from './testable-column.js';

/** What was found about one column. All numbers are finite. */
export interface ColumnDrift {
  readonly column: string;
  readonly kind: 'number' | 'category' | 'flag';
  /** `ks`: two-sample Kolmogorov-Smirnov. `chi-squared`: Pearson's test of homogeneity. */
  readonly test: 'ks' | 'chi-squared';
  /** D or X^2; null when the column could not be tested. */
  readonly statistic: number | null;
  /** By how much the true D may exceed `statistic`: at most .001 against a profile, 0 between two tables and for chi-squared. */
  readonly statisticErrorBound: number;
  /** Of the chi-squared test; null for ks. */
  readonly degreesOfFreedom: number | null;
  readonly pValue: number | null;
  readonly pValueMethod: 'exact' | 'asymptotic' | null;
  /** Effect size, 0 to 1: D itself for ks, Cramér's V for chi-squared. */
  readonly effect: number | null;
  /** The least effect that counts as drift. */
  readonly threshold: number;
  readonly drifted: boolean;
  /** What drifted: the values, the share of missing values, both or nothing. */
  readonly reasons: readonly DriftReason[];
  /** Why there is no test, in a sentence; null when there is one. */
  readonly untested: string | null;
  /** Rows, with and without a value. */
  readonly referenceRows: number;
  readonly currentRows: number;
  readonly referenceMissing: number;
  readonly currentMissing: number;
  readonly missingShare: MissingShareDrift;
  /** For charts; null when the column could not be tested. */
  readonly distribution: DistributionSummary | null;
}

/** What of a column drifted. */
export type DriftReason = 'distribution' | 'missing-share';

/** Comparison of the shares of rows without a value. */
export interface MissingShareDrift {
  readonly reference: number;
  readonly current: number;
  /** Of the chi-squared test of homogeneity over present and missing. */
  readonly pValue: number;
  /** The least change of the share that counts as drift. */
  readonly threshold: number;
  readonly drifted: boolean;
}

/** When a difference counts as drift. */
export interface DriftLimits {
  readonly significance: number;
  readonly minimumEffect: number;
  readonly minimumMissingChange: number;
}

/** The reference side of a comparison: a column itself, or what a profile remembers of one. */
export type ReferenceColumn =
  | { readonly from: 'profile'; readonly profile: NumberProfile | CategoryProfile }
  | { readonly from: 'table'; readonly column: TestableColumn };

interface Comparison {
  readonly referenceMissing: number;
  readonly currentMissing: number;
  /** Why there is no result although both sides have values. */
  readonly tooFew?: string;
  /** Absent when one side has no values, or too few to compare. */
  readonly result?: Pick<
    ColumnDrift,
    'statistic' | 'statisticErrorBound' | 'degreesOfFreedom' | 'pValue' | 'pValueMethod' | 'effect' | 'distribution'
  >;
}

const NOT_TESTED = {
  statistic: null,
  statisticErrorBound: 0,
  degreesOfFreedom: null,
  pValue: null,
  pValueMethod: null,
  effect: null,
  distribution: null,
} as const;

/** Compares a column of both sides; they are of one kind. */
export function compareColumn(
  name: string,
  reference: ReferenceColumn,
  current: TestableColumn,
  rows: { readonly reference: number; readonly current: number },
  limits: DriftLimits,
): ColumnDrift {
  const comparison = current.kind === 'number' ? compareNumbers(reference, current) : compareCategories(reference, current, rows);
  const { referenceMissing, currentMissing, result = NOT_TESTED } = comparison;
  const missingShare = compareMissing(referenceMissing, currentMissing, rows, limits);
  const reasons: DriftReason[] = [];
  const { pValue, effect } = result;
  if (pValue !== null && effect !== null && pValue < limits.significance && effect >= limits.minimumEffect)
    reasons.push('distribution');
  if (missingShare.drifted) reasons.push('missing-share');
  return {
    column: name,
    kind: current.kind,
    test: current.kind === 'number' ? 'ks' : 'chi-squared',
    ...result,
    threshold: limits.minimumEffect,
    drifted: reasons.length > 0,
    reasons,
    untested: comparison.result
      ? null
      : (comparison.tooFew ?? whyUntested(referenceMissing === rows.reference, currentMissing === rows.current)),
    referenceRows: rows.reference,
    currentRows: rows.current,
    referenceMissing,
    currentMissing,
    missingShare,
  };
}

function whyUntested(referenceEmpty: boolean, currentEmpty: boolean): string {
  const side =
    referenceEmpty && currentEmpty
      ? 'neither side has'
      : referenceEmpty
        ? 'the reference does not have'
        : 'the current data do not have';
  return `${side} a single value, so only the missing values are compared`;
}

function compareNumbers(reference: ReferenceColumn, column: Extract<TestableColumn, { kind: 'number' }>): Comparison {
  const current = sortedFiniteValues(column.values);
  const currentMissing = column.values.length - current.length;
  const side = numberReference(reference);
  if (side.count === 0 || current.length === 0) return { referenceMissing: side.missing, currentMissing };
  const { gap, errorBound, place } = side.gapTo(current);
  const statistic = gap / (side.count * current.length);
  const { pValue, method } = ksPValue(gap, side.count, current.length);
  return {
    referenceMissing: side.missing,
    currentMissing,
    result: {
      statistic,
      statisticErrorBound: errorBound,
      degreesOfFreedom: null,
      pValue,
      pValueMethod: method,
      effect: statistic,
      distribution: summariseNumbers(side.distribution(), distributionOfSample(current), place),
    },
  };
}

function numberReference(reference: ReferenceColumn) {
  if (reference.from === 'profile') {
    const { count, missing, sketch } = reference.profile as NumberProfile;
    return {
      count,
      missing,
      distribution: () => distributionOfSketch(sketch),
      gapTo(current: Float64Array) {
        const { gap, errorBound, at, inclusive, ...shares } = largestGapToSketch(sketch, current);
        const place: LargestGap = {
          at,
          inclusive,
          referenceShare: shares.reference / count,
          currentShare: shares.current / current.length,
        };
        return { gap, errorBound, place };
      },
    };
  }
  const { values } = reference.column as Extract<TestableColumn, { kind: 'number' }>;
  const sorted = sortedFiniteValues(values);
  return {
    count: sorted.length,
    missing: values.length - sorted.length,
    distribution: () => distributionOfSample(sorted),
    gapTo(current: Float64Array) {
      const { gap, at, atMostA, atMostB } = largestGap(sorted, current);
      const place: LargestGap = {
        at,
        inclusive: true,
        referenceShare: atMostA / sorted.length,
        currentShare: atMostB / current.length,
      };
      return { gap, errorBound: 0, place };
    },
  };
}

function compareCategories(
  reference: ReferenceColumn,
  column: Exclude<TestableColumn, { kind: 'number' }>,
  rows: { readonly reference: number; readonly current: number },
): Comparison {
  const current = countCategories(column);
  const counts = referenceCounts(reference);
  const aligned: AlignedCount[] = alignCounts(counts, current);
  const referenceMissing = rows.reference - (totalOf(counts.categories) + counts.otherCount);
  const currentMissing = rows.current - totalOf(current);
  if (referenceMissing === rows.reference || currentMissing === rows.current) return { referenceMissing, currentMissing };
  const cells = poolRareCategories(aligned);
  // One cell of everything would say that nothing changed, whatever did.
  if (cells.pooled > 1 && cells.reference.length === 1) return { referenceMissing, currentMissing, tooFew: TOO_FEW };
  const { statistic, degreesOfFreedom, pValue } = chiSquaredHomogeneityTest(cells.reference, cells.current);
  return {
    referenceMissing,
    currentMissing,
    result: {
      statistic,
      statisticErrorBound: 0,
      degreesOfFreedom,
      pValue,
      pValueMethod: 'asymptotic',
      effect: cramersV(cells.reference, cells.current),
      distribution: summariseCategories(aligned),
    },
  };
}

const TOO_FEW = `too few rows to compare the categories: each is expected fewer than ${MINIMUM_EXPECTED_COUNT} times on the smaller side`;

function referenceCounts(reference: ReferenceColumn) {
  if (reference.from === 'profile') return reference.profile as CategoryProfile;
  const column = reference.column as Exclude<TestableColumn, { kind: 'number' }>;
  return { categories: countCategories(column), otherCount: 0 };
}

function compareMissing(
  referenceMissing: number,
  currentMissing: number,
  rows: { readonly reference: number; readonly current: number },
  limits: DriftLimits,
): MissingShareDrift {
  const reference = referenceMissing / rows.reference;
  const current = currentMissing / rows.current;
  const { pValue } = chiSquaredHomogeneityTest(
    [rows.reference - referenceMissing, referenceMissing],
    [rows.current - currentMissing, currentMissing],
  );
  const threshold = limits.minimumMissingChange;
  return {
    reference,
    current,
    pValue,
    threshold,
    drifted: pValue < limits.significance && Math.abs(current - reference) >= threshold,
  };
}
