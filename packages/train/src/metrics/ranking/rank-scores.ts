/**
 * Rows in the order of their scores, which every ranking metric starts from. Rows of equal score form one group and enter together, so
 * the order of the rows never matters. One ranking serves many metrics and all resamples of a bootstrap.
 *
 * Scores are sorted as 64-bit keys by stable counting passes of 11 bits (radix sort), and positions come along, which a numeric sort can't
 * give. Three passes sort by the upper half, which few rows share: those are then put in order one by one. Where many share it, six passes
 * sort by the whole key. Needs 24 bytes a row while it works, keeps 4 a row and 12 a distinct score.
 */
import { requireArray } from '../../required-arguments.js';
import { TrainError } from '../../train-error.js';
import { requireScore } from '../scored-labels.js';

/** Rows from the highest score to the lowest. */
export interface Ranking {
  /** Positions of the rows, highest score first; rows of one score in the order in which they came. */
  readonly order: Uint32Array;
  /** The distinct scores, descending. */
  readonly thresholds: Float64Array;
  /** How many rows score `thresholds[i]` or more. */
  readonly ends: Uint32Array;
}

/**
 * Ranks rows by score, highest first.
 *
 * @throws {TrainError} EMPTY; INVALID_VALUE for no array; INVALID_SCORE naming the index of a score that is no number
 * @example rankScores('example', [0.1, 0.7, 0.1]); // order 1, 0, 2; thresholds 0.7, 0.1; ends 1, 3
 */
export function rankScores(what: string, scores: ArrayLike<number>): Ranking {
  requireArray(what, 'scores', scores);
  const rowCount = scores.length;
  if (rowCount === 0) throw new TrainError('EMPTY', `${what}: no rows, expected at least one`);
  const values = new Float64Array(rowCount);
  // Adding 0 turns -0 into 0, which equals it but has other bits.
  for (let i = 0; i < rowCount; i++) values[i] = requireScore(what, scores, i) + 0;
  const order = sortDescending(values);
  const thresholds = new Float64Array(rowCount);
  const ends = new Uint32Array(rowCount);
  let groups = 0;
  thresholds[0] = values[order[0]!]!;
  for (let i = 1; i < rowCount; i++) {
    const value = values[order[i]!]!;
    if (value === thresholds[groups]) continue;
    ends[groups++] = i;
    thresholds[groups] = value;
  }
  ends[groups++] = rowCount;
  return { order, thresholds: thresholds.slice(0, groups), ends: ends.slice(0, groups) };
}

const DIGIT_BITS = 11;
const DIGITS = 1 << DIGIT_BITS;

/** Upper halves of keys, with the row that each belongs to. */
interface UpperKeyed {
  high: Uint32Array;
  rows: Uint32Array;
}

/** Keys as two halves of 32 bits, with the row that each belongs to. */
interface Keyed extends UpperKeyed {
  low: Uint32Array;
}

const sortDescending = (values: Float64Array): Uint32Array => sortByUpperHalf(values) ?? sortByWholeKey(values);

/** Undefined when too many rows share an upper half. */
function sortByUpperHalf(values: Float64Array): Uint32Array | undefined {
  const { low, ...keyed } = descendingKeys(values);
  let from: UpperKeyed = keyed;
  let to: UpperKeyed = { high: new Uint32Array(values.length), rows: new Uint32Array(values.length) };
  for (let shift = 0; shift < 32; shift += DIGIT_BITS) {
    if (!upperCountingPass(from, to, shift)) continue;
    [from, to] = [to, from];
  }
  return insertByLowerHalf(from, low) ? from.rows : undefined;
}

/** As {@link countingPass}, by bits of the upper half. */
function upperCountingPass({ high, rows }: UpperKeyed, to: UpperKeyed, shift: number): boolean {
  const rowCount = rows.length;
  const starts = new Uint32Array(DIGITS);
  for (let i = 0; i < rowCount; i++) starts[(high[i]! >>> shift) & (DIGITS - 1)]!++;
  if (starts[(high[0]! >>> shift) & (DIGITS - 1)] === rowCount) return false;
  toPlaces(starts);
  const { high: toHigh, rows: toRows } = to;
  for (let i = 0; i < rowCount; i++) {
    const key = high[i]!;
    const place = starts[(key >>> shift) & (DIGITS - 1)]!++;
    toHigh[place] = key;
    toRows[place] = rows[i]!;
  }
  return true;
}

