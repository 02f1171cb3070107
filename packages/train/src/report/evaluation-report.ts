/**
 * A model's evaluation as plain data: figures with intervals, curves, calibration, gains, costs, segments and attributions, all of rows that
 * the model has not seen. Bounded in size whatever the number of rows, so that it can be stored beside the model; {@link evaluationHtml}
 * draws it.
 */
import { type CategoryColumn, type FeatureMatrix, showValue, takeRows } from '@fraudops/core';
import type { Calibration, Model } from '@fraudops/model';
import { type ModelComparison, compareModels } from '../comparison/compare-models.js';
import { type FraudCosts, completeCosts } from '../metrics/costs/fraud-costs.js';
import { type CardPrecisionDay, cardPrecisionByDay, requireChecks } from '../metrics/daily/card-precision.js';
import { type BootstrapOptions, type ClusterBy, requireBootstrap } from '../metrics/intervals/cluster-bootstrap.js';
import { brierSkill } from '../metrics/probabilities/brier-score.js';
import { calibrationInTheLarge } from '../metrics/probabilities/calibration-in-the-large.js';
import { type ReliabilityBin, reliabilityOf } from '../metrics/probabilities/reliability-table.js';
import { type Ranking, rankScores } from '../metrics/ranking/rank-scores.js';
import { requireAmounts } from '../metrics/scored-labels.js';
import type { AlertPolicy } from '../thresholds/alert-policy.js';
import { TrainError } from '../train-error.js';
import { requireSeed } from '../required-arguments.js';
import { requireOption } from '../training-data.js';
import { type Attributions, attributions } from './attributions.js';
import { chosenAlerts, pricesOf, requirePolicy } from './chosen-alerts.js';
import { type CostCurve, costCurve } from './cost-curve.js';
import { requireEvaluationArguments } from './evaluation-arguments.js';
import { type IntervalBasis, intervalBasis } from './interval-basis.js';
import type { PolicyFigures } from './policy-figures.js';
import { type RankingFigures, rankingFigures } from './ranking-figures.js';
import { type ScoreHistogram, scoreHistogram } from './score-histogram.js';
import { type SegmentTable, segmentTable } from './segment-table.js';
import type { ThresholdFigures } from './threshold-figures.js';

/** What is known of the rows; arrays have one entry a row. */
export interface EvaluationTruth {
  /** 0 or 1; 255 is unknown, such a row is left out and counted. */
  readonly labels: ArrayLike<number>;
  /** Epoch milliseconds UTC. With `entityCodes` they give card precision. */
  readonly times?: Float64Array;
  /** Card or customer, 0 or more. */
  readonly entityCodes?: Int32Array;
  /** Amounts in one currency, 0 or more; needed for costs. */
  readonly amounts?: ArrayLike<number>;
  /** Columns whose values are judged apart, such as the country; at most 10. */
  readonly segments?: Readonly<Record<string, CategoryColumn>>;
}

/** Options of {@link evaluationReport}. */
export interface EvaluationReportOptions {
  /** What the model is called, such as `fraud v4`. Default `model`. */
  readonly name?: string;
  /** Score from which a row is an alert, chosen on earlier rows; without it and a policy nothing is said of alerts. */
  readonly threshold?: number;
  /**
   * In place of a threshold the policy that {@link chooseThreshold} chose on earlier rows. Needs times, and amounts if the policy depends
   * on them; alerts are chosen day by day as {@link chooseAlerts} does, among the rows whose label is known.
   */
  readonly policy?: AlertPolicy;
  /** Costs of reviews and misses, by which alerts are priced; needs amounts. Default: those of the policy, if it has any. */
  readonly costs?: FraudCosts;
  /** What amounts and costs are in, such as `EUR`, at most 20 characters; default: not said. */
  readonly currency?: string;
  /** The model in use, by its scores of the same rows. */
  readonly incumbent?: { readonly name: string; readonly scores: ArrayLike<number> };
  /** Cards that are checked a day; default 100. */
  readonly cardsPerDay?: number;
  /** How intervals are drawn; default 200 resamples. */
  readonly bootstrap?: BootstrapOptions;
  /** Rows whose scores are explained, 0 to 10,000; default 400. */
  readonly explainedRows?: number;
  /** Default 0. */
  readonly seed?: number | string;
}

