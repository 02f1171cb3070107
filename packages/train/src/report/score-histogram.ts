/** Rows of each class by score, on a log-odds scale, which shows rare frauds and the many rows near 0 alike. */
export interface ScoreHistogram {
  /** Log-odds of the bins' limits, ascending, one more than bins. */
  readonly edges: readonly number[];
  /** Genuine rows in each bin. */
  readonly genuine: readonly number[];
  /** Frauds in each bin. */
  readonly frauds: readonly number[];
  /** Whether the first bin holds scores of 0, or within a millionth of it, and nothing else, as isotonic calibration makes them. */
  readonly hasZeros: boolean;
  /** The same of the last bin and scores of 1. */
  readonly hasOnes: boolean;
}

/** Scores closer to 0 or 1 than this stand apart, in the outermost bins. */
const CLOSEST = 1e-6;
const BINS = 48;

/**
 * Log-odds of a score as charts place it: at most 13.8 away from 0.
 *
 * @param score 0 to 1
 */
export function placedLogOdds(score: number): number {
  const bounded = Math.min(1 - CLOSEST, Math.max(CLOSEST, score));
  return Math.log(bounded / (1 - bounded));
}

/**
 * Counts of each class in 48 bins between the lowest and the highest score.
 *
 * @param scores n values from 0 to 1
 * @param labels n values, 0 or 1
 */
export function scoreHistogram(scores: ArrayLike<number>, labels: ArrayLike<number>): ScoreHistogram {
  const range = placedRange(scores);
  const { low, high } = range;
  const counts = [new Array<number>(BINS).fill(0), new Array<number>(BINS).fill(0)] as const;
  for (let i = 0; i < scores.length; i++) {
    const bin = Math.floor(((placedLogOdds(scores[i]!) - low) / (high - low)) * BINS);
    counts[labels[i] === 1 ? 1 : 0][Math.min(BINS - 1, Math.max(0, bin))]!++;
  }
  const edges = Array.from({ length: BINS + 1 }, (_, i) => low + ((high - low) * i) / BINS);
  return { edges, genuine: counts[0], frauds: counts[1], hasZeros: range.hasZeros, hasOnes: range.hasOnes };
}

/** How far from the other scores those of 0 and 1 are drawn, as a share of the range of the others. */
const GAP = 0.08;

/** From the lowest to the highest score, with room beside them for scores of 0 and 1, which are infinitely far away. */
function placedRange(scores: ArrayLike<number>): { low: number; high: number; hasZeros: boolean; hasOnes: boolean } {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  let hasZeros = false;
  let hasOnes = false;
  for (let i = 0; i < scores.length; i++) {
    const score = scores[i]!;
    if (score <= CLOSEST) hasZeros = true;
    else if (score >= 1 - CLOSEST) hasOnes = true;
    else {
      const at = placedLogOdds(score);
      low = Math.min(low, at);
      high = Math.max(high, at);
    }
  }
  if (low > high) [low, high] = [0, 0];
  // One score only: a bin around it.
  if (!(high - low > 1e-9)) [low, high] = [low - 0.5, high + 0.5];
  const gap = GAP * (high - low);
  return { low: hasZeros ? low - gap : low, high: hasOnes ? high + gap : high, hasZeros, hasOnes };
}
