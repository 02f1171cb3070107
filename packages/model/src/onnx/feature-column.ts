/**
 * What a graph does to a feature before the model looks at it: fill in a missing value, then shift and scale, in float32 as ONNX Runtime
 * does. Comparisons of the result are turned into comparisons of the feature, exactly, for every float32.
 */
import { INFINITY_RANK, float32AtRank } from './float32-rank.js';

/** A column of the matrix that an operator takes. */
export interface FeatureColumn {
  /** Position among the features of the model. */
  readonly feature: number;
  /** Takes the place of NaN; NaN when nothing does. */
  readonly missingValue: number;
  /** Then comes (x - offset) * scale, step by step as listed. */
  readonly steps: readonly { readonly offset: number; readonly scale: number }[];
}

/** What `transformed x <= limit` says of x itself. */
export interface ColumnLimit {
  /** The largest x of the side where -Infinity is. */
  readonly limit: number;
  /** Whether it is the other way round: what is above the limit holds. */
  readonly isReversed: boolean;
  /** Where a missing value goes, if the column fills it in: whether the comparison holds for it. */
  readonly missingHolds: boolean | undefined;
}

/** The value of a feature that an operator sees. */
export function transformed(column: FeatureColumn, x: number): number {
  let value = Math.fround(x);
  for (const { offset, scale } of column.steps) value = Math.fround(Math.fround(value - offset) * scale);
  return value;
}

/** @returns undefined when the comparison is true or false for all values, or a scale is 0 or no number */
export function limitOfColumn(column: FeatureColumn, limit: number): ColumnLimit | undefined {
  const holds = (x: number) => transformed(column, x) <= limit;
  const missingHolds = Number.isNaN(column.missingValue) ? undefined : holds(column.missingValue);
  if (column.steps.length === 0) return { limit, isReversed: false, missingHolds };
  if (!column.steps.every(({ offset, scale }) => Number.isFinite(offset) && Number.isFinite(scale) && scale !== 0))
    return undefined;
  const holdsBelow = holds(Number.NEGATIVE_INFINITY);
  if (holds(Number.POSITIVE_INFINITY) === holdsBelow) return undefined;
  // Rounding keeps the order, so the comparison changes once between the infinities.
  let low = -INFINITY_RANK;
  let high = INFINITY_RANK;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (holds(float32AtRank(middle)) === holdsBelow) low = middle;
    else high = middle;
  }
  return { limit: float32AtRank(low), isReversed: !holdsBelow, missingHolds };
}
