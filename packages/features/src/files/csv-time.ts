import { parseTime } from '@fraudops/core';

/**
 * Moments written in the cells of one CSV column, read from their bytes.
 *
 * `YYYY-MM-DD HH:MM:SS` (or with a `T`) is read without making a string: rows in time order repeat their date, so the midnight of the
 * last date is kept. Every other spelling goes through {@link parseTime}, which also decides what a valid date is.
 */
export class TimeParser {
  #date = -1;
  #midnightMs = Number.NaN;

  /** Epoch milliseconds UTC; NaN when the cell is no time. */
  parse(bytes: Uint8Array, start: number, end: number): number {
    if (end - start !== 19 || !hasPlainShape(bytes, start)) return parseTime(textOf(bytes, start, end));
    const date =
      twoDigits(bytes, start) * 1_000_000 +
      twoDigits(bytes, start + 2) * 10_000 +
      twoDigits(bytes, start + 5) * 100 +
      twoDigits(bytes, start + 8);
    const hour = twoDigits(bytes, start + 11);
    const minute = twoDigits(bytes, start + 14);
    const second = twoDigits(bytes, start + 17);
    // A sum that met a character which is no digit is NaN, and a comparison with NaN is false.
    if (!(date >= 0 && hour <= 23 && minute <= 59 && second <= 59)) return Number.NaN;
    if (date !== this.#date) {
      this.#midnightMs = parseTime(textOf(bytes, start, start + 10));
      this.#date = date;
    }
    return this.#midnightMs + ((hour * 60 + minute) * 60 + second) * 1000;
  }
}

const ZERO = 48;
const DASH = 45;
const COLON = 58;
const SPACE = 32;
const LETTER_T = 84;

function hasPlainShape(bytes: Uint8Array, start: number): boolean {
  const between = bytes[start + 10];
  return (
    bytes[start + 4] === DASH &&
    bytes[start + 7] === DASH &&
    (between === SPACE || between === LETTER_T) &&
    bytes[start + 13] === COLON &&
    bytes[start + 16] === COLON
  );
}

/** The number made of two digits; NaN when they are none. */
function twoDigits(bytes: Uint8Array, at: number): number {
  const tens = bytes[at]! - ZERO;
  const ones = bytes[at + 1]! - ZERO;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN;
}

function textOf(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1');
}
