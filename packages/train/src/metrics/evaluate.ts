/**
 * The report card of a model: everything that fraud teams ask, from one ranking of the rows. Rows whose label is not known yet are left
 * out, never counted as genuine, and their share is told.
 */
import { type FeatureMatrix, type OptionKinds, showValue } from '@fraudops/core';
import type { Model } from '@fraudops/model';
import { requireArray, requireArrays, requireModel, requireObject, requireOptions } from '../required-arguments.js';
import { type AlertPolicy, alertPolicyFromJson } from '../thresholds/alert-policy.js';
import { chooseAlertsFor } from '../thresholds/choose-alerts.js';
import { policyOutcome } from '../thresholds/evaluate-policy.js';
import { TrainError } from '../train-error.js';
import { type CompleteFraudCosts, type FraudCosts, completeCosts, reviewSavings } from './costs/fraud-costs.js';
import { savings, totalCost } from './costs/total-cost.js';
import { cardDays, checkCards, requireTransactions } from './daily/card-precision.js';
import { dayNumbers, precisionByDayOf } from './daily/precision-at-k-by-day.js';
import { brierScore, brierSkill } from './probabilities/brier-score.js';
import { expectedGap } from './probabilities/calibration-error.js';
import { calibrationInTheLarge } from './probabilities/calibration-in-the-large.js';
import { calibrationLine } from './probabilities/calibration-line.js';
import { logLoss } from './probabilities/log-loss.js';
import { reliabilityOf } from './probabilities/reliability-table.js';
import { alertRateAtRecallOf } from './ranking/alert-rate-at-recall.js';
import { wholeRows } from './ranking/alert-rule.js';
import { averagePrecisionOf } from './ranking/average-precision.js';
import { ksStatisticOf } from './ranking/ks-statistic.js';
import { liftAtKOf } from './ranking/lift-at-k.js';
import { precisionAtKOf } from './ranking/precision-at-k.js';
import { type Ranking, rankScores } from './ranking/rank-scores.js';
import { recallAtFprOf } from './ranking/recall-at-fpr.js';
import { recallAtKOf } from './ranking/recall-at-k.js';
import { rocAucOf } from './ranking/roc-auc.js';
import { countsOf } from './ranking/threshold-counts.js';
import { valueDetectionRateOf } from './ranking/value-detection-rate.js';
import { valuePrecisionOf } from './ranking/value-precision.js';
import { requireAmounts, requireScore } from './scored-labels.js';

/**
 * How well scores rank frauds, what alerts catch, and whether probabilities hold. Null where a value is undefined, or where what it
 * needs was not given.
 */
