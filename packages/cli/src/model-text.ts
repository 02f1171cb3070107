/** What the commands on models have in common: finding a version, and showing times and results. */
import { type ModelRegistry, type ModelVersion, type RegisteredModel, RegistryError, modelRegistry } from '@fraudops/registry';
import { type CommandContext, type CommandOption, UsageError } from './command.js';
import { withExistingStore } from './open-store.js';

export const JSON_OPTION: CommandOption = { help: 'print JSON' };
export const WHY_OPTION: CommandOption = { value: 'TEXT', help: 'reason, for the history; needed' };
export const BY_OPTION: CommandOption = { value: 'NAME', help: 'who does it, for the history; else the user of the system' };
export const VERSION_OPTION: CommandOption = { value: 'VERSION', help: 'a version, such as 3, v3, an alias, or Production' };

/** Gives a function the registry that `--store` names. */
export function withRegistry<Result>(
  context: Pick<CommandContext, 'options'>,
  use: (registry: ModelRegistry) => Promise<Result>,
): Promise<Result> {
  return withExistingStore(context, (store) => use(modelRegistry(store)));
}

/**
 * The version that a word names: a number such as `3` or `v3`, `Production` or `Staging`, or an alias.
 *
 * @throws {UsageError} when the word can't be any of them
 * @throws {RegistryError} NOT_FOUND when there is no such version
 */
export async function findVersion(registry: ModelRegistry, model: string, word: string): Promise<ModelVersion> {
  const found = await lookUp(registry, model, word);
  if (found) return found;
  throw new RegistryError('NOT_FOUND', `model ${model} has no version ${word}; fraudops models list shows what there is`, {
    details: { model, version: word },
  });
}

/** What is known of a model. @throws {RegistryError} NOT_FOUND when there is none of this name */
export async function requireModel(registry: ModelRegistry, model: string): Promise<RegisteredModel> {
  const found = await registry.model(model);
  if (found) return found;
  throw new RegistryError('NOT_FOUND', `there is no model ${model}; fraudops models list shows what there is`, {
    details: { model },
  });
}

async function lookUp(registry: ModelRegistry, model: string, word: string): Promise<ModelVersion | undefined> {
  const digits = /^v?([1-9]\d{0,7})$/.exec(word)?.[1];
  if (digits !== undefined) return registry.get(model, Number(digits));
  if (word === 'Production' || word === 'Staging') return registry.inStage(model, word);
  if (/^[A-Za-z][A-Za-z0-9._-]*$/.test(word)) return registry.byAlias(model, word);
  throw new UsageError(`VERSION is ${JSON.stringify(word)}, expected a number such as 3 or v3, Production, Staging or an alias.`);
}

/** The version that is named as a last word or by `--version`; undefined when none is. @throws {UsageError} when it is named twice */
export function versionWord({ words, options }: Pick<CommandContext, 'words' | 'options'>): string | undefined {
  const { version: word } = words;
  const { version: option } = options;
  if (word !== undefined && option !== undefined) throw new UsageError('Give the version once: as a word, or with --version.');
  return word ?? option;
}

/** Who acts: `--by`, else who runs the command. */
export function actorName({ options, user }: Pick<CommandContext, 'options' | 'user'>): string {
  return options['by'] ?? user;
}

/** The reason that `--why` gives. @throws {UsageError} when it is missing */
export function requireReason({ options }: Pick<CommandContext, 'options'>): string {
  if (options['why'] === undefined) throw new UsageError('--why is missing; say the reason, it goes into the history.');
  return options['why'];
}

/** A stage that versions are promoted to. @throws {UsageError} */
export function requireStageOption({ options }: Pick<CommandContext, 'options'>): 'Production' | 'Staging' | 'Archived' {
  const stage = options['stage'];
  if (stage === 'Production' || stage === 'Staging' || stage === 'Archived') return stage;
  throw new UsageError(`--stage is ${JSON.stringify(stage)}, expected Production, Staging or Archived.`);
}

/** Prints a value as JSON where `--json` is given, else the text that a function makes of it. */
export function printResult<Value>(context: CommandContext, value: Value, textOf: (value: Value) => string): void {
  context.print(context.switches.has('json') ? `${JSON.stringify(value, null, 2)}\n` : textOf(value));
}

/** A time in UTC: `2026-11-23 17:25:10`. */
export function timeText(epochMs: number): string {
  return new Date(epochMs).toISOString().slice(0, 19).replace('T', ' ');
}
