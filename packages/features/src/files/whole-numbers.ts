/**
 * Whole numbers of 64 bits and decimals, brought into float64 and epoch milliseconds without losing what float64 can hold.
 *
 * JavaScript reads 64-bit integers as bigint, which allocates for every value; here two 32-bit halves make a number wherever it is
 * exact, and only the others become bigints.
 */

/** The values as numbers, or as bigints where a number wouldn't be exact (beyond 2^53 - 1 either way). */
export function fromInt64(values: BigInt64Array): Float64Array | unknown[] {
  const halves = new Int32Array(values.buffer, values.byteOffset, values.length * 2);
  const numbers = new Float64Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const high = halves[2 * i + 1]!;
    if (high < -SAFE_HIGH || high >= SAFE_HIGH) return Array.from(values, numberOrBigInt);
    numbers[i] = high * TWO_TO_32 + (halves[2 * i]! >>> 0);
  }
  return numbers;
}

/** A number when it is exact, else the bigint. */
export function numberOrBigInt(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/** Units in a second, by which timestamps count. */
export type UnitsPerSecond = 1 | 1_000 | 1_000_000 | 1_000_000_000;

/** Epoch milliseconds of a timestamp; what is finer is cut off towards the past, as `parseTime` does. */
export function epochMs(value: bigint, unitsPerSecond: UnitsPerSecond): number {
  if (unitsPerSecond <= 1000) return Number(value) * (1000 / unitsPerSecond);
  const unitsPerMs = BigInt(unitsPerSecond / 1000);
  const remainder = value % unitsPerMs;
  return Number((value - (remainder < 0n ? remainder + unitsPerMs : remainder)) / unitsPerMs);
}

/** {@link epochMs} of many timestamps. */
export function epochMsOfInt64(values: BigInt64Array, unitsPerSecond: UnitsPerSecond): Float64Array {
  const whole = unitsPerSecond <= 1_000_000 ? fromInt64(values) : undefined;
  if (!(whole instanceof Float64Array)) return Float64Array.from(values, (value) => epochMs(value, unitsPerSecond));
  const unitsPerMs = unitsPerSecond / 1000;
  for (let i = 0; i < whole.length; i++) {
    // Above it the quotient of a moment just before a whole millisecond would round up to it.
    whole[i] = Math.abs(whole[i]!) < EXACT_QUOTIENTS ? Math.floor(whole[i]! / unitsPerMs) : epochMs(values[i]!, unitsPerSecond);
  }
  return whole;
}

/** The number nearest to unscaled / 10^scale. */
export function decimalNumber(unscaled: number | bigint, scale: number): number {
  const number = Number(unscaled);
  // Both sides of the quotient are exact in float64, so the quotient is correctly rounded.
  if (scale >= 0 && scale <= 22 && Math.abs(number) <= Number.MAX_SAFE_INTEGER) return number / 10 ** scale;
  return Number(`${unscaled}e${-scale}`);
}

/** A whole number of any length in two's complement, most significant byte first. */
export function bigIntOfBytes(bytes: Uint8Array): bigint {
  let value = 0n;
  for (const byte of bytes) value = (value << 8n) | BigInt(byte);
  return BigInt.asIntN(bytes.length * 8, value);
}

const TWO_TO_32 = 4_294_967_296;
/** High halves whose numbers are below 2^53 in size. -2^53 itself is left out with those below it. */
const SAFE_HIGH = 2 ** 21;
const EXACT_QUOTIENTS = 2 ** 51;