/** See {@link evaluationReport}. */
export interface EvaluationReport {
  readonly format: 'fraudops.evaluation';
  readonly formatVersion: 1;
  readonly model: {
    readonly name: string;
    readonly kind: Model['kind'];
    readonly features: number;
    /** How its margins become probabilities: fitted on rows of their own, or null, by the link alone. */
    readonly calibration: Calibration['kind'] | null;
  };
  /** Rows with a known label. */
  readonly rows: number;
  /** Rows left out because their label is unknown. */
  readonly unknownLabels: number;
  /** Frauds among the rows. */
  readonly positives: number;
  readonly prevalence: number;
  /** First and last time; null when times are not given. */
  readonly period: { readonly fromMs: number; readonly toMs: number } | null;
  /** Level of all intervals of rankings and differences, such as 0.95. */
  readonly intervalLevel: number;
  /** What the intervals were drawn by, or why there are none. */
  readonly intervals: IntervalBasis;
  readonly candidate: RankingFigures;
  readonly incumbent: RankingFigures | null;
  /** Paired differences; null without an incumbent, or without two cards or days to draw by. */
  readonly comparison: ModelComparison | null;
  /** Null when the model's scores are no probabilities. */
  readonly calibration: CalibrationFigures | null;
  readonly histogram: ScoreHistogram;
  /** Null without a threshold. */
  readonly threshold: ThresholdFigures | null;
  /** Null without a policy. */
  readonly policy: PolicyFigures | null;
  /** Null without costs. */
  readonly costs: CostCurve | null;
  /** What amounts and costs are in; null when that is not said. */
  readonly currency: string | null;
  /** Null without cards and times. At most the last 400 days. */
  readonly cardPrecision: { readonly cardsPerDay: number; readonly days: readonly CardPrecisionDay[] } | null;
  readonly segments: readonly SegmentTable[];
  readonly attributions: Attributions | null;
}

/** Whether frauds happen as often as the probabilities say. */
export interface CalibrationFigures {
  /** Expected over actual frauds; null without frauds. */
  readonly inTheLarge: number | null;
  /** Null when there is one class only. */
  readonly brierSkill: number | null;
  /** All rows in tenths by probability. */
  readonly bins: readonly ReliabilityBin[];
  /** The tenth of highest probability in tenths. */
  readonly topBins: readonly ReliabilityBin[];
}

const MOST_SEGMENT_COLUMNS = 10;
const MOST_DAYS = 400;

/**
 * Everything that the evaluation page shows.
 *
 * @param matrix rows that the model has not seen: later than those it was trained, calibrated and its threshold chosen on
 * @param truth labels, and if known times, cards, amounts and segments of the rows
 * @throws {TrainError} EMPTY (no row with a known label), LENGTH_MISMATCH, INVALID_LABEL, INVALID_SCORE, INVALID_VALUE, INVALID_OPTION;
 *   ModelError FEATURE_MISMATCH when the matrix is not the model's
 * @example
 * const report = evaluationReport(model, testMatrix, { labels, times, entityCodes, amounts }, { threshold: 0.2, costs: { reviewCost: 5 } });
 * await writeFile('evaluation.html', evaluationHtml(report));
 */
