import { type ModelRegistry, type ModelVersion, type RegistryEvent } from '@fraudops/registry';
import type { Command, CommandContext } from './command.js';
import { renderFittedTable } from './fitted-table.js';
import { happeningOf } from './event-text.js';
import { modelActCommands } from './model-act-commands.js';
import { modelDiffCommand } from './model-diff.js';
import { modelText, versionText } from './model-show.js';
import { modelVersionCommands } from './model-version-commands.js';
import {
  JSON_OPTION,
  VERSION_OPTION,
  findVersion,
  printResult,
  requireModel,
  timeText,
  versionWord,
  withRegistry,
} from './model-text.js';
import { dayText, metricText } from './number-text.js';
import { STORE_OPTION } from './open-store.js';
import { plainText } from './plain-text.js';
import { shownStore } from './store-address.js';
import { wrapText } from './wrapped-text.js';

/** Most sequence numbers of a log. */
const MAX_SEQ = 99_999_999;
/** Most characters of a gate's reason, or of what is said of a damage. */
const LONGEST_TEXT = 5_000;

/** Puts reasons of a refusal below what was refused. */
const REASON_INDENT = ' '.repeat(9);

/** Commands on the model registry. */
export const modelCommands: readonly Command[] = [
  {
    name: 'models list',
    summary: 'List all models and their versions',
    options: { store: STORE_OPTION, json: JSON_OPTION },
    async run(context) {
      printResult(context, await withRegistry(context, allVersions), (versions) => listText(context, versions));
    },
  },
  {
    name: 'models show',
    summary: 'Show a model, or one version of it: metrics, tags, signature, approvals, and where it comes from',
    words: ['model', 'version?'],
    options: { store: STORE_OPTION, version: VERSION_OPTION, json: JSON_OPTION },
    async run(context) {
      const model = context.words['model']!;
      const word = versionWord(context);
      await withRegistry(context, async (registry) => {
        if (word === undefined) {
          const shown = { ...(await requireModel(registry, model)), versions: await registry.versions(model) };
          return printResult(context, shown, (whole) => modelText(whole, context));
        }
        const version = await findVersion(registry, model, word);
        const shown = { ...version, lineage: await registry.lineage(model, version.version) };
        printResult(context, shown, ({ lineage }) => versionText(version, lineage, context));
      });
    },
  },
  {
    name: 'models history',
    summary: 'Tell what happened to a model: who, when and why',
    words: ['model', 'version?'],
    options: {
      store: STORE_OPTION,
      version: VERSION_OPTION,
      since: { value: 'SEQ', help: 'only events after this one', whole: [0, MAX_SEQ] },
      limit: { value: 'N', help: 'at most so many: the latest, or the first after --since', whole: [1, MAX_SEQ] },
      json: JSON_OPTION,
    },
    async run(context) {
      const events = await withRegistry(context, (registry) => readHistory(registry, context));
      printResult(context, events, () => historyText(context, events));
    },
  },
  modelDiffCommand,
  {
    name: 'models verify',
    summary: 'Read every event and file of a model and report whatever is damaged',
    words: ['model'],
    options: { store: STORE_OPTION, json: JSON_OPTION },
    async run(context) {
      const report = await withRegistry(context, (registry) => registry.verify(context.words['model']!));
      if (report.problems.length > 0) process.exitCode = 1;
      printResult(context, report, () => {
        const problems = report.problems
          .map((problem) => `  ${context.style('bad', plainText(problem.message, LONGEST_TEXT))}\n`)
          .join('');
        return (
          problems || `${context.style('good', 'Whole:')} every event and every file of ${context.words['model']} verifies.\n`
        );
      });
    },
  },
  ...modelVersionCommands,
  ...modelActCommands,
];

async function allVersions(registry: ModelRegistry): Promise<ModelVersion[]> {
  return (await Promise.all((await registry.models()).map((name) => registry.versions(name)))).flat();
}

function listText({ options, style, width }: CommandContext, versions: readonly ModelVersion[]): string {
  if (versions.length === 0) return `There are no models in ${shownStore(options['store']!)} yet.\n`;
  const rows = versions.map(({ name, version, stage, aliases, algorithm = '', metrics, registeredMs }) => [
    name,
    `v${version}`,
    stage === 'Production' ? style('good', stage) : stage,
    aliases.join(' '),
    algorithm,
    metricText(metrics['averagePrecision'] ?? null),
    dayText(registeredMs),
  ]);
  const titles = [
    { title: 'model', cut: 12 },
    { title: 'version' },
    { title: 'stage' },
    { title: 'aliases', cut: 8, mayBeEmpty: true },
    { title: 'algorithm', cut: 9, mayBeEmpty: true },
    { title: 'avg prec', align: 'right' as const },
    { title: 'registered' },
  ];
  return `${renderFittedTable(titles, rows, width)}\n`;
}

async function readHistory(registry: ModelRegistry, context: CommandContext): Promise<RegistryEvent[]> {
  const { words, options } = context;
  const model = words['model']!;
  const word = versionWord(context);
  // A deleted version has a history too, so a number is not looked up.
  const digits = word === undefined ? undefined : /^v?([1-9]\d{0,7})$/.exec(word)?.[1];
  const version = word === undefined ? undefined : digits ? Number(digits) : (await findVersion(registry, model, word)).version;
  return registry.history(model, {
    ...(version === undefined ? {} : { version }),
    ...(options['since'] === undefined ? {} : { since: Number(options['since']) }),
    ...(options['limit'] === undefined ? {} : { limit: Number(options['limit']) }),
  });
}

function historyText({ width }: CommandContext, events: readonly RegistryEvent[]): string {
  const rows = events.map((event) => [
    String(event.seq),
    timeText(event.atMs).slice(0, 16),
    happeningOf(event),
    event.by,
    event.why,
  ]);
  const titles = [
    { title: 'seq', align: 'right' as const },
    { title: 'when' },
    { title: 'what', cut: 26 },
    { title: 'who', cut: 8 },
    { title: 'why', cut: 8 },
  ];
  const [heads = '', rule = '', ...lines] = renderFittedTable(titles, rows, width).split('\n');
  const told = lines.flatMap((line, i) => [line, ...refusalLines(events[i]!, width)]);
  return `${[heads, rule, ...told].join('\n')}\n`;
}

/** Why a promotion was refused: each gate that failed, and its reason, below the event and never cut. */
function refusalLines({ type, payload }: RegistryEvent, width: number | undefined): string[] {
  if (type !== 'promotion-refused') return [];
  const room = width === undefined ? undefined : width - REASON_INDENT.length;
  return payload.gates
    .filter(({ passed }) => !passed)
    .flatMap(({ gate, reason }) => wrapText(plainText(`${gate}: ${reason}`, LONGEST_TEXT), room))
    .map((line) => REASON_INDENT + line);
}
