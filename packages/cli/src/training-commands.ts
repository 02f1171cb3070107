import { access, constants } from 'node:fs/promises';
import path from 'node:path';
import type { BlobStore } from '@fraudops/core';
import { profileFromJson } from '@fraudops/drift';
import { startServer } from '@fraudops/express';
import {
  type FeatureSet,
  days,
  featureSetFromJson,
  handbookFeatures,
  handbookTransactions,
  readTransactions,
} from '@fraudops/features';
import { readBundle } from '@fraudops/model';
import {
  type PreparedData,
  type Recipe,
  dataPipeline,
  labelsKnownAt,
  latestTrainingDates,
  monitoringPipeline,
  runDag,
  splitAtDates,
  trainingPipeline,
  trainingSet,
} from '@fraudops/pipeline';
import { modelRegistry, tracker } from '@fraudops/registry';
import { scoringService } from '@fraudops/serve';
import { type Command, type CommandContext, UsageError } from './command.js';
import { BY_OPTION, actorName } from './model-text.js';
import { renderModelsTable } from './models-table.js';
import { countText, dayText, percentText } from './number-text.js';
import { STORE_OPTION, withExistingStore, withStore } from './open-store.js';
import { plainText } from './plain-text.js';
import { shownStore } from './store-address.js';
import { writeWholeFile } from './whole-file.js';

const MODEL_OPTION = { value: 'NAME', help: 'name of the model', default: 'fraud' } as const;
/** Most characters of a verdict's reason. */
const LONGEST_REASON = 5_000;
const RECIPES: Readonly<Record<string, readonly Recipe[]>> = {
  logistic: [{ algorithm: 'logistic' }],
  boosting: [{ algorithm: 'boosting', options: { trees: 100, depth: 3, learningRate: 0.1 } }],
};

/** Commands that train, serve and watch. */
export const trainingCommands: readonly Command[] = [
  {
    name: 'train',
    summary: 'Train on a file of transactions, register the models, and promote the best if it beats Production',
    words: ['file'],
    options: {
      store: STORE_OPTION,
      model: MODEL_OPTION,
      algorithm: { value: 'NAME', help: 'logistic, boosting, or both', default: 'both' },
      by: BY_OPTION,
    },
    run: (context) => withStore(context, (store) => train(context, store)),
  },
  {
    name: 'serve',
    summary: 'Serve the version in Production over HTTP, until Ctrl-C; new versions are taken over while it runs',
    options: {
      store: STORE_OPTION,
      model: MODEL_OPTION,
      history: { value: 'FILE', help: 'transactions before now, from which the features of the first requests follow' },
      port: { value: 'N', help: 'port, 0 for any free one', default: '3000', whole: [0, 65_535] },
      host: { value: 'ADDRESS', help: 'address to listen on', default: '127.0.0.1' },
    },
    run: (context) => withStore(context, (store) => serve(context, store)),
  },
  {
    name: 'drift',
    summary: 'Compare the last days of a file of transactions with the training data of Production, and write an HTML report',
    words: ['file'],
    options: {
      store: STORE_OPTION,
      model: MODEL_OPTION,
      days: { value: 'N', help: 'days at the end of the file', default: '7', whole: [1, 3660] },
      out: { value: 'FILE', help: 'where to write the report', default: 'drift.html' },
    },
    run: (context) => withExistingStore(context, (store) => drift(context, store)),
  },
];

async function prepare({ words, progress, signal }: CommandContext, features: FeatureSet): Promise<PreparedData> {
  return (await runDag(dataPipeline({ source: { file: words['file']! }, features }), { progress, signal })).output;
}

