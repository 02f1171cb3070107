/** What the chosen alerts do and cost: those of a threshold, or those of a policy, day by day. */
import { formatCount, formatDecimals, formatRows, formatShare, html, type Html } from '@fraudops/core';
import type { AlertPolicy } from '../thresholds/alert-policy.js';
import type { PolicyOutcome } from '../thresholds/evaluate-policy.js';
import type { AlertFigures } from './alert-figures.js';
import { alertDayCharts } from './alert-days-chart.js';
import { costChart, formatCost } from './evaluation-charts.js';
import type { CostCurve } from './cost-curve.js';
import type { EvaluationReport } from './evaluation-report.js';
import { figure } from './evaluation-sections.js';
import type { PolicyFigures } from './policy-figures.js';
import { formatKnownShare, formatMoney, formatThreshold } from './report-text.js';

/** The section; null without threshold, policy and costs. */
export function alertsSection(report: EvaluationReport): Html | null {
  const { threshold, policy, costs, currency } = report;
  const chosen = policy ?? threshold;
  if (!chosen && !costs) return null;
  const heading = policy
    ? 'What the policy does'
    : threshold
      ? `Alerts from a score of ${formatThreshold(threshold.threshold)} on`
      : 'What alerts would cost';
  return html`<section>
<h2>${heading}</h2>
${policy && html`<p class="lead">${policyText(policy.policy, currency)}</p>`}
${chosen && html`<p class="lead">${alertsText(chosen, currency)}</p>`}
<div class="charts">
${chosen && besideCosts([policy && policyTable(policy, currency), outcomes(chosen)], costs !== null)}
${costs && costFigure(costs, report)}
</div>
${policy && alertDays(policy)}
</section>`;
}

/** Tables in one column where the costs take the other, else one beside the other. */
function besideCosts(tables: readonly (Html | null)[], hasCosts: boolean): Html {
  const given = tables.filter((table) => table !== null);
  return hasCosts ? html`<div>${given}</div>` : html`${given.map((table) => html`<div>${table}</div>`)}`;
}

function costFigure(costs: CostCurve, { threshold, policy, currency, rows }: EvaluationReport): Html {
  const chosen = policy ?? threshold;
  const note = `${unitText(currency)}, if all rows from a score on are reviewed`;
  const own =
    chosen?.cost == null
      ? null
      : html`<span><i class="key chosen"></i>${policy ? 'the policy' : 'chosen'}: ${formatCost(chosen.cost)}</span>`;
  const from = costs.cheapest.threshold === null ? null : html`, from ${formatThreshold(costs.cheapest.threshold)} on`;
  return html`<div>${figure('Total cost', note, costChart(costs, chosen, rows))}<p class="legend"><span><i class="key chance"></i>no alerts: ${formatCost(costs.costOfNone)}</span>${own}<span><i class="key cheapest"></i>cheapest in hindsight: ${formatCost(costs.cheapest.y)}${from}</span></p></div>`;
}

const unitText = (currency: string | null) => (currency === null ? 'in the unit of the amounts' : `in ${currency}`);

/** The rules of a policy in words. */
function policyText(policy: AlertPolicy, currency: string | null): string {
  const { costs, minimumSavings, reviewThreshold, reviewsPerDay, minimumScore } = policy;
  const review =
    costs === null
      ? `Scores from ${formatThreshold(reviewThreshold)} on are reviewed`
      : minimumSavings === null
        ? 'Nothing is reviewed, since on the rows it was chosen on no review was worth its cost'
        : `A transaction is reviewed when that is expected to save ${
            minimumSavings === 0 ? 'more than it costs' : `more than ${formatMoney(minimumSavings, currency)}`
          }, so a large amount at a lower score than a small one`;
  const bound = reviewsPerDay === null ? '' : `, at most ${formatRows(reviewsPerDay, 'review')} a day`;
  const decline = costs?.declineCost == null ? '' : ' What is not reviewed is declined when that is expected to save anything.';
  const least = minimumScore > 0 ? ` Scores below ${formatThreshold(minimumScore)} are left alone.` : '';
  return `${review}${bound}.${decline}${least}`;
}

