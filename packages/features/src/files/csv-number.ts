/**
 * The number written in a CSV cell, read from its bytes without making a string.
 *
 * Up to 15 digits make an integer mantissa below 2^53 and a power of ten of at most 10^15; both are exact in float64, so their
 * quotient is the correctly rounded value, the same one `Number(text)` gives (Clinger 1990, "How to read floating point numbers
 * accurately", the fast path). Longer numbers and those with an exponent go through `Number(text)`.
 *
 * @returns NaN when the cell is no decimal number: other characters, spaces, hexadecimal, `NaN`, or a number too large for float64
 * @example parseNumberBytes(Buffer.from('57.16'), 0, 5); // 57.16
 */
export function parseNumberBytes(bytes: Uint8Array, start: number, end: number): number {
  let position = start;
  const sign = bytes[position];
  if (sign === MINUS || sign === PLUS) position++;
  let mantissa = 0;
  let digits = 0;
  let pointAt = -1;
  for (; position < end; position++) {
    const digit = bytes[position]! - ZERO;
    if (digit >= 0 && digit <= 9) {
      mantissa = mantissa * 10 + digit;
      digits++;
    } else if (digit === POINT - ZERO && pointAt < 0) {
      pointAt = digits;
    } else {
      return parseSlowly(bytes, start, end);
    }
  }
  if (digits === 0 || digits > EXACT_DIGITS) return parseSlowly(bytes, start, end);
  const value = pointAt < 0 ? mantissa : mantissa / POWERS_OF_TEN[digits - pointAt]!;
  return sign === MINUS ? -value : value;
}

const ZERO = 48;
const POINT = 46;
const MINUS = 45;
const PLUS = 43;
const EXACT_DIGITS = 15;
const POWERS_OF_TEN = Float64Array.from({ length: EXACT_DIGITS + 1 }, (_, exponent) => Number(`1e${exponent}`));
const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

function parseSlowly(bytes: Uint8Array, start: number, end: number): number {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1');
  const value = DECIMAL.test(text) ? Number(text) : Number.NaN;
  return Number.isFinite(value) ? value : Number.NaN;
}
