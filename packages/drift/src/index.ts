/**
 * Drift between the data a model was trained on and the data it now sees: reference profiles that travel with a model,
 * two-sample tests with effect sizes, and a report as JSON or as one self-contained HTML page.
 *
 * @packageDocumentation
 */
export {
  type CategoryCount,
  type CategoryCounts,
  MAX_CATEGORIES,
  MAX_NAME_LENGTH,
  MINIMUM_EXPECTED_COUNT,
} from './category-counts.js';
export * from './chi-squared-test.js';
export type { ColumnDrift, DriftReason, MissingShareDrift } from './column-drift.js';
export * from './detect-drift.js';
export {
  type BarsSummary,
  CURVE_POINTS,
  type DistributionSummary,
  HISTOGRAM_BINS,
  type HistogramSummary,
  type LargestGap,
  MAX_BARS,
  type ShareBar,
} from './distribution-summary.js';
export * from './drift-error.js';
export * from './drift-profile.js';
export type { DriftFindings, DriftReport } from './drift-report.js';
export * from './kolmogorov-distribution.js';
export { type KsResult, MAX_EXACT_CELLS, MAX_EXACT_PAIRS, ksPValue, ksTest } from './ks-test.js';
export * from './profile-json.js';
export { MAX_SKETCH_POINTS, type QuantileSketch } from './quantile-sketch.js';
export type { HtmlReportOptions, SideDescription } from './report-html.js';
export { MAX_COLUMNS } from './testable-column.js';
