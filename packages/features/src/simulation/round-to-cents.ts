/**
 * The nearest multiple of 0.01, as the float64 that the decimal text names; a second rounding changes nothing.
 *
 * @example roundToCents(3 * 0.1); // 0.3
 */
export function roundToCents(amount: number): number {
  return Math.round(amount * 100) / 100;
}
