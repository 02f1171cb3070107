/** The parts of the evaluation page, each a section; null where the report has nothing for it. */
import { formatCount, formatRows, formatShare, html, type Html } from '@fraudops/core';
import { cardPrecisionCharts } from './card-precision-chart.js';
import { gainsChart, precisionRecallChart, reliabilityChart, rocChart, scoresChart } from './evaluation-charts.js';
import type { EvaluationReport } from './evaluation-report.js';
import { formatFigure, formatKnownShare, formatTimes, nameOf } from './report-text.js';
import type { SegmentRow, SegmentTable } from './segment-table.js';

/** Curves, and what reviewing the top of the list finds. */
export function findingSection(report: EvaluationReport): Html | null {
  const { candidate, prevalence, positives, rows } = report;
  if (candidate.precisionRecall.length === 0) return null;
  const hasBothClasses = positives < rows;
  return html`<section>
<h2>Finding frauds</h2>
${legend(report)}
<div class="charts">
${figure('Precision', 'share of alerts that are frauds', precisionRecallChart(report))}
${figure('Frauds found', 'if only the top of the list is reviewed', gainsChart(report))}
${hasBothClasses ? figure('ROC curve', 'recall: share of frauds found', rocChart(report)) : null}
${figure('Scores', 'each class as shares of its own rows', scoresChart(report))}
</div>
<h3 class="table-head">If you review the top of the list</h3>
<table class="reviewed">
<thead><tr><th>Top</th><th class="number">Rows</th><th class="number">Frauds among them</th><th class="number">Frauds found</th><th class="number">Lift</th></tr></thead>
<tbody>
${candidate.reviewed.map(
  ({ share, rows: reviewed, precision, recall }) =>
    html`<tr><th scope="row">${Number((share * 100).toPrecision(6))}%</th><td class="number" data-label="Rows">${formatCount(reviewed)}</td><td class="number" data-label="Frauds among them">${formatShare(precision)}</td><td class="number" data-label="Frauds found">${formatKnownShare(recall)}</td><td class="number" data-label="Lift">${formatTimes(precision / prevalence)}</td></tr>
`,
)}</tbody>
</table>
</section>`;
}

function legend({ candidate, incumbent, threshold, policy, prevalence }: EvaluationReport): Html {
  const chosen = policy ? 'the policy' : threshold ? 'chosen threshold' : null;
  return html`<p class="legend"><span><i class="key candidate"></i>${nameOf(candidate.name)}</span>${incumbent && html`<span><i class="key incumbent"></i>${nameOf(incumbent.name)}</span>`}<span><i class="key chance"></i>chance: ${formatShare(prevalence)} precision</span>${chosen && html`<span><i class="key chosen"></i>${chosen}</span>`}<span><i class="key fraud"></i>frauds</span><span><i class="key genuine"></i>genuine</span></p>`;
}

/** A chart with its title. */
export const figure = (title: string, note: string, chart: Html) =>
  html`<figure><figcaption>${title} <span class="note">${note}</span></figcaption>${chart}</figure>`;

/** Whether probabilities can be believed. */
export function calibrationSection(report: EvaluationReport): Html | null {
  const { calibration, prevalence } = report;
  if (!calibration) return null;
  const { inTheLarge, brierSkill, topBins } = calibration;
  return html`<section>
<h2>Can the probabilities be believed?</h2>
<p class="lead">${calibrationText(report)} Where the model says 10%, one in ten should be a fraud. A dot is a tenth of the rows, the top tenth once more in tenths; its line is the 95% interval. Dots on the dashed line are right, above it frauds are more frequent than the model says.${prevalence < 0.05 ? ' Both axes are logarithmic; a hollow dot is a tenth without frauds.' : null}</p>
<div class="charts">
${figure('Share of frauds', 'by the probability that the model gave', reliabilityChart(report))}
<div>
<dl class="stats">
<div><dt>Promised over actual frauds</dt><dd>${inTheLarge === null ? '–' : `${inTheLarge.toFixed(2)}×`}</dd></div>
<div><dt>Brier skill</dt><dd>${formatFigure(brierSkill)}</dd></div>
</dl>
<table class="small">
<thead><tr><th>Top tenth: model says</th><th class="number">Rows</th><th class="number">Frauds</th><th class="number">Share</th></tr></thead>
<tbody>
${topBins.toReversed().map(
  ({ meanProbability, rows, frauds, fraudRate }) =>
    html`<tr><td>${formatShare(meanProbability)}</td><td class="number">${formatCount(rows)}</td><td class="number">${formatCount(frauds)}</td><td class="number">${formatShare(fraudRate)}</td></tr>
`,
)}</tbody>
</table>
</div>
</div>
</section>`;
}

