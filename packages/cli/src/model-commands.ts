import { type ModelRegistry, type ModelVersion, type Promotion, modelRegistry } from '@fraudops/registry';
import { type Command, type CommandContext, type CommandOption, UsageError } from './command.js';
import { metricText } from './number-text.js';
import { STORE_OPTION, withStore } from './open-store.js';
import { shownStore } from './store-address.js';
import { renderTable } from './text-table.js';

const JSON_OPTION: CommandOption = { help: 'print JSON' };

/** Commands on the model registry. */
export const modelCommands: readonly Command[] = [
  {
    name: 'models list',
    summary: 'List all models and their versions',
    options: { store: STORE_OPTION, json: JSON_OPTION },
    async run(context) {
      const versions = await withRegistry(context, allVersions);
      if (context.switches.has('json')) return printJson(context, versions);
      if (versions.length === 0) return context.print(`There are no models in ${shownStore(context.options['store']!)} yet.\n`);
      const rows = versions.map(({ name, version, stage, algorithm = '', metrics, registeredMs }) => [
        name,
        `v${version}`,
        stage === 'Production' ? context.style('good', stage) : stage,
        algorithm,
        metricText(metrics['rocAuc'] ?? null),
        metricText(metrics['averagePrecision'] ?? null),
        timeText(registeredMs),
      ]);
      const right = { align: 'right' } as const;
      const columns = [{ title: 'model' }, { title: 'version' }, { title: 'stage' }, { title: 'algorithm' }];
      context.print(
        `${renderTable([...columns, { title: 'ROC AUC', ...right }, { title: 'average precision', ...right }, { title: 'registered' }], rows)}\n`,
      );
    },
  },
  {
    name: 'models history',
    summary: 'Tell what happened to a model: who, when and why',
    words: ['model'],
    options: { store: STORE_OPTION, json: JSON_OPTION },
    async run(context) {
      const events = await withRegistry(context, (registry) => registry.history(context.words['model']!));
      if (context.switches.has('json')) return printJson(context, events);
      const rows = events.map((event) => [
        String(event.seq),
        timeText(event.atMs),
        event.type,
        'version' in event.payload && event.payload.version !== null ? `v${event.payload.version}` : '',
        'stage' in event.payload ? event.payload.stage : event.type === 'rolled-back' ? 'Production' : '',
        event.by,
        event.why,
      ]);
      const titles = ['seq', 'when', 'what', 'version', 'stage', 'who', 'why'];
      context.print(
        `${renderTable(
          titles.map((title) => ({ title })),
          rows,
        )}\n`,
      );
    },
  },
  {
    name: 'models verify',
    summary: 'Read every event and file of a model and report whatever is damaged',
    words: ['model'],
    options: { store: STORE_OPTION, json: JSON_OPTION },
    async run(context) {
      const report = await withRegistry(context, (registry) => registry.verify(context.words['model']!));
      if (report.problems.length > 0) process.exitCode = 1;
      if (context.switches.has('json')) return printJson(context, report);
      const problems = report.problems.map((problem) => `  ${context.style('bad', problem.message)}\n`).join('');
      context.print(
        problems || `${context.style('good', 'Whole:')} every event and every file of ${context.words['model']} verifies.\n`,
      );
    },
  },
  {
    name: 'models promote',
    summary: 'Move a version to a stage; the version that held it is archived',
    words: ['model', 'version'],
    options: {
      store: STORE_OPTION,
      stage: { value: 'STAGE', help: 'Production, Staging or Archived', default: 'Production' },
      expect: { value: 'N', help: 'version that must hold the stage now, 0 for none', whole: [0, 99_999_999] },
      why: { value: 'TEXT', help: 'reason, for the history; needed' },
    },
    async run(context) {
      const { stage, expect } = context.options;
      if (stage !== 'Production' && stage !== 'Staging' && stage !== 'Archived') {
        throw new UsageError(`--stage is ${JSON.stringify(stage)}, expected Production, Staging or Archived.`);
      }
      const expectation = expect === undefined ? {} : { expectedCurrent: Number(expect) === 0 ? null : Number(expect) };
      const actor = { by: context.user, why: requireReason(context) };
      const version = versionOf(context.words['version']!);
      printPromotion(
        context,
        await withRegistry(context, (registry) =>
          registry.promote(context.words['model']!, version, { stage, ...expectation, ...actor }),
        ),
      );
    },
  },
  {
    name: 'models rollback',
    summary: 'Put the version that was in Production before back there',
    words: ['model'],
    options: { store: STORE_OPTION, why: { value: 'TEXT', help: 'reason, for the history; needed' } },
    async run(context) {
      const actor = { by: context.user, why: requireReason(context) };
      printPromotion(context, await withRegistry(context, (registry) => registry.rollback(context.words['model']!, actor)));
    },
  },
];

/** Gives a function the registry that `--store` names. */
export function withRegistry<Result>(
  context: Pick<CommandContext, 'options'>,
  use: (registry: ModelRegistry) => Promise<Result>,
): Promise<Result> {
  return withStore(context, (store) => use(modelRegistry(store)));
}

async function allVersions(registry: ModelRegistry): Promise<ModelVersion[]> {
  return (await Promise.all((await registry.models()).map((name) => registry.versions(name)))).flat();
}

function requireReason({ options }: CommandContext): string {
  if (options['why'] === undefined) throw new UsageError('--why is missing; say the reason, it goes into the history.');
  return options['why'];
}

function versionOf(text: string): number {
  const version = Number(text.replace(/^v/, ''));
  if (Number.isInteger(version) && version >= 1) return version;
  throw new UsageError(`VERSION is ${JSON.stringify(text)}, expected a number such as 3 or v3.`);
}

function printPromotion({ print, style }: CommandContext, { promoted, stage, version, previous, reason }: Promotion): void {
  if (promoted && previous === version) return print(`${reason}\n`);
  const before = previous === null ? 'nothing held it before' : `v${previous} held it before`;
  if (promoted) return print(`${style('good', `v${version} is in ${stage}`)}; ${before}. ${reason}\n`);
  process.exitCode = 1;
  print(`${style('warning', `v${version} was not promoted:`)} ${reason}\n`);
}

function printJson({ print }: CommandContext, value: unknown): void {
  print(`${JSON.stringify(value, null, 2)}\n`);
}

function timeText(epochMs: number): string {
  return new Date(epochMs).toISOString().slice(0, 19).replace('T', ' ');
}