/** What alerts come to, in two or three sentences. */
function alertsText(figures: AlertFigures, currency: string | null): string {
  const { alertRate, truePositives, falsePositives, valueDetectionRate, savings, cost } = figures;
  const alerts = truePositives + falsePositives;
  if (alerts === 0) return 'There are no alerts on these rows.';
  const odds =
    truePositives === 0
      ? 'none is a fraud'
      : `${formatOdds(falsePositives / truePositives)} false alerts for each fraud that is found`;
  const amount = valueDetectionRate === null ? '' : ` They hold ${formatShare(valueDetectionRate)} of the frauds’ amount.`;
  const saved =
    savings === null || cost === null
      ? ''
      : ` Costs are ${formatMoney(cost, currency)}, ${formatShare(Math.abs(savings))} ${savings < 0 ? 'more' : 'less'} than the better of no alerts and reviewing everything.`;
  return `${formatShare(alertRate)} of the rows are alerts, ${odds}.${amount}${saved}`;
}

const formatOdds = (value: number) => (value < 10 ? value.toFixed(1) : formatCount(Math.round(value)));

/** Whole days at once, beside transactions one by one where that differs. */
function policyTable({ policy, outcome, oneByOne }: PolicyFigures, currency: string | null): Html {
  const columns: readonly (readonly [string, PolicyOutcome])[] = oneByOne
    ? [
        ['Whole days', outcome],
        ['One by one', oneByOne],
      ]
    : [['The policy', outcome]];
  const lines: readonly (readonly [string, (each: PolicyOutcome) => string | null])[] = [
    ['Reviews a day', ({ reviewsPerDay }) => formatRate(reviewsPerDay)],
    [
      'Declined a day',
      ({ declines, days }) => (columns.some(([, each]) => each.declines > 0) ? formatRate(declines / days) : null),
    ],
    ['Days without an alert', ({ quietDays, days }) => `${formatCount(quietDays)} of ${formatCount(days)}`],
    ['Frauds found', ({ recall }) => formatKnownShare(recall)],
    ['Alerts that are frauds', ({ precision }) => formatKnownShare(precision)],
    ['Saved a day', ({ savedPerDay }) => (savedPerDay === null ? null : formatMoney(savedPerDay, currency))],
    ['Saved of what could be', ({ savings }) => (savings === null ? null : formatSavings(savings))],
  ];
  const shown = lines.filter(([, text]) => text(outcome) !== null);
  const bounded =
    policy.costs === null
      ? 'so a busy day has more reviews than the bound'
      : 'with a cut at which reviews keep to the bound on average';
  const note = oneByOne
    ? html`<p class="note">Whole days: the queue is sorted at the end of the day. One by one: each transaction is decided as it comes, ${bounded}.</p>`
    : null;
  return html`<table class="policy">
<thead><tr><th></th>${columns.map(([name]) => html`<th class="number">${name}</th>`)}</tr></thead>
<tbody>
${shown.map(
  ([
    name,
    text,
  ]) => html`<tr><th scope="row">${name}</th>${columns.map(([, each]) => html`<td class="number">${text(each)}</td>`)}</tr>
`,
)}</tbody>
</table>
${note}`;
}

const formatRate = (perDay: number) => (perDay < 100 ? formatDecimals(perDay, 1) : formatCount(Math.round(perDay)));

const formatSavings = (savings: number) => (savings < 0 ? `\u2212${formatShare(-savings)}` : formatShare(savings));

function alertDays({ byDay, policy }: PolicyFigures): Html | null {
  if (byDay.length < 2) return null;
  return html`<p class="legend"><span><i class="key found"></i>frauds found</span><span><i class="key false"></i>false alerts</span>${policy.reviewsPerDay === null ? null : html`<span><i class="key ceiling"></i>most reviews a day</span>`}<span>alerts of each day (UTC)</span></p>
<div class="by-day">${alertDayCharts(byDay, policy.reviewsPerDay)}</div>`;
}

function outcomes({ truePositives, falsePositives, trueNegatives, falseNegatives }: AlertFigures): Html {
  return html`<table class="outcomes">
<thead><tr><th></th><th class="number">Alert</th><th class="number">No alert</th></tr></thead>
<tbody>
<tr><th scope="row">Fraud</th><td class="number">${formatCount(truePositives)}<small>found</small></td><td class="number worse">${formatCount(falseNegatives)}<small>missed</small></td></tr>
<tr><th scope="row">Genuine</th><td class="number">${formatCount(falsePositives)}<small>disturbed</small></td><td class="number">${formatCount(trueNegatives)}<small>left alone</small></td></tr>
</tbody>
</table>`;
}