async function train(context: CommandContext, store: BlobStore): Promise<void> {
  const { words, options, print, style, progress, signal } = context;
  const registry = modelRegistry(store);
  const name = options['algorithm']!;
  const recipes = name === 'both' ? Object.values(RECIPES).flat() : RECIPES[name];
  if (!recipes) throw new UsageError(`--algorithm is ${JSON.stringify(name)}, expected logistic, boosting or both.`);
  // A bad name or a damaged store is found before the work.
  await registry.production(options['model']!);
  const { transactions, features } = await prepare(context, handbookFeatures);
  const lastMs = transactions.time('TX_DATETIME').at(-1) ?? 0;
  const dates = latestTrainingDates(handbookTransactions, lastMs + days(1));
  const data = trainingSet(labelsKnownAt(transactions, handbookTransactions, dates.readyMs), features, handbookFeatures);
  const pipeline = trainingPipeline({
    registry,
    tracker: tracker(store),
    modelName: options['model']!,
    featureSet: handbookFeatures,
    data,
    split: splitAtDates(data, dates),
    recipes,
    by: actorName(context),
    why: `trained on ${words['file']}`.slice(0, 1000),
    lineage: { source: words['file']! },
  });
  const { models, promotion, reason } = (await runDag(pipeline, { progress, signal })).output;
  const judged = `Judged on ${dayText(dates.testStartMs)} to ${dayText(dates.testEndMs - days(1))}, trained on the week from ${dayText(dates.trainStartMs)}.`;
  const verdict = promotion.promoted
    ? style('good', `v${promotion.version} is in Production`)
    : style('warning', `v${promotion.version} was not promoted`);
  print(`${renderModelsTable(models)}\n${judged}\n${verdict}: ${plainText(reason, LONGEST_REASON)}\n`);
}

async function serve(context: CommandContext, store: BlobStore): Promise<void> {
  const { options, print, style, progress, signal } = context;
  const registry = modelRegistry(store);
  const history = options['history'];
  const service = await scoringService({
    registry,
    model: options['model']!,
    // Called for each new set of features; the history is read anew then, since it may have grown.
    onlineFor: async (featureSet) => {
      const online = featureSet.online();
      if (history !== undefined)
        online.backfill(
          (await readTransactions(history, featureSet.transactions, { progress, signal })).sortByTime(
            featureSet.transactions.time,
          ),
        );
      return online;
    },
  });
  const server = await startServer(service, { port: Number(options['port']), host: options['host']! });
  const { status, version } = service.health();
  print(
    `${style('heading', options['model']!)} ${version === null ? `has no version to serve in ${shownStore(options['store']!)} (${status})` : `v${version}`} at ${style('accent', server.url)}\n`,
  );
  if (history === undefined)
    print('No --history was given: windows start empty, so the first scores are those of cards without a past.\n');
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
  await server.close();
}

async function drift(context: CommandContext, store: BlobStore): Promise<void> {
  const { words, options, print, style } = context;
  const registry = modelRegistry(store);
  const model = options['model']!;
  const out = options['out']!;
  await access(path.dirname(path.resolve(out)), constants.W_OK);
  const current = await registry.production(model);
  if (!current) throw new UsageError(`There is no version of ${model} in Production; fraudops models list shows what there is.`);
  const bundle = readBundle(await registry.load(model, current.version));
  const { transactions, features } = await prepare(context, featureSetFromJson(bundle.features));
  const times = transactions.time('TX_DATETIME');
  const fromMs = (times.at(-1) ?? 0) - days(Number(options['days']));
  const pipeline = monitoringPipeline({
    reference: profileFromJson(bundle.profile),
    current: features.filter((row) => times[row]! > fromMs),
  });
  const { report, reason, retrain } = (await runDag(pipeline, context)).output;
  const html = report.toHtml({
    title: `Drift of ${words['file']} against the training data of ${model} v${current.version}`,
    reference: { label: `training rows of ${model} v${current.version}` },
    current: { label: words['file']!, fromMs, toMs: times.at(-1) ?? 0 },
  });
  await writeWholeFile(out, html);
  const told = plainText(reason, LONGEST_REASON);
  print(`${retrain ? style('warning', told) : told}\n`);
  if (report.drifted.length > 0) print(`  ${report.drifted.map((name) => plainText(name, 200)).join('\n  ')}\n`);
  print(`${countText(report.rows.current)} rows compared, share ${percentText(report.share, 0)}; report: ${out}\n`);
}
