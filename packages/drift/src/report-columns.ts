/** The report's table of all columns, largest effect first. */
import { formatName, html, type Html } from '@fraudops/core';
import type { ColumnDrift } from './column-drift.js';
import { sparkChart } from './distribution-chart.js';
import type { DriftFindings } from './drift-report.js';
import { formatEffect, formatPValue, formatShare, formatStatistic } from './number-format.js';

/** Columns by effect, largest first; untested ones last; equal ones in the reference's order. */
function byEffect(columns: readonly ColumnDrift[]): ColumnDrift[] {
  return columns.toSorted((a, b) => (b.effect ?? -1) - (a.effect ?? -1));
}

/** What the two colours mean. */
export function legend(): Html {
  return html`<p class="legend"><span><i class="key reference"></i>reference</span><span><i class="key current"></i>current</span></p>`;
}

/** Most columns drawn large, so that a page stays a page. */
const MAX_DETAILED_COLUMNS = 50;

/** The drifted columns that are drawn large, largest effect first, each with the id of its part of the page. */
export function detailedColumns(columns: readonly ColumnDrift[]): Map<ColumnDrift, string> {
  const drifted = byEffect(columns).filter((column) => column.drifted);
  return new Map(drifted.slice(0, MAX_DETAILED_COLUMNS).map((column, i) => [column, `drifted-${i + 1}`]));
}

/** A name as text that may break behind its separators. */
export function nameHtml(name: string): Html {
  const pieces = formatName(name).split(/(?<=[_./:-])/);
  return html`<bdi>${pieces.map((piece, i) => (i === 0 ? piece : html`<wbr>${piece}`))}</bdi>`;
}

const HEADINGS = html`<tr><th scope="col">Column</th><th scope="col">Distribution</th><th scope="col">Test</th>
<th scope="col" class="number">Statistic</th><th scope="col" class="number">p-value</th><th scope="col" class="number">Effect</th>
<th scope="col" class="number">Threshold</th><th scope="col" class="number">Missing<small>reference → current</small></th>
<th scope="col">Verdict</th></tr>`;

/** Section with one row a column. */
export function columnsTable({ columns, minimumEffect }: DriftFindings): Html {
  const detailed = detailedColumns(columns);
  // One scale for all rows, so that bars can be compared; with the threshold always on it.
  const scaleEnd = Math.max(2 * minimumEffect, ...columns.map(({ effect }) => effect ?? 0)) || 1;
  const rows = byEffect(columns).map((column) => columnRow(column, detailed.get(column), scaleEnd));
  return html`<section>
<h2>All columns, largest effect first</h2>
${legend()}
<table class="columns">
<thead>${HEADINGS}</thead>
<tbody>
${rows}</tbody>
</table>
</section>`;
}

function columnRow(column: ColumnDrift, detailsId: string | undefined, scaleEnd: number): Html {
  const name = nameHtml(column.column);
  return html`<tr class="${column.drifted ? 'drifted' : 'stable'}">
<th scope="row">${detailsId === undefined ? name : html`<a href="#${detailsId}">${name}</a>`}<small>${column.kind}</small></th>
${testCells(column, scaleEnd)}
<td class="number" data-label="Missing, reference → current">${missingCell(column)}</td>
<td class="verdict-cell">${verdictTag(column)}</td></tr>
`;
}

function testCells(column: ColumnDrift, scaleEnd: number): Html {
  const { distribution, statistic, pValue, effect, threshold, degreesOfFreedom } = column;
  if (distribution === null || statistic === null || pValue === null || effect === null) {
    return html`<td class="untested" colspan="6"><span class="note">Not tested: ${column.untested}.</span></td>`;
  }
  const [test, symbol] = column.test === 'ks' ? ['KS', 'D'] : ['Chi-squared', 'X²'];
  const freedom = degreesOfFreedom === null ? null : html`<small>df ${degreesOfFreedom}</small>`;
  const chart = sparkChart(distribution, `distribution of ${formatName(column.column)}, reference and current`);
  return html`<td class="spark-cell">${chart}</td>
<td class="test" data-label="Test">${test}${freedom}</td>
<td class="number" data-label="Statistic"><span class="soft">${symbol} = </span>${formatStatistic(statistic)}</td>
<td class="number" data-label="p-value">${formatPValue(pValue)}</td>
<td class="number effect" data-label="Effect">${formatEffect(effect)}${effectScale(effect, threshold, scaleEnd)}</td>
<td class="number soft" data-label="Threshold">${formatEffect(threshold)}</td>`;
}

function effectScale(effect: number, threshold: number, scaleEnd: number): Html {
  return html`<span class="scale"><i style="width:${percent(effect / scaleEnd)}"></i><b style="left:${percent(threshold / scaleEnd)}"></b></span>`;
}

const percent = (share: number) => `${(share * 100).toFixed(1)}%`;

function missingCell({ missingShare }: ColumnDrift): Html {
  if (missingShare.reference === 0 && missingShare.current === 0) return html`<span class="soft">none</span>`;
  const shares = html`${formatShare(missingShare.reference)} → ${formatShare(missingShare.current)}`;
  return missingShare.drifted ? html`<span class="tag drifted">${shares}</span>` : shares;
}

function verdictTag(column: ColumnDrift): Html {
  if (column.drifted) {
    const what =
      column.reasons.length === 2 ? 'values and missing' : column.reasons[0] === 'missing-share' ? 'missing values' : null;
    return html`<span class="tag drifted">Drifted${what && html`<small>${what}</small>`}</span>`;
  }
  return html`<span class="tag">${column.untested === null ? 'Stable' : 'Not tested'}</span>`;
}
