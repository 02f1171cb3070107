/**
 * The loop, in the order in which it happens. Time is the data's: the last week is "now", and labels are known 7 days after their
 * transaction, here as in production.
 */
import { mkdir, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type Progress, type Table, fileStore } from '@fraudops/core';
import { type DriftProfile, type DriftReport, profileFromJson } from '@fraudops/drift';
import { type RunningServer, startServer } from '@fraudops/express';
import { type OnlineFeatures, handbookFeatures, handbookTransactions, shiftTransactions } from '@fraudops/features';
import { readBundle } from '@fraudops/model';
import {
  type DagRun,
  type MonitoringOutcome,
  type PreparedData,
  type TrainingOutcome,
  type TransactionSource,
  dataPipeline,
  labelsKnownAt,
  monitoringPipeline,
  runDag,
  splitAtDates,
  trainingPipeline,
  trainingSet,
} from '@fraudops/pipeline';
import { type ModelRegistry, modelRegistry, tracker } from '@fraudops/registry';
import { memoryDecisionLog, scoringService } from '@fraudops/serve';
import { ApiClient } from './api-client.js';
import type { Settings } from './arguments.js';
import { LabelFeed } from './label-feed.js';
import { type LoopResult, metricsResult } from './loop-result.js';
import { type Retraining, retrainUnderTraffic } from './retraining.js';
import { LABEL_DELAY_MS, type Timeline, between, timelineOf } from './timeline.js';
import { CONNECTIONS, sendWeek } from './traffic.js';
import { BOOSTING, MODEL, type Workshop, lineageOf } from './workshop.js';

/** What changes in the second week of traffic. */
const SHIFT = { amountFactor: 2, newTactic: { shareOfRows: 0.015, shareOfOldFrauds: 0.5 } } as const;
/** How often the service looks for a new version. */
const POLL_MS = 250;

/** What the loop works with. */
export interface Surroundings {
  readonly progress: Progress;
  /** The code that runs, for the lineage of models. */
  readonly codeVersion: string | undefined;
}

/** The result, the API that still runs, and what a person wants to know besides. */
export interface FinishedLoop {
  readonly result: LoopResult;
  readonly server: RunningServer;
  readonly timeline: Timeline;
  /** Why requests failed, the first few. */
  readonly failures: readonly string[];
}

export async function runLoop(settings: Settings, { progress, codeVersion }: Surroundings): Promise<FinishedLoop> {
  const startedMs = performance.now();
  const store = fileStore(settings.store);
  const source = settings.data ?? `simulated, seed ${settings.seed}`;
  const workshop: Workshop = { registry: modelRegistry(store), tracker: tracker(store), settings, progress, codeVersion, source };

  const prepared = await prepareData(settings, progress);
  const { transactions } = prepared.output;
  const timeline = timelineOf(transactions);
  const trained = await trainFirst(workshop, prepared.output, timeline);

  const online = handbookFeatures.online();
  const history = between(transactions, timeline.dataStartMs, timeline.trafficStartMs);
  online.backfill(labelsKnownAt(history, handbookTransactions, timeline.trafficStartMs));
  const labels = new LabelFeed(online);
  labels.expect(between(transactions, timeline.trafficStartMs - LABEL_DELAY_MS, timeline.trafficStartMs));
  const server = await serve(workshop, online);
  const client = new ApiClient(server.url, CONNECTIONS);
  try {
    const profile = await productionProfile(workshop.registry);
    const week = between(transactions, timeline.trafficStartMs, timeline.driftStartMs);
    const before = await serveWeek('Serving a normal week', week, { workshop, server, client, labels, profile });
    const normal = between(transactions, timeline.driftStartMs, timeline.endMs);
    const shifted = shiftTransactions(normal, { seed: settings.seed, ...SHIFT });
    const after = await serveWeek('Serving a week that changed', shifted, { workshop, server, client, labels, profile });
    const reportPath = await writeReport(workshop, timeline, after.report);

    const retraining = await retrainUnderTraffic(workshop, {
      server,
      client,
      labels,
      served: [week, shifted],
      timeline,
      monitoring: after,
    });
    const { counts } = client;
    const result: LoopResult = {
      data: describeData(source, prepared),
      features: { names: handbookFeatures.names, seconds: taskSeconds(prepared, ['features']) },
      models: [...trained.models, ...retraining.models].map(({ algorithm, version, trainSeconds, metrics }) => ({
        algorithm,
        version,
        trainSeconds,
        metrics: metricsResult(metrics),
      })),
      production: await describeProduction(workshop.registry, trained, retraining),
      api: {
        requests: counts.requests,
        failed: counts.failed,
        ...percentiles(counts.singleMs),
        duringRetraining: retraining.requests,
      },
      drift: { before: driftResult(before.report), after: driftResult(after.report), reportPath },
      retraining: retraining.result,
      seconds: (performance.now() - startedMs) / 1000,
    };
    return { result, server, timeline, failures: counts.failures };
  } catch (error) {
    await server.close();
    throw error;
  } finally {
    client.close();
  }
}

