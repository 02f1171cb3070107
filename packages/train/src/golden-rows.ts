import { type FeatureMatrix, featureMatrix } from '@fraudops/core';

/** The generator of the golden rows: x' = (1103515245 x + 12345) mod 2^31, so that any language can make them. */
export function goldenNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(1_103_515_245, state) + 12_345) & 0x7fff_ffff;
    return state / 2 ** 31;
  };
}

/** 60 rows of three features, with labels and weights, on which tests compare with other libraries. */
export function goldenRows(): { matrix: FeatureMatrix; labels: Uint8Array; weights: Float64Array } {
  const next = goldenNumbers(12_345);
  const columns = [new Float32Array(60), new Float32Array(60), new Float32Array(60)] as const;
  const labels = new Uint8Array(60);
  const weights = new Float64Array(60);
  for (let i = 0; i < 60; i++) {
    const a = Math.floor(next() * 256) / 64 - 2;
    const b = Math.floor(next() * 256) / 8;
    const c = Math.floor(next() * 2);
    columns[0][i] = a;
    columns[1][i] = b;
    columns[2][i] = c;
    labels[i] = Number(next() < 1 / (1 + Math.exp(-(1.2 * a + 0.05 * (b - 16) - 0.7 * c - 0.5))));
    weights[i] = Math.floor(next() * 4);
  }
  return { matrix: featureMatrix(['a', 'b', 'c'], columns), labels, weights };
}

/** The same rows with feature a missing in every seventh row, from the fourth on. */
export function goldenRowsWithGaps(): { matrix: FeatureMatrix; labels: Uint8Array; weights: Float64Array } {
  const rows = goldenRows();
  const a = rows.matrix.columns[0]!.map((value, i) => (i % 7 === 3 ? Number.NaN : value));
  return { ...rows, matrix: featureMatrix(rows.matrix.names, [a, ...rows.matrix.columns.slice(1)]) };
}
