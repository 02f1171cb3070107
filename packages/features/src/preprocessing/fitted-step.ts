/**
 * Steps of preprocessing after fitting, as data: which columns, and what was learned of each. Entry i of every list belongs to
 * `columns[i]`.
 */
import { z } from 'zod';
import { FeatureError } from '../feature-error.js';
import { median, meanAndDeviation, presentMean, quantile, sortedValues } from './column-statistics.js';
import type { ClipStep, ImputeStep, PreprocessingStep } from './preprocessing-step.js';
import { type ValueOperation, valueOperation } from './value-operation.js';

/** One fitted step. */
export type FittedStep = FittedImpute | FittedClip | FittedLog | FittedStandardize | FittedRobustScale;

/** See {@link impute}. */
export interface FittedImpute {
  readonly type: 'impute';
  readonly columns: readonly string[];
  /** What takes the place of missing values. */
  readonly values: readonly number[];
  /** Whether each column has a second one, `<column>_MISSING`. */
  readonly indicators: boolean;
}

/** See {@link clip}. */
export interface FittedClip {
  readonly type: 'clip';
  readonly columns: readonly string[];
  /** Smallest values; null for no bound. */
  readonly minimums: readonly (number | null)[];
  /** Largest values; null for no bound. */
  readonly maximums: readonly (number | null)[];
}

/** See {@link log}. */
export interface FittedLog {
  readonly type: 'log';
  readonly columns: readonly string[];
}

/** See {@link standardize}. */
export interface FittedStandardize {
  readonly type: 'standardize';
  readonly columns: readonly string[];
  readonly means: readonly number[];
  /** What each column is divided by. */
  readonly scales: readonly number[];
}

/** See {@link robustScale}. */
export interface FittedRobustScale {
  readonly type: 'robustScale';
  readonly columns: readonly string[];
  readonly medians: readonly number[];
  /** What each column is divided by. */
  readonly scales: readonly number[];
}

/** Most columns of a preprocessing, indicators included. */
export const MAX_PREPROCESSED_COLUMNS = 10_000;

/**
 * Fits a step.
 *
 * @param columns names of the columns that it treats
 * @param values what they hold when the step's turn comes
 * @throws {FeatureError} INVALID_VALUE when a mean or a quantile is asked of infinite values
 */
export function fitStep(step: PreprocessingStep, columns: readonly string[], values: readonly Float32Array[]): FittedStep {
  if (learnsFromValues(step)) values.forEach((column, i) => requireFinite(step, columns[i]!, column));
  switch (step.type) {
    case 'impute':
      return { type: 'impute', columns, values: values.map((column) => fillingOf(step, column)), indicators: step.indicators };
    case 'clip': {
      const bounds = values.map((column) => boundsOf(step, column));
      return { type: 'clip', columns, minimums: bounds.map(([low]) => low), maximums: bounds.map(([, high]) => high) };
    }
    case 'log':
      return { type: 'log', columns };
    case 'standardize': {
      const fitted = values.map(meanAndDeviation);
      return { type: 'standardize', columns, means: fitted.map(({ mean }) => mean), scales: fitted.map(({ scale }) => scale) };
    }
    default: {
      const fitted = values.map((column) => medianAndRange(column, step.quantiles));
      return {
        type: 'robustScale',
        columns,
        medians: fitted.map(([middle]) => middle),
        scales: fitted.map(([, range]) => range),
      };
    }
  }
}

function learnsFromValues(step: PreprocessingStep): boolean {
  if (step.type === 'impute') return typeof step.with === 'string';
  return step.type === 'clip' ? step.quantiles !== undefined : step.type !== 'log';
}

function requireFinite({ type }: PreprocessingStep, name: string, column: Float32Array): void {
  const row = column.findIndex((value) => Math.abs(value) === Infinity);
  if (row < 0) return;
  const message = `fitPreprocessing: ${name} is ${column[row]} at row ${row} when ${type} is fitted, expected a finite float32 or NaN; clip it to fixed bounds first`;
  throw new FeatureError('INVALID_VALUE', message, { column: name, row });
}

function fillingOf(step: ImputeStep, column: Float32Array): number {
  if (typeof step.with === 'number') return step.with;
  return (step.with === 'mean' ? presentMean(column) : median(sortedValues(column))) ?? 0;
}

function boundsOf({ min, max, quantiles }: ClipStep, column: Float32Array): readonly [number | null, number | null] {
  if (!quantiles) return [min ?? null, max ?? null];
  const sorted = sortedValues(column);
  return [quantile(sorted, quantiles[0]) ?? null, quantile(sorted, quantiles[1]) ?? null];
}

/** scikit-learn's rule for ranges too small to divide by. */
const SMALLEST_RANGE = 10 * Number.EPSILON;

function medianAndRange(column: Float32Array, [low, high]: readonly [number, number]): readonly [number, number] {
  const sorted = sortedValues(column);
  const range = (quantile(sorted, high) ?? 0) - (quantile(sorted, low) ?? 0);
  return [median(sorted) ?? 0, range < SMALLEST_RANGE ? 1 : range];
}

/** What a step does to the values of its column number `i`. */
export function operationOf(step: FittedStep, i: number): ValueOperation {
  switch (step.type) {
    case 'impute':
      return valueOperation('fill', step.values[i]);
    case 'clip':
      return valueOperation('clip', step.minimums[i] ?? -Infinity, step.maximums[i] ?? Infinity);
    case 'log':
      return valueOperation('log');
    case 'standardize':
      return valueOperation('scale', step.means[i], step.scales[i]);
    default:
      return valueOperation('scale', step.medians[i], step.scales[i]);
  }
}

const columns = z.array(z.string()).min(1).max(MAX_PREPROCESSED_COLUMNS);
const numbers = z.array(z.number()).max(MAX_PREPROCESSED_COLUMNS);
const divisors = z.array(z.number().positive()).max(MAX_PREPROCESSED_COLUMNS);
const bounds = z.array(z.number().nullable()).max(MAX_PREPROCESSED_COLUMNS);

/** The form in which fitted steps are saved. */
export const fittedStepSchema = z
  .discriminatedUnion('type', [
    z.strictObject({ type: z.literal('impute'), columns, values: numbers, indicators: z.boolean() }),
    z.strictObject({ type: z.literal('clip'), columns, minimums: bounds, maximums: bounds }),
    z.strictObject({ type: z.literal('log'), columns }),
    z.strictObject({ type: z.literal('standardize'), columns, means: numbers, scales: divisors }),
    z.strictObject({ type: z.literal('robustScale'), columns, medians: numbers, scales: divisors }),
  ])
  .refine((step) => Object.values(step).every((list) => !Array.isArray(list) || list.length === step.columns.length), {
    error: 'every list of a step needs one entry for each of its columns',
  })
  .refine(
    (step) => step.type !== 'clip' || step.minimums.every((low, i) => (low ?? -Infinity) <= (step.maximums[i] ?? Infinity)),
    {
      error: 'a minimum is above its maximum',
    },
  );
