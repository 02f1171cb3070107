/** What the profile page adds to the style sheet of all reports. */
export const PROFILE_STYLES = `
h3 small { font-size: 13px; font-weight: 400; color: var(--soft); margin-left: 6px; }
.facts { grid-template-columns: repeat(auto-fit, minmax(190px, 1fr)); gap: 24px 40px; margin-top: 32px; }
.facts dd { font-size: 22px; line-height: 1.3; font-weight: 650; letter-spacing: -.01em; }
.facts dd.note { font-size: 13.5px; font-weight: 400; letter-spacing: 0; line-height: 1.5; }
.look { list-style: none; margin-top: 14px; }
.look li { padding: 8px 0 8px 16px; border-left: 3px solid var(--alert); margin-bottom: 6px; background: var(--alert-panel); padding-right: 14px; overflow-wrap: anywhere; }
.look b { font-weight: 650; }
tbody th { width: 24%; min-width: 170px; }
td.spark-cell { width: 174px; }
.alert { color: var(--alert); font-weight: 650; }
svg.wide { width: 100%; height: auto; }
svg.narrow { display: none; width: 100%; height: auto; }
svg.bar-line { width: 100%; height: 10px; overflow: hidden; }
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
.cell.plus { fill: var(--mark); }
.cell.minus { fill: var(--alert); }
.cell.none { fill: var(--rule); }
.legend { margin: 12px 0 6px; }
.key.line { height: 3px; background: var(--alert); }
.key.volume { background: var(--faint); opacity: .45; }
.key.plus { background: var(--mark); }
.key.minus { background: var(--alert); }
.column > .note { margin-top: 2px; max-width: 100ch; overflow-wrap: anywhere; }
.parts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 400px), 1fr)); gap: 22px 48px; margin-top: 16px; align-items: start; }
.stats dt { font-size: 13px; font-weight: 600; color: var(--soft); }
.stats { display: grid; grid-template-columns: repeat(auto-fit, minmax(104px, 1fr)); gap: 12px 18px; margin-bottom: 20px; }
.stats dd { font-size: 15px; overflow-wrap: anywhere; }
.bars { font-size: 13.5px; margin-top: 0; table-layout: fixed; }
.bars td, .bars tbody th { padding: 4px 12px 4px 0; border: 0; font-size: 13.5px; }
.bars tbody th { font-weight: 400; width: 34%; min-width: 0; overflow-wrap: anywhere; }
.bars td.count { width: 96px; }
.bars td.share { width: 62px; }
.scroll svg { max-width: none; }
.over-time { margin-top: 10px; }
footer { margin-top: 56px; max-width: 110ch; }
footer p + p { margin-top: 6px; }
@media screen and (max-width: 860px) {
  .facts { grid-template-columns: 1fr 1fr; gap: 18px 20px; }
  .facts dd { font-size: 19px; }
  .columns tbody th, .columns td.spark-cell, .columns td.sum { grid-column: 1 / -1; }
  .columns svg.spark { width: 100%; height: 56px; }
  .bars td.count { width: 78px; }
  .over-time svg.wide { display: none; }
  .over-time svg.narrow { display: block; }
}
@media print {
  li { break-inside: avoid; }
  .parts { grid-template-columns: 1fr 1fr; }
}
`.trim();
