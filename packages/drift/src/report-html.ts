/** The drift report as one HTML page: the verdict first, then every column, then the drifted ones in detail, then how it was decided. */
import { formatName, formatRows, html, type Html, htmlPage } from '@fraudops/core';
import { columnDetails } from './report-details.js';
import type { DriftFindings } from './drift-report.js';
import { formatRoundShare, formatShare, formatTime } from './number-format.js';
import { columnsTable } from './report-columns.js';
import { methodSection } from './report-method.js';
import { REPORT_STYLES } from './report-styles.js';

/** Names and times that a report shows beside its findings. */
export interface HtmlReportOptions {
  /** Heading of the page; default `Drift report`. */
  readonly title?: string;
  /** When the report was made, epoch milliseconds; not shown when absent. */
  readonly generatedMs?: number;
  /** What the reference is. */
  readonly reference?: SideDescription;
  /** What the current data are. */
  readonly current?: SideDescription;
}

/** What one side of the comparison is. */
export interface SideDescription {
  /** Such as `training data of fraud v3`. */
  readonly label?: string;
  /** Time of the first row, epoch milliseconds. */
  readonly fromMs?: number;
  /** Time of the last row, epoch milliseconds. */
  readonly toMs?: number;
}

/** Longest title and label that are shown. */
const LONGEST_TITLE = 200;

/** The whole page. */
export function reportHtml(findings: DriftFindings, options: HtmlReportOptions = {}): string {
  const title = formatName(options.title ?? 'Drift report', LONGEST_TITLE);
  return htmlPage({
    title: `${verdictText(findings)} · ${title}`,
    styles: REPORT_STYLES,
    body: html`<header>
<h1>${title}</h1>
${headline(findings)}
${facts(findings, options)}
</header>
<main>
${columnsTable(findings)}
${columnDetails(findings)}
${methodSection(findings)}
</main>
${options.generatedMs === undefined ? null : html`<footer>Made ${formatTime(options.generatedMs)}.</footer>`}`,
  });
}

function verdictText({ drifted, columns }: DriftFindings): string {
  if (drifted.length === 0)
    return columns.length === 1 ? 'The column did not drift' : `None of ${columns.length} columns drifted`;
  return `${drifted.length} of ${formatRows(columns.length, 'column')} drifted`;
}

function headline(findings: DriftFindings): Html {
  const { share, driftShare, datasetDrift, drifted } = findings;
  const threshold = formatRoundShare(driftShare);
  const sentence = datasetDrift
    ? html`That is ${formatShare(share)} of the columns and reaches the threshold of ${threshold}: <b>the dataset has drifted.</b>`
    : html`That is ${formatShare(share)} of the columns, below the threshold of ${threshold}: <b>the dataset as a whole has not drifted.</b>`;
  const text = verdictText(findings);
  return html`<p class="verdict">${drifted.length > 0 ? html`<strong>${text}</strong>` : text}</p>
<p class="lead">${sentence}</p>
<div class="meter" role="img" aria-label="${formatShare(share)} of the columns drifted; threshold ${threshold}"><i style="width:${percent(share)}"></i><b style="left:${percent(driftShare)}"></b><span class="${driftShare > 0.85 ? 'end' : ''}" style="left:${percent(driftShare)}">threshold ${threshold}</span></div>`;
}

const percent = (share: number) => `${(share * 100).toFixed(2)}%`;

function facts(findings: DriftFindings, options: HtmlReportOptions): Html {
  const { significance, minimumEffect, minimumMissingChange, comparedWith, rows } = findings;
  const remembered = comparedWith === 'profile' ? html`<dd class="note">compared through its saved profile</dd>` : null;
  return html`<dl class="facts">
<div><dt><i class="key reference"></i>Reference</dt>${side(rows.reference, options.reference)}${remembered}</div>
<div><dt><i class="key current"></i>Current</dt>${side(rows.current, options.current)}</div>
<div><dt>A column drifts when</dt><dd>p &lt; ${significance} and effect ≥ ${minimumEffect}</dd><dd class="note">or its missing values change by ≥ ${formatRoundShare(minimumMissingChange)} of all rows with p &lt; ${significance}</dd></div>
</dl>`;
}

function side(rows: number, description: SideDescription = {}): Html {
  const { label, fromMs, toMs } = description;
  return html`${label === undefined ? null : html`<dd><bdi>${formatName(label, LONGEST_TITLE)}</bdi></dd>`}<dd>${formatRows(rows, 'row')}</dd>${timeRange(fromMs, toMs)}`;
}

function timeRange(fromMs: number | undefined, toMs: number | undefined): Html | null {
  if (fromMs === undefined && toMs === undefined) return null;
  if (toMs === undefined) return html`<dd class="note">from ${time(fromMs!)}</dd>`;
  if (fromMs === undefined) return html`<dd class="note">up to ${time(toMs)}</dd>`;
  return html`<dd class="note">${time(fromMs)} to ${time(toMs)}</dd>`;
}

const time = (epochMs: number) => html`<span class="time">${formatTime(epochMs)}</span>`;
