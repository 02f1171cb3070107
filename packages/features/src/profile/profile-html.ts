/** A table's profile as one HTML page: the figures, what is worth a look, the label over time, every column, correlations. */
import {
  formatCount,
  formatDay,
  formatName,
  formatRows,
  formatShare,
  formatTime,
  type Html,
  html,
  htmlPage,
} from '@fraudops/core';
import { correlationChart, labelRateCharts } from './profile-charts.js';
import { columnDetails, columnId, columnsTable } from './profile-columns.js';
import { nameHtml } from './profile-name.js';
import { formatCorrelation } from './number-format.js';
import { PROFILE_STYLES } from './profile-styles.js';
import type { LabelRateOverTime, ProfileWarning, TableProfile, TimeProfile } from './table-profile.js';

/** Options of {@link profileHtml}. */
export interface ProfileHtmlOptions {
  /** Heading of the page. Default `Profile`. */
  readonly title?: string;
  /** When the page was made, epoch milliseconds; not shown when absent. */
  readonly generatedMs?: number;
}

const LONGEST_TITLE = 200;

/**
 * The profile as a page that stands alone: no scripts, nothing loaded, everything that came from data escaped; light and dark, for wide screens,
 * phones and paper. At most 100 columns are drawn in detail, the others stand in the table of all columns.
 *
 * @param profile from `profileTable` or `tableProfileFromJson`; the same profile and options give the same bytes
 * @example await writeFile('april.html', profileHtml(profileTable(table), { title: 'April' }));
 */
export function profileHtml(profile: TableProfile, options: ProfileHtmlOptions = {}): string {
  const title = formatName(options.title ?? 'Profile', LONGEST_TITLE);
  const { rowCount, columns, labelRate } = profile;
  const size = `${formatRows(rowCount, 'row')}, ${formatRows(columns.length, 'column')}`;
  return htmlPage({
    title: `${title} · ${size}`,
    styles: PROFILE_STYLES,
    body: html`<header>
<h1>${title}</h1>
<p class="verdict">${size}</p>
<p class="lead">${leadText(profile)}</p>
${facts(profile)}
</header>
<main>
${worthALook(profile)}
${labelRate && labelRate.periods.length > 0 && labelRate.known > 0 ? labelSection(labelRate) : null}
${columnsTable(profile)}
${columnDetails(profile)}
${correlationSections(profile)}
</main>
${footer(profile, options)}`,
  });
}

function leadText({ rowCount, warnings }: TableProfile): string {
  if (rowCount === 0) return 'The table has no rows.';
  if (warnings.length === 0) return 'Nothing stands out.';
  return warnings.length === 1 ? 'One thing is worth a look.' : `${warnings.length} things are worth a look.`;
}

function facts(profile: TableProfile): Html {
  const { rowCount, columns, duplicates, labelRate } = profile;
  const missing = columns.reduce((sum, column) => sum + column.missing, 0);
  const cells = rowCount * columns.length;
  const affected = columns.filter((column) => column.missing > 0).length;
  const time = columns.find(
    (column): column is TimeProfile => column.kind === 'time' && column.name === (labelRate?.time ?? column.name),
  );
  return html`<dl class="facts">
${fact('Missing values', missing === 0 ? 'none' : formatShare(missing / cells), missing === 0 ? null : `in ${formatRows(affected, 'column')}`)}
${duplicates && fact('Duplicate rows', duplicates.count === 0 ? 'none' : formatCount(duplicates.count), duplicates.count === 0 ? null : `${formatShare(duplicates.count / rowCount)} of all rows`)}
${labelRate && labelRate.known > 0 && fact('Label rate', formatShare(labelRate.yes / labelRate.known), `${formatCount(labelRate.yes)} of ${formatCount(labelRate.known)} known labels`)}
${time?.earliestMs != null && time.latestMs !== null && fact('Time', spanText(time.latestMs - time.earliestMs), `${formatDay(time.earliestMs)} to ${formatDay(time.latestMs)}`)}
</dl>`;
}