export type Metrics = {
  /** See {@link rocAuc}. */
  readonly rocAuc: number | null;
  /** See {@link averagePrecision}; judge it against `prevalence`, which a random score reaches. */
  readonly averagePrecision: number | null;
  /** See {@link cardPrecisionAtK}, k = 100; null without cards or times, and with one class only. */
  readonly cardPrecisionAt100: number | null;
  /** The most that `cardPrecisionAt100` could have been; see {@link cardPrecisionCeiling}. */
  readonly cardPrecisionCeiling: number | null;
  /** See {@link dailyPrecisionAtK}, k = 100; null without times. */
  readonly dailyPrecisionAt100: number | null;
  /** See {@link ksStatistic}. */
  readonly ks: number | null;
  /** See {@link gini}. */
  readonly gini: number | null;
  /** See {@link recallAtFpr}, at one false alarm in 1,000 genuine rows. */
  readonly recallAtFpr01Pct: number | null;
  /** At one in 100. */
  readonly recallAtFpr1Pct: number | null;
  /** See {@link alertRateAtRecall}: alerts needed to catch half of the frauds. */
  readonly alertRateAtRecall50Pct: number | null;
  /** To catch 80 %. */
  readonly alertRateAtRecall80Pct: number | null;
  /** See {@link precisionAtK}, of the top 1 % of rows. */
  readonly precisionAtTop1Pct: number | null;
  /** See {@link recallAtK}, of the top 1 % of rows. */
  readonly recallAtTop1Pct: number | null;
  /** See {@link liftAtK}, of the top 1 % of rows. */
  readonly liftAtTop1Pct: number | null;
  /** See {@link valueDetectionRate}, of the top 1 % of rows; null without amounts. */
  readonly valueDetectionRateAtTop1Pct: number | null;
  /** See {@link valuePrecision}, of the top 1 % of rows; null without amounts. */
  readonly valuePrecisionAtTop1Pct: number | null;
  /** See {@link brierScore}; this and the following are null when a score is no probability. */
  readonly brierScore: number | null;
  /** See {@link brierSkill}. */
  readonly brierSkill: number | null;
  /** See {@link logLoss}. */
  readonly logLoss: number | null;
  /** See {@link calibrationError}, 10 bins of equal count. */
  readonly calibrationError: number | null;
  /** The same over the top 1 % of rows, on which decisions are made. */
  readonly calibrationErrorAtTop1Pct: number | null;
  /** See {@link calibrationInTheLarge}. */
  readonly calibrationInTheLarge: number | null;
  /** See {@link calibrationLine}. */
  readonly calibrationSlope: number | null;
  readonly calibrationIntercept: number | null;
  /** See {@link totalCost} of the policy's alerts, or without one of alerts that are expected to save something; null without amounts and costs. */
  readonly totalCost: number | null;
  /** See {@link savings} of the same alerts. */
  readonly savings: number | null;
  /** What the policy reviews or declines a day, on average over the days that have rows; this and the following are null without a policy. */
  readonly alertsPerDay: number | null;
  /** Share of the policy's alerts that are frauds; null also without alerts. */
  readonly alertPrecision: number | null;
  /** Share of the frauds that are alerts of the policy; null also without frauds. */
  readonly alertRecall: number | null;
  /** Days without any alert of the policy. */
  readonly quietDays: number | null;
  /** What the policy saves a day, against approving everything; null also without costs. */
  readonly savedPerDay: number | null;
  /** Rows that were judged: those whose label is known. */
  readonly rows: number;
  /** Frauds among the rows. */
  readonly positives: number;
  /** positives / rows. */
  readonly prevalence: number;
  /** Share of all rows whose label is not known yet; they are not judged. */
  readonly unknownShare: number;
};

/** Rows that were scored; cards and times, if given, come together. */
export interface ScoredRows {
  /** Higher is more suspicious. */
  readonly scores: ArrayLike<number>;
  /** 0 or 1; 255 is unknown, and such rows are not judged. */
  readonly labels: ArrayLike<number>;
  /** Card or customer of each row, 0 or more; -1 is unknown, and such a row is a card of its own. */
  readonly entityCodes?: ArrayLike<number>;
  /** Epoch milliseconds UTC. */
  readonly times?: ArrayLike<number>;
  /** 0 to 1e12, in one currency. */
  readonly amounts?: ArrayLike<number>;
}

/** Options of {@link evaluate}. */
export interface EvaluateOptions {
  /**
   * What decisions cost, in the unit of the amounts. Without a policy every alert is taken to be reviewed: `declineCost` is checked and
   * not used. With a policy its decisions are priced so; default its own costs.
   */
  readonly costs?: FraudCosts;
  /** What {@link chooseThreshold} chose on earlier rows: its alerts are judged, see {@link evaluatePolicy}. Needs times, and amounts where it has costs. */
  readonly policy?: AlertPolicy;
}

const OPTIONS: OptionKinds<EvaluateOptions> = { costs: 'object', policy: 'object' };

/**
 * The report card of rows that were scored already.
 *
 * @throws {TrainError} EMPTY, also when no label is known; LENGTH_MISMATCH, INVALID_LABEL, INVALID_SCORE, INVALID_VALUE, INVALID_OPTION
 * @example evaluateScores({ scores: [0.9, 0.2, 0.4], labels: [1, 0, 0] }).rocAuc; // 1
 */
export function evaluateScores(rows: ScoredRows, options: EvaluateOptions = {}): Metrics {
  requireOptions('evaluateScores', options, OPTIONS);
  const known = knownRows(rows);
  const costs = options.costs && completeCosts('evaluateScores', options.costs);
  if (options.policy) alertPolicyFromJson(options.policy, 'evaluateScores: policy');
  const ranking = rankScores('evaluateScores', known.scores);
  let positives = 0;
  for (let i = 0; i < known.labels.length; i++) positives += known.labels[i]!;
  const rowCount = known.scores.length;
  return {
    ...rankingMetrics(ranking, known),
    ...dailyMetrics(ranking, known, positives > 0 && positives < rowCount),
    ...probabilityMetrics(ranking, known),
    ...(options.policy ? policyMetrics(options.policy, known, costs) : costMetrics(ranking, known, costs)),
    rows: rowCount,
    positives,
    prevalence: positives / rowCount,
    unknownShare: 1 - rowCount / rows.scores.length,
  };
}

