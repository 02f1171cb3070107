/** The profile page's table of all columns, and a part for each column with its figures, charts and most frequent values. */
import {
  formatCount,
  formatDay,
  formatName,
  formatRows,
  formatShare,
  formatTime,
  formatValue,
  type Html,
  html,
} from '@fraudops/core';
import { formatCorrelation } from './number-format.js';
import { countsTitle, histogramChart, namedBarsChart, shareBar, sparkBars, sparkHistogram } from './profile-charts.js';
import { nameHtml } from './profile-name.js';
import type { CategoryProfile, ColumnProfile, FlagProfile, NumberProfile, TableProfile, TimeProfile } from './table-profile.js';

/** Most columns drawn large, so that a page stays a page. */
const MAX_DETAILED_COLUMNS = 100;

/** Id of a column's part of the page; undefined when it has none. */
export function columnId(place: number): string | undefined {
  return place < MAX_DETAILED_COLUMNS ? `column-${place + 1}` : undefined;
}

/** Section with one row a column. */
export function columnsTable({ columns, rowCount }: TableProfile): Html {
  return html`<section>
<h2>All columns</h2>
<table class="columns">
<thead><tr><th scope="col">Column</th><th scope="col">Distribution</th><th scope="col">In short</th><th scope="col" class="number">Distinct</th><th scope="col" class="number">Missing</th></tr></thead>
<tbody>
${columns.map((column, place) => columnRow(column, place, rowCount))}</tbody>
</table>
</section>`;
}

function columnRow(column: ColumnProfile, place: number, rowCount: number): Html {
  const id = columnId(place);
  const name = nameHtml(column.name);
  const share = rowCount === 0 ? 0 : column.missing / rowCount;
  const missing =
    column.missing === 0
      ? html`<span class="soft">none</span>`
      : html`<span class="${share > 0.5 ? 'alert' : ''}">${formatShare(share)}</span>`;
  return html`<tr><th scope="row">${id === undefined ? name : html`<a href="#${id}">${name}</a>`}<small>${column.kind}</small></th>
<td class="spark-cell">${spark(column, rowCount)}</td>
<td class="sum">${summary(column, rowCount)}</td>
<td class="number" data-label="Distinct">${formatCount(column.distinct)}</td>
<td class="number" data-label="Missing">${missing}</td></tr>
`;
}

function spark(column: ColumnProfile, rowCount: number): Html | null {
  const title = `distribution of ${formatName(column.name)}`;
  if (column.kind === 'flag')
    return sparkBars([column.no, column.yes], `${title}: ${formatCount(column.no)} no, ${formatCount(column.yes)} yes`);
  if ('histogram' in column && column.histogram) return sparkHistogram(column.histogram, title);
  if (column.kind === 'time') return null;
  const values = column.kind === 'number' ? column.topValues.toSorted((a, b) => a.value - b.value) : column.topValues;
  const counts = values.map(({ count }) => count);
  const rest = rowCount - column.missing - counts.reduce((sum, count) => sum + count, 0);
  // Against hundreds of rare values together, the most frequent ones would be no more than a line.
  return counts.length === 0 ? null : sparkBars(counts, title, rest > 4 * counts[0]! ? 0 : rest);
}

function summary(column: ColumnProfile, rowCount: number): Html | string {
  switch (column.kind) {
    case 'number':
      return numberSummary(column);
    case 'time':
      return column.earliestMs === null || column.latestMs === null
        ? 'no values'
        : html`${formatDay(column.earliestMs)} to ${formatDay(column.latestMs)}<small>${column.isSorted ? 'in order' : 'not in order'}</small>`;
    case 'flag':
      return column.yes + column.no === 0 ? 'no values' : `${formatShare(column.yes / (column.yes + column.no))} yes`;
    default: {
      const [first] = column.topValues;
      if (!first) return 'no values';
      return html`${nameHtml(first.value)} <span class="soft">in ${formatShare(first.count / (rowCount - column.missing))}</span>`;
    }
  }
}

function numberSummary({ quantiles }: NumberProfile): Html | string {
  if (quantiles.length === 0) return 'no values';
  const at = (quantile: number) => valueOrDash(quantiles.find((one) => one.quantile === quantile)?.value ?? null);
  return html`median ${at(0.5)}<small>${at(0)} to ${at(1)}</small>`;
}

/** Section with a part for each of the first columns. */
export function columnDetails({ columns, rowCount }: TableProfile): Html | null {
  if (columns.length === 0 || rowCount === 0) return null;
  const left = columns.length - MAX_DETAILED_COLUMNS;
  return html`<section>
<h2>Column by column</h2>
${columns.slice(0, MAX_DETAILED_COLUMNS).map((column, place) => columnPart(column, columnId(place)!, rowCount))}
${left > 0 ? html`<p class="note">${formatRows(left, 'more column')} in the table above.</p>` : null}
</section>`;
}

function columnPart(column: ColumnProfile, id: string, rowCount: number): Html {
  const missing = column.missing === 0 ? 'no missing values' : `${formatShare(column.missing / rowCount)} missing`;
  return html`<article class="column" id="${id}">
<h3>${nameHtml(column.name)}<small>${column.kind}</small></h3>
<p class="note">${formatRows(column.distinct, 'distinct value')}, ${missing}</p>
${column.missing === rowCount ? null : parts(column, rowCount)}
</article>
`;
}

function parts(column: ColumnProfile, rowCount: number): Html {
  switch (column.kind) {
    case 'number':
      return numberParts(column, rowCount);
    case 'time':
      return timeParts(column);
    case 'flag':
      return flagParts(column);
    default:
      return categoryParts(column, rowCount);
  }
}

