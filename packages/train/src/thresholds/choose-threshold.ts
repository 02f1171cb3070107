/**
 * Chooses when an alert is worth its review, on validation rows: later than the training rows, never the test rows.
 *
 * With costs (Elkan 2001, amount by amount) a review must be expected to save something; the scores must be calibrated probabilities.
 * Rule `expected` takes the probabilities at their word. Rule `realised` stops where the true savings on the validation rows were largest,
 * which forgives poor calibration but needs many frauds; it may find that no alert is worth its review.
 *
 * With a capacity of k reviews a day {@link chooseAlerts} keeps the k of a day that save most, so each day counts min(k, candidates), and a
 * cut above 0 would only take reviews from the days that have time for them. {@link decide}, one transaction at a time, can't choose among
 * a day's candidates: its own cut, `onlineMinimumSavings`, rises until the validation days have at most k candidates on average. Neither
 * cut falls below a saving of 0, so on a quiet day nobody reviews for the sake of being busy. Without costs nothing tells which review is
 * not worth its time, so the score threshold is such an average for both, from `minimumScore` on.
 */
import type { OptionKinds } from '@fraudops/core';
import { type CompleteFraudCosts, type FraudCosts, completeCosts } from '../metrics/costs/fraud-costs.js';
import {
  type BootstrapOptions,
  clusterRows,
  drawClusters,
  percentileInterval,
  requireBootstrap,
} from '../metrics/intervals/cluster-bootstrap.js';
import { rankScores } from '../metrics/ranking/rank-scores.js';
import { requireAmounts, requireLabelledProbabilities } from '../metrics/scored-labels.js';
import { requireArray, requireObject, requireOneOf, requireOptions } from '../required-arguments.js';
import { requireOption } from '../training-data.js';
import { TrainError } from '../train-error.js';
import { type AlertDecision, type AlertPolicy, decide } from './alert-policy.js';
import { chooseAlertsFor } from './choose-alerts.js';
import { type PolicyOutcome, type PolicyRows, evaluatePolicy, policyDays } from './evaluate-policy.js';
import { type ReviewBounds, type ReviewCandidates, groupsByDay, groupsOnline, reviewCandidates } from './review-candidates.js';

/** Options of {@link chooseThreshold}; give `costs`, `reviewsPerDay` or both. */
export interface ThresholdOptions extends Omit<BootstrapOptions, 'by'> {
  /** What decisions cost; with `declineCost` transactions may also be declined unseen. */
  readonly costs?: FraudCosts;
  /** How many alerts can be reviewed a day, a whole number of 1 or more; default: any number. */
  readonly reviewsPerDay?: number;
  /** No alerts below this score, 0 to 1; default 0. */
  readonly minimumScore?: number;
  /**
   * `expected` takes the probabilities at their word: what is expected to save anything is worth a review. `realised` stops where the true
   * savings on the validation rows were largest, which forgives poor calibration but needs many frauds, and costs. Default `expected`.
   */
  readonly rule?: 'expected' | 'realised';
}

const OPTIONS: OptionKinds<ThresholdOptions> = {
  costs: 'object',
  reviewsPerDay: 'checked',
  minimumScore: 'checked',
  rule: 'checked',
  resamples: 'checked',
  level: 'checked',
  seed: 'checked',
};

/** Ends of a bootstrap interval by day; null where there is none: one day only, or no alert in the resamples at that end. */
export interface DayInterval {
  readonly low: number | null;
  readonly high: number | null;
  readonly level: number;
  readonly resamples: number;
}

/** A policy, and why. */
export interface ThresholdChoice {
  readonly policy: AlertPolicy;
  /** What {@link chooseAlerts} would have done by the policy on the validation rows. The rows that chose it judge it a little too kindly. */
  readonly validation: PolicyOutcome;
  /** Where the cut may lie: of `minimumSavings` with costs, of `reviewThreshold` without. */
  readonly cutInterval: DayInterval;
  /** Where `onlineMinimumSavings` may lie; null without costs. */
  readonly onlineCutInterval: DayInterval | null;
  /** Where `validation.savedPerDay` may lie; null without costs. */
  readonly savedPerDayInterval: DayInterval | null;
}