export function evaluationReport(
  model: Model,
  matrix: FeatureMatrix,
  truth: EvaluationTruth,
  options: EvaluationReportOptions = {},
): EvaluationReport {
  requireEvaluationArguments(model, matrix, truth, options);
  requireEvaluation(matrix, truth, options);
  const { level: intervalLevel } = requireBootstrap('evaluationReport: bootstrap', options.bootstrap ?? {});
  const rows = knownRows(model, matrix, truth, options);
  const { labels, scores } = rows;
  const ranking = rankScores('evaluationReport', scores);
  let positives = 0;
  for (let i = 0; i < labels.length; i++) positives += labels[i]!;
  const { times, entityCodes, amounts } = rows;
  const cardsPerDay = requireChecks(options.cardsPerDay);
  const basis = intervalBasis(rows, options.bootstrap ?? {});
  const costs = pricesOf(options);
  const { threshold, policy, alerts } = chosenAlerts(rows, options, costs);
  const name = options.name ?? 'model';
  const explainedRows = requireOption('evaluationReport: explainedRows', options.explainedRows, EXPLAINED_ROWS);
  return {
    format: 'fraudops.evaluation',
    formatVersion: 1,
    model: describeModel(name, model),
    rows: labels.length,
    unknownLabels: truth.labels.length - labels.length,
    positives,
    prevalence: positives / labels.length,
    period: times ? periodOf(times) : null,
    intervalLevel,
    intervals: basis,
    candidate: rankingFigures(name, ranking, rows, basis.by, options),
    incumbent: incumbentFigures(rows, basis.by, options),
    comparison: comparisonOf(rows, basis.by, options),
    calibration: hasProbabilities(model) ? calibrationFigures(ranking, rows) : null,
    histogram: scoreHistogram(scores, labels),
    threshold,
    policy,
    costs: costs && amounts ? costCurve(ranking, labels, amounts, costs) : null,
    currency: options.currency ?? null,
    cardPrecision:
      entityCodes && times
        ? { cardsPerDay, days: cardPrecisionByDay({ scores, labels, entityCodes, times, k: cardsPerDay }).slice(-MOST_DAYS) }
        : null,
    segments: rows.segments.map(([column, values]) => segmentTable(column, values, scores, labels, alerts)),
    attributions:
      explainedRows > 0
        ? attributions(model, rows.matrix, labels, explainedRows, requireSeed('evaluationReport', options.seed))
        : null,
  };
}

function describeModel(name: string, { kind, featureNames, calibration }: Model): EvaluationReport['model'] {
  return { name, kind, features: featureNames.length, calibration: calibration?.kind ?? null };
}

const EXPLAINED_ROWS = { low: 0, high: 10_000, default: 400, whole: true };

/** Rows with a known label, scored. */
interface EvaluatedRows {
  readonly matrix: FeatureMatrix;
  readonly scores: Float64Array;
  readonly labels: Uint8Array;
  readonly times?: Float64Array;
  readonly entityCodes?: Int32Array;
  readonly amounts?: Float64Array;
  readonly segments: readonly (readonly [string, CategoryColumn])[];
  /** Scores of the incumbent. */
  readonly incumbentScores?: Float64Array;
}

function requireEvaluation({ rowCount }: FeatureMatrix, truth: EvaluationTruth, options: EvaluationReportOptions): void {
  const arrays: [string, number | undefined][] = [
    ['labels', truth.labels.length],
    ['times', truth.times?.length],
    ['entityCodes', truth.entityCodes?.length],
    ['amounts', truth.amounts?.length],
    ['incumbent.scores', options.incumbent?.scores.length],
    ...Object.entries(truth.segments ?? {}).map(([name, { codes }]): [string, number] => [`segments.${name}`, codes.length]),
  ];
  for (const [name, length] of arrays) {
    if (length === undefined || length === rowCount) continue;
    throw new TrainError('LENGTH_MISMATCH', `evaluationReport: ${length} ${name} for ${rowCount} rows, expected one each`, {
      details: { name, length, rowCount },
    });
  }
  for (let i = 0; i < rowCount; i++) {
    const label = truth.labels[i];
    if (label === 0 || label === 1 || label === 255) continue;
    const rule = 'expected 0, 1, or 255 for unknown';
    throw new TrainError('INVALID_LABEL', `evaluationReport: labels[${i}] is ${showValue(label)}, ${rule}`, {
      details: { index: i, label },
    });
  }
  if (truth.amounts) requireAmounts('evaluationReport', truth.amounts, rowCount);
  const { threshold, costs } = options;
  if (threshold !== undefined && !Number.isFinite(threshold)) {
    throw new TrainError('INVALID_OPTION', `evaluationReport: threshold is ${showValue(threshold)}, expected a finite number`);
  }
  if (costs) completeCosts('evaluationReport', costs);
  if (costs && !truth.amounts) {
    throw new TrainError('INVALID_OPTION', 'evaluationReport: costs without amounts; pass the amounts of the rows');
  }
  if (options.policy) requirePolicy(options.policy, truth, threshold);
  if (options.currency !== undefined && !(options.currency.length >= 1 && options.currency.length <= 20)) {
    const { length } = options.currency;
    throw new TrainError('INVALID_OPTION', `evaluationReport: currency has ${length} characters, expected 1 to 20, such as EUR`);
  }
  const columns = Object.keys(truth.segments ?? {}).length;
  if (columns > MOST_SEGMENT_COLUMNS) {
    throw new TrainError('INVALID_OPTION', `evaluationReport: ${columns} segments, at most ${MOST_SEGMENT_COLUMNS} are allowed`);
  }
}

