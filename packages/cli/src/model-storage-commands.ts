/** Commands on how models are stored: clean-up, retention, export and import, and a check of everything. */
import { createReadStream, existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import {
  type GarbageReport,
  type Stage,
  collectGarbage,
  exportModel,
  importModel,
  modelRegistry,
  retention,
  runRetention,
  verifyStore,
} from '@fraudops/registry';
import { type Command, type CommandContext, CommandError, type CommandOption, UsageError } from './command.js';
import { BY_OPTION, actorName } from './model-text.js';
import { STORE_OPTION, withExistingStore, withStore } from './open-store.js';
import { plainText } from './plain-text.js';
import { renderTable } from './text-table.js';
import { writeWholeFile } from './whole-file.js';

const JSON_OPTION: CommandOption = { help: 'print JSON' };
const DRY_RUN_OPTION: CommandOption = { help: 'tell what would be deleted, delete nothing' };
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** A hundred years: longer times are mistakes. */
const MAX_DAYS = 36_500;
/** Most characters of what is said of a damage. */
const LONGEST_MESSAGE = 5_000;

/** Commands on how models are stored. */
export const modelStorageCommands: readonly Command[] = [
  {
    name: 'models gc',
    summary: 'Delete files that no version and no run needs any more',
    options: {
      store: STORE_OPTION,
      grace: { value: 'HOURS', help: 'keep what is younger', default: '24', whole: [6, MAX_DAYS * 24] },
      'dry-run': DRY_RUN_OPTION,
      json: JSON_OPTION,
    },
    async run(context) {
      const graceMs = Number(context.options['grace']) * HOUR_MS;
      const dryRun = context.switches.has('dry-run');
      const report = await withExistingStore(context, (store) => collectGarbage(store, { graceMs, dryRun }));
      if (context.switches.has('json')) return printJson(context, report);
      context.print(garbageText(report, context));
    },
  },
  {
    name: 'models retain',
    summary: 'Delete old versions that no rule keeps and nobody uses',
    options: {
      store: STORE_OPTION,
      model: { value: 'NAME', help: 'only this model' },
      'keep-last': { value: 'N', help: 'keep the N versions of each model registered last', whole: [0, 1_000_000] },
      'keep-days': { value: 'N', help: 'keep versions registered less than N days ago', whole: [0, MAX_DAYS] },
      'keep-archived': { help: 'keep all archived versions' },
      why: { value: 'TEXT', help: 'reason, for the history; needed unless --dry-run' },
      by: BY_OPTION,
      'dry-run': DRY_RUN_OPTION,
      json: JSON_OPTION,
    },
    run: retainVersions,
  },
  {
    name: 'runs retain',
    summary: 'Delete old runs that failed, never ended or were deleted',
    options: {
      store: STORE_OPTION,
      'keep-days': { value: 'N', help: 'keep runs heard of less than N days ago', default: '30', whole: [1, MAX_DAYS] },
      'dry-run': DRY_RUN_OPTION,
      json: JSON_OPTION,
    },
    async run(context) {
      const keepForMs = Number(context.options['keep-days']) * DAY_MS;
      const dryRun = context.switches.has('dry-run');
      const report = await withExistingStore(context, (store) => runRetention(store, { keepForMs, dryRun }));
      if (context.switches.has('json')) return printJson(context, report);
      context.print(`${report.deleted.map((id) => `  ${id}\n`).join('')}${deletedText(report, 'run')}`);
    },
  },
  {
    name: 'models export',
    summary: 'Write a model with its history and files to one new file',
    words: ['model', 'file'],
    options: { store: STORE_OPTION, force: { help: 'write over a file that is there' } },
    async run(context) {
      const file = context.words['file']!;
      if (!context.switches.has('force') && existsSync(file)) {
        throw new CommandError(`${file} is there already; --force writes over it.`);
      }
      await withExistingStore(context, (store) => writeWholeFile(file, exportModel(store, context.words['model']!)));
      const { size } = await stat(file);
      context.print(`${context.style('good', file)} holds ${context.words['model']}, ${bytesText(size)}.\n`);
    },
  },
  {
    name: 'models import',
    summary: 'Read a model with its history and files from a file of models export',
    words: ['file'],
    options: {
      store: STORE_OPTION,
      as: { value: 'NAME', help: 'name the model gets; its own unless given' },
      head: { value: 'SHA256', help: 'refuse the file unless this is the hash of its last event' },
      json: JSON_OPTION,
    },
    run: importFile,
  },
  {
    name: 'store verify',
    summary: 'Read everything in the store and report whatever is damaged',
    options: { store: STORE_OPTION, json: JSON_OPTION },
    async run(context) {
      const report = await withExistingStore(context, verifyStore);
      if (!report.ok) process.exitCode = 1;
      if (context.switches.has('json')) return printJson(context, report);
      for (const { message } of report.problems)
        context.print(`  ${context.style('bad', plainText(message, LONGEST_MESSAGE))}\n`);
      for (const name of report.importing) {
        context.print(`  ${context.style('warning', `The import of ${name} did not end; import the same file again.`)}\n`);
      }
      const { models, runCount, contentCount, contentBytes } = report;
      const what = `${count(models.length, 'model')}, ${count(runCount, 'run')}, ${count(contentCount, 'file')} of ${bytesText(contentBytes)}`;
      context.print(report.ok ? `${context.style('good', 'Whole:')} ${what}.\n` : `Read ${what}.\n`);
    },
  },
];

async function retainVersions(context: CommandContext): Promise<void> {
  const { options, switches } = context;
  const dryRun = switches.has('dry-run');
  if (!dryRun && options['why'] === undefined) {
    throw new UsageError('--why is missing; say the reason, it goes into the history.');
  }
  if (options['keep-last'] === undefined && options['keep-days'] === undefined) {
    throw new UsageError('--keep-last or --keep-days is needed, or both.');
  }
  const keepStages: Stage[] = switches.has('keep-archived') ? ['Archived'] : [];
  const rules = {
    ...(options['keep-last'] === undefined ? {} : { keepLast: Number(options['keep-last']) }),
    ...(options['keep-days'] === undefined ? {} : { keepForMs: Number(options['keep-days']) * DAY_MS }),
    ...(options['model'] === undefined ? {} : { model: options['model'] }),
    ...(options['why'] === undefined ? {} : { why: options['why'] }),
  };
  const report = await withExistingStore(context, (store) =>
    retention(modelRegistry(store), { ...rules, keepStages, dryRun, by: actorName(context) }),
  );
  if (switches.has('json')) return printJson(context, report);
  const rows = [
    ...report.deleted.map(({ model, version }) => [model, `v${version}`, dryRun ? 'would be deleted' : 'deleted']),
    ...report.inUse.map(({ model, version, use }) => [model, `v${version}`, `kept: ${use}`]),
  ];
  if (rows.length > 0) {
    context.print(`${renderTable([{ title: 'model' }, { title: 'version' }, { title: 'what becomes of it' }], rows)}\n`);
  }
  context.print(deletedText(report, 'version'));
}

async function importFile(context: CommandContext): Promise<void> {
  const file = context.words['file']!;
  const { as, head } = context.options;
  // Named as the system names it, before the store is opened.
  await stat(file);
  const report = await withStore(context, (store) =>
    importModel(store, () => createReadStream(file), {
      ...(as === undefined ? {} : { as }),
      ...(head === undefined ? {} : { headSha256: head }),
    }),
  );
  if (context.switches.has('json')) return printJson(context, report);
  const { model, outcome, eventCount, versionCount } = report;
  const what = {
    created: `${model} is there, with ${count(versionCount, 'version')} and ${count(eventCount, 'event')}.`,
    forwarded: `${model} got ${count(eventCount, 'event')} that it lacked.`,
    unchanged: `${model} has all of it already.`,
  }[outcome];
  context.print(`${context.style('good', what)}\n`);
}

function garbageText(report: GarbageReport, { style }: CommandContext): string {
  const verb = report.dryRun ? 'Would delete' : 'Deleted';
  const batches = report.metricBatchCount > 0 ? `, ${count(report.metricBatchCount, 'metric batch', 'metric batches')}` : '';
  const deleted = `${count(report.deletedCount, 'file')} of ${bytesText(report.deletedBytes)}${batches}`;
  const kept = `kept ${count(report.neededCount, 'file')} that something needs and ${report.youngCount} too young to tell`;
  const more = report.more ? 'There is more: run it again.\n' : '';
  return `${style('good', `${verb} ${deleted}`)}; ${kept}.\n${more}`;
}

function deletedText(
  { dryRun, deleted, keptCount }: { dryRun: boolean; deleted: readonly unknown[]; keptCount: number },
  what: string,
) {
  return `${dryRun ? 'Would delete' : 'Deleted'} ${count(deleted.length, what)}, kept ${keptCount}.\n`;
}

function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}

function bytesText(bytes: number): string {
  const [unit, size] = bytes >= 2 ** 20 ? ['MiB', 2 ** 20] : bytes >= 1024 ? ['KiB', 1024] : ['bytes', 1];
  return `${size === 1 ? bytes : (bytes / size).toFixed(1)} ${unit}`;
}

function printJson({ print }: CommandContext, value: unknown): void {
  print(`${JSON.stringify(value, null, 2)}\n`);
}
