/**
 * Steps of preprocessing as one writes them down: pure data, made by {@link impute}, {@link clip}, {@link log}, {@link standardize} and
 * {@link robustScale}, and fitted by {@link fitPreprocessing}.
 *
 * A step without `columns` treats all columns of the matrix. Indicators that an earlier step added stay 0 and 1 unless they are named.
 */
import { FeatureError } from '../feature-error.js';

/** One step, not fitted yet. */
export type PreprocessingStep = ImputeStep | ClipStep | LogStep | StandardizeStep | RobustScaleStep;

/** Which columns a step treats. */
export interface StepColumns {
  /** Names of columns. Default: all columns of the matrix. */
  readonly columns?: readonly string[];
}

/** See {@link impute}. */
export interface ImputeStep extends StepColumns {
  readonly type: 'impute';
  readonly with: 'mean' | 'median' | number;
  readonly indicators: boolean;
}

/** See {@link clip}. */
export interface ClipStep extends StepColumns {
  readonly type: 'clip';
  readonly min?: number;
  readonly max?: number;
  readonly quantiles?: readonly [number, number];
}

/** See {@link log}. */
export interface LogStep extends StepColumns {
  readonly type: 'log';
}

/** See {@link standardize}. */
export interface StandardizeStep extends StepColumns {
  readonly type: 'standardize';
}

/** See {@link robustScale}. */
export interface RobustScaleStep extends StepColumns {
  readonly type: 'robustScale';
  readonly quantiles: readonly [number, number];
}

/** Options of {@link impute}. */
export interface ImputeOptions extends StepColumns {
  /** What takes the place of a missing value: the column's mean, its median, or this number. */
  readonly with: 'mean' | 'median' | number;
  /**
   * Whether each of the columns gets a second one behind all others, named `<column>_MISSING`, that is 1 where the value was missing and 0
   * elsewhere. Columns that had nothing missing when fitted get one too, so that names don't depend on the rows. Default false.
   */
  readonly indicators?: boolean;
}

/**
 * Fills missing values. A column without any value is filled with 0, unless a number is given.
 *
 * @throws {FeatureError} INVALID_OPTION
 * @example impute({ with: 'median', columns: ['AGE_DAYS'], indicators: true });
 */
export function impute(options: ImputeOptions): ImputeStep {
  const { with: filling, indicators = false, columns } = options;
  if (filling !== 'mean' && filling !== 'median' && !isFloat32(filling)) {
    throw invalid('impute', `with is ${String(filling)}, expected 'mean', 'median' or a number`);
  }
  return { type: 'impute', with: filling, indicators, ...(columns && { columns }) };
}

/** Options of {@link clip}: fixed bounds, of which one may be absent, or quantiles. */
export type ClipOptions = StepColumns &
  (
    | { readonly min?: number; readonly max?: number; readonly quantiles?: undefined }
    | { readonly min?: undefined; readonly max?: undefined; readonly quantiles: readonly [number, number] }
  );

/**
 * Moves values below a smallest to it, and values above a largest to that one; missing ones stay missing. The bounds are given, or are two
 * quantiles of each column (linear interpolation, numpy's default). A column without any value gets no bounds.
 *
 * @throws {FeatureError} INVALID_OPTION
 * @example clip({ min: 0 }); clip({ quantiles: [0.001, 0.999], columns: ['AMOUNT'] });
 */
export function clip(options: ClipOptions): ClipStep {
  const { min, max, quantiles, columns } = options;
  if (quantiles !== undefined) {
    if (min !== undefined || max !== undefined) throw invalid('clip', 'quantiles come with min or max; give one or the other');
    requireQuantiles('clip', quantiles);
  } else if (min === undefined && max === undefined) {
    throw invalid('clip', 'no bound is given; give min, max or quantiles');
  }
  for (const [name, bound] of Object.entries({ min, max })) {
    if (bound !== undefined && !isFloat32(bound)) throw invalid('clip', `${name} is ${String(bound)}, expected a number`);
  }
  if (min !== undefined && max !== undefined && min > max) {
    throw invalid('clip', `min is ${min}, expected at most max, which is ${max}`);
  }
  return {
    type: 'clip',
    ...(min !== undefined && { min }),
    ...(max !== undefined && { max }),
    ...(quantiles && { quantiles: [quantiles[0], quantiles[1]] }),
    ...(columns && { columns }),
  };
}

/**
 * sign(x) ln(1 + |x|): grows like the logarithm on both sides of 0, about x near 0. Negative values, such as a refund, keep their sign and
 * order; 0 stays 0, and missing stays missing. Nothing is fitted.
 *
 * @example log({ columns: ['AMOUNT'] });
 */
export function log(options: StepColumns = {}): LogStep {
  return { type: 'log', ...(options.columns && { columns: options.columns }) };
}

/**
 * (x - mean) / standard deviation, as {@link fitStandardScaler}: population deviation (ddof 0), missing values left out; a column that
 * doesn't vary becomes 0.
 */
export function standardize(options: StepColumns = {}): StandardizeStep {
  return { type: 'standardize', ...(options.columns && { columns: options.columns }) };
}

/** Options of {@link robustScale}. */
export interface RobustScaleOptions extends StepColumns {
  /** The range that is divided by goes from the first to the second. Default [0.25, 0.75], the interquartile range. */
  readonly quantiles?: readonly [number, number];
}

/**
 * (x - median) / (upper quantile - lower quantile), as scikit-learn's RobustScaler: a few extreme amounts hardly move it. A range below
 * 10 * 2^-52 counts as 1; a column without any value has the median 0.
 *
 * @throws {FeatureError} INVALID_OPTION
 */
export function robustScale(options: RobustScaleOptions = {}): RobustScaleStep {
  const { quantiles = [0.25, 0.75], columns } = options;
  requireQuantiles('robustScale', quantiles);
  return { type: 'robustScale', quantiles: [quantiles[0], quantiles[1]], ...(columns && { columns }) };
}

function requireQuantiles(step: string, quantiles: readonly number[]): void {
  const [low, high] = quantiles;
  if (quantiles.length === 2 && low! >= 0 && low! < high! && high! <= 1) return;
  throw invalid(step, `quantiles are ${String(quantiles)}, expected two from 0 to 1, the smaller first, such as [0.01, 0.99]`);
}

function isFloat32(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(Math.fround(value));
}

function invalid(step: string, what: string): FeatureError {
  return new FeatureError('INVALID_OPTION', `${step}: ${what}`);
}
