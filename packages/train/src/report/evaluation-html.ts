/** A model's evaluation as one HTML page: what it finds first, then curves, probabilities, the threshold, days, reasons and segments. */
import {
  formatCount,
  formatDecimals,
  formatName,
  formatRows,
  formatShare,
  formatTime,
  html,
  type Html,
  htmlPage,
  type OptionKinds,
} from '@fraudops/core';
import { requireOptions } from '../required-arguments.js';
import { requireOption } from '../training-data.js';
import { alertsSection } from './alerts-section.js';
import { attributionSection } from './attribution-section.js';
import { comparisonSection } from './comparison-section.js';
import { fromStored, requireReport } from './evaluation-arguments.js';
import type { EvaluationReport } from './evaluation-report.js';
import { calibrationSection, daysSection, findingSection, segmentSections } from './evaluation-sections.js';
import { EVALUATION_STYLES } from './evaluation-styles.js';
import type { PolicyFigures } from './policy-figures.js';
import type { Figure, RankingFigures } from './ranking-figures.js';
import {
  formatFigure,
  formatInterval,
  formatKnownShare,
  formatLevel,
  formatMoney,
  formatPeriod,
  formatTimes,
} from './report-text.js';

/** Options of {@link evaluationHtml}. */
export interface EvaluationHtmlOptions {
  /** Heading of the page. Default `Evaluation of` and the model's name. */
  readonly title?: string;
  /** When the page was made, epoch milliseconds; not shown when absent. */
  readonly generatedMs?: number;
}

const LONGEST_TITLE = 200;

/**
 * The report as a page that stands alone: no scripts, nothing loaded, everything that came from data escaped; light and dark, for wide screens,
 * phones and paper. About 100 to 200 kB, whatever the number of rows.
 *
 * @param report from {@link evaluationReport}; the same report and options give the same bytes
 * @throws {TrainError} INVALID_VALUE for what is no report or a damaged one; INVALID_OPTION
 * @example await writeFile('evaluation.html', evaluationHtml(evaluationReport(model, matrix, { labels })));
 */
export function evaluationHtml(report: EvaluationReport, options: EvaluationHtmlOptions = {}): string {
  requireReport('evaluationHtml', 'report', report);
  requireOptions('evaluationHtml', options, OPTIONS);
  requireGenerated(options.generatedMs);
  return fromStored('evaluationHtml', 'report', () => pageOf(report, options));
}

const OPTIONS: OptionKinds<EvaluationHtmlOptions> = { title: 'text', generatedMs: 'checked' };

function requireGenerated(generatedMs: number | undefined): void {
  const range = { low: -MAX_DATE_MS, high: MAX_DATE_MS, default: 0 };
  requireOption('evaluationHtml: generatedMs', generatedMs, range);
}

/** The furthest moments that a Date holds, before and after 1970. */
const MAX_DATE_MS = 8.64e15;

function pageOf(report: EvaluationReport, options: EvaluationHtmlOptions): string {
  const title = formatName(options.title ?? `Evaluation of ${formatName(report.model.name)}`, LONGEST_TITLE);
  return htmlPage({
    title,
    styles: EVALUATION_STYLES,
    body: html`<header>
<h1>${title}</h1>
<p class="verdict">${verdict(report)}</p>
<p class="lead">${lead(report)}</p>
${facts(report)}
</header>
<main>
${comparisonSection(report)}
${findingSection(report)}
${calibrationSection(report)}
${alertsSection(report)}
${daysSection(report)}
${attributionSection(report)}
${segmentSections(report)}
</main>
${footer(report, options)}`,
  });
}

function verdict({ candidate, positives, policy }: EvaluationReport): string {
  const found = candidate.recallAtTop1Pct.value;
  if (positives === 0 || found === null) return 'No frauds to find';
  if (policy && policy.recall !== null) {
    return `${formatDecimals(alertsPerDay(policy), 1)} alerts a day find ${formatShare(policy.recall)} of the frauds`;
  }
  return `Reviewing the top 1% finds ${formatShare(found)} of the frauds`;
}

const alertsPerDay = ({ outcome }: PolicyFigures) => (outcome.reviews + outcome.declines) / outcome.days;

function lead({ rows, positives, prevalence, unknownLabels, period, model, calibration }: EvaluationReport): Html {
  const when = period ? ` from ${formatPeriod(period)}` : '';
  const left = unknownLabels > 0 ? ` ${formatRows(unknownLabels, 'row')} without a known label were left out.` : '';
  const kind = model.kind === 'trees' ? 'tree ensemble' : 'linear model';
  const score =
    model.calibration !== null
      ? ' A score is a calibrated probability of fraud.'
      : calibration === null
        ? ' A score says how odd a row is; it is no probability.'
        : ' A score is the model’s own probability of fraud, not calibrated.';
  return html`A ${kind} over ${formatRows(model.features, 'feature')}, judged on ${formatRows(rows, 'row')}${when}, of which ${formatCount(positives)} ${positives === 1 ? 'is' : 'are'} fraud (${formatShare(prevalence)}).${left}${score}`;
}