const FITTED_BY = { platt: 'Platt’s curve', isotonic: 'an isotonic curve', prior: 'a shift for the rate of frauds' } as const;

/** How scores became probabilities, and what to do when they are off. */
function calibrationText({ model, calibration }: EvaluationReport): string {
  const promised = calibration?.inTheLarge ?? 1;
  const off = promised < 0.8 || promised > 1.25;
  if (model.calibration !== null) {
    const advice = off ? ' They are off all the same: calibrate again, on later rows.' : '';
    return `Scores are probabilities that were fitted by ${FITTED_BY[model.calibration]} after training.${advice}`;
  }
  return `Scores are the model’s own probabilities, not calibrated.${off ? ' Calibrate them before they are put beside costs.' : ''}`;
}

/** Card precision by day. */
export function daysSection({ cardPrecision }: EvaluationReport): Html | null {
  if (!cardPrecision || cardPrecision.days.length === 0) return null;
  return html`<section>
<h2>Day by day</h2>
<p class="lead">Of the ${formatCount(cardPrecision.cardsPerDay)} most suspicious cards of each day, the share that had a fraud.</p>
<p class="legend"><span><i class="key bar"></i>card precision</span><span><i class="key ceiling"></i>the best that was possible</span></p>
<div class="by-day">${cardPrecisionCharts(cardPrecision.days)}</div>
</section>`;
}

/** Frauds below which figures of a segment are mostly chance. */
const FEW_FRAUDS = 20;

/** How the model does on parts of the rows. */
export function segmentSections({ segments, threshold, policy }: EvaluationReport): Html | null {
  if (segments.length === 0) return null;
  return html`<section>
<h2>Segments</h2>
<p class="lead">Average precision compares only between segments of similar fraud rate. Figures of fewer than ${FEW_FRAUDS} frauds are grey: they are mostly chance.</p>
${segments.map((table) => segmentHtml(table, threshold !== null || policy !== null))}
</section>`;
}

function segmentHtml({ column, segments, omitted, omittedRows }: SegmentTable, hasAlerts: boolean): Html {
  const heads = hasAlerts
    ? html`<th class="number">Alerts</th><th class="number">Found</th><th class="number">Alerts right</th>`
    : null;
  return html`<h3 class="table-head">${nameOf(column)}</h3>
<table class="columns">
<thead><tr><th>Value</th><th class="number">Rows</th><th class="number">Frauds</th><th class="number">Fraud rate</th><th class="number">Average precision</th>${heads}</tr></thead>
<tbody>
${segments.map((segment) => segmentRow(segment, hasAlerts))}</tbody>
</table>
${omitted > 0 ? html`<p class="note">${formatRows(omitted, 'further value')} with ${formatRows(omittedRows, 'row')} not shown.</p>` : null}`;
}

function segmentRow(segment: SegmentRow, hasAlerts: boolean): Html {
  const { value, rows, positives, prevalence, averagePrecision, alertRate, recall, precision } = segment;
  const soft = positives < FEW_FRAUDS ? ' soft' : '';
  const cell = (label: string, text: string, className = '') =>
    html`<td class="number${className}" data-label="${label}">${text}</td>`;
  const alerts = hasAlerts
    ? [
        cell('Alerts', formatKnownShare(alertRate)),
        cell('Found', formatKnownShare(recall), soft),
        cell('Alerts right', formatKnownShare(precision), soft),
      ]
    : null;
  return html`<tr><th scope="row">${value === null ? html`<i>missing</i>` : nameOf(value)}</th>${cell('Rows', formatCount(rows))}${cell('Frauds', formatCount(positives))}${cell('Fraud rate', formatShare(prevalence), soft)}${cell('Average precision', formatFigure(averagePrecision), soft)}${alerts}</tr>
`;
}
