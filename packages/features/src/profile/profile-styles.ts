/** The profile page's style sheet: light, dark, narrow and printed. */
export const PROFILE_STYLES = `
:root {
  color-scheme: light dark;
  --page: #fcfcfb; --ink: #1c2128; --soft: #59636f; --faint: #8791a0; --rule: #e2e5e9; --panel: #f4f5f6;
  --mark: #1f5fbf; --mark-fill: #1f5fbf26; --mark-solid: #5c8fd8; --alert: #ab3d0c; --alert-fill: #ab3d0c26; --alert-panel: #fbeee6; --cell-ink: #fff;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #15181c; --ink: #e7e9ec; --soft: #a4adb8; --faint: #78828f; --rule: #2d333b; --panel: #1d2126;
    --mark: #74abff; --mark-fill: #74abff2e; --mark-solid: #4f7fc9; --alert: #ff9c6e; --alert-fill: #ff9c6e2e; --alert-panel: #38241a; --cell-ink: #15181c;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; scroll-behavior: smooth; }
body {
  margin: 0 auto; max-width: 1160px; padding: 48px 32px 64px; background: var(--page); color: var(--ink);
  font: 15px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Liberation Sans", Arial, sans-serif;
  font-variant-numeric: tabular-nums lining-nums;
}
h1, h2, h3, p, dl, dd, figure, table, ul { margin: 0; padding: 0; }
h1 { font-size: 15px; font-weight: 600; color: var(--soft); overflow-wrap: anywhere; }
h2 { font-size: 20px; line-height: 1.3; font-weight: 650; letter-spacing: -.01em; margin: 56px 0 4px; }
h3 { font-size: 17px; line-height: 1.35; font-weight: 650; overflow-wrap: anywhere; }
h3 small { font-size: 13px; font-weight: 400; color: var(--soft); margin-left: 6px; }
a { color: inherit; text-decoration-color: var(--faint); text-underline-offset: 3px; }
bdi { overflow-wrap: anywhere; }
.lead { color: var(--soft); max-width: 90ch; }
.verdict { font-size: 38px; line-height: 1.15; font-weight: 700; letter-spacing: -.022em; margin: 8px 0 10px; text-wrap: balance; }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(190px, 1fr)); gap: 24px 40px; margin-top: 32px; padding-top: 22px; border-top: 1px solid var(--rule); }
.facts dt, .stats dt { font-size: 13px; font-weight: 600; color: var(--soft); }
.facts dd { font-size: 22px; line-height: 1.3; font-weight: 650; letter-spacing: -.01em; margin-top: 2px; overflow-wrap: anywhere; }
.facts dd.note { font-size: 13.5px; font-weight: 400; letter-spacing: 0; line-height: 1.5; }
.note { color: var(--soft); font-size: 13.5px; }
.soft { color: var(--soft); }
.look { list-style: none; margin-top: 14px; }
.look li { padding: 8px 0 8px 16px; border-left: 3px solid var(--alert); margin-bottom: 6px; background: var(--alert-panel); padding-right: 14px; overflow-wrap: anywhere; }
.look b { font-weight: 650; }
table { border-collapse: collapse; width: 100%; margin-top: 18px; font-size: 14px; }
th { font-size: 12.5px; line-height: 1.35; font-weight: 600; color: var(--soft); text-align: left; vertical-align: bottom; padding: 0 14px 8px 0; border-bottom: 1px solid var(--faint); }
td { padding: 9px 14px 9px 0; border-bottom: 1px solid var(--rule); vertical-align: middle; }
th:last-child, td:last-child { padding-right: 0; }
th.number, td.number { text-align: right; white-space: nowrap; }
tbody th { font-size: 14px; color: var(--ink); padding: 9px 14px 9px 0; border-bottom: 1px solid var(--rule); vertical-align: middle; width: 24%; min-width: 170px; }
tbody th small, td small { display: block; font-weight: 400; font-size: 12.5px; color: var(--soft); }
td.spark-cell { width: 174px; }
.alert { color: var(--alert); font-weight: 650; }
svg { display: block; overflow: visible; }
svg.spark { width: 160px; height: 36px; }
svg.chart, svg.wide { width: 100%; height: auto; }
svg.bar-line { width: 100%; height: 10px; overflow: hidden; }
svg text { font: 12px system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Liberation Sans", Arial, sans-serif; fill: var(--soft); }
svg .bar { fill: var(--mark-solid); }
svg .bar.rest { fill: var(--faint); opacity: .55; }
svg .bar.volume { fill: var(--faint); opacity: .38; }
svg .area { fill: var(--mark-fill); stroke: var(--mark); stroke-width: 1.5; stroke-linejoin: round; vector-effect: non-scaling-stroke; }
svg .curve { fill: none; stroke: var(--alert); stroke-width: 2; stroke-linejoin: round; stroke-linecap: round; }
svg .point { fill: var(--alert); }
svg .level { stroke: var(--alert); stroke-width: 1; stroke-dasharray: 4 4; opacity: .75; }
svg .median { stroke: var(--ink); stroke-width: 1.5; }
svg .box { fill: var(--ink); opacity: .09; }
svg text.label { fill: var(--ink); }
svg text.level-label { fill: var(--alert); paint-order: stroke; stroke: var(--page); stroke-width: 4px; stroke-linejoin: round; }
svg text.on { fill: var(--cell-ink); }
.axis { stroke: var(--faint); stroke-width: 1; }
.grid { stroke: var(--rule); stroke-width: 1; }
.cell.plus { fill: var(--mark); }
.cell.minus { fill: var(--alert); }
.cell.none { fill: var(--rule); }
.legend { display: flex; flex-wrap: wrap; gap: 4px 20px; font-size: 13px; color: var(--soft); margin: 12px 0 6px; }
.legend span { display: inline-flex; align-items: center; gap: 7px; }
.key { display: inline-block; width: 18px; height: 11px; border-radius: 2px; }
.key.line { height: 3px; background: var(--alert); }
.key.volume { background: var(--faint); opacity: .45; }
.key.plus { background: var(--mark); }
.key.minus { background: var(--alert); }
.column { margin-top: 30px; padding-top: 22px; border-top: 1px solid var(--rule); break-inside: avoid; scroll-margin-top: 12px; }
.column > .note { margin-top: 2px; max-width: 100ch; overflow-wrap: anywhere; }
.parts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 400px), 1fr)); gap: 22px 48px; margin-top: 16px; align-items: start; }
figcaption { font-size: 13px; font-weight: 600; color: var(--soft); margin-bottom: 6px; }
figcaption .note { font-weight: 400; font-size: 13px; }
.stats { display: grid; grid-template-columns: repeat(auto-fit, minmax(104px, 1fr)); gap: 12px 18px; margin-bottom: 20px; }
.stats dd { font-size: 15px; overflow-wrap: anywhere; }
.bars { font-size: 13.5px; margin-top: 0; table-layout: fixed; }
.bars td, .bars tbody th { padding: 4px 12px 4px 0; border: 0; font-size: 13.5px; }
.bars tbody th { font-weight: 400; width: 34%; min-width: 0; overflow-wrap: anywhere; }
.bars td.count { width: 96px; }
.bars td.share { width: 62px; }
.scroll { overflow-x: auto; padding-bottom: 4px; margin-top: 10px; }
.scroll svg { max-width: none; }
.over-time svg { min-width: 720px; }
footer { margin-top: 56px; padding-top: 14px; border-top: 1px solid var(--rule); color: var(--soft); font-size: 13px; max-width: 110ch; }
footer p + p { margin-top: 6px; }
@media screen and (max-width: 860px) {
  body { padding: 28px 18px 48px; }
  .verdict { font-size: 29px; }
  .facts { grid-template-columns: 1fr 1fr; gap: 18px 20px; }
  .facts dd { font-size: 19px; }
  .columns thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .columns, .columns tbody { display: block; }
  .columns tr { display: grid; grid-template-columns: 1fr 1fr; gap: 8px 20px; padding: 14px 0; border-bottom: 1px solid var(--rule); }
  .columns td, .columns tbody th { display: block; width: auto; padding: 0; border: 0; text-align: left; white-space: normal; overflow-wrap: anywhere; }
  .columns tbody th, .columns td.spark-cell, .columns td.sum { grid-column: 1 / -1; }
  .columns td[data-label]::before { content: attr(data-label); display: block; font-size: 12px; color: var(--soft); }
  .columns svg.spark { width: 100%; height: 56px; }
  .bars td.count { width: 78px; }
}
@media print {
  :root {
    color-scheme: light;
    --page: #fff; --ink: #000; --soft: #454d57; --faint: #7c8693; --rule: #d5d9de; --panel: #fff;
    --mark: #1f5fbf; --mark-fill: #1f5fbf26; --mark-solid: #5c8fd8; --alert: #ab3d0c; --alert-fill: #ab3d0c26; --alert-panel: #fff; --cell-ink: #fff;
  }
  @page { margin: 14mm; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  body { max-width: none; padding: 0; font-size: 10pt; }
  h2 { margin-top: 26pt; break-after: avoid; }
  tr, .column, li, figure, .facts > div { break-inside: avoid; }
  thead { display: table-header-group; }
  .columns { font-size: 8.5pt; }
  .parts { grid-template-columns: 1fr 1fr; }
  .scroll { overflow: visible; }
  a { text-decoration: none; }
}
`.trim();