/**
 * Chooses when an alert is worth its review, on validation rows: later than the training rows, never the test rows. With costs a review must be
 * expected to save something, amount by amount; with `reviewsPerDay` each day keeps the reviews that save most; and where nothing is worth a
 * review nothing is reviewed. Judge the policy on later rows by {@link evaluatePolicy}, or pass it to {@link evaluationReport}.
 *
 * @param rows validation rows of known outcome, with calibrated scores
 * @throws {TrainError} EMPTY, LENGTH_MISMATCH, INVALID_LABEL, INVALID_SCORE, INVALID_VALUE, INVALID_OPTION
 * @example
 * const { policy, validation } = chooseThreshold({ scores, labels, times, amounts }, { costs: { reviewCost: 8 }, reviewsPerDay: 100 });
 * decide(policy, model.score(row), amount); // 'approve' or 'review'
 */
export function chooseThreshold(rows: PolicyRows, options: ThresholdOptions): ThresholdChoice {
  const { costs, bounds, minimumScore } = requireThresholdOptions(rows, options);
  const { resamples, level, random } = requireBootstrap('chooseThreshold', options);
  const days = daysOf(rows);
  const candidates = reviewCandidates(rows, costs, minimumScore, days.codes);
  const cutsFor = (weights: Float64Array): Cuts => {
    const online = cutOf(candidates, groupsOnline(candidates, bounds, weights), costs !== null);
    return { online, byDay: costs ? cutOf(candidates, groupsByDay(candidates, bounds, weights), true) : online };
  };
  const weights = new Float64Array(days.count).fill(1);
  const policy = policyOf(rows, cutsFor(weights), { costs, bounds, minimumScore });
  const decisions = chooseAlertsFor('chooseThreshold', policy, rows);
  const saved = policyDays(costs, rows, decisions).map((day) => day.costOfNone - day.cost);
  const cuts: Cuts[] = [];
  const means: number[] = [];
  for (let i = 0; i < resamples && days.count > 1; i++) {
    drawClusters(random, weights);
    cuts.push(cutsFor(weights));
    means.push(saved.reduce((sum, each, day) => sum + weights[day]! * each, 0) / days.count);
  }
  const interval = (values: readonly number[]): DayInterval => {
    const { low, high } = values.length === 0 ? { low: null, high: null } : percentileInterval(values, level);
    return { low: finite(low), high: finite(high), level, resamples: values.length };
  };
  return {
    policy,
    validation: evaluatePolicy(policy, rows),
    cutInterval: interval(cuts.map(({ byDay }) => byDay)),
    onlineCutInterval: costs ? interval(cuts.map(({ online }) => online)) : null,
    savedPerDayInterval: costs ? interval(means) : null,
  };
}

const finite = (value: number | null) => (value !== null && Number.isFinite(value) ? value : null);

interface Rules {
  readonly costs: CompleteFraudCosts | null;
  readonly bounds: ReviewBounds;
  readonly minimumScore: number;
}

function requireThresholdOptions(rows: PolicyRows, options: ThresholdOptions): Rules {
  const what = 'chooseThreshold';
  requireOptions(what, options, OPTIONS);
  requireObject(what, 'rows', rows, 'an object with scores, labels and times');
  requireLabelledProbabilities(what, rows.scores, rows.labels);
  requireArray(what, 'times', rows.times);
  const { rule = 'expected' } = options;
  requireOneOf(what, 'rule', rule, ['expected', 'realised']);
  const costs = options.costs ? completeCosts(what, options.costs) : null;
  const most = Number.MAX_SAFE_INTEGER;
  const reviewsPerDay =
    options.reviewsPerDay === undefined
      ? null
      : requireOption(`${what}: reviewsPerDay`, options.reviewsPerDay, { low: 1, high: most, default: 1, whole: true });
  if (!costs && (reviewsPerDay === null || rule === 'realised')) {
    const missing = rule === 'realised' ? "rule 'realised' needs costs" : 'neither costs nor reviewsPerDay is given';
    throw new TrainError('INVALID_OPTION', `${what}: ${missing}, so nothing says what an alert is worth; pass costs`);
  }
  if (costs && !rows.amounts) {
    throw new TrainError('INVALID_OPTION', `${what}: costs depend on amounts, and none are given; pass amounts`);
  }
  if (rows.amounts) requireAmounts(what, rows.amounts, rows.scores.length);
  const minimumScore = requireOption(`${what}: minimumScore`, options.minimumScore, { low: 0, high: 1, default: 0 });
  return { costs, bounds: { reviewsPerDay, rule }, minimumScore };
}

