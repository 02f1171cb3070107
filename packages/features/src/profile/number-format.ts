/** What the profile writes besides the numbers that `@fraudops/core` writes for every report. */

const MINUS = '\u2212';

/** A correlation with its sign. @example formatCorrelation(-0.5); // '−0.50' */
export function formatCorrelation(correlation: number): string {
  const digits = Math.abs(correlation).toFixed(2);
  return correlation < 0 && digits !== '0.00' ? MINUS + digits : digits;
}
