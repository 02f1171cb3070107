/**
 * The frame and the style sheet that all HTML reports share: one file that stands alone, light and dark, for wide screens, phones and paper.
 * A report adds the styles of its own parts behind these.
 */
import { type Html, html, trustedHtml } from './html-template.js';

/** What a page consists of. */
export interface HtmlPageParts {
  /** Of the browser's tab. */
  readonly title: string;
  /** The report's own style sheet, which follows the shared one; a constant of the program. */
  readonly styles: string;
  /** Everything between `<body>` and `</body>`. */
  readonly body: Html;
}

/**
 * A whole page. Nothing in it is loaded from elsewhere and nothing runs: a policy in its head makes the browser vouch for that, whatever
 * text from data stands on the page.
 *
 * @example await writeFile('report.html', htmlPage({ title: 'Report', styles: '', body: html`<h1>Report</h1>` }));
 */
export function htmlPage({ title, styles, body }: HtmlPageParts): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>
${trustedHtml(`${PAGE_STYLES}\n${styles}`)}
</style>
</head>
<body>
${body}
</body>
</html>
`.toString();
}

/**
 * Colours and type of every report. `--mark` is what is shown, `--alert` what needs attention, `--reference` what it is compared with. On
 * narrow screens the rows of a table of class `columns` become blocks, in which each cell is named by its `data-label`.
 */
const PAGE_STYLES = `
:root {
  color-scheme: light dark;
  --page: #fcfcfb; --ink: #1c2128; --soft: #59636f; --faint: #8791a0; --rule: #e2e5e9; --panel: #f4f5f6;
  --mark: #1f5fbf; --mark-fill: #1f5fbf26; --mark-solid: #5c8fd8; --reference: #7d8897; --reference-fill: #a9b2be80;
  --alert: #ab3d0c; --alert-fill: #ab3d0c26; --alert-panel: #fbeee6; --cell-ink: #fff;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #15181c; --ink: #e7e9ec; --soft: #a4adb8; --faint: #78828f; --rule: #2d333b; --panel: #1d2126;
    --mark: #74abff; --mark-fill: #74abff2e; --mark-solid: #4f7fc9; --reference: #97a1ae; --reference-fill: #7f8a9866;
    --alert: #ff9c6e; --alert-fill: #ff9c6e2e; --alert-panel: #38241a; --cell-ink: #15181c;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; scroll-behavior: smooth; }
body {
  margin: 0 auto; max-width: 1160px; padding: 48px 32px 64px; background: var(--page); color: var(--ink);
  font: 15px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Liberation Sans", Arial, sans-serif;
  font-variant-numeric: tabular-nums lining-nums;
}
h1, h2, h3, p, dl, dd, figure, table, ul, ol { margin: 0; padding: 0; }
h1 { font-size: 15px; font-weight: 600; color: var(--soft); overflow-wrap: anywhere; }
h2 { font-size: 20px; line-height: 1.3; font-weight: 650; letter-spacing: -.01em; margin: 56px 0 4px; }
h3 { font-size: 17px; line-height: 1.35; font-weight: 650; overflow-wrap: anywhere; }
a { color: inherit; text-decoration-color: var(--faint); text-underline-offset: 3px; }
bdi { overflow-wrap: anywhere; }
.lead { color: var(--soft); max-width: 90ch; }
.verdict { font-size: 38px; line-height: 1.15; font-weight: 700; letter-spacing: -.022em; margin: 8px 0 10px; text-wrap: balance; }
.facts { display: grid; padding-top: 22px; border-top: 1px solid var(--rule); }
.facts dt { font-size: 13px; font-weight: 600; color: var(--soft); }
.facts dd { margin-top: 2px; overflow-wrap: anywhere; }
.note { color: var(--soft); font-size: 13.5px; }
.soft { color: var(--soft); }
table { border-collapse: collapse; width: 100%; margin-top: 18px; font-size: 14px; }
th { font-size: 12.5px; line-height: 1.35; font-weight: 600; color: var(--soft); text-align: left; vertical-align: bottom; padding: 0 14px 8px 0; border-bottom: 1px solid var(--faint); }
td { padding: 9px 14px 9px 0; border-bottom: 1px solid var(--rule); vertical-align: middle; }
th:last-child, td:last-child { padding-right: 0; }
th.number, td.number { text-align: right; white-space: nowrap; }
tbody th { font-size: 14px; color: var(--ink); padding: 9px 14px 9px 0; border-bottom: 1px solid var(--rule); vertical-align: middle; }
tbody th small, td small { display: block; font-weight: 400; font-size: 12.5px; color: var(--soft); }
svg { display: block; overflow: visible; }
svg.spark { width: 160px; height: 36px; }
svg.chart { width: 100%; height: auto; }
svg text { font: 12px system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Liberation Sans", Arial, sans-serif; fill: var(--soft); }
.axis { stroke: var(--faint); stroke-width: 1; }
.grid { stroke: var(--rule); stroke-width: 1; }
.legend { display: flex; flex-wrap: wrap; gap: 4px 20px; font-size: 13px; color: var(--soft); }
.legend span { display: inline-flex; align-items: center; gap: 7px; }
.key { display: inline-block; width: 18px; height: 11px; border-radius: 2px; }
.column { margin-top: 30px; padding-top: 22px; border-top: 1px solid var(--rule); break-inside: avoid; scroll-margin-top: 12px; }
figcaption { font-size: 13px; font-weight: 600; color: var(--soft); margin-bottom: 6px; }
figcaption .note { font-weight: 400; font-size: 13px; }
.scroll { overflow-x: auto; padding-bottom: 4px; margin-top: 10px; }
footer { padding-top: 14px; border-top: 1px solid var(--rule); color: var(--soft); font-size: 13px; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
@media screen and (max-width: 860px) {
  body { padding: 28px 18px 48px; }
  .verdict { font-size: 29px; }
  .columns thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .columns, .columns tbody { display: block; }
  .columns tr { display: grid; grid-template-columns: 1fr 1fr; gap: 8px 20px; padding: 14px 0; border-bottom: 1px solid var(--rule); }
  .columns tr td, .columns tbody th { display: block; width: auto; max-width: none; padding: 0; border: 0; text-align: left; white-space: normal; overflow-wrap: anywhere; }
  .columns td[data-label]::before { content: attr(data-label); display: block; font-size: 12px; color: var(--soft); }
}
@media print {
  :root {
    color-scheme: light;
    --page: #fff; --ink: #000; --soft: #454d57; --faint: #7c8693; --rule: #d5d9de; --panel: #fff;
    --mark: #1f5fbf; --mark-fill: #1f5fbf26; --mark-solid: #5c8fd8; --reference: #7d8897; --reference-fill: #a9b2be80;
    --alert: #ab3d0c; --alert-fill: #ab3d0c26; --alert-panel: #fff; --cell-ink: #fff;
  }
  @page { margin: 14mm; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  body { max-width: none; padding: 0; font-size: 10pt; }
  h2 { margin-top: 26pt; break-after: avoid; }
  .legend { break-after: avoid; }
  tr, figure, .facts > div { break-inside: avoid; }
  thead { display: table-header-group; }
  .columns { font-size: 8.5pt; }
  .scroll { overflow: visible; }
  a { text-decoration: none; }
}
`.trim();