/**
 * The report card of a model on rows that it has not seen.
 *
 * @param model scores the rows
 * @param matrix features, in the model's names and order
 * @param truth a label for each row, 255 where it is unknown, and if known its card, time and amount
 * @throws {TrainError} what {@link evaluateScores} throws; ModelError FEATURE_MISMATCH when the matrix is not the model's
 * @example evaluate(model, takeRows(matrix, split.test), { labels, entityCodes, times }).averagePrecision;
 */
export function evaluate(
  model: Model,
  matrix: FeatureMatrix,
  truth: Omit<ScoredRows, 'scores'>,
  options: EvaluateOptions = {},
): Metrics {
  requireModel('evaluate', model, 'scoreBatch');
  requireObject('evaluate', 'truth', truth, 'an object with labels');
  requireOptions('evaluate', options, OPTIONS);
  return evaluateScores({ ...truth, scores: model.scoreBatch(matrix) }, options);
}

const UNKNOWN_LABEL = 255;

/** The rows whose label is known, after checking all; the same object when that is every row. */
export function knownRows(rows: ScoredRows, what = 'evaluateScores'): ScoredRows {
  requireObject(what, 'rows', rows, 'an object with scores and labels');
  const { scores, labels, entityCodes, times, amounts } = rows;
  requireArray(what, 'scores', scores);
  requireArray(what, 'labels', labels);
  requireArrays(what, { entityCodes, times, amounts });
  const rowCount = scores.length;
  if (rowCount === 0) throw new TrainError('EMPTY', `${what}: no rows, expected at least one`);
  for (const [name, values] of Object.entries({ labels, entityCodes, times, amounts })) {
    if (values === undefined || values.length === rowCount) continue;
    throw new TrainError('LENGTH_MISMATCH', `${what}: ${values.length} ${name} for ${rowCount} rows, expected one each`);
  }
  const known: number[] = [];
  for (let i = 0; i < rowCount; i++) {
    requireScore(what, scores, i);
    const label = labels[i];
    if (label === 0 || label === 1) known.push(i);
    else if (label !== UNKNOWN_LABEL) {
      throw new TrainError('INVALID_LABEL', `${what}: labels[${i}] is ${showValue(label)}, expected 0, 1 or 255 for unknown`, {
        details: { index: i, label },
      });
    }
  }
  if (amounts) requireAmounts(what, amounts, rowCount);
  if (known.length === rowCount) return rows;
  if (known.length === 0)
    throw new TrainError('EMPTY', `${what}: no label of ${rowCount} rows is known; wait until labels mature`);
  const pick = (values: ArrayLike<number>) => Float64Array.from(known, (row) => values[row]!);
  return {
    scores: pick(scores),
    labels: pick(labels),
    ...(entityCodes && { entityCodes: pick(entityCodes) }),
    ...(times && { times: pick(times) }),
    ...(amounts && { amounts: pick(amounts) }),
  };
}

const TOP_SHARE = 0.01;

function rankingMetrics(ranking: Ranking, { scores, labels, amounts }: ScoredRows) {
  const counts = countsOf(ranking, labels);
  const rocAuc = rocAucOf(counts);
  const top = wholeRows(TOP_SHARE, scores.length);
  const value = amounts && countsOf(ranking, labels, amounts);
  return {
    rocAuc,
    averagePrecision: averagePrecisionOf(counts),
    ks: ksStatisticOf(counts),
    gini: rocAuc === null ? null : 2 * rocAuc - 1,
    recallAtFpr01Pct: recallAtFprOf(counts, 0.001),
    recallAtFpr1Pct: recallAtFprOf(counts, 0.01),
    alertRateAtRecall50Pct: alertRateAtRecallOf(counts, 0.5),
    alertRateAtRecall80Pct: alertRateAtRecallOf(counts, 0.8),
    precisionAtTop1Pct: precisionAtKOf(counts, top),
    recallAtTop1Pct: recallAtKOf(counts, top),
    liftAtTop1Pct: liftAtKOf(counts, top),
    valueDetectionRateAtTop1Pct: value ? valueDetectionRateOf(counts, value, { k: top }) : null,
    valuePrecisionAtTop1Pct: value ? valuePrecisionOf(counts, value, { k: top }) : null,
  };
}