function prepareData(settings: Settings, progress: Progress): Promise<DagRun<PreparedData>> {
  // Fewer rows are spread over fewer days, so that each week has frauds to learn from.
  const days = settings.rows < 60_000 ? 80 : 90;
  const source: TransactionSource =
    settings.data === undefined ? { simulate: { rows: settings.rows, seed: settings.seed, days } } : { file: settings.data };
  return runDag(dataPipeline({ source, features: handbookFeatures }), { progress });
}

async function trainFirst(workshop: Workshop, { transactions, features }: PreparedData, { training }: Timeline) {
  const { registry, progress, settings } = workshop;
  const known = labelsKnownAt(transactions, handbookTransactions, training.readyMs);
  const data = trainingSet(known, features, handbookFeatures);
  const run = await runDag(
    trainingPipeline({
      registry,
      tracker: workshop.tracker,
      modelName: MODEL,
      featureSet: handbookFeatures,
      data,
      split: splitAtDates(data, training),
      recipes: [{ algorithm: 'logistic' }, { algorithm: 'boosting', options: { ...BOOSTING, seed: settings.seed } }],
      by: 'quickstart',
      why: 'first models from history',
      lineage: lineageOf(workshop),
    }),
    { progress },
  );
  return run.output;
}

async function serve(
  { registry, settings }: Workshop,
  online: OnlineFeatures,
): Promise<RunningServer & { decisionLog: ReturnType<typeof memoryDecisionLog> }> {
  const decisionLog = memoryDecisionLog({ capacity: 1_000_000 });
  const service = await scoringService({ registry, model: MODEL, online, decisionLog, pollMs: POLL_MS });
  const server = await startServer(service, { port: settings.port });
  return { ...server, decisionLog };
}

/** The profile of the rows that the version in Production was trained on. */
async function productionProfile(registry: ModelRegistry): Promise<DriftProfile> {
  const current = await registry.production(MODEL);
  if (!current) throw new Error('No model is good enough for Production; the history of the registry says why.');
  return profileFromJson(readBundle(await registry.load(MODEL, current.version)).profile);
}

interface Week {
  readonly workshop: Workshop;
  readonly server: Awaited<ReturnType<typeof serve>>;
  readonly client: ApiClient;
  readonly labels: LabelFeed;
  readonly profile: DriftProfile;
}

/** Serves a week of traffic, then compares the features that were served with those that were trained on. */
async function serveWeek(
  name: string,
  week: Table,
  { workshop, server, client, labels, profile }: Week,
): Promise<MonitoringOutcome> {
  const task = workshop.progress.task(name, { total: week.rowCount, unit: 'transactions' });
  await sendWeek(week, client, labels, task);
  labels.expect(week);
  const served = server.decisionLog.toTable();
  const [times, fromMs] = [served.time('time'), week.time('TX_DATETIME')[0]!];
  const monitoring = await runDag(
    monitoringPipeline({ reference: profile, current: served.filter((row) => times[row]! >= fromMs) }),
  );
  task.done(monitoring.output.reason);
  return monitoring.output;
}

async function writeReport({ settings, registry }: Workshop, timeline: Timeline, report: DriftReport): Promise<string> {
  const version = (await registry.production(MODEL))?.version;
  const folder = path.join(settings.store, 'reports');
  const file = path.join(folder, `drift-of-v${version}.html`);
  await mkdir(folder, { recursive: true });
  const html = report.toHtml({
    title: `Drift of served traffic against the training data of ${MODEL} v${version}`,
    reference: { label: `training rows of ${MODEL} v${version}` },
    current: { label: 'served traffic', fromMs: timeline.driftStartMs, toMs: timeline.endMs },
  });
  await writeFile(`${file}.tmp`, html);
  await rename(`${file}.tmp`, file);
  return file;
}

function describeData(source: string, prepared: DagRun<PreparedData>): LoopResult['data'] {
  const frauds = prepared.output.transactions.flag('TX_FRAUD').reduce((sum, flag) => sum + Number(flag === 1), 0);
  const rows = prepared.output.transactions.rowCount;
  return { source, rows, fraudRate: frauds / rows, seconds: taskSeconds(prepared, ['read', 'validate']) };
}

async function describeProduction(
  registry: ModelRegistry,
  first: TrainingOutcome,
  { result }: Retraining,
): Promise<LoopResult['production']> {
  const { version } = (await registry.production(MODEL))!;
  let reason = `it was there before, and v${first.best.version} is not better: ${first.reason}`;
  if (version === first.best.version) reason = first.reason;
  if (result.promoted && version === result.newVersion) reason = result.reason;
  return { version, stage: 'Production', reason };
}

function taskSeconds({ tasks }: DagRun<unknown>, ids: readonly string[]): number {
  const spent = tasks.filter(({ id }) => ids.includes(id)).map(({ startedMs = 0, endedMs = 0 }) => endedMs - startedMs);
  return spent.reduce((sum, milliseconds) => sum + milliseconds, 0) / 1000;
}

function driftResult({ share, drifted }: DriftReport): LoopResult['drift']['before'] {
  return { share, drifted };
}

function percentiles(milliseconds: readonly number[]): { p50Ms: number; p95Ms: number; p99Ms: number } {
  const sorted = milliseconds.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return { p50Ms: at(0.5), p95Ms: at(0.95), p99Ms: at(0.99) };
}
