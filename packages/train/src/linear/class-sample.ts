/**
 * Rows that stand for all: of each class a part, as small as keeps it within about a bound, each row weighing as many times as much. Rare
 * frauds are all there, so the sample says more about a fraud model than one of as many rows drawn alike.
 *
 * Of frauds it is every k-th, of genuine rows those of every k-th run of rows, since memory is read in runs.
 */

/** See the module's comment. */
export interface ClassSample {
  /** Positions, ascending. */
  readonly rows: Uint32Array;
  readonly labels: Uint8Array;
  /** How much each stands for, its own weight included. */
  readonly weights: Float64Array;
}

const RUN_ROWS = 64;

/**
 * @param rowsPerClass rows of a class at most; of genuine rows there can be a few more
 * @returns undefined when the sample would be more than half of the rows, or lack a class
 */
export function sampleByClass(
  labels: Uint8Array,
  weights: Float64Array | undefined,
  rowsPerClass: number,
): ClassSample | undefined {
  let frauds = 0;
  for (let row = 0; row < labels.length; row++) frauds += labels[row]!;
  const genuine = labels.length - frauds;
  const fraudStride = Math.max(1, Math.ceil(frauds / rowsPerClass));
  const rows = chooseRows(labels, fraudStride, Math.max(1, Math.ceil(genuine / rowsPerClass)));
  if (2 * rows.length > labels.length) return undefined;
  const sampleLabels = new Uint8Array(rows.length);
  let fraudsTaken = 0;
  for (let i = 0; i < rows.length; i++) fraudsTaken += sampleLabels[i] = labels[rows[i]!]!;
  if (fraudsTaken === 0 || fraudsTaken === rows.length) return undefined;
  const standsFor = [genuine / (rows.length - fraudsTaken), frauds / fraudsTaken];
  const sampleWeights = new Float64Array(rows.length);
  for (let i = 0; i < rows.length; i++) {
    sampleWeights[i] = standsFor[sampleLabels[i]!]! * (weights ? weights[rows[i]!]! : 1);
  }
  return { rows, labels: sampleLabels, weights: sampleWeights };
}

function chooseRows(labels: Uint8Array, fraudStride: number, runStride: number): Uint32Array {
  const rows = new Uint32Array(labels.length);
  let taken = 0;
  let fraudsSeen = 0;
  for (let start = 0; start < labels.length; start += RUN_ROWS) {
    const isTaken = (start / RUN_ROWS) % runStride === 0;
    const end = Math.min(start + RUN_ROWS, labels.length);
    for (let row = start; row < end; row++) {
      if (labels[row] === 1 ? fraudsSeen++ % fraudStride === 0 : isTaken) rows[taken++] = row;
    }
  }
  return rows.slice(0, taken);
}