const CHECKS_A_DAY = 100;

function dailyMetrics(ranking: Ranking, { scores, labels, entityCodes, times }: ScoredRows, hasBothClasses: boolean) {
  const undefinedCards = { cardPrecisionAt100: null, cardPrecisionCeiling: null };
  if (!times) return { ...undefinedCards, dailyPrecisionAt100: null };
  const days = precisionByDayOf(ranking, labels, dayNumbers('evaluateScores', times, scores.length), CHECKS_A_DAY);
  const dailyPrecisionAt100 = mean(days.map((day) => day.precision));
  if (!entityCodes || !hasBothClasses) return { ...undefinedCards, dailyPrecisionAt100 };
  const transactions = { scores, labels, entityCodes, times };
  requireTransactions(transactions);
  const checked = checkCards(cardDays(transactions), CHECKS_A_DAY);
  return {
    cardPrecisionAt100: mean(checked.map((day) => day.precision)),
    cardPrecisionCeiling: mean(checked.map((day) => day.ceiling)),
    dailyPrecisionAt100,
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function areProbabilities({ thresholds }: Ranking): boolean {
  return thresholds[0]! <= 1 && thresholds.at(-1)! >= 0;
}

function probabilityMetrics(ranking: Ranking, { scores, labels }: ScoredRows) {
  const hold = areProbabilities(ranking);
  const line = hold ? calibrationLine(scores, labels) : null;
  return {
    brierScore: hold ? brierScore(scores, labels) : null,
    brierSkill: hold ? brierSkill(scores, labels) : null,
    logLoss: hold ? logLoss(scores, labels) : null,
    calibrationError: hold ? expectedGap(reliabilityOf(ranking, labels)) : null,
    calibrationErrorAtTop1Pct: hold ? expectedGap(reliabilityOf(ranking, labels, { topShare: TOP_SHARE })) : null,
    calibrationInTheLarge: hold ? calibrationInTheLarge(scores, labels) : null,
    calibrationSlope: line?.slope ?? null,
    calibrationIntercept: line?.intercept ?? null,
  };
}

function costMetrics(ranking: Ranking, { scores, labels, amounts }: ScoredRows, costs: CompleteFraudCosts | undefined) {
  if (!amounts || !costs || !areProbabilities(ranking)) return { ...NO_POLICY, totalCost: null, savings: null };
  const alerts = Uint8Array.from(amounts, (amount, i) => Number(reviewSavings(costs, scores[i]!, amount) > 0));
  const { declineCost: _, ...reviewed } = costs;
  return {
    ...NO_POLICY,
    totalCost: totalCost(alerts, labels, amounts, reviewed),
    savings: savings(alerts, labels, amounts, reviewed),
  };
}

const NO_POLICY = { alertsPerDay: null, alertPrecision: null, alertRecall: null, quietDays: null, savedPerDay: null };

function policyMetrics(policy: AlertPolicy, rows: ScoredRows, costs: CompleteFraudCosts | undefined) {
  const { scores, labels, times, amounts } = rows;
  if (!times) {
    throw new TrainError(
      'INVALID_OPTION',
      'evaluateScores: a policy without times, by which days are told apart; pass the times of the rows',
    );
  }
  const dated = { scores, labels, times, ...(amounts && { amounts }) };
  const prices = amounts ? (costs ?? policy.costs) : null;
  const outcome = policyOutcome(prices, dated, chooseAlertsFor('evaluateScores', policy, dated));
  return {
    totalCost: outcome.cost,
    savings: outcome.savings,
    alertsPerDay: (outcome.reviews + outcome.declines) / outcome.days,
    alertPrecision: outcome.precision,
    alertRecall: outcome.recall,
    quietDays: outcome.quietDays,
    savedPerDay: outcome.savedPerDay,
  };
}