const fact = (name: string, value: string, note: string | null) =>
  html`<div><dt>${name}</dt><dd>${value}</dd>${note === null ? null : html`<dd class="note">${note}</dd>`}</div>`;

function spanText(spanMs: number): string {
  const hours = spanMs / 3_600_000;
  if (hours < 48) return formatRows(Math.round(hours), 'hour');
  return formatRows(Math.round(hours / 24), 'day');
}

function worthALook({ warnings, columns }: TableProfile): Html | null {
  if (warnings.length === 0) return null;
  const places = new Map(columns.map((column, i) => [column.name, i]));
  const item = ({ columns: names, text }: ProfileWarning) => {
    const linked = names.map((name, i) => html`${i > 0 ? ' and ' : null}<b>${linkHtml(name, places.get(name))}</b>`);
    return html`<li>${linked}${names.length > 0 ? ' ' : null}${text}.</li>
`;
  };
  return html`<section>
<h2>Worth a look</h2>
<ul class="look">
${warnings.map(item)}</ul>
</section>`;
}

function linkHtml(name: string, place: number | undefined): Html {
  const id = place === undefined ? undefined : columnId(place);
  return id === undefined ? nameHtml(name) : html`<a href="#${id}">${nameHtml(name)}</a>`;
}

function labelSection(rate: LabelRateOverTime): Html {
  const { label, time, period, omitted, periods } = rate;
  const most = Math.max(...periods.map(({ rows }) => rows));
  return html`<section>
<h2>${nameHtml(label)} over time</h2>
<p class="lead">The share of yes among known labels, by ${period} of ${nameHtml(time)}, UTC.</p>
<p class="legend"><span><i class="key line"></i>label rate; dashed: whole table</span><span><i class="key volume"></i>rows, at most ${formatCount(most)} a ${period}</span></p>
<div class="over-time">${labelRateCharts(rate)}</div>
${omitted > 0 ? html`<p class="note">${formatRows(omitted, `earlier ${period}`)} not shown.</p>` : null}
</section>`;
}

function correlationSections({ correlations, associations }: TableProfile): Html {
  const left = (names: readonly string[]) =>
    names.length === 0
      ? null
      : html`<p class="note">Left out, since they are constant, have too many values or are too many: ${names.slice(0, 50).map((name, i) => html`${i > 0 ? ', ' : null}${nameHtml(name)}`)}${names.length > 50 ? ` and ${names.length - 50} more` : null}.</p>`;
  const shortNames = (names: readonly string[]) => names.map((name) => formatName(name, 28));
  return html`${
    correlations &&
    html`<section>
<h2>Correlations</h2>
<p class="lead">${correlations.method === 'pearson' ? 'Pearson’s r: how far two columns lie on a line.' : 'Spearman’s rank correlation: how far two columns rise together.'} Flags count as 0 and 1.</p>
<p class="legend"><span><i class="key plus"></i>rise together</span><span><i class="key minus"></i>one falls as the other rises</span></p>
<div class="scroll">${correlationChart(shortNames(correlations.columns), correlations.values, 'correlations', formatCorrelation)}</div>
${left(correlations.leftOut)}
</section>`
  }${
    associations &&
    html`<section>
<h2>Associations of categories</h2>
<p class="lead">Cramér’s V: 0 when two columns have nothing to do with each other, 1 when one tells the other.</p>
<div class="scroll">${correlationChart(shortNames(associations.columns), associations.values, 'associations', formatCorrelation)}</div>
${left(associations.leftOut)}
</section>`
  }`;
}

function footer({ correlations }: TableProfile, { generatedMs }: ProfileHtmlOptions): Html {
  const ranks = correlations?.method === 'spearman' ? ' Equal values share the mean of their ranks.' : '';
  return html`<footer>
<p>All figures are exact and over all rows. Quantiles between two values are interpolated linearly; standard deviations are by n − 1; skewness is m₃ / m₂^1.5. Missing values are left out, infinite ones too. Correlations are over the rows in which both columns have a value.${ranks} Times, hours and weekdays are UTC.</p>
${generatedMs === undefined ? null : html`<p>Made ${formatTime(generatedMs)} UTC.</p>`}
</footer>`;
}
