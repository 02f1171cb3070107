/** The candidate beside the model in use, on the same rows. */
import { formatName, html, type Html } from '@fraudops/core';
import type { ModelComparison } from '../comparison/compare-models.js';
import type { EvaluationReport } from './evaluation-report.js';
import type { Figure } from './ranking-figures.js';
import { formatDifference, formatFigure, formatInterval, formatLevel, nameOf } from './report-text.js';

const VERDICTS: Readonly<Record<ModelComparison['verdict'], string>> = {
  better: 'is better than',
  worse: 'is worse than',
  undecided: 'can’t be told apart from',
};

/** The section; null without an incumbent. */
export function comparisonSection({ candidate, incumbent, comparison, cardPrecision }: EvaluationReport): Html | null {
  if (!incumbent) return null;
  const rows = [
    ['Average precision', 'averagePrecision', 'averagePrecision'],
    ['ROC AUC', 'rocAuc', 'rocAuc'],
    ['Recall in the top 1%', 'recallAtTop1Pct', 'recallAtTop1Pct'],
    ['Recall at 0.1% false positives', 'recallAtFpr01Pct', 'recallAtFpr01Pct'],
    ...(cardPrecision?.cardsPerDay === 100 ? [['Card precision at 100', 'cardPrecision', 'cardPrecisionAt100'] as const] : []),
  ] as const;
  const relation = comparison
    ? html`${nameOf(candidate.name)} ${VERDICTS[comparison.verdict]} ${nameOf(incumbent.name)}`
    : html`Against ${nameOf(incumbent.name)}`;
  const drawn = comparison?.by === 'day' ? 'days' : 'cards';
  return html`<section>
<h2>${relation}</h2>
<p class="lead">${comparison ? `By average precision. Both models on the same rows; a difference is coloured when its ${formatLevel(comparison.level)} interval, drawn by ${drawn} for both models alike, leaves out 0.` : 'Both models on the same rows, without intervals, since there are no cards or days to draw by.'}</p>
<table class="columns versus">
<thead><tr><th>Figure</th><th class="number">${nameOf(candidate.name)}</th><th class="number">${nameOf(incumbent.name)}</th><th class="number">Difference</th></tr></thead>
<tbody>
${rows.map(([name, figure, metric]) => {
  const paired = comparison?.differences.find((one) => one.metric === metric);
  const own = candidate[figure].value;
  const other = incumbent[figure].value;
  const gap = own === null || other === null ? null : own - other;
  const difference = { value: gap, low: paired?.low ?? null, high: paired?.high ?? null };
  return html`<tr><th scope="row">${name}</th><td class="number" data-label="${formatName(candidate.name)}">${figureCell(candidate[figure])}</td><td class="number" data-label="${formatName(incumbent.name)}">${figureCell(incumbent[figure])}</td><td class="number ${sureness(difference)}" data-label="Difference">${differenceCell(difference)}</td></tr>
`;
})}</tbody>
</table>
</section>`;
}

const figureCell = (figure: Figure) => html`${formatFigure(figure.value)}<small>${formatInterval(figure)}</small>`;

const differenceCell = (figure: Figure) =>
  html`${figure.value === null ? '–' : formatDifference(figure.value)}<small>${formatInterval(figure, formatDifference)}</small>`;

function sureness({ low, high }: Figure): 'better' | 'worse' | 'even' {
  if (low !== null && low > 0) return 'better';
  return high !== null && high < 0 ? 'worse' : 'even';
}
