/**
 * The logistic function 1 / (1 + exp(-margin)), which turns log-odds into a probability. Written in two halves so that `exp` never
 * overflows: small probabilities keep full relative precision.
 *
 * @example logistic(0); // 0.5
 */
export function logistic(margin: number): number {
  if (margin >= 0) return 1 / (1 + Math.exp(-margin));
  const odds = Math.exp(margin);
  return odds / (1 + odds);
}
