import type { FeatureMatrix } from '@fraudops/core';

/** Features shifted to mean 0 and scaled to deviation 1, which keeps Newton's equations well-conditioned whatever the units. */
export interface CenteredColumns {
  readonly matrix: FeatureMatrix;
  /** Mean of each feature over the rows that have it; 0 when none has. */
  readonly means: Float64Array;
  /** Population standard deviation of each feature, with missing values at the mean; 1 where it can't be used. */
  readonly scales: Float64Array;
  /** Positions of the features that take at least two values. */
  readonly used: readonly number[];
}

/** Mean and deviation of each column, in float64 and two passes. */
export function centerColumns(matrix: FeatureMatrix): CenteredColumns {
  const featureCount = matrix.names.length;
  const means = new Float64Array(featureCount);
  const scales = new Float64Array(featureCount).fill(1);
  const used: number[] = [];
  matrix.columns.forEach((column, j) => {
    let sum = 0;
    let present = 0;
    let low = Number.POSITIVE_INFINITY;
    let high = Number.NEGATIVE_INFINITY;
    for (const value of column) {
      if (Number.isNaN(value)) continue;
      sum += value;
      present++;
      if (value < low) low = value;
      if (value > high) high = value;
    }
    if (present > 0) means[j] = low === high ? low : sum / present;
    if (!(low < high)) return;
    let squares = 0;
    for (const value of column) if (!Number.isNaN(value)) squares += (value - means[j]!) ** 2;
    scales[j] = Math.sqrt(squares / matrix.rowCount);
    used.push(j);
  });
  return { matrix, means, scales, used };
}
