/** A model card as Markdown, to be read beside the model or in a pull request. */
import { formatCount, formatDay, formatDecimals, formatName, formatShare } from '@fraudops/core';
import type { PolicyOutcome } from '../thresholds/evaluate-policy.js';
import { fromStored, requireFormat } from './evaluation-arguments.js';
import type { CardDataset, CardMetric, ModelCard } from './model-card.js';
import {
  formatFigure,
  formatInterval,
  formatKnownShare,
  formatLevel,
  formatMoney,
  formatPeriod,
  formatThreshold,
} from './report-text.js';

/**
 * The card as Markdown (GitHub's, for its tables). Names and texts are escaped: nothing in them becomes markup, links or HTML.
 *
 * @returns the same text for the same card
 * @throws {TrainError} INVALID_VALUE for what is no card or a damaged one
 */
export function modelCardMarkdown(card: ModelCard): string {
  requireFormat('modelCardMarkdown', 'card', card, 'fraudops.modelCard', 'what modelCard gives');
  return fromStored('modelCardMarkdown', 'card', () => markdownOf(card));
}

function markdownOf(card: ModelCard): string {
  const { name, version, owner, createdMs, intendedUse, outOfScope, algorithm, limits } = card;
  const head = [
    version === null ? null : `Version ${text(version)}`,
    owner === null ? null : `answered for by ${text(owner)}`,
    createdMs === null ? null : `written ${formatDay(createdMs)}`,
  ].filter((part) => part !== null);
  const kind = card.kind === 'trees' ? 'A tree ensemble' : 'A linear model';
  const calibrated = card.calibration === null ? '' : `, calibrated (${card.calibration})`;
  const sections = [
    `# Model card: ${text(name)}`,
    head.length > 0 ? `${head.join(', ')}.` : '',
    `## Intended use\n\n${text(intendedUse)}`,
    outOfScope.length > 0 ? `Not for:\n\n${list(outOfScope)}` : '',
    `## Model\n\n${kind} over ${formatCount(card.features)} features${calibrated}. ${text(algorithm)}`,
    card.importance.length > 0
      ? `Features that move scores most: ${card.importance.map((one) => text(one.name)).join(', ')}.`
      : '',
    `## Data\n\n${dataTable(card)}`,
    `## Figures\n\n${metricsTable(card.metrics)}`,
    card.metrics.some(({ low }) => low !== null)
      ? `Intervals are ${formatLevel(card.intervalLevel)}, from a bootstrap that draws whole cards or days.`
      : '',
    `## Threshold\n\n${thresholdText(card)}`,
    `## Limits\n\n${limits.length > 0 ? list(limits) : 'None are known.'}`,
    lineageText(card),
  ];
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`;
}

function dataTable({ training, validation, test }: ModelCard): string {
  const period = test.period ? formatPeriod(test.period) : 'not known';
  const rows = [
    datasetRow('Training', training),
    ...(validation ? [datasetRow('Calibration and threshold', validation)] : []),
    ['Test', period, formatCount(test.rows), formatCount(test.positives), shareOf(test.positives, test.rows), ''],
  ];
  return table(['Rows for', 'Period', 'Rows', 'Frauds', 'Fraud rate', 'Source'], rows);
}

const datasetRow = (purpose: string, { fromMs, toMs, rows, positives, description = '' }: CardDataset): string[] => [
  purpose,
  formatPeriod({ fromMs, toMs }),
  formatCount(rows),
  formatCount(positives),
  shareOf(positives, rows),
  text(description),
];

const shareOf = (part: number, whole: number) => formatKnownShare(whole > 0 ? part / whole : null);

function metricsTable(metrics: readonly CardMetric[]): string {
  const rows = metrics.map((metric) => [
    metric.name,
    formatFigure(metric.value),
    formatInterval(metric) ?? '',
    metric.note ?? '',
  ]);
  return table(['Figure', 'Value', 'Interval', 'To compare'], rows);
}

function thresholdText({ threshold, policy, currency }: ModelCard): string {
  if (policy) return policyText(policy, currency);
  if (!threshold) return 'None was chosen.';
  const { alertRate, precision, recall, falsePositives, falseNegatives, savings } = threshold;
  const saved = savings === null ? '' : ` Savings are ${formatFigure(savings)}.`;
  return `Scores from ${formatThreshold(threshold.threshold)} on are alerts: ${formatShare(alertRate)} of the test rows, of which ${formatKnownShare(precision)} are frauds. They find ${formatKnownShare(recall)} of the frauds; ${formatCount(falseNegatives)} are missed and ${formatCount(falsePositives)} genuine rows disturbed.${saved}`;
}

function policyText({ policy, outcome, oneByOne }: NonNullable<ModelCard['policy']>, currency: string | null): string {
  const { costs, reviewsPerDay, minimumSavings, reviewThreshold } = policy;
  const money = (amount: number) => formatMoney(amount, currency === null ? null : text(currency));
  const rule =
    costs === null
      ? `Scores from ${formatThreshold(reviewThreshold)} on are reviewed`
      : minimumSavings === null
        ? 'Nothing is reviewed, since no review was worth its cost'
        : `What is reviewed follows from score and amount: a review must be expected to save ${minimumSavings === 0 ? 'more than it costs' : `more than ${money(minimumSavings)}`}`;
  const bound = reviewsPerDay === null ? '' : `, at most ${formatCount(reviewsPerDay)} a day`;
  const lines: readonly (readonly [string, (each: PolicyOutcome) => string | null])[] = [
    ['Reviews a day', (each) => formatDecimals(each.reviewsPerDay, 1)],
    ['Declined a day', (each) => (costs?.declineCost == null ? null : formatDecimals(each.declines / each.days, 1))],
    ['Days without an alert', (each) => `${formatCount(each.quietDays)} of ${formatCount(each.days)}`],
    ['Frauds found', (each) => formatKnownShare(each.recall)],
    ['Alerts that are frauds', (each) => formatKnownShare(each.precision)],
    ['Cost', (each) => (each.cost === null ? null : money(each.cost))],
    ['Saved a day', (each) => (each.savedPerDay === null ? null : money(each.savedPerDay))],
    ['Savings', (each) => (each.cost === null ? null : formatFigure(each.savings))],
  ];
  const rows = lines.flatMap(([name, of]) => {
    const own = of(outcome);
    return own === null ? [] : [[name, own, ...(oneByOne ? [of(oneByOne) ?? ''] : [])]];
  });
  const head = ['On the test rows', oneByOne ? 'Whole days' : 'The policy', ...(oneByOne ? ['One by one'] : [])];
  return `${rule}${bound}.\n\n${table(head, rows)}`;
}

function lineageText({ lineage }: ModelCard): string {
  const entries = Object.entries(lineage);
  if (entries.length === 0) return '';
  return `## Lineage\n\n${table(
    ['What', 'Value'],
    entries.map(([name, value]) => [text(name), text(String(value))]),
  )}`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

const list = (items: readonly string[]) => items.map((item) => `- ${text(item)}`).join('\n');

/** Longest text that a card takes over. */
const LONGEST_TEXT = 2000;

/** Text as Markdown shows it literally: on one line, without control characters, markup escaped. */
function text(value: string): string {
  return formatName(value, LONGEST_TEXT)
    .replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .replaceAll(/[\p{Cs}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, '\ufffd')
    .replaceAll(/[\\`*_{}[\]<>()#+!|~&$^=@]/g, (character) => `\\${character}`)
    .replaceAll('://', ':\\/\\/')
    .replaceAll(/www\./gi, (start) => `${start.slice(0, 3)}\\.`)
    .trim()
    .replace(/^-/, '\\-')
    .replace(/^(\d+)\./, '$1\\.');
}