/** Turns counts of digits into the first place of each. */
function toPlaces(counts: Uint32Array): void {
  let next = 0;
  for (let digit = 0; digit < DIGITS; digit++) {
    const count = counts[digit]!;
    counts[digit] = next;
    next += count;
  }
}

/** Rows that may move by one place before sorting by the whole key is faster, for each row. */
const MOVES_PER_ROW = 4;

/**
 * Puts rows of one upper half in the order of their lower ones, which stand at the rows' positions. Equal keys stay as they are.
 *
 * @returns false when it gave up
 */
function insertByLowerHalf({ high, rows }: UpperKeyed, low: Uint32Array): boolean {
  let movesLeft = MOVES_PER_ROW * rows.length;
  for (let i = 1; i < rows.length; i++) {
    if (high[i] !== high[i - 1]) continue;
    const row = rows[i]!;
    const key = low[row]!;
    let place = i;
    while (place > 0 && high[place - 1] === high[i] && low[rows[place - 1]!]! > key) {
      if (movesLeft-- === 0) return false;
      rows[place] = rows[place - 1]!;
      place--;
    }
    rows[place] = row;
  }
  return true;
}

function sortByWholeKey(values: Float64Array): Uint32Array {
  let from = descendingKeys(values);
  let to: Keyed = {
    high: new Uint32Array(values.length),
    low: new Uint32Array(values.length),
    rows: new Uint32Array(values.length),
  };
  for (let shift = 0; shift < 64; shift += DIGIT_BITS) {
    if (!countingPass(from, to, shift)) continue;
    [from, to] = [to, from];
  }
  return from.rows;
}

/** Unsigned keys that ascend as the values descend: of a float's bits all are flipped but those of the negative ones' magnitude. */
function descendingKeys(values: Float64Array): Keyed {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length * 2);
  const high = new Uint32Array(values.length);
  const low = new Uint32Array(values.length);
  const rows = new Uint32Array(values.length);
  const highHalf = LITTLE_ENDIAN ? 1 : 0;
  for (let i = 0; i < values.length; i++) {
    const top = bits[2 * i + highHalf]!;
    const isNegative = top >= 0x8000_0000;
    high[i] = isNegative ? top : top ^ 0x7fff_ffff;
    low[i] = isNegative ? bits[2 * i + 1 - highHalf]! : ~bits[2 * i + 1 - highHalf]!;
    rows[i] = i;
  }
  return { high, low, rows };
}

const LITTLE_ENDIAN = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;

/** One stable pass by the 11 bits from `shift` on; false, and nothing moved, when all rows agree in them. */
function countingPass(from: Keyed, to: Keyed, shift: number): boolean {
  const { high, low, rows } = from;
  const rowCount = rows.length;
  const starts = new Uint32Array(DIGITS);
  for (let i = 0; i < rowCount; i++) starts[digitOf(high[i]!, low[i]!, shift)]!++;
  if (starts[digitOf(high[0]!, low[0]!, shift)] === rowCount) return false;
  toPlaces(starts);
  const { high: toHigh, low: toLow, rows: toRows } = to;
  for (let i = 0; i < rowCount; i++) {
    const place = starts[digitOf(high[i]!, low[i]!, shift)]!++;
    toHigh[place] = high[i]!;
    toLow[place] = low[i]!;
    toRows[place] = rows[i]!;
  }
  return true;
}

/** Bits `shift` to `shift + 10` of the 64; the digit at 22 lies in both halves. */
function digitOf(high: number, low: number, shift: number): number {
  if (shift >= 32) return (high >>> (shift - 32)) & (DIGITS - 1);
  if (shift + DIGIT_BITS <= 32) return (low >>> shift) & (DIGITS - 1);
  return ((low >>> shift) | (high << (32 - shift))) & (DIGITS - 1);
}
