/**
 * Rows that stand for all: of each class every k-th, k being as small as keeps the class within a bound, each weighing k times as much.
 * Rare frauds are all there, so the sample says more about a fraud model than one of as many rows drawn alike.
 */

/** See the module's comment. */
export interface ClassSample {
  /** Positions, ascending. */
  readonly rows: Uint32Array;
  /** How much each stands for, its own weight included. */
  readonly weights: Float64Array;
}

/** @param rowsPerClass rows of a class at most */
export function sampleByClass(labels: Uint8Array, weights: Float64Array | undefined, rowsPerClass: number): ClassSample {
  const counts = [0, 0];
  for (const label of labels) counts[label]!++;
  const strides = counts.map((count) => Math.max(1, Math.ceil(count / rowsPerClass)));
  const seen = [0, 0];
  const rows = new Uint32Array(counts.reduce((sum, count, label) => sum + Math.ceil(count / strides[label]!), 0));
  const sampleWeights = new Float64Array(rows.length);
  let taken = 0;
  for (let row = 0; row < labels.length; row++) {
    const label = labels[row]!;
    const stride = strides[label]!;
    if (seen[label]!++ % stride !== 0) continue;
    rows[taken] = row;
    sampleWeights[taken++] = stride * (weights ? weights[row]! : 1);
  }
  return { rows, weights: sampleWeights };
}
