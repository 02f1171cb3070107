/** Why the model scores as it does: importance of features, and the swarm of single rows. */
import { formatCount, formatName, formatRows, html, type Html, svgChart } from '@fraudops/core';
import type { Attributions, FeatureImportance, FeatureSwarm } from './attributions.js';
import type { EvaluationReport } from './evaluation-report.js';
import { formatFigure } from './report-text.js';
import { swarmAxis, swarmReach, swarmStrip } from './swarm-chart.js';

const UNITS: Readonly<Record<Attributions['space'], string>> = {
  log_odds: 'log-odds',
  probability: 'probability',
  log2: 'powers of two of the score',
};

/** The section; null when nothing was explained. */
export function attributionSection({ attributions }: EvaluationReport): Html | null {
  if (!attributions) return null;
  const { importance, swarm, omitted, omittedImportance, rows, frauds, space } = attributions;
  const reach = swarmReach(swarm);
  const widest = Math.max(importance[0]?.importance ?? 0, Number.MIN_VALUE);
  const row = (feature: FeatureImportance, i: number) => importanceRow(feature, widest, swarm[i], reach);
  const sample = `${formatRows(rows, 'row')}, ${formatCount(frauds)} of them frauds`;
  return html`<section>
<h2>What drives the scores</h2>
<p class="lead">How far each feature moves a score on average, in ${UNITS[space]}, and how far it moved single rows: to the right towards fraud, to the left away from it. Explained were ${sample}; averages are those of all rows.</p>
<p class="legend"><span><i class="key level0"></i>low value</span><span><i class="key level3"></i>middle</span><span><i class="key level6"></i>high value</span><span><i class="key missing"></i>missing</span><span>larger dots are frauds</span></p>
<table class="columns drivers">
<thead><tr><th>Feature</th><th class="bar-cell">Mean effect, ${UNITS[space]}</th><th class="strip-cell">${swarmAxis(reach)}</th></tr></thead>
<tbody>
<tr class="scale"><td class="strip-cell">${swarmAxis(reach)}</td></tr>
${importance.map(row)}</tbody>
</table>
${omitted > 0 ? html`<p class="note">${formatRows(omitted, 'further feature')} move scores by ${formatFigure(omittedImportance)} together.</p>` : null}
</section>`;
}

function importanceRow(
  { name, importance }: FeatureImportance,
  widest: number,
  swarm: FeatureSwarm | undefined,
  reach: number,
): Html {
  const frame = { width: 200, height: 8, left: 0, right: 0, top: 0, bottom: 0 };
  const width = Math.round((importance / widest) * frame.width * 100) / 100;
  const bar = html`<rect class="bar" x="0" y="0" width="${width}" height="8" rx="1"/>`;
  return html`<tr><th scope="row"><bdi>${breakable(formatName(name))}</bdi></th><td class="bar-cell">${formatFigure(importance)}${svgChart(frame, `mean effect ${formatFigure(importance)}`, 'bar-line', [bar], true)}</td><td class="strip-cell">${swarm ? swarmStrip({ ...swarm, name: formatName(name) }, reach) : null}</td></tr>
`;
}

/** A name that may break behind its separators. */
function breakable(name: string): Html {
  const pieces = name.split(/(?<=[_./:-])/);
  return html`${pieces.map((piece, i) => (i === 0 ? piece : html`<wbr>${piece}`))}`;
}
