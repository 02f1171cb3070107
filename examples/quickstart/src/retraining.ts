/** Retraining while the API answers: labels of the changed week arrive, a new model learns from what was served, and takes over. */
import { type Table, flagColumn, MISSING_FLAG } from '@fraudops/core';
import type { RunningServer } from '@fraudops/express';
import { days, handbookFeatures } from '@fraudops/features';
import {
  type MonitoringOutcome,
  type TrainedVersion,
  type TrainingOutcome,
  type TrainingSet,
  matrixOf,
  runDag,
  splitAtMoment,
  trainingPipeline,
} from '@fraudops/pipeline';
import type { DecisionLog } from '@fraudops/serve';
import type { ApiClient } from './api-client.js';
import type { LabelFeed } from './label-feed.js';
import { type LoopResult, metricsResult } from './loop-result.js';
import type { Timeline } from './timeline.js';
import { type LiveTraffic, keepSending } from './traffic.js';
import { BOOSTING, MODEL, type Workshop, lineageOf } from './workshop.js';

/** Requests that go on during retraining, at least. */
const LEAST_REQUESTS = 2500;
/** Requests that the new version answers before the loop ends, at least. */
const LEAST_NEW_ANSWERS = 200;
/** How long the running API may take to answer with the new version. */
const SWAP_TIMEOUT_MS = 30_000;
/** Days at the end of the changed week that judge the new model; it learns from the days before. */
const TEST_DAYS = 3;

/** What retraining needs to know of the two weeks that were served. */
export interface ServedWeeks {
  readonly server: RunningServer & { readonly decisionLog: DecisionLog };
  readonly client: ApiClient;
  readonly labels: LabelFeed;
  /** The transactions, with their labels, in order of time. */
  readonly served: readonly [normal: Table, changed: Table];
  readonly timeline: Timeline;
  readonly monitoring: MonitoringOutcome;
}

/** What came of it. */
export interface Retraining {
  readonly models: readonly TrainedVersion[];
  readonly result: LoopResult['retraining'];
  /** Requests answered meanwhile. */
  readonly requests: number;
}

export async function retrainUnderTraffic(workshop: Workshop, weeks: ServedWeeks): Promise<Retraining> {
  const { registry, progress } = workshop;
  const oldVersion = (await registry.production(MODEL))!.version;
  const { retrain, reason } = weeks.monitoring;
  if (!retrain) {
    const untouched = { newVersion: null, promoted: false, oldMetrics: null, newMetrics: null };
    return { models: [], requests: 0, result: { triggered: false, oldVersion, reason, ...untouched } };
  }
  // A week has passed: the labels of everything that was served are known.
  weeks.labels.deliverUntil(weeks.timeline.labelsKnownMs);
  const data = labelledDecisions(weeks.server.decisionLog.toTable(), weeks.served);
  const task = progress.task('Retraining under traffic');
  const lastId = weeks.served[1].number('TRANSACTION_ID').reduce((highest, id) => Math.max(highest, id), 0);
  const traffic = keepSending(weeks.served[1], weeks.client, lastId + 1);
  try {
    const outcome = await retrainOn(workshop, data, weeks.timeline);
    if (outcome.promotion.promoted) await otherVersionAnswers(traffic, oldVersion);
    await traffic.stop(LEAST_REQUESTS);
    task.done(outcome.promotion.promoted ? `version ${outcome.best.version} answers` : `version ${oldVersion} stays`);
    return { models: outcome.models, requests: traffic.sent, result: describe(outcome, oldVersion) };
  } catch (error) {
    task.fail();
    await traffic.stop(0);
    throw error;
  }
}

/** What was served, as it was served, joined with the labels that have become known since. */
function labelledDecisions(decisions: Table, served: readonly Table[]): TrainingSet {
  const known = new Map<string, { fraud: number; customer: string }>();
  for (const week of served) {
    const [ids, frauds, customers] = [week.number('TRANSACTION_ID'), week.flag('TX_FRAUD'), week.category('CUSTOMER_ID')];
    ids.forEach((id, row) =>
      known.set(String(id), { fraud: frauds[row]!, customer: customers.dictionary[customers.codes[row]!]! }),
    );
  }
  const { codes, dictionary } = decisions.category('transactionId');
  const codeOfCustomer = new Map<string, number>();
  const entityCodes = new Int32Array(decisions.rowCount).fill(-1);
  const labels = Uint8Array.from(codes, (code, row) => {
    const fact = known.get(dictionary[code]!);
    if (!fact) return MISSING_FLAG;
    if (!codeOfCustomer.has(fact.customer)) codeOfCustomer.set(fact.customer, codeOfCustomer.size);
    entityCodes[row] = codeOfCustomer.get(fact.customer)!;
    return fact.fraud;
  });
  return {
    matrix: matrixOf(decisions, handbookFeatures),
    labels: flagColumn(labels).values,
    times: decisions.time('time'),
    entityCodes,
  };
}

async function retrainOn(workshop: Workshop, data: TrainingSet, { endMs }: Timeline): Promise<TrainingOutcome> {
  const { registry, tracker, settings } = workshop;
  const pipeline = trainingPipeline({
    registry,
    tracker,
    modelName: MODEL,
    featureSet: handbookFeatures,
    data,
    split: splitAtMoment(data, endMs - days(TEST_DAYS)),
    recipes: [{ algorithm: 'boosting', options: { ...BOOSTING, seed: settings.seed } }],
    by: 'quickstart',
    why: 'served traffic has drifted from the training data',
    lineage: lineageOf(workshop),
  });
  return (await runDag(pipeline)).output;
}

/** Waits until the running API answers with another version: the new one, or one that took over from it meanwhile. */
async function otherVersionAnswers(traffic: LiveTraffic, oldVersion: number): Promise<void> {
  const deadlineMs = performance.now() + SWAP_TIMEOUT_MS;
  const newAnswers = () =>
    [...traffic.answersByVersion].reduce((sum, [version, count]) => sum + (version === oldVersion ? 0 : count), 0);
  while (newAnswers() < LEAST_NEW_ANSWERS) {
    if (performance.now() > deadlineMs)
      throw new Error(`The API still answers with version ${oldVersion} after ${SWAP_TIMEOUT_MS} ms.`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function describe({ best, promotion, reason, incumbentMetrics }: TrainingOutcome, oldVersion: number): LoopResult['retraining'] {
  return {
    triggered: true,
    // Another program may have promoted since; the comparison is with what was in Production at that moment.
    oldVersion: promotion.previous ?? oldVersion,
    newVersion: best.version,
    promoted: promotion.promoted,
    reason,
    oldMetrics: incumbentMetrics && metricsResult(incumbentMetrics),
    newMetrics: metricsResult(best.metrics),
  };
}
