/**
 * The validation rows that could be worth a review, the worthiest first, and how far down that list reviews should go. Built once; each
 * resample of the bootstrap only weighs the days anew.
 */
import { type CompleteFraudCosts, reviewWorth } from '../metrics/costs/fraud-costs.js';
import { rankScores } from '../metrics/ranking/rank-scores.js';
import { decideByCost } from './alert-policy.js';
import { type PolicyRows, decisionCost } from './evaluate-policy.js';

/** Rows in order of worth: expected savings beyond doing without a review, or the score where there are no costs. */
export interface ReviewCandidates {
  /** Distinct worths, descending; all above 0 where there are costs. */
  readonly worths: Float64Array;
  /** How many candidates have each worth or more. */
  readonly ends: Uint32Array;
  /** Day of each candidate, an index into the weights of days. */
  readonly dayAt: Int32Array;
  /** What reviewing each candidate would in truth have saved; 0 where there are no costs. */
  readonly savedAt: Float64Array;
}

/** What bounds the reviews. */
export interface ReviewBounds {
  /** Most a day; null: any number. */
  readonly reviewsPerDay: number | null;
  /** `realised`: stops where the true savings on the rows are largest; `expected`: takes all candidates. */
  readonly rule: 'expected' | 'realised';
}

/** @param dayOf day of each row as an index from 0 */
export function reviewCandidates(
  { scores, labels, amounts }: PolicyRows,
  costs: CompleteFraudCosts | null,
  minimumScore: number,
  dayOf: Int32Array,
): ReviewCandidates {
  const rows: number[] = [];
  const worths: number[] = [];
  for (let row = 0; row < scores.length; row++) {
    if (scores[row]! < minimumScore) continue;
    const worth = costs ? reviewWorth(costs, scores[row]!, amounts![row]!) : scores[row]!;
    if (costs && !(worth > 0)) continue;
    rows.push(row);
    worths.push(worth);
  }
  if (rows.length === 0) {
    return { worths: new Float64Array(0), ends: new Uint32Array(0), dayAt: new Int32Array(0), savedAt: new Float64Array(0) };
  }
  const { order, thresholds, ends } = rankScores('chooseThreshold', worths);
  const saved = (place: number) => {
    if (!costs) return 0;
    const row = rows[place]!;
    const without = decideByCost(costs, null, scores[row]!, amounts![row]!);
    const isFraud = labels[row] === 1;
    return decisionCost(costs, without, isFraud, amounts![row]!) - decisionCost(costs, 'review', isFraud, amounts![row]!);
  };
  return {
    worths: thresholds,
    ends,
    dayAt: Int32Array.from(order, (place) => dayOf[rows[place]!]!),
    savedAt: Float64Array.from(order, saved),
  };
}

/**
 * How many of the distinct worths are reviewed where each day reviews its worthiest min(k, candidates), when day d counts `dayWeights[d]`
 * times. A longer list only adds reviews on days that have time left.
 */
export function groupsByDay(
  { ends, dayAt, savedAt }: ReviewCandidates,
  { reviewsPerDay, rule }: ReviewBounds,
  dayWeights: Float64Array,
): number {
  if (rule === 'expected') return ends.length;
  const capacity = reviewsPerDay ?? Number.POSITIVE_INFINITY;
  const reviewsOf = new Float64Array(dayWeights.length);
  return bestGroups(ends, (place) => {
    const day = dayAt[place]!;
    return reviewsOf[day]!++ < capacity ? dayWeights[day]! * savedAt[place]! : 0;
  });
}

/**
 * How many of the distinct worths are reviewed where all of them are, on busy days too, and the days have at most k on average, when day d
 * counts `dayWeights[d]` times.
 */
export function groupsOnline(
  { ends, dayAt, savedAt }: ReviewCandidates,
  { reviewsPerDay, rule }: ReviewBounds,
  dayWeights: Float64Array,
): number {
  const capacity =
    reviewsPerDay === null ? Number.POSITIVE_INFINITY : reviewsPerDay * dayWeights.reduce((sum, weight) => sum + weight, 0);
  let affordable = 0;
  let reviews = 0;
  for (let place = 0; affordable < ends.length; affordable++) {
    for (; place < ends[affordable]!; place++) reviews += dayWeights[dayAt[place]!]!;
    // Ties at the very top may be more than the capacity; they stay, since nothing tells which of them to leave.
    if (reviews > capacity && affordable > 0) break;
  }
  if (rule === 'expected') return affordable;
  return bestGroups(ends.subarray(0, affordable), (place) => dayWeights[dayAt[place]!]! * savedAt[place]!);
}

/** After how many groups the sum of what was saved is largest, and above 0; the fewest such. */
function bestGroups(ends: Uint32Array, savedBy: (place: number) => number): number {
  let saved = 0;
  let mostSaved = 0;
  let best = 0;
  let place = 0;
  for (let group = 0; group < ends.length; group++) {
    for (; place < ends[group]!; place++) saved += savedBy(place);
    if (saved <= mostSaved) continue;
    mostSaved = saved;
    best = group + 1;
  }
  return best;
}
