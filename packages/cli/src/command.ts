/**
 * Commands of the shell as data: a table of commands, each with its words, its options, and a function. Help texts and the checking of
 * the command line are derived from the table.
 */
import { parseArgs } from 'node:util';
import type { Progress } from '@fraudops/core';
import type { Stylist } from './terminal-style.js';

/** An option of a command: `--name VALUE`, or `--name` alone when it has no value name. */
export interface CommandOption {
  /** What stands for the value in the help, such as `DIR`; absent for a switch. */
  readonly value?: string;
  readonly help: string;
  /** Text taken when it is not given. */
  readonly default?: string;
  /** The value must be a whole number within these bounds. */
  readonly whole?: readonly [least: number, most: number];
}

/** Where a command writes, and what it knows of its surroundings. */
export interface CommandContext {
  /** Positional arguments by name. */
  readonly words: Readonly<Record<string, string>>;
  /** Positional arguments of a last name that takes several, such as `ids...`. */
  readonly more: readonly string[];
  /** Options by name; undefined when not given and without a default. */
  readonly options: Readonly<Record<string, string | undefined>>;
  /** Switches that were given, by name. */
  readonly switches: ReadonlySet<string>;
  /** Writes a result. */
  readonly print: (text: string) => void;
  readonly style: Stylist;
  /** Width of the terminal in characters; undefined where no person looks. */
  readonly width?: number;
  readonly progress: Progress;
  /** Who runs the command. */
  readonly user: string;
  /** Aborted at Ctrl-C. */
  readonly signal: AbortSignal;
}

/** One command, such as `models promote`. */
export interface Command {
  /** Its words, such as `models promote`. */
  readonly name: string;
  readonly summary: string;
  /** Names of the positional arguments, all required; a last one that ends with `...` stands for one or more. */
  readonly words?: readonly string[];
  readonly options?: Readonly<Record<string, CommandOption>>;
  readonly run: (context: CommandContext) => Promise<void>;
}

/** How a name ends that stands for one word or more. */
const SEVERAL = '...';

/** The command line was wrong; the message says what and how it is right. */
export class UsageError extends Error {}

type GivenWords = Pick<CommandContext, 'words' | 'more'>;

/** A command line taken apart. */
export type ParsedLine =
  | { readonly help: true; readonly command?: Command }
  | {
      readonly help: false;
      readonly command: Command;
      readonly given: GivenWords & Pick<CommandContext, 'options' | 'switches'>;
    };

/** Finds the command and checks its words and options. @throws {UsageError} */
export function parseLine(commands: readonly Command[], line: readonly string[]): ParsedLine {
  const [first = '--help', second = ''] = line;
  if (first === '--help' || first === 'help') return { help: true };
  const command = commands.find(({ name }) => name === `${first} ${second}`) ?? commands.find(({ name }) => name === first);
  if (!command) throw new UsageError(noSuchCommand(commands, first, second));
  const { values, positionals } = parseWords(command, line.slice(command.name.split(' ').length));
  if (values['help'] === true) return { help: true, command };
  return { help: false, command, given: { ...requireWords(command, positionals), ...requireOptions(command, values) } };
}

/** Says so, and which commands begin or end with the word. */
function noSuchCommand(commands: readonly Command[], first: string, second: string): string {
  const near = commands.filter(({ name }) => name.includes(' ') && name.split(' ').includes(first)).map(({ name }) => name);
  const hint = near.length > 0 ? ` There ${near.length === 1 ? 'is' : 'are'} ${near.join(', ')}.` : '';
  return `There is no command ${JSON.stringify([first, second].join(' ').trim())}; fraudops --help lists them.${hint}`;
}

function parseWords({ name, options = {} }: Command, args: string[]) {
  const config = Object.entries(options).map(
    ([key, { value }]) => [key, { type: value === undefined ? 'boolean' : 'string' }] as const,
  );
  try {
    return parseArgs({
      args,
      options: { ...Object.fromEntries(config), help: { type: 'boolean' } },
      strict: true,
      allowPositionals: true,
    });
  } catch (error) {
    throw new UsageError(`${(error as Error).message.split('. ')[0]}; fraudops ${name} --help lists the options.`);
  }
}

function requireWords({ name, words = [] }: Command, given: readonly string[]): GivenWords {
  const single = words.filter((word) => !word.endsWith(SEVERAL));
  const takesMore = single.length < words.length;
  const isRight = takesMore ? given.length > single.length : given.length === single.length;
  if (!isRight || given.includes('')) {
    const usage = words.map((word) => word.toUpperCase()).join(' ');
    throw new UsageError(`fraudops ${name} takes ${words.length === 0 ? 'no words' : usage}, got ${JSON.stringify(given)}.`);
  }
  return { words: Object.fromEntries(single.map((word, i) => [word, given[i]!])), more: given.slice(single.length) };
}

function requireOptions(command: Command, values: Record<string, unknown>): Pick<CommandContext, 'options' | 'switches'> {
  const options: Record<string, string | undefined> = {};
  const switches = new Set<string>();
  for (const [name, option] of Object.entries(command.options ?? {})) {
    const given = values[name];
    if (option.value === undefined) {
      if (given === true) switches.add(name);
      continue;
    }
    const text = (given as string | undefined) ?? option.default;
    if (text === '') throw new UsageError(`--${name} is empty, expected ${option.value}.`);
    if (text !== undefined && option.whole) requireWhole(name, text, option.whole);
    options[name] = text;
  }
  return { options, switches };
}

function requireWhole(name: string, text: string, [least, most]: readonly [number, number]): void {
  if (/^\d+$/.test(text) && Number(text) >= least && Number(text) <= most) return;
  throw new UsageError(`--${name} is ${JSON.stringify(text)}, expected a whole number from ${least} to ${most}.`);
}

/** Help on all commands. */
export function overview(commands: readonly Command[], style: Stylist): string {
  const width = Math.max(...commands.map((command) => usageOf(command).length));
  const lines = commands.map((command) => `  ${style('accent', usageOf(command).padEnd(width))}  ${command.summary}`);
  return [
    `${style('heading', 'fraudops')}: train, register, serve and watch fraud models from a shell.`,
    '',
    ...lines,
    '',
    'fraudops COMMAND --help lists the options of a command.',
    '',
  ].join('\n');
}

/** Help on one command. */
export function commandHelp(command: Command, style: Stylist): string {
  const rows = Object.entries(command.options ?? {}).map(([name, { value, help, default: usual }]) => {
    const left = `--${name}${value === undefined ? '' : ` ${value}`}`;
    return [left, usual === undefined ? help : `${help} (default ${usual})`] as const;
  });
  const width = Math.max(0, ...rows.map(([left]) => left.length));
  const lines = rows.map(([left, help]) => `  ${style('accent', left.padEnd(width))}  ${help}`);
  return [
    `fraudops ${usageOf(command)}${rows.length > 0 ? ' [options]' : ''}`,
    '',
    command.summary,
    ...(lines.length > 0 ? ['', ...lines] : []),
    '',
  ].join('\n');
}

function usageOf({ name, words = [] }: Command): string {
  return [name, ...words.map((word) => word.toUpperCase())].join(' ');
}
