/** The report's larger charts: one part for each drifted column. */
import { formatName, formatRows, formatValue, html, type Html } from '@fraudops/core';
import type { ColumnDrift } from './column-drift.js';
import { curveChart, histogramChart, pairedBar } from './distribution-chart.js';
import type { BarsSummary, DistributionSummary } from './distribution-summary.js';
import type { DriftFindings } from './drift-report.js';
import { formatEffect, formatPValue, formatPoints, formatShare } from './number-format.js';
import { detailedColumns, legend, nameHtml } from './report-columns.js';

/** Section with a part for each drifted column, largest effect first; nothing when none drifted. */
export function columnDetails({ columns, drifted }: DriftFindings): Html | null {
  if (drifted.length === 0) return null;
  const detailed = detailedColumns(columns);
  const left = drifted.length - detailed.size;
  return html`<section>
<h2>What drifted</h2>
${legend()}
${[...detailed].map(([column, id]) => columnPart(column, id))}
${left > 0 ? html`<p class="note">${formatRows(left, 'more drifted column')} in the table above.</p>` : null}
</section>`;
}

function columnPart(column: ColumnDrift, id: string): Html {
  return html`<article class="column" id="${id}">
<h3>${nameHtml(column.column)}</h3>
${missingInWords(column)}
<p>${valuesInWords(column)}</p>
${column.distribution && charts(column.distribution, formatName(column.column))}
</article>
`;
}

function valuesInWords(column: ColumnDrift): Html {
  const { distribution, effect, pValue } = column;
  if (!distribution || effect === null || pValue === null) return html`Its values were not compared: ${column.untested}.`;
  const measure = column.test === 'ks' ? 'D' : 'Cramér’s V';
  const numbers = html`<span class="numbers">(${measure} ${formatEffect(effect)}, p ${formatPValue(pValue)})</span>`;
  if (!column.reasons.includes('distribution')) return html`Its values did not drift ${numbers}.`;
  const { largestGap } = distribution;
  if (!largestGap) return html`${largestChange(distribution as BarsSummary)} ${numbers}.`;
  const shares = html`${formatShare(largestGap.referenceShare)} of the reference values but ${formatShare(largestGap.currentShare)} of the current ones`;
  const where = `${largestGap.inclusive ? 'at or below' : 'below'} ${formatValue(largestGap.at)}`;
  return html`${shares} are ${where}, where the two are farthest apart ${numbers}.`;
}

function largestChange({ bars, rest }: BarsSummary): Html {
  const change = (bar: { reference: number; current: number }) => Math.abs(bar.current - bar.reference);
  const [first] = bars.toSorted((a, b) => change(b) - change(a));
  if (!first || (rest && change(rest) > change(first))) {
    return html`The largest change is that of the rarer values together, from ${formatShare(rest!.reference)} to ${formatShare(rest!.current)}`;
  }
  const name = nameHtml(first.label);
  return html`The largest change is that of ${name}, from ${formatShare(first.reference)} to ${formatShare(first.current)}`;
}

function missingInWords({ missingShare }: ColumnDrift): Html | null {
  if (!missingShare.drifted) return null;
  const shares = html`${formatShare(missingShare.reference)} of the reference rows and ${formatShare(missingShare.current)} of the current ones`;
  return html`<p>Values are missing in ${shares} <span class="numbers">(p ${formatPValue(missingShare.pValue)})</span>.</p>`;
}

function charts(distribution: DistributionSummary, name: string): Html {
  if (distribution.shape === 'bars') return barsTable(distribution);
  const [referenceBelow, referenceAbove] = distribution.referenceBeyond;
  const [currentBelow, currentAbove] = distribution.currentBeyond;
  const beyond = Math.max(referenceBelow + referenceAbove, currentBelow + currentAbove);
  const note =
    beyond > 0
      ? html` <span class="note">(${formatShare(referenceBelow + referenceAbove)} of reference, ${formatShare(currentBelow + currentAbove)} of current lie beyond)</span>`
      : null;
  return html`<div class="charts">
<figure><figcaption>Share of values in each bin${note}</figcaption>${histogramChart(distribution, `histogram of ${name}`)}</figure>
<figure><figcaption>Share of values at or below</figcaption>${curveChart(distribution, `cumulative distribution of ${name}`)}</figure>
</div>`;
}

function barsTable({ bars, rest }: BarsSummary): Html {
  const restName = rest?.values == null ? 'all other values' : formatRows(rest.values, 'other value');
  const widest = Math.max(...bars.flatMap((bar) => [bar.reference, bar.current]), rest?.reference ?? 0, rest?.current ?? 0);
  const row = (
    label: Html,
    bar: { reference: number; current: number },
  ) => html`<tr><th scope="row">${label}</th><td class="bar-cell">${pairedBar(bar, widest)}</td><td class="number soft">${formatShare(bar.reference)}</td><td class="number">${formatShare(bar.current)}</td><td class="number soft change">${formatPoints(bar.current - bar.reference)}</td></tr>
`;
  return html`<table class="bars">
<thead><tr><th scope="col">Value</th><th scope="col"><span class="hidden">Shares</span></th><th scope="col" class="number">Reference</th><th scope="col" class="number">Current</th><th scope="col" class="number change">Change</th></tr></thead>
<tbody>
${bars.map((bar) => row(nameHtml(bar.label), bar))}${rest && row(html`<span class="soft">${restName}</span>`, rest)}</tbody>
</table>`;
}
