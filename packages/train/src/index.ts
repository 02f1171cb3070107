/**
 * Training and judging fraud models: logistic regression, boosted trees, splits in time with delayed labels, and the metrics that
 * fraud teams use.
 *
 * @packageDocumentation
 */
export * from './calibration/calibrate.js';
export * from './calibration/fit-isotonic.js';
export * from './calibration/fit-platt.js';
export * from './calibration/prior-correction.js';
export {
  type CompareOptions,
  type ComparedMetric,
  type ComparedRows,
  compareModels,
  type MetricDifference,
  type ModelComparison,
} from './comparison/compare-models.js';
export { costMetric } from './comparison/cost-metric.js';
export { type CompleteFraudCosts, type FraudCosts, elkanThreshold, expectedSavings } from './metrics/costs/fraud-costs.js';
export { netBenefit } from './metrics/costs/net-benefit.js';
export { savings, totalCost } from './metrics/costs/total-cost.js';
export {
  cardPrecisionAtK,
  cardPrecisionByDay,
  cardPrecisionCeiling,
  type CardDay,
  type CardDays,
  type CardPrecisionDay,
  type ScoredTransactions,
} from './metrics/daily/card-precision.js';
export {
  dailyPrecisionAtK,
  type DatedScores,
  precisionAtKByDay,
  type PrecisionDay,
} from './metrics/daily/precision-at-k-by-day.js';
export { balancedAccuracy } from './metrics/decisions/balanced-accuracy.js';
export { type ConfusionCounts, confusionCounts } from './metrics/decisions/confusion-counts.js';
export { fBeta } from './metrics/decisions/f-beta.js';
export { falsePositiveRatio } from './metrics/decisions/false-positive-ratio.js';
export { geometricMean } from './metrics/decisions/geometric-mean.js';
export { matthewsCorrelation } from './metrics/decisions/matthews-correlation.js';
export { evaluate, type EvaluateOptions, evaluateScores, type Metrics, type ScoredRows } from './metrics/evaluate.js';
export type { BootstrapOptions, ClusterBy, Clusters } from './metrics/intervals/cluster-bootstrap.js';
export { metricInterval, type MetricInterval, type MetricIntervalOptions } from './metrics/intervals/metric-interval.js';
export { cardPrecisionMetric, type MetricName, type WeightedMetric } from './metrics/intervals/weighted-metrics.js';
export type { JudgedRows, WeightedRows } from './metrics/intervals/weighted-rows.js';
export { brierScore, brierSkill } from './metrics/probabilities/brier-score.js';
export { calibrationError, maximumCalibrationError } from './metrics/probabilities/calibration-error.js';
export { calibrationInTheLarge } from './metrics/probabilities/calibration-in-the-large.js';
export { type CalibrationLine, calibrationLine } from './metrics/probabilities/calibration-line.js';
export { logLoss } from './metrics/probabilities/log-loss.js';
export { type BinningOptions, type ReliabilityBin, reliabilityTable } from './metrics/probabilities/reliability-table.js';
export { type Interval, wilsonInterval } from './metrics/probabilities/wilson-interval.js';
export { alertRateAtRecall, fprAtRecall } from './metrics/ranking/alert-rate-at-recall.js';
export type { AlertRule } from './metrics/ranking/alert-rule.js';
export { averagePrecision } from './metrics/ranking/average-precision.js';
export { type GainsRow, gainsTable } from './metrics/ranking/gains-table.js';
export { gini } from './metrics/ranking/gini.js';
export { ksStatistic } from './metrics/ranking/ks-statistic.js';
export { liftAtK } from './metrics/ranking/lift-at-k.js';
export { precisionAtK } from './metrics/ranking/precision-at-k.js';
export { type PrecisionRecallCurve, precisionRecallCurve } from './metrics/ranking/precision-recall-curve.js';
export { recallAtFpr } from './metrics/ranking/recall-at-fpr.js';
export { recallAtK } from './metrics/ranking/recall-at-k.js';
export { rocAuc } from './metrics/ranking/roc-auc.js';
export { type RocCurve, rocCurve } from './metrics/ranking/roc-curve.js';
export type { ThresholdCounts } from './metrics/ranking/threshold-counts.js';
export { valueDetectionRate } from './metrics/ranking/value-detection-rate.js';
export { valuePrecision } from './metrics/ranking/value-precision.js';
export { type DatedRows } from './splits/dated-rows.js';
export { maturedRows, type MaturedRows } from './splits/matured-rows.js';
export { type PrequentialFold, prequentialFolds, type PrequentialOptions } from './splits/prequential-folds.js';
export { sliceByTime, type TimeSlice, type TimeSliceOptions } from './splits/slice-by-time.js';
export { splitByTime, type TimeSplit, type TimeSplitOptions } from './splits/split-by-time.js';
export {
  type AlertDecision,
  type AlertPolicy,
  alertPolicyFromJson,
  alertPolicySchema,
  decide,
} from './thresholds/alert-policy.js';
export { chooseAlerts, type DecidableRows } from './thresholds/choose-alerts.js';
export { chooseThreshold, type DayInterval, type ThresholdChoice, type ThresholdOptions } from './thresholds/choose-threshold.js';
export { evaluatePolicy, type PolicyDay, type PolicyOutcome, type PolicyRows } from './thresholds/evaluate-policy.js';
export {
  choice,
  type Choice,
  integer,
  type IntegerRange,
  logUniform,
  type LogUniformRange,
  type SampledParameters,
  type ParameterValue,
  type SearchSpace,
  uniform,
  type UniformRange,
} from './tuning/search-space.js';
export {
  type TrialContext,
  tune,
  type TuneOptions,
  type TuningMethod,
  type TuningResult,
  type TuningTrial,
} from './tuning/tune.js';
export type { TuningEntry, TuningJournal } from './tuning/tuning-journal.js';
export {
  type BoostingObjective,
  type BoostingOptions,
  type BoostingValidation,
  type CustomObjective,
  type FocalLoss,
} from './boosting/boosting-options.js';
export { trainBoosting } from './boosting/train-boosting.js';
export { type ValidationMetric } from './boosting/validation-metric.js';
export { type CartOptions, trainCart, type TrainedCart } from './cart/train-cart.js';
export { describeTree, type DescribeTreeOptions } from './cart/describe-tree.js';
export { type IsolationForestOptions, trainIsolationForest } from './forest/isolation-forest.js';
export { type OutOfBag } from './forest/out-of-bag.js';
export { type ForestOptions, trainForest, type TrainedForest } from './forest/train-forest.js';
export * from './train-error.js';
export * from './train-in-worker.js';
export { closeTrainingThreads, startTrainingThreads } from './training-threads.js';
export { type LogisticOptions, trainLogistic } from './linear/train-logistic.js';
export { type AlertFigures } from './report/alert-figures.js';
export { type Attributions, type FeatureImportance, type FeatureSwarm, type SwarmPoint } from './report/attributions.js';
export { type CostCurve } from './report/cost-curve.js';
export * from './report/evaluation-html.js';
export {
  type CalibrationFigures,
  type EvaluationReport,
  type EvaluationReportOptions,
  type EvaluationTruth,
  evaluationReport,
} from './report/evaluation-report.js';
export { type IntervalBasis } from './report/interval-basis.js';
export * from './report/model-card.js';
export * from './report/model-card-markdown.js';
export { type PolicyFigures } from './report/policy-figures.js';
export { type Figure, type RankingFigures, type ReviewedShare } from './report/ranking-figures.js';
export { type ScoreHistogram } from './report/score-histogram.js';
export { type SegmentRow, type SegmentTable } from './report/segment-table.js';
export { type CurvePoint } from './report/thin-curve.js';
export { type ThresholdFigures } from './report/threshold-figures.js';
