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
  let frauds = 0;
  for (let row = 0; row < labels.length; row++) frauds += labels[row]!;
  const genuine = labels.length - frauds;
  const genuineStride = Math.max(1, Math.ceil(genuine / rowsPerClass));
  const fraudStride = Math.max(1, Math.ceil(frauds / rowsPerClass));
  const rows = new Uint32Array(Math.ceil(genuine / genuineStride) + Math.ceil(frauds / fraudStride));
  const sampleWeights = new Float64Array(rows.length);
  let genuineSeen = 0;
  let fraudsSeen = 0;
  let taken = 0;
  for (let row = 0; row < labels.length; row++) {
    const isFraud = labels[row] === 1;
    const stride = isFraud ? fraudStride : genuineStride;
    if ((isFraud ? fraudsSeen++ : genuineSeen++) % stride !== 0) continue;
    rows[taken] = row;
    sampleWeights[taken++] = stride * (weights ? weights[row]! : 1);
  }
  return { rows, weights: sampleWeights };
}
