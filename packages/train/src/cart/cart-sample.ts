/**
 * The rows that a small tree is learned from: all of them, or of each class some, spread evenly over the order of the rows and as likely as
 * they weigh (systematic sampling; Madow 1949). Frauds get up to half of the places, since without them there is nothing to learn.
 */
import { seededRandom } from '@fraudops/core';

/** How many rows, and which draw of them. */
export interface CartSampleRules {
  readonly rowLimit: number;
  readonly seed: number;
}

/** Positions of rows, ascending by class. With weights a row may come several times. */
export function sampleForCart(
  labels: Uint8Array,
  weights: Float64Array | undefined,
  { rowLimit, seed }: CartSampleRules,
): Uint32Array {
  const places = Math.min(rowLimit, labels.length);
  if (weights === undefined && labels.length <= rowLimit) return Uint32Array.from(labels, (_, row) => row);
  const fraudRows = labels.reduce((sum, label) => sum + label, 0);
  const half = places >> 1;
  const frauds = Math.max(Math.min(fraudRows, half), places - (labels.length - fraudRows));
  const random = seededRandom(seed).fork('sample');
  const genuine = drawEvenly(labels, 0, weights, places - frauds, random.next());
  return Uint32Array.from([...genuine, ...drawEvenly(labels, 1, weights, frauds, random.next())]);
}

/** @param offset from 0 to 1: where between two ticks the first one lies */
function drawEvenly(
  labels: Uint8Array,
  label: number,
  weights: Float64Array | undefined,
  places: number,
  offset: number,
): number[] {
  let total = 0;
  for (let row = 0; row < labels.length; row++) if (labels[row] === label) total += weights ? weights[row]! : 1;
  const rows: number[] = [];
  let weight = 0;
  for (let row = 0; row < labels.length; row++) {
    if (labels[row] !== label) continue;
    weight += weights ? weights[row]! : 1;
    while (rows.length < places && (rows.length + offset) * total < weight * places) rows.push(row);
  }
  return rows;
}
