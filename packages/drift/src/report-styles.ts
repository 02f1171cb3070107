/** What the drift report adds to the style sheet of all reports. */
export const REPORT_STYLES = `
.lead b { font-weight: 600; color: var(--ink); }
.verdict strong { font-weight: inherit; color: var(--alert); }
.meter { position: relative; height: 8px; border-radius: 4px; background: var(--rule); margin: 26px 0 30px; }
.meter > i { display: block; height: 100%; border-radius: 4px; background: var(--alert); min-width: 0; }
.meter > b { position: absolute; top: -5px; height: 18px; width: 2px; margin-left: -1px; background: var(--ink); }
.meter > span { position: absolute; top: 16px; font-size: 12.5px; color: var(--soft); white-space: nowrap; transform: translateX(-50%); }
.meter > span.end { transform: translateX(-100%); }
.facts { grid-template-columns: repeat(auto-fit, minmax(240px, 1fr)); gap: 24px 40px; margin-top: 44px; }
.facts dt { display: flex; align-items: center; gap: 8px; }
.numbers { color: var(--soft); font-size: 13.5px; white-space: nowrap; }
.key { border: 1.5px solid; }
.key.reference { border-color: var(--reference); background: var(--reference-fill); }
.key.current { border-color: var(--mark); background: var(--mark-fill); }
th small { display: block; font-weight: 400; white-space: nowrap; }
th, td, tbody th { padding-right: 12px; }
tbody th { width: 25%; min-width: 190px; }
td.effect { width: 128px; }
.scale { position: relative; display: block; height: 4px; margin-top: 4px; border-radius: 2px; background: var(--rule); }
.scale > i { display: block; height: 100%; border-radius: 2px; background: var(--faint); }
.scale > b { position: absolute; top: -3px; height: 10px; width: 1.5px; background: var(--ink); }
tr.drifted .scale > i { background: var(--alert); }
.tag { display: inline-block; font-size: 12.5px; line-height: 1.5; white-space: nowrap; color: var(--soft); }
.tag.drifted { color: var(--alert); font-weight: 650; }
td.spark-cell { width: 172px; }
svg.paired { width: 100%; height: 18px; overflow: hidden; }
.area, .curve { stroke-linejoin: round; vector-effect: non-scaling-stroke; }
.area.reference { fill: var(--reference-fill); stroke: var(--reference); stroke-width: 1; }
.area.current { fill: var(--mark-fill); stroke: var(--mark); stroke-width: 1.5; }
.curve { fill: none; stroke-width: 2; }
.curve.reference { stroke: var(--reference); }
.curve.current { stroke: var(--mark); }
.bar.reference { fill: var(--reference); opacity: .75; }
.bar.current { fill: var(--mark); }
.gap { stroke: var(--alert); stroke-width: 2; }
.gap-end { fill: var(--alert); }
svg text.gap-label { fill: var(--alert); font-weight: 650; font-size: 13px; paint-order: stroke; stroke: var(--page); stroke-width: 4px; stroke-linejoin: round; }
.column > p { margin-top: 3px; max-width: 100ch; overflow-wrap: anywhere; }
.column > .note { margin-top: 0; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 340px), 1fr)); gap: 20px 44px; margin-top: 18px; }
.bars { width: auto; min-width: min(100%, 720px); font-size: 13.5px; margin-top: 12px; }
.bars th, .bars td, .bars tbody th { padding: 4px 18px 4px 0; border: 0; font-size: 13.5px; }
.bars thead th { font-size: 12.5px; color: var(--soft); padding-bottom: 5px; }
.bars tbody th { font-weight: 400; width: auto; min-width: 96px; max-width: 280px; overflow-wrap: anywhere; }
.bars td.bar-cell { width: 300px; min-width: 60px; }
.columns td.test, .time { white-space: nowrap; }
.method { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 400px), 1fr)); gap: 22px 56px; margin-top: 16px; }
.method h3 { font-size: 15px; }
.method p { color: var(--soft); margin-top: 3px; }
.profile-note { margin-top: 22px; max-width: 100ch; }
.sources-head { font-size: 15px; margin-top: 26px; }
.sources { margin: 6px 0 0; padding: 0 0 0 1.2em; color: var(--soft); font-size: 13.5px; }
.sources li { padding: 2px 0; }
footer { margin-top: 48px; }
@media screen and (max-width: 860px) {
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
  .facts { grid-template-columns: 1fr 1fr 1fr; gap: 12pt 18pt; }
  .method { grid-template-columns: 1fr 1fr; }
  .method > div { break-inside: avoid; }
  .columns tbody th { font-size: 8.5pt; min-width: 42mm; }
  .columns th, .columns td, .columns tbody th { padding-right: 7px; }
  td.spark-cell, svg.spark { width: 100px; }
  td.effect { width: 74px; }
}
`.trim();
