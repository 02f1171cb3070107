import { type FeatureMatrix, featureMatrix } from '@fraudops/core';
import { goldenNumbers } from '../golden-rows.js';

/** Rows of six features with labels. */
export interface LabelledRows {
  readonly matrix: FeatureMatrix;
  readonly labels: Uint8Array;
}

/**
 * Rows with a rising feature, a skewed one, two of category codes (8 and 20), one that interacts, and one with missing values that matter;
 * about 18 % frauds. Calls of the function that is returned give rows that follow one another.
 */
export function paymentLikeRows(seed: number): (count: number) => LabelledRows {
  const next = goldenNumbers(seed);
  return (count) => {
    const columns = Array.from({ length: 6 }, () => new Float32Array(count));
    const labels = new Uint8Array(count);
    for (let i = 0; i < count; i++) {
      const u = Array.from({ length: 6 }, next);
      const isMissing = u[5]! < 0.1;
      const x = [
        u[0]! * 4 - 2,
        -Math.log(1 - u[1]!),
        Math.floor(u[2]! * 8),
        u[3]!,
        Math.floor(u[4]! * 20),
        isMissing ? Number.NaN : u[5]!,
      ] as const;
      const odds = 1.2 * x[0] + 0.8 * Math.min(x[1], 2) + ([1, 4, 6].includes(x[2]) ? 1.5 : -0.5);
      const margin = odds - 2 * Math.abs(x[3] - 0.5) * x[0] + (isMissing ? 1.2 : 0) - 3.2;
      labels[i] = Number(next() < 1 / (1 + Math.exp(-margin)));
      x.forEach((value, j) => (columns[j]![i] = value));
    }
    return { matrix: featureMatrix(['rising', 'skewed', 'kind', 'odd', 'place', 'gaps'], columns), labels };
  };
}
