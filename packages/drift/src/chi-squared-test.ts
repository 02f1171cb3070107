/**
 * Chi-squared tests of whether categories are distributed as before, and the effect size that goes with them.
 *
 * There are two tests because there are two questions. {@link chiSquaredTest} takes the reference shares as known exactly, as
 * scipy's `chisquare` and Evidently do. {@link chiSquaredHomogeneityTest} takes the reference for what it mostly is, a sample with
 * noise of its own, and `detectDrift` uses it: with sides of equal size and nothing changed, the first finds a difference at p < .05
 * in 17 % of columns of two categories and in half of those of ten, and a single row of a new category is an infinite surprise.
 */
import { DriftError } from './drift-error.js';
import { upperIncompleteGamma } from './incomplete-gamma.js';

/** Result of a chi-squared test. */
export interface ChiSquaredResult {
  /** Pearson's X^2, at least 0; infinite when {@link chiSquaredTest} meets a category that the reference never had. */
  readonly statistic: number;
  /** Categories that occur, less one. */
  readonly degreesOfFreedom: number;
  /** Chance of a statistic at least as large if nothing changed; 1 when only one category occurs. */
  readonly pValue: number;
}

/**
 * Pearson's chi-squared test of goodness of fit (1900): X^2 = sum (o_k - e_k)^2 / e_k, where o are the current counts and e the
 * reference counts scaled to the same total. Equals scipy's `chisquare` and Evidently's `chisquare`. Categories that neither side
 * has are left out. A category only the current side has gives X^2 = infinity and p = 0.
 *
 * @param referenceCounts whole numbers by category, total above 0
 * @param currentCounts whole numbers for the same categories in the same order, total above 0
 * @throws {DriftError} LENGTH_MISMATCH, INVALID_VALUE or EMPTY
 * @example chiSquaredTest([50, 50], [40, 60]); // { statistic: 4, degreesOfFreedom: 1, pValue: 0.0455... }
 */
export function chiSquaredTest(referenceCounts: ArrayLike<number>, currentCounts: ArrayLike<number>): ChiSquaredResult {
  const { referenceTotal, currentTotal } = requireCounts('chiSquaredTest', referenceCounts, currentCounts);
  let statistic = 0;
  let categories = 0;
  for (let k = 0; k < referenceCounts.length; k++) {
    if (referenceCounts[k] === 0 && currentCounts[k] === 0) continue;
    const expected = (referenceCounts[k]! * currentTotal) / referenceTotal;
    statistic += (currentCounts[k]! - expected) ** 2 / expected;
    categories++;
  }
  return withPValue(statistic, categories - 1);
}

/**
 * Pearson's chi-squared test of homogeneity: do two samples come from one distribution over categories? With pooled shares
 * s_k = (r_k + c_k) / (n_r + n_c), X^2 = sum over both sides of (count - n s_k)^2 / (n s_k). Equals scipy's `chi2_contingency`
 * without continuity correction, and for two categories the pooled two-proportion z test, z^2 = X^2. Always finite.
 *
 * @param referenceCounts whole numbers by category, total above 0
 * @param currentCounts whole numbers for the same categories in the same order, total above 0
 * @throws {DriftError} LENGTH_MISMATCH, INVALID_VALUE or EMPTY
 * @example chiSquaredHomogeneityTest([50, 50], [40, 60]); // { statistic: 2.0202..., degreesOfFreedom: 1, pValue: 0.1552... }
 */
export function chiSquaredHomogeneityTest(
  referenceCounts: ArrayLike<number>,
  currentCounts: ArrayLike<number>,
): ChiSquaredResult {
  const { referenceTotal, currentTotal } = requireCounts('chiSquaredHomogeneityTest', referenceCounts, currentCounts);
  const total = referenceTotal + currentTotal;
  let statistic = 0;
  let categories = 0;
  for (let k = 0; k < referenceCounts.length; k++) {
    const both = referenceCounts[k]! + currentCounts[k]!;
    if (both === 0) continue;
    // The two sides' deviations from expectation are equal and opposite, so one serves both.
    const deviation = referenceCounts[k]! - (referenceTotal * both) / total;
    statistic += ((deviation * deviation) / both) * (total / referenceTotal + total / currentTotal);
    categories++;
  }
  return withPValue(statistic, categories - 1);
}

/**
 * Cramér's V (1946) of the table side x category after both sides are scaled to the same size:
 * V = sqrt(1/2 * sum (p_k - q_k)^2 / (p_k + q_k)) for shares p and q. 0 is equal shares, 1 is no category in common. Without the
 * scaling V would shrink as the sizes differ more, and the same shift would count less against a large reference. For equal sizes
 * it is the textbook V, and Cohen's w (1988): .1 small, .3 medium, .5 large.
 *
 * @param referenceCounts whole numbers by category, total above 0
 * @param currentCounts whole numbers for the same categories in the same order, total above 0
 * @throws {DriftError} LENGTH_MISMATCH, INVALID_VALUE or EMPTY
 * @example cramersV([50, 50], [40, 60]); // 0.1005...
 */
export function cramersV(referenceCounts: ArrayLike<number>, currentCounts: ArrayLike<number>): number {
  const { referenceTotal, currentTotal } = requireCounts('cramersV', referenceCounts, currentCounts);
  let sum = 0;
  for (let k = 0; k < referenceCounts.length; k++) {
    const p = referenceCounts[k]! / referenceTotal;
    const q = currentCounts[k]! / currentTotal;
    if (p + q > 0) sum += (p - q) ** 2 / (p + q);
  }
  return Math.min(1, Math.sqrt(sum / 2));
}

function withPValue(statistic: number, degreesOfFreedom: number): ChiSquaredResult {
  if (degreesOfFreedom === 0) return { statistic: 0, degreesOfFreedom, pValue: 1 };
  return { statistic, degreesOfFreedom, pValue: upperIncompleteGamma(degreesOfFreedom / 2, statistic / 2) };
}

function requireCounts(test: string, reference: ArrayLike<number>, current: ArrayLike<number>) {
  if (reference.length !== current.length) {
    const message = `${test}: ${reference.length} reference counts and ${current.length} current counts, expected one of each per category`;
    throw new DriftError('LENGTH_MISMATCH', message, { reference: reference.length, current: current.length });
  }
  return {
    referenceTotal: requireTotal(test, 'referenceCounts', reference),
    currentTotal: requireTotal(test, 'currentCounts', current),
  };
}

function requireTotal(test: string, name: string, counts: ArrayLike<number>): number {
  let total = 0;
  for (let k = 0; k < counts.length; k++) {
    const count = counts[k]!;
    if (!(Number.isSafeInteger(count) && count >= 0)) {
      throw new DriftError('INVALID_VALUE', `${test}: ${name}[${k}] is ${count}, expected a whole number of at least 0`, {
        name,
        index: k,
        count,
      });
    }
    total += count;
  }
  if (total === 0) throw new DriftError('EMPTY', `${test}: ${name} sum to 0, needs at least one value`, { name });
  return total;
}