/** Days numbered from 0 in order of first appearance; one day is enough here, it only has no interval. */
function daysOf({ times, scores }: PolicyRows): { codes: Int32Array; count: number } {
  const single = new Int32Array(scores.length);
  const day = (time: number) => Math.floor(time / 86_400_000);
  const isOneDay =
    times.length === scores.length && Array.prototype.every.call(times, (time: number) => day(time) === day(times[0]!));
  return isOneDay ? { codes: single, count: 1 } : clusterRows('chooseThreshold', scores.length, { times }, 'day');
}

/** The cut of whole days with their bound, and the one of transactions one by one; the same without costs. */
interface Cuts {
  readonly byDay: number;
  readonly online: number;
}

/** A score or a saving above 1 and above all amounts: nothing is reviewed. */
const NEVER = Number.POSITIVE_INFINITY;

/**
 * The cut that reviews the first groups. Savings must exceed it, so with costs it lies halfway to the next worth, or to 0; a score must
 * reach it.
 */
function cutOf({ worths }: ReviewCandidates, groups: number, hasCosts: boolean): number {
  if (!hasCosts) return groups === 0 ? NEVER : worths[groups - 1]!;
  if (groups === worths.length) return 0;
  if (groups === 0) return NEVER;
  const halfway = (worths[groups - 1]! + worths[groups]!) / 2;
  // Between neighbouring numbers there is none, and halfway may be the upper one.
  return halfway < worths[groups - 1]! ? halfway : worths[groups]!;
}

/** A threshold that no score reaches. */
const NO_SCORE = 2;

function policyOf(rows: PolicyRows, { byDay, online }: Cuts, { costs, bounds, minimumScore }: Rules): AlertPolicy {
  const policy: AlertPolicy = {
    format: 'fraudops.alert-policy',
    formatVersion: 1,
    // With costs the cut is no score; scores follow below.
    reviewThreshold: Number.isFinite(online) && !costs ? Math.max(online, minimumScore) : NO_SCORE,
    declineThreshold: NO_SCORE,
    minimumScore,
    minimumSavings: costs ? finite(byDay) : null,
    onlineMinimumSavings: costs ? finite(online) : null,
    costs,
    reviewsPerDay: bounds.reviewsPerDay,
  };
  if (!costs) return policy;
  // For transactions whose amount is missing: scores from which as many are decided as by cost, one by one.
  const decisions = Array.from({ length: rows.scores.length }, (_, row) => decide(policy, rows.scores[row]!, rows.amounts![row]));
  const declines = decisions.filter((decision: AlertDecision) => decision === 'decline').length;
  const alerts = decisions.filter((decision: AlertDecision) => decision !== 'approve').length;
  return {
    ...policy,
    reviewThreshold: scoreOfHighest(rows.scores, alerts),
    declineThreshold: scoreOfHighest(rows.scores, declines),
  };
}

/** The lowest score that at most so many rows reach. */
function scoreOfHighest(scores: ArrayLike<number>, rowCount: number): number {
  const { thresholds, ends } = rankScores('chooseThreshold', scores);
  const beyond = ends.findIndex((end) => end > rowCount);
  const last = beyond === -1 ? thresholds.length - 1 : beyond - 1;
  return last < 0 ? NO_SCORE : thresholds[last]!;
}
