/**
 * Amounts as whole numbers of their smallest unit (cents of a dollar), so that sums are exact: they don't depend on the order of
 * adding, nor on what a running sum held before. Exact up to 2^53 units.
 */

/**
 * Most units that a value may have in a field that features add up, 137,438,953,472: about 1.37 billion in cents. So the sum of 65,536
 * values is below 2^53 and exact, and no single transaction can use up what is left for the others of its card.
 */
export const MAX_SUMMED_UNITS = 2 ** 37;

/** A resolution as the fraction numerator / denominator of whole numbers: 0.05 is 5 / 100. */
export interface MinorUnits {
  readonly numerator: number;
  readonly denominator: number;
}

/** The resolution as a fraction over a power of ten, or undefined when it has more than 12 decimals or isn't positive. */
export function minorUnits(resolution: number): MinorUnits | undefined {
  for (let denominator = 1; denominator <= 1e12; denominator *= 10) {
    const numerator = Math.round(resolution * denominator);
    // Dividing whole numbers rounds once, so it gives back the very number that was written.
    if (numerator >= 1 && Number.isSafeInteger(numerator) && numerator / denominator === resolution)
      return { numerator, denominator };
  }
  return undefined;
}

/** How many units a value is, rounded to the nearest. @example toUnits(57.16, { numerator: 1, denominator: 100 }); // 5716 */
export function toUnits(value: number, { numerator, denominator }: MinorUnits): number {
  return Math.round((value * denominator) / numerator);
}

/** Whether a value is small enough for sums of it to be exact, see {@link MAX_SUMMED_UNITS}; a missing one (NaN) is. */
export function canBeSummed(value: number, units: MinorUnits): boolean {
  return Number.isNaN(value) || Math.abs(toUnits(value, units)) <= MAX_SUMMED_UNITS;
}

/** As {@link toUnits}, and 0 for a missing value (NaN), which adds nothing to a sum. */
export function unitsOrZero(value: number, units: MinorUnits): number {
  return Number.isNaN(value) ? 0 : toUnits(value, units);
}

/** The rule that {@link canBeSummed} states, for messages: `from -1374389534.72 to 1374389534.72, ...`. */
export function summedRule({ numerator, denominator }: MinorUnits): string {
  const largest = (MAX_SUMMED_UNITS * numerator) / denominator;
  return `from ${-largest} to ${largest}, 2^37 of its smallest units, so that sums are exact`;
}
