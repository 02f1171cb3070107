/** Limits that a person can read: rounded away from the values that they hold. */

/**
 * The smallest number at or above the limit that has no more digits than the span is worth: a multiple of a hundredth of the span's power of
 * ten. A limit of too many digits for that, and one of no span, stays as it is.
 *
 * @param span how far the values reach, at least 0
 * @example limitAbove(15_512.775000000001, 10_341); // 15_600
 */
export function limitAbove(limit: number, span: number): number {
  if (!(span > 0)) return limit;
  const exponent = Math.floor(Math.log10(Math.min(span, Number.MAX_VALUE))) - 2;
  const units = Math.ceil(limit / 10 ** exponent);
  if (!Number.isSafeInteger(units)) return limit;
  // Written as decimal digits, so that 5e-3 is .005 and no sum of rounding errors; the quotient may be a unit off.
  const rounded = [units - 1, units, units + 1]
    .map((count) => Number(`${count}e${exponent}`) + 0)
    .find((value) => value >= limit && value < Infinity);
  return rounded ?? limit;
}

/** The same downward. @example limitBelow(-0.0137, 0.02); // -0.0137 */
export function limitBelow(limit: number, span: number): number {
  return 0 - limitAbove(-limit, span);
}