function facts({
  candidate,
  prevalence,
  calibration,
  cardPrecision,
  threshold,
  policy,
  intervalLevel,
  intervals,
  currency,
}: EvaluationReport): Html {
  const interval = (figure: Figure, format?: (value: number) => string) => {
    const text = formatInterval(figure, format);
    return text && `${formatLevel(intervalLevel)}: ${text}`;
  };
  const { averagePrecision, rocAuc, recallAtFpr01Pct } = candidate;
  const gain = averagePrecision.value === null || prevalence === 0 ? null : averagePrecision.value / prevalence;
  const chance = gain === null ? null : `chance ${formatFigure(prevalence)}, so ${formatTimes(gain)} that`;
  return html`<dl class="facts">
${fact('Average precision', formatFigure(averagePrecision.value), [interval(averagePrecision), chance])}
${fact('ROC AUC', formatFigure(rocAuc.value), [interval(rocAuc), 'chance 0.500'])}
${fact('Found at 0.1% false positives', formatKnownShare(recallAtFpr01Pct.value), [interval(recallAtFpr01Pct, formatShare), 'of the frauds, 1 in 1,000 genuine rows flagged'])}
${cardPrecision && fact(`Card precision at ${formatCount(cardPrecision.cardsPerDay)}`, formatFigure(candidate.cardPrecision.value), [interval(candidate.cardPrecision), `${ceilingText(cardPrecision.days)}; share of the cards checked a day`])}
${calibration?.inTheLarge != null && fact('Frauds promised', `${calibration.inTheLarge.toFixed(2)}×`, ['sum of the probabilities over actual frauds; 1.00× is right'])}
${threshold && fact('At the chosen threshold', formatKnownShare(threshold.recall), [`of the frauds found, ${formatKnownShare(threshold.precision)} of alerts right`])}
${policy && policyFact(policy, currency)}
</dl>
${intervalNote(intervals, candidate)}`;
}

function policyFact(policy: PolicyFigures, currency: string | null): Html {
  const { outcome, recall, precision } = policy;
  const { savedPerDay } = outcome;
  const found = `${formatKnownShare(recall)} of the frauds found, ${formatKnownShare(precision)} of alerts right`;
  const saved =
    savedPerDay === null ? null : `${savedPerDay < 0 ? 'loses' : 'saves'} ${formatMoney(Math.abs(savedPerDay), currency)} a day`;
  return fact('The policy’s alerts a day', formatDecimals(alertsPerDay(policy), 1), [found, saved]);
}

/** Why there are no intervals, or what they are worth; nothing where they are as they should be. */
function intervalNote(
  { note, by }: EvaluationReport['intervals'],
  { averagePrecision: { value, low } }: RankingFigures,
): Html | null {
  const text =
    note ??
    (by !== null && low === null
      ? value === null
        ? 'There are no intervals, since the rows are of one class only.'
        : 'Some intervals are missing, since most resamples held no frauds: there are too few.'
      : null);
  return text === null ? null : html`<p class="note">${text}</p>`;
}

const ceilingText = (days: readonly { readonly ceiling: number }[]) =>
  `at most ${formatFigure(days.reduce((sum, { ceiling }) => sum + ceiling, 0) / Math.max(1, days.length))} possible`;

const fact = (name: string, value: string, notes: readonly (string | null)[]): Html =>
  html`<div><dt>${name}</dt><dd>${value}</dd>${notes.map((note) => note && html`<dd class="note">${note}</dd>`)}</div>`;

function footer(
  { candidate, attributions, intervals, currency, model }: EvaluationReport,
  { generatedMs }: EvaluationHtmlOptions,
): Html {
  const hasIntervals = candidate.averagePrecision.low !== null;
  return html`<footer>
<p>Rows of equal score count as one threshold. Average precision is the mean of precision over recall, as a step function; a random score reaches the share of frauds, so it only compares between rows of one fraud rate. Card precision drops a card from later days once it is found.${hasIntervals ? ` Intervals are percentiles of a bootstrap that draws whole ${intervals.by === 'day' ? 'days' : 'cards'}, ${formatCount(intervals.clusters)} of them.` : null}${attributions ? ` Contributions are exact Shapley values of the margin, ${model.calibration === null ? 'not of the probability' : 'before calibration'}.` : null}${currency === null ? null : html` Amounts are in ${formatName(currency)}.`} Days are UTC.</p>
${generatedMs === undefined ? null : html`<p>Made ${formatTime(generatedMs)} UTC.</p>`}
</footer>`;
}
