/** The report's style sheet: light, dark, narrow and printed. */
export const REPORT_STYLES = `
:root {
  color-scheme: light dark;
  --page: #fcfcfb; --ink: #1c2128; --soft: #59636f; --faint: #8791a0; --rule: #e2e5e9; --panel: #f4f5f6;
  --reference: #7d8897; --reference-fill: #a9b2be80; --current: #1f5fbf; --current-fill: #1f5fbf26;
  --drift: #ab3d0c; --drift-panel: #fbeee6;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #15181c; --ink: #e7e9ec; --soft: #a4adb8; --faint: #78828f; --rule: #2d333b; --panel: #1d2126;
    --reference: #97a1ae; --reference-fill: #7f8a9866; --current: #74abff; --current-fill: #74abff2e;
    --drift: #ff9c6e; --drift-panel: #38241a;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body {
  margin: 0 auto; max-width: 1160px; padding: 48px 32px 64px; background: var(--page); color: var(--ink);
  font: 15px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Liberation Sans", Arial, sans-serif;
  font-variant-numeric: tabular-nums lining-nums;
}
h1, h2, h3, p, dl, dd, figure, table { margin: 0; padding: 0; }
h1 { font-size: 15px; font-weight: 600; color: var(--soft); overflow-wrap: anywhere; }
h2 { font-size: 20px; line-height: 1.3; font-weight: 650; letter-spacing: -.01em; margin: 56px 0 4px; }
h3 { font-size: 17px; line-height: 1.35; font-weight: 650; overflow-wrap: anywhere; }
a { color: inherit; text-decoration-color: var(--faint); text-underline-offset: 3px; }
bdi { overflow-wrap: anywhere; }
.lead { color: var(--soft); max-width: 90ch; }
.lead b { font-weight: 600; color: var(--ink); }
.verdict { font-size: 38px; line-height: 1.15; font-weight: 700; letter-spacing: -.022em; margin: 8px 0 10px; text-wrap: balance; }
.verdict strong { font-weight: inherit; color: var(--drift); }
.meter { position: relative; height: 8px; border-radius: 4px; background: var(--rule); margin: 26px 0 30px; }
.meter > i { display: block; height: 100%; border-radius: 4px; background: var(--drift); min-width: 0; }
.meter > b { position: absolute; top: -5px; height: 18px; width: 2px; margin-left: -1px; background: var(--ink); }
.meter > span { position: absolute; top: 16px; font-size: 12.5px; color: var(--soft); white-space: nowrap; transform: translateX(-50%); }
.meter > span.end { transform: translateX(-100%); }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(240px, 1fr)); gap: 24px 40px; margin-top: 44px; padding-top: 22px; border-top: 1px solid var(--rule); }
.facts dt { font-size: 13px; font-weight: 600; color: var(--soft); display: flex; align-items: center; gap: 8px; }
.facts dd { margin-top: 2px; overflow-wrap: anywhere; }
.facts .note, .note { color: var(--soft); font-size: 13.5px; }
.numbers { color: var(--soft); font-size: 13.5px; white-space: nowrap; }
.key { display: inline-block; width: 18px; height: 11px; border: 1.5px solid; border-radius: 2px; }
.key.reference { border-color: var(--reference); background: var(--reference-fill); }
.key.current { border-color: var(--current); background: var(--current-fill); }
.legend { display: flex; flex-wrap: wrap; gap: 4px 20px; font-size: 13px; color: var(--soft); }
.legend span { display: inline-flex; align-items: center; gap: 7px; }
table { border-collapse: collapse; width: 100%; margin-top: 18px; font-size: 14px; }
th { font-size: 12.5px; line-height: 1.35; font-weight: 600; color: var(--soft); text-align: left; vertical-align: bottom; padding: 0 12px 8px 0; border-bottom: 1px solid var(--faint); }
td { padding: 9px 12px 9px 0; border-bottom: 1px solid var(--rule); vertical-align: middle; }
th:last-child, td:last-child { padding-right: 0; }
th.number, td.number { text-align: right; white-space: nowrap; }
th small { display: block; font-weight: 400; white-space: nowrap; }
.soft { color: var(--soft); }
tbody th { font-size: 14px; color: var(--ink); padding: 9px 12px 9px 0; border-bottom: 1px solid var(--rule); vertical-align: middle; width: 25%; min-width: 190px; }
tbody th small, td small { display: block; font-weight: 400; font-size: 12.5px; color: var(--soft); }
td.effect { width: 128px; }
.scale { position: relative; display: block; height: 4px; margin-top: 4px; border-radius: 2px; background: var(--rule); }
.scale > i { display: block; height: 100%; border-radius: 2px; background: var(--faint); }
.scale > b { position: absolute; top: -3px; height: 10px; width: 1.5px; background: var(--ink); }
tr.drifted .scale > i { background: var(--drift); }
.tag { display: inline-block; font-size: 12.5px; line-height: 1.5; white-space: nowrap; color: var(--soft); }
.tag.drifted { color: var(--drift); font-weight: 650; }
td.spark-cell { width: 172px; }
svg { display: block; overflow: visible; }
svg.spark { width: 160px; height: 36px; }
svg.chart { width: 100%; height: auto; }
svg.paired { width: 100%; height: 18px; overflow: hidden; }
svg text { font: 12px system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Liberation Sans", Arial, sans-serif; fill: var(--soft); }
.axis { stroke: var(--faint); stroke-width: 1; }
.grid { stroke: var(--rule); stroke-width: 1; }
.area, .curve { stroke-linejoin: round; vector-effect: non-scaling-stroke; }
.area.reference { fill: var(--reference-fill); stroke: var(--reference); stroke-width: 1; }
.area.current { fill: var(--current-fill); stroke: var(--current); stroke-width: 1.5; }
.curve { fill: none; stroke-width: 2; }
.curve.reference { stroke: var(--reference); }
.curve.current { stroke: var(--current); }
.bar.reference { fill: var(--reference); opacity: .75; }
.bar.current { fill: var(--current); }
.gap { stroke: var(--drift); stroke-width: 2; }
.gap-end { fill: var(--drift); }
svg text.gap-label { fill: var(--drift); font-weight: 650; font-size: 13px; paint-order: stroke; stroke: var(--page); stroke-width: 4px; stroke-linejoin: round; }
.column { margin-top: 30px; padding-top: 22px; border-top: 1px solid var(--rule); break-inside: avoid; }
.column > p { margin-top: 3px; max-width: 100ch; overflow-wrap: anywhere; }
.column > .note { margin-top: 0; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 340px), 1fr)); gap: 20px 44px; margin-top: 18px; }
figcaption { font-size: 13px; font-weight: 600; color: var(--soft); margin-bottom: 6px; }
figcaption .note { font-weight: 400; font-size: 13px; }
.bars { width: auto; min-width: min(100%, 720px); font-size: 13.5px; margin-top: 12px; }
.bars th, .bars td, .bars tbody th { padding: 4px 18px 4px 0; border: 0; font-size: 13.5px; }
.bars thead th { font-size: 12.5px; color: var(--soft); padding-bottom: 5px; }
.bars tbody th { font-weight: 400; width: auto; min-width: 96px; max-width: 280px; overflow-wrap: anywhere; }
.bars td.bar-cell { width: 300px; min-width: 60px; }
.columns td.test, .time { white-space: nowrap; }
.bars .soft { color: var(--soft); }
.method { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 400px), 1fr)); gap: 22px 56px; margin-top: 16px; }
.method h3 { font-size: 15px; }
.method p { color: var(--soft); margin-top: 3px; }
.profile-note { margin-top: 22px; max-width: 100ch; }
.sources-head { font-size: 15px; margin-top: 26px; }
.sources { margin: 6px 0 0; padding: 0 0 0 1.2em; color: var(--soft); font-size: 13.5px; }
.sources li { padding: 2px 0; }
footer { margin-top: 48px; padding-top: 14px; border-top: 1px solid var(--rule); color: var(--soft); font-size: 13px; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
@media screen and (max-width: 860px) {
  body { padding: 28px 18px 48px; }
  .verdict { font-size: 29px; }
  .columns thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .columns, .columns tbody { display: block; }
  .columns tr { display: grid; grid-template-columns: 1fr 1fr; gap: 8px 20px; padding: 14px 0; border-bottom: 1px solid var(--rule); }
  .columns td, .columns tbody th { display: block; width: auto; max-width: none; padding: 0; border: 0; text-align: left; white-space: normal; }
  .columns td[data-label]::before { content: attr(data-label); display: block; font-size: 12px; color: var(--soft); }
  .columns td.spark-cell { grid-column: 1 / -1; }
  .columns svg.spark { width: 100%; height: auto; max-height: 72px; }
  .columns td.verdict-cell { grid-column: 2; grid-row: 1; text-align: right; }
  .columns td.untested { grid-column: 1 / -1; }
}
@media screen and (max-width: 560px) {
  .bars .change { display: none; }
  .bars td.bar-cell { width: 100px; }
  .bars th, .bars td, .bars tbody th { padding-right: 10px; }
  .bars td:nth-last-child(2), .bars th:nth-last-child(2) { padding-right: 0; }
}
@media print {
  :root {
    color-scheme: light;
    --page: #fff; --ink: #000; --soft: #454d57; --faint: #7c8693; --rule: #d5d9de; --panel: #fff;
    --reference: #7d8897; --reference-fill: #a9b2be80; --current: #1f5fbf; --current-fill: #1f5fbf26;
    --drift: #ab3d0c; --drift-panel: #fff;
  }
  @page { margin: 14mm; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  body { max-width: none; padding: 0; font-size: 10pt; }
  h2, .legend { break-after: avoid; }
  h2 { margin-top: 28pt; }
  .facts { grid-template-columns: 1fr 1fr 1fr; gap: 12pt 18pt; }
  .method { grid-template-columns: 1fr 1fr; }
  tr, .column, .method > div, .facts > div { break-inside: avoid; }
  thead { display: table-header-group; }
  .columns { font-size: 8.5pt; }
  .columns tbody th { font-size: 8.5pt; min-width: 42mm; }
  .columns th, .columns td, .columns tbody th { padding-right: 7px; }
  td.spark-cell, svg.spark { width: 100px; }
  td.effect { width: 74px; }
  a { text-decoration: none; }
}
`.trim();
