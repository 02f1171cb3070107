/** What the evaluation page adds to the style sheet of all reports. */
export const EVALUATION_STYLES = `
.facts { grid-template-columns: repeat(auto-fit, minmax(300px, 1fr)); gap: 24px 36px; margin-top: 32px; }
.facts dd { font-size: 22px; line-height: 1.3; font-weight: 650; letter-spacing: -.01em; }
.facts dd.note { font-size: 13.5px; font-weight: 400; letter-spacing: 0; line-height: 1.5; margin-top: 0; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 400px), 1fr)); gap: 30px 48px; margin-top: 20px; align-items: start; }
.legend { margin: 12px 0 6px; }
.table-head { font-size: 15px; margin-top: 32px; }
.table-head + table { margin-top: 10px; }
.stats { display: grid; grid-template-columns: 1fr 1fr; gap: 12px 18px; margin-bottom: 14px; }
.stats dt { font-size: 13px; font-weight: 600; color: var(--soft); }
.stats dd { font-size: 19px; font-weight: 650; }
.small { font-size: 13.5px; }
.small td { padding-top: 4px; padding-bottom: 4px; border: 0; }
table.reviewed { max-width: 720px; }
.reviewed td, .reviewed tbody th { padding-top: 5px; padding-bottom: 5px; }
table.policy { max-width: 560px; }
.policy td, .policy tbody th { padding-top: 5px; padding-bottom: 5px; }
.policy + .note { margin-top: 8px; max-width: 90ch; }
.lead + .lead { margin-top: 6px; }
.policy + .outcomes, .policy + .note + .outcomes { margin-top: 24px; }
.charts + .legend { margin-top: 28px; }
.charts table:first-child { margin-top: 0; }
.facts + .note { margin-top: 16px; max-width: 110ch; }
.outcomes { max-width: 420px; margin-top: 6px; }
.outcomes td { font-size: 19px; font-weight: 650; }
.better { color: var(--mark); font-weight: 650; }
.worse { color: var(--alert); font-weight: 650; }
svg.wide, svg.strip { width: 100%; height: auto; }
svg.narrow { display: none; width: 100%; height: auto; }
svg.bar-line { width: 100%; height: 8px; margin-top: 4px; overflow: hidden; }
svg text.axis-title { font-size: 11.5px; }
svg .curve { fill: none; stroke-width: 2; stroke-linejoin: round; }
svg .curve.candidate { stroke: var(--mark); }
svg .curve.incumbent { stroke: var(--reference); stroke-width: 1.75; }
svg .chance { fill: none; stroke: var(--faint); stroke-width: 1; stroke-dasharray: 4 4; }
svg .chosen { fill: var(--alert); stroke: var(--page); stroke-width: 1.5; }
svg .cheapest { fill: var(--page); stroke: var(--mark); stroke-width: 2; }
svg .threshold { stroke: var(--alert); stroke-width: 1.5; stroke-dasharray: 5 3; }
svg .area { stroke-width: 1.25; stroke-linejoin: round; }
svg .area.genuine { fill: var(--reference-fill); stroke: var(--reference); }
svg .area.fraud { fill: var(--alert-fill); stroke: var(--alert); }
svg .bin { fill: var(--mark); }
svg .bin.none { fill: var(--page); stroke: var(--mark); stroke-width: 1.5; }
svg .interval { stroke: var(--mark); stroke-width: 1.5; opacity: .55; }
svg .found { fill: var(--alert); }
svg .false { fill: var(--reference-fill); }
svg .bar { fill: var(--mark-solid); }
svg .ceiling { stroke: var(--ink); stroke-width: 1.5; }
svg .zero { stroke: var(--faint); stroke-width: 1; }
svg .dot { fill: none; stroke-width: 3.4; stroke-linecap: round; opacity: .85; }
svg .dot.is-fraud { stroke-width: 5.2; }
.level0 { --level: var(--mark); }
.level1 { --level: color-mix(in oklab, var(--mark) 83%, var(--alert)); }
.level2 { --level: color-mix(in oklab, var(--mark) 67%, var(--alert)); }
.level3 { --level: color-mix(in oklab, var(--mark), var(--alert)); }
.level4 { --level: color-mix(in oklab, var(--mark) 33%, var(--alert)); }
.level5 { --level: color-mix(in oklab, var(--mark) 17%, var(--alert)); }
.level6 { --level: var(--alert); }
.missing { --level: var(--faint); }
svg .dot { stroke: var(--level); }
.key.candidate { height: 3px; background: var(--mark); }
.key.incumbent { height: 3px; background: var(--reference); }
.key.chance { height: 0; border-top: 1.5px dashed var(--faint); border-radius: 0; }
.key.chosen, .key.cheapest, .key.level0, .key.level3, .key.level6, .key.missing { width: 10px; height: 10px; border-radius: 50%; }
.key.chosen { background: var(--alert); }
.key.cheapest { border: 2px solid var(--mark); }
.key.level0, .key.level3, .key.level6, .key.missing { background: var(--level); }
.key.fraud { border: 1.5px solid var(--alert); background: var(--alert-fill); }
.key.genuine { border: 1.5px solid var(--reference); background: var(--reference-fill); }
.key.found { background: var(--alert); }
.key.false { background: var(--reference-fill); }
.key.bar { background: var(--mark-solid); }
.key.ceiling { height: 2px; background: var(--ink); }
.by-day { margin-top: 10px; }
.drivers tbody th { width: 27%; min-width: 150px; overflow-wrap: anywhere; }
.drivers th, .drivers td, .drivers tbody th { padding-top: 3px; padding-bottom: 3px; }
.drivers td.bar-cell { width: 17%; min-width: 110px; padding-right: 24px; font-size: 13px; }
.drivers tr.scale { display: none; }
footer { margin-top: 56px; max-width: 110ch; }
footer p + p { margin-top: 6px; }
@media screen and (max-width: 860px) {
  .facts { grid-template-columns: 1fr 1fr; gap: 18px 20px; }
  .facts dd { font-size: 19px; }
  .by-day svg.wide { display: none; }
  .by-day svg.narrow { display: block; }
  .drivers td.bar-cell { width: auto; padding: 0; }
  .drivers tbody th, .drivers td.strip-cell { grid-column: 1 / -1; }
  .columns.drivers tbody th { width: auto; }
  .reviewed th.number { white-space: normal; }
  .drivers tr { gap: 4px 20px; }
  .drivers tr.scale { display: grid; border: 0; padding-bottom: 0; }
  .versus tr { grid-template-columns: 1fr 1fr 1fr; gap: 4px 14px; }
  .versus tbody th { grid-column: 1 / -1; }
}
@media print {
  .facts { grid-template-columns: 1fr 1fr 1fr; gap: 14pt 18pt; }
  .columns tbody th { font-size: 8.5pt; }
  .lead { break-after: avoid; }
  .charts { grid-template-columns: 1fr 1fr; }
}
`.trim();