const stat = (name: string, value: string) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`;
const valueOrDash = (value: number | null) => (value === null ? '–' : formatValue(value));

function numberParts(column: NumberProfile, rowCount: number): Html {
  const { mean, standardDeviation, skewness, quantiles, zeros, negatives, infinite, histogram } = column;
  const present = rowCount - column.missing;
  const at = (quantile: number) => quantiles.find((one) => one.quantile === quantile)?.value ?? Number.NaN;
  const names: Readonly<Record<string, string>> = {
    0: 'Minimum',
    0.25: 'Lower quartile',
    0.5: 'Median',
    0.75: 'Upper quartile',
    1: 'Maximum',
  };
  const stats = html`<dl class="stats">
${stat('Mean', valueOrDash(mean))}${stat('Standard dev.', valueOrDash(standardDeviation))}${stat('Skewness', skewness === null ? '–' : formatCorrelation(skewness))}
${quantiles.map(({ quantile, value }) => stat(names[quantile] ?? `${quantile * 100}%`, formatValue(value)))}
${zeros > 0 ? stat('Zeros', formatShare(zeros / present)) : null}${negatives > 0 ? stat('Negative', formatShare(negatives / present)) : null}${infinite > 0 ? stat('Infinite', formatCount(infinite)) : null}
</dl>`;
  const topValues = column.topValues.map(({ value, count }) => ({ name: formatValue(value), count }));
  if (!histogram)
    return html`<div class="parts"><div>${stats}</div>${topValues.length === 0 ? null : html`<figure>${valueBars(topValues, present, 'Values')}</figure>`}</div>`;
  const beyond = histogram.below + histogram.above;
  const note = beyond > 0 ? html`<span class="note">, ${formatShare(beyond / present)} lie beyond</span>` : null;
  const quartiles = { lower: at(0.25), median: at(0.5), upper: at(0.75) };
  const middle = Object.values(quartiles).some(Number.isNaN) ? undefined : quartiles;
  // A value of which there is one or two is not frequent.
  const isFrequent = (column.topValues[0]?.count ?? 0) > present / 1000 && (column.topValues[0]?.count ?? 0) > 2;
  return html`<div class="parts"><figure><figcaption>Distribution <span class="note">middle half shaded, median as a line</span>${note}</figcaption>${histogramChart(histogram, `histogram of ${formatName(column.name)}`, 'number', middle)}</figure><div>${stats}${isFrequent ? html`<figure>${valueBars(topValues.slice(0, 5), present, 'Most frequent')}</figure>` : null}</div></div>`;
}

function categoryParts(column: CategoryProfile, rowCount: number): Html {
  const present = rowCount - column.missing;
  const { shortest, longest, distinct } = column;
  const length =
    shortest === longest ? formatRows(longest ?? 0, 'character') : `${shortest ?? 0} to ${formatRows(longest ?? 0, 'character')}`;
  const values = column.topValues.map(({ value, count }) => ({ name: value, count }));
  const shown = values.reduce((sum, { count }) => sum + count, 0);
  const rest =
    distinct > values.length ? { name: formatRows(distinct - values.length, 'other value'), count: present - shown } : undefined;
  const bars = values.length === 0 ? null : html`<figure>${valueBars(values, present, 'Most frequent values', rest)}</figure>`;
  return html`<div class="parts">${bars}<dl class="stats">${stat('Length', length)}${stat('Rows a value', formatValue(present / distinct))}${values[0] ? stat('Most frequent', formatShare(values[0].count / present)) : null}</dl></div>`;
}

function flagParts({ yes, no }: FlagProfile): Html {
  const values = [
    { name: 'yes', count: yes },
    { name: 'no', count: no },
  ];
  return html`<div class="parts"><figure>${valueBars(values, yes + no, 'Values')}</figure></div>`;
}

const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];
const HOURS = Array.from({ length: 24 }, (_, hour) => `${hour}h`);

function timeParts({ name, earliestMs, latestMs, isSorted, histogram, hours, weekdays }: TimeProfile): Html {
  const short = formatName(name);
  const stats = html`<dl class="stats">${stat('Earliest', formatTime(earliestMs ?? 0))}${stat('Latest', formatTime(latestMs ?? 0))}${stat('Order', isSorted ? 'in order' : 'not in order')}</dl>`;
  return html`<div class="parts">
${histogram && html`<figure><figcaption>Rows over time</figcaption>${histogramChart(histogram, `rows over ${short}`, 'time')}</figure>`}
<div>${stats}</div>
<figure><figcaption>By hour of the day</figcaption>${namedBarsChart(hours, HOURS, `rows by hour: ${countsTitle(hours)}`)}</figure>
<figure><figcaption>By day of the week</figcaption>${namedBarsChart(weekdays, WEEKDAYS, `rows by weekday: ${countsTitle(weekdays)}`)}</figure>
</div>`;
}

interface NamedCount {
  readonly name: string;
  readonly count: number;
}

function valueBars(values: readonly NamedCount[], present: number, caption: string, rest?: NamedCount): Html {
  const widest = Math.max(...values.map(({ count }) => count / present));
  const row = ({ name, count }: NamedCount, isRest: boolean) => {
    const share = count / present;
    return html`<tr><th scope="row">${isRest ? html`<span class="soft">${name}</span>` : nameHtml(name)}</th><td class="bar-cell">${isRest ? null : shareBar(share, widest)}</td><td class="number count">${formatCount(count)}</td><td class="number share soft">${formatShare(share)}</td></tr>
`;
  };
  return html`<figcaption>${caption}</figcaption><table class="bars"><tbody>
${values.map((value) => row(value, false))}${rest ? row(rest, true) : null}</tbody></table>`;
}
