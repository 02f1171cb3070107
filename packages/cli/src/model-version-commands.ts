/** Commands on how versions come and go, and on watching that. */
import type { ModelRegistry, RegistryEvent, WatchFailure } from '@fraudops/registry';
import { modelRegistry, tracker } from '@fraudops/registry';
import { readBundleFolder } from './bundle-folder.js';
import { type Command, type CommandContext, CommandError, UsageError } from './command.js';
import { happeningOf } from './event-text.js';
import {
  BY_OPTION,
  JSON_OPTION,
  WHY_OPTION,
  actorName,
  findVersion,
  printResult,
  requireModel,
  requireReason,
  timeText,
  withRegistry,
} from './model-text.js';
import { STORE_OPTION, withExistingStore } from './open-store.js';
import { plainText } from './plain-text.js';

const MAX_SEQ = 99_999_999;
/** Most characters of a name, a reason or an error. */
const LONGEST_TEXT = 5_000;

/** Commands on versions as a whole. */
export const modelVersionCommands: readonly Command[] = [
  {
    name: 'models register',
    summary: 'Register the files of a folder, such as a model bundle, as the next version of a model',
    words: ['model'],
    options: {
      store: STORE_OPTION,
      files: { value: 'DIR', help: 'the folder; all files in it and below are taken; needed' },
      run: { value: 'ID', help: 'the run that made it' },
      metrics: { value: 'METRIC=VALUE', help: 'its metrics, several with commas; else those of the run' },
      algorithm: { value: 'NAME', help: 'what trained it, such as boosting' },
      'code-version': { value: 'TEXT', help: 'the code that trained it, such as a git commit; else that of the run' },
      description: { value: 'TEXT', help: 'what is to be known of it' },
      why: { value: 'TEXT', help: 'reason, for the history' },
      by: BY_OPTION,
      json: JSON_OPTION,
    },
    run: registerVersion,
  },
  {
    name: 'models delete-version',
    summary: 'Delete a version that is not in use; its number stays taken, its history stays, its files go with models gc',
    words: ['model', 'version'],
    options: { store: STORE_OPTION, why: WHY_OPTION, by: BY_OPTION, json: JSON_OPTION },
    async run(context) {
      const model = context.words['model']!;
      const actor = { by: actorName(context), why: requireReason(context) };
      const version = await withRegistry(context, async (registry) => {
        const found = await findVersion(registry, model, context.words['version']!);
        await registry.deleteVersion(model, found.version, actor);
        return found.version;
      });
      printResult(context, { model, version, deleted: true }, () => `v${version} of ${model} is deleted.\n`);
    },
  },
  {
    name: 'models watch',
    summary: 'Print what happens to a model as it happens, a line an event, until Ctrl-C',
    words: ['model'],
    options: {
      store: STORE_OPTION,
      since: { value: 'SEQ', help: 'begin behind this event, 0 for all; else with the next one', whole: [0, MAX_SEQ] },
      every: { value: 'SECONDS', help: 'time between two looks', default: '5', whole: [1, 86_400] },
      json: { help: 'print each event as a line of JSON' },
    },
    async run(context) {
      await withRegistry(context, (registry) => watchModel(registry, context));
    },
  },
];

async function registerVersion(context: CommandContext): Promise<void> {
  const { words, options } = context;
  if (options['files'] === undefined)
    throw new UsageError('--files is missing; name the folder whose files are to be registered.');
  const given = options['metrics'] === undefined ? undefined : metricsOf(options['metrics']);
  const files = await readBundleFolder(options['files']);
  const version = await withExistingStore(context, async (store) => {
    const run = options['run'] === undefined ? undefined : await tracker(store).getRun(options['run']);
    if (options['run'] !== undefined && !run) throw new CommandError(`--run: there is no run ${options['run']}.`);
    const ofRun = run && Object.fromEntries(Object.entries(run.metrics).map(([name, { value }]) => [name, value]));
    const metrics = given ?? ofRun;
    const codeVersion = options['code-version'] ?? run?.codeVersion;
    const registration = {
      files,
      ...(run ? { runId: run.id } : {}),
      ...(metrics ? { metrics } : {}),
      ...(codeVersion === undefined ? {} : { codeVersion }),
      ...(options['algorithm'] === undefined ? {} : { algorithm: options['algorithm'] }),
      ...(options['description'] === undefined ? {} : { description: options['description'] }),
    };
    const actor = { by: actorName(context), ...(options['why'] === undefined ? {} : { why: options['why'] }) };
    return modelRegistry(store).register(words['model']!, registration, actor);
  });
  const count = version.files.length === 1 ? '1 file' : `${version.files.length} files`;
  printResult(
    context,
    version,
    () => `${context.style('good', `v${version.version} of ${version.name}`)} is registered, with ${count}.\n`,
  );
}

/** Metrics as they are typed: `averagePrecision=0.64,rocAuc=0.9`. @throws {UsageError} */
function metricsOf(text: string): Record<string, number> {
  const metrics = text.split(',').map((item): [string, number] => {
    const [, name, value = ''] = /^(.+)=([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)$/i.exec(item.trim()) ?? [];
    if (name !== undefined && Number.isFinite(Number(value))) return [name.trim(), Number(value)];
    throw new UsageError(`--metrics has ${JSON.stringify(item)}, expected such as averagePrecision=0.64.`);
  });
  const names = new Set(metrics.map(([name]) => name));
  if (names.size === metrics.length) return Object.fromEntries(metrics);
  throw new UsageError(`--metrics is ${JSON.stringify(text)}, expected each metric once.`);
}

async function watchModel(registry: ModelRegistry, context: CommandContext): Promise<void> {
  const { words, options, switches, signal, print } = context;
  const model = words['model']!;
  // A program may wait for a model to come; for who types a name it is more likely a slip.
  await requireModel(registry, model);
  const since = options['since'] === undefined ? {} : { since: Number(options['since']) };
  const onError = (failure: WatchFailure) => process.stderr.write(failureText(failure));
  const events = registry.watch(model, { ...since, pollMs: Number(options['every']) * 1_000, signal, onError });
  for await (const event of events) print(switches.has('json') ? `${JSON.stringify(event)}\n` : `${eventLine(event)}\n`);
}

/** An event in one line: number, time, what, who, and why if that was said. */
function eventLine(event: RegistryEvent): string {
  const why = event.why === '' ? '' : `: ${event.why}`;
  return plainText(`${event.seq}  ${timeText(event.atMs)}  ${happeningOf(event)}, by ${event.by}${why}`, LONGEST_TEXT);
}

function failureText({ error, retryMs }: WatchFailure): string {
  return `${plainText(`${String((error as Error)?.message ?? error)}; again in ${Math.round(retryMs / 1_000)} s`, LONGEST_TEXT)}\n`;
}
