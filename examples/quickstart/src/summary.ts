/** The summary that a person reads at the end of the loop. */
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  type Stylist,
  countText,
  dayText,
  durationText,
  metricText,
  percentText,
  renderModelsTable,
  renderTable,
} from '@fraudops/cli';
import type { FinishedLoop } from './loop.js';
import type { LoopResult } from './loop-result.js';
import type { Timeline } from './timeline.js';
import { CONNECTIONS } from './traffic.js';
import { MODEL } from './workshop.js';

const DAY_MS = 86_400_000;
/** Names shown in full; a longer list ends with how many more there are. */
const NAMES_SHOWN = 3;

/** The whole summary as lines of text. */
export function summaryText({ result, server, timeline, failures }: FinishedLoop, style: Stylist, keepsRunning: boolean): string {
  const sections = [
    section(style, 'Data', dataLines(result, timeline)),
    section(style, 'Models', modelLines(result, timeline, style)),
    section(style, 'Production', productionLines(result, style)),
    section(style, 'API', apiLines(result, failures, style)),
    section(style, 'Drift', driftLines(result, style)),
    section(style, 'Retraining', retrainingLines(result, style)),
  ];
  return `\n${sections.join('\n\n')}\n\n${closing(result, server.url, style, keepsRunning)}\n`;
}

function section(style: Stylist, title: string, lines: readonly string[]): string {
  return [style('heading', title), ...lines].join('\n');
}

function dataLines({ data, features }: LoopResult, timeline: Timeline): string[] {
  const span = `${dayText(timeline.dataStartMs)} to ${dayText(timeline.endMs - DAY_MS)}`;
  return [
    `  ${countText(data.rows)} transactions (${data.source}), ${span}, ${percentText(data.fraudRate)} fraud`,
    `  ${data.source.startsWith('simulated') ? 'simulated' : 'read'} and validated in ${durationText(data.seconds * 1000)}, ${features.names.length} features in ${durationText(features.seconds * 1000)}`,
  ];
}

function modelLines({ models, production, retraining }: LoopResult, { training }: Timeline, style: Stylist): string[] {
  const noteOf = (version: number) =>
    version === production.version ? style('good', 'in Production') : version === retraining.newVersion ? 'retrained' : '';
  const trained = `${dayText(training.trainStartMs)} to ${dayText(training.trainEndMs - DAY_MS)}`;
  const judged = `${dayText(training.testStartMs)} to ${dayText(training.testEndMs - DAY_MS)}`;
  const note = `First models: trained on ${trained}, judged on ${judged}, between them the 7 days that labels take.`;
  return [
    renderModelsTable(models.map((model) => ({ ...model, note: noteOf(model.version) }))),
    style('quiet', `  ${note}`),
    ...retrainedNote(retraining, style),
  ];
}

function retrainedNote({ newVersion }: LoopResult['retraining'], style: Stylist): string[] {
  if (newVersion === null) return [];
  return [
    style(
      'quiet',
      `  v${newVersion}: trained on what was served, judged on the last 3 days of the changed week; not to be compared with the lines above.`,
    ),
  ];
}

function productionLines({ production, retraining }: LoopResult, style: Stylist): string[] {
  const lines = [`  ${style('good', `v${production.version}`)} is in Production: ${production.reason}`];
  if (retraining.promoted)
    lines.push(
      style(
        'quiet',
        `  It took over from v${retraining.oldVersion}, which is archived; fraudops models rollback ${MODEL} --why ... puts it back.`,
      ),
    );
  return lines;
}

function apiLines({ api, retraining }: LoopResult, failures: readonly string[], style: Stylist): string[] {
  const failed = api.failed === 0 ? style('good', 'none failed') : style('bad', `${countText(api.failed)} failed`);
  const latency = `p50 ${durationText(api.p50Ms)}, p95 ${durationText(api.p95Ms)}, p99 ${durationText(api.p99Ms)}`;
  return [
    `  ${countText(api.requests)} requests over HTTP, ${failed}; ${countText(api.duringRetraining)} of them while a model was retrained${retraining.promoted ? ' and promoted' : ''}`,
    `  one transaction: ${latency} ${style('quiet', `(${CONNECTIONS} connections at once, client and server in one process)`)}`,
    ...failures.map((failure) => `  ${style('bad', failure)}`),
  ];
}

function driftLines({ drift }: LoopResult, style: Stylist): string[] {
  const line = (week: string, { share, drifted }: LoopResult['drift']['before']) => {
    const names = drifted.length === 0 ? style('good', 'none') : shortList(drifted);
    return `  ${week.padEnd(13)} ${percentText(share, 0).padStart(5)} of the features drifted: ${names}`;
  };
  return [
    line('normal week', drift.before),
    line('changed week', drift.after),
    `  report: ${style('accent', pathToFileURL(path.resolve(drift.reportPath)).href)}`,
  ];
}

function retrainingLines({ retraining }: LoopResult, style: Stylist): string[] {
  const { triggered, promoted, oldVersion, newVersion, reason, oldMetrics, newMetrics } = retraining;
  if (!triggered) return [`  not needed: ${reason}`];
  const verdict = promoted ? style('good', `v${newVersion} promoted`) : style('warning', `v${newVersion} not promoted`);
  const lines = [`  ${verdict}: ${reason}`];
  if (oldMetrics && newMetrics) {
    const metrics = ['rocAuc', 'averagePrecision', 'cardPrecisionAt100'] as const;
    const columns = [
      { title: 'on the changed traffic' },
      { title: 'ROC AUC', align: 'right' },
      { title: 'average precision', align: 'right' },
      { title: 'card precision@100', align: 'right' },
    ] as const;
    const rows = [
      [`v${oldVersion}`, ...metrics.map((metric) => metricText(oldMetrics[metric]))],
      [`v${newVersion}`, ...metrics.map((metric) => metricText(newMetrics[metric]))],
    ];
    lines.push(renderTable(columns, rows));
    if ((oldMetrics.rocAuc ?? 1) < 0.5)
      lines.push(
        style('quiet', '  A ROC AUC below 0.5: the old model takes the new frauds, small amounts, for especially harmless.'),
      );
  }
  return lines;
}

function closing(result: LoopResult, url: string, style: Stylist, keepsRunning: boolean): string {
  const took = `The loop took ${durationText(result.seconds * 1000)}.`;
  if (!keepsRunning) return style('quiet', took);
  return `${style('quiet', took)}\n${style('heading', 'The API is running:')} ${style('accent', url)}  (docs at ${style('accent', `${url}/docs`)}; Ctrl-C ends it)`;
}

function shortList(names: readonly string[]): string {
  const shown = names.slice(0, names.length > NAMES_SHOWN + 1 ? NAMES_SHOWN : names.length).join(', ');
  return names.length > NAMES_SHOWN + 1 ? `${shown} and ${names.length - NAMES_SHOWN} more` : shown;
}
