/**
 * Finds rows that are equal to an earlier row, in time linear in the rows.
 *
 * Each row gets a 32-bit hash of its values, made column by column, and goes into an open-addressed hash table of row numbers at most half
 * full, whose places hold row numbers from 1 on; rows of one hash are compared value by value, so no two different rows are taken for equal.
 * Memory: 4 bytes a row for the hashes and 8 to 16 bytes a distinct row for the table (half as much again while it grows), whatever the
 * columns hold.
 */
import { type Column, MISSING_CODE, MISSING_FLAG } from '@fraudops/core';

/**
 * Calls back for every row that equals an earlier one in all columns, in order, with the first row that it equals.
 *
 * @param columns of one length; 0 and -0 are equal
 * @param missing `equal`: missing values equal each other; `skip`: rows that lack a value are passed over
 */
export function visitEqualRows(
  columns: readonly Column[],
  missing: 'equal' | 'skip',
  visit: (row: number, firstRow: number) => void,
): void {
  const arrays = columns.map(valuesOf);
  const rowCount = arrays[0]?.length ?? 0;
  if (columns.length === 1 && isAscending(arrays[0]!)) return;
  const hashes = hashRows(columns, rowCount);
  const skipped = missing === 'skip' ? rowsWithMissing(columns, rowCount) : undefined;
  const lastSize = 2 ** Math.ceil(Math.log2(Math.max(FIRST_PLACES, rowCount * 2)));
  let places = new Uint32Array(FIRST_PLACES);
  let used = 0;
  for (let row = 0; row < rowCount; row++) {
    if (skipped && skipped[row] === 1) continue;
    const hash = hashes[row]!;
    let place = hash & (places.length - 1);
    let other = places[place]!;
    while (other !== 0 && !(hashes[other - 1] === hash && areEqual(arrays, row, other - 1))) {
      place = (place + 1) & (places.length - 1);
      other = places[place]!;
    }
    if (other !== 0) {
      visit(row, other - 1);
      continue;
    }
    places[place] = row + 1;
    if (++used * 2 <= places.length) continue;
    // Where most rows so far were distinct, all of them may be, so the table gets its last size at once.
    places = withMorePlaces(places, hashes, used * 2 > row ? lastSize : places.length * 2);
  }
}

/** A power of two. */
const FIRST_PLACES = 1024;

/** The hash table in a larger size. It grows with the distinct rows, so that few of them stay in the processor's cache. */
function withMorePlaces(places: Uint32Array<ArrayBuffer>, hashes: Uint32Array, size: number): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(Math.max(size, places.length * 2));
  for (let i = 0; i < places.length; i++) {
    if (places[i] === 0) continue;
    let place = hashes[places[i]! - 1]! & (larger.length - 1);
    while (larger[place] !== 0) place = (place + 1) & (larger.length - 1);
    larger[place] = places[i]!;
  }
  return larger;
}

type Values = Float64Array | Int32Array | Uint8Array;

const valuesOf = (column: Column): Values => (column.kind === 'category' ? column.codes : column.values);

/** Ids that count upwards need no table. False where a number is missing; missing codes and flags repeat or come once, first or last. */
function isAscending(values: Values): boolean {
  for (let row = 1; row < values.length; row++) if (!(values[row - 1]! < values[row]!)) return false;
  return true;
}

function hashRows(columns: readonly Column[], rowCount: number): Uint32Array {
  const hashes = new Uint32Array(rowCount);
  const number = new Float64Array(1);
  const words = new Uint32Array(number.buffer);
  for (const column of columns) {
    if (column.kind === 'category' || column.kind === 'flag') {
      const values = valuesOf(column);
      for (let row = 0; row < rowCount; row++) hashes[row] = mix(hashes[row]! ^ values[row]!);
      continue;
    }
    const { values } = column;
    for (let row = 0; row < rowCount; row++) {
      // + 0 turns -0 into 0, and NaN has many forms.
      number[0] = Number.isNaN(values[row]!) ? 0.5 : values[row]! + 0;
      hashes[row] = mix(mix(hashes[row]! ^ words[0]!) ^ words[1]!);
    }
  }
  return hashes;
}

/** The finalizer of MurmurHash3 behind SplitMix32's step. */
function mix(value: number): number {
  let z = (value + 0x9e3779b9) | 0;
  z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
  z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
  return z ^ (z >>> 16);
}

function areEqual(arrays: readonly Values[], a: number, b: number): boolean {
  for (const values of arrays) {
    const left = values[a]!;
    const right = values[b]!;
    if (left !== right && !(Number.isNaN(left) && Number.isNaN(right))) return false;
  }
  return true;
}

function rowsWithMissing(columns: readonly Column[], rowCount: number): Uint8Array {
  const found = new Uint8Array(rowCount);
  for (const column of columns) {
    const isMissing = missingTest(column);
    for (let row = 0; row < rowCount; row++) if (isMissing(row)) found[row] = 1;
  }
  return found;
}

/** Whether a column lacks its value at a row. */
export function missingTest(column: Column): (row: number) => boolean {
  if (column.kind === 'category') {
    const { codes } = column;
    return (row) => codes[row] === MISSING_CODE;
  }
  const { values } = column;
  if (column.kind === 'flag') return (row) => values[row] === MISSING_FLAG;
  return (row) => Number.isNaN(values[row]!);
}

/** How many values a column lacks. */
export function countMissing(column: Column): number {
  const isMissing = missingTest(column);
  const rowCount = valuesOf(column).length;
  let count = 0;
  for (let row = 0; row < rowCount; row++) if (isMissing(row)) count++;
  return count;
}