function knownRows(
  model: Model,
  matrix: FeatureMatrix,
  truth: EvaluationTruth,
  { incumbent }: EvaluationReportOptions,
): EvaluatedRows {
  const { labels, times, entityCodes, amounts, segments = {} } = truth;
  const known = Uint32Array.from({ length: matrix.rowCount }, (_, i) => i).filter((row) => labels[row] !== 255);
  if (known.length === 0) throw new TrainError('EMPTY', 'evaluationReport: no row has a known label, expected at least one');
  const isWhole = known.length === matrix.rowCount;
  const ownMatrix = isWhole ? matrix : takeRows(matrix, known);
  const numbers = (values: ArrayLike<number>) => Float64Array.from(known, (row) => values[row]!);
  return {
    matrix: ownMatrix,
    scores: model.scoreBatch(ownMatrix),
    labels: Uint8Array.from(known, (row) => labels[row]!),
    ...(times ? { times: numbers(times) } : {}),
    ...(entityCodes ? { entityCodes: Int32Array.from(known, (row) => entityCodes[row]!) } : {}),
    ...(amounts ? { amounts: numbers(amounts) } : {}),
    ...(incumbent ? { incumbentScores: numbers(incumbent.scores) } : {}),
    segments: Object.entries(segments).map(([name, column]) => [
      name,
      isWhole ? column : { ...column, codes: Int32Array.from(known, (row) => column.codes[row]!) },
    ]),
  };
}

function periodOf(times: Float64Array): EvaluationReport['period'] {
  let fromMs = Number.POSITIVE_INFINITY;
  let toMs = Number.NEGATIVE_INFINITY;
  for (const time of times) {
    fromMs = Math.min(fromMs, time);
    toMs = Math.max(toMs, time);
  }
  // NaN, a missing time, makes both NaN.
  return Number.isFinite(fromMs) && Number.isFinite(toMs) ? { fromMs, toMs } : null;
}

function incumbentFigures(rows: EvaluatedRows, by: ClusterBy | null, options: EvaluationReportOptions): RankingFigures | null {
  const { incumbent } = options;
  if (!incumbent || !rows.incumbentScores) return null;
  const ranking = rankScores('evaluationReport: incumbent', rows.incumbentScores);
  return rankingFigures(incumbent.name, ranking, { ...rows, scores: rows.incumbentScores }, by, options);
}

function comparisonOf(
  rows: EvaluatedRows,
  by: ClusterBy | null,
  { bootstrap = {} }: EvaluationReportOptions,
): ModelComparison | null {
  const { scores: candidate, incumbentScores: incumbent, labels, times, entityCodes } = rows;
  if (!incumbent || by === null) return null;
  const known = { ...(times ? { times } : {}), ...(entityCodes ? { entityCodes } : {}) };
  return compareModels(
    { candidate, incumbent, labels, ...known },
    {
      resamples: 200,
      ...bootstrap,
      by,
      metrics: [
        'averagePrecision',
        'rocAuc',
        'recallAtTop1Pct',
        'recallAtFpr01Pct',
        ...(times && entityCodes ? CARD_METRICS : []),
      ],
    },
  );
}

const CARD_METRICS = ['cardPrecisionAt100'] as const;

/** An isolation forest's scores are no probabilities unless they were calibrated. */
function hasProbabilities(model: Model): boolean {
  return model.calibration !== undefined || !('link' in model && model.link === 'exp2');
}

function calibrationFigures(ranking: Ranking, { scores, labels }: EvaluatedRows): CalibrationFigures {
  return {
    inTheLarge: calibrationInTheLarge(scores, labels),
    brierSkill: brierSkill(scores, labels),
    bins: reliabilityOf(ranking, labels, { bins: 10 }),
    topBins: reliabilityOf(ranking, labels, { bins: 10, topShare: 0.1 }),
  };
}
