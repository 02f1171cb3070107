/**
 * Commands of the shell as data: a table of commands, each with its words, its options, and a function. The checking of the command line
 * is derived from the table, and so are the help texts of `command-help.ts`.
 */
import { parseArgs } from 'node:util';
import { type Progress, nearestName } from '@fraudops/core';
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
  /** Names of the positional arguments. A last one that ends with `...` stands for one or more, one that ends with `?` may be left out. */
  readonly words?: readonly string[];
  readonly options?: Readonly<Record<string, CommandOption>>;
  readonly run: (context: CommandContext) => Promise<void>;
}

/** How a name ends that stands for one word or more. */
const SEVERAL = '...';
/** How a name ends that may be left out. */
const OPTIONAL = '?';

/** The command line was wrong; the message says what and how it is right. The program ends with 2. */
export class UsageError extends Error {}

/** What was asked for rightly can't be done; the message says why. The program ends with 1. */
export class CommandError extends Error {}

type GivenWords = Pick<CommandContext, 'words' | 'more'>;

/** A command line taken apart. */
export type ParsedLine =
  /** Help on a command, or on those that begin with a word, or on all. */
  | { readonly help: true; readonly command?: Command; readonly group?: string }
  | {
      readonly help: false;
      readonly command: Command;
      readonly given: GivenWords & Pick<CommandContext, 'options' | 'switches'>;
    };

/** Finds the command and checks its words and options. @throws {UsageError} */
export function parseLine(commands: readonly Command[], line: readonly string[]): ParsedLine {
  const [first = '--help', second = ''] = line;
  if (first === 'help' && second !== '') return parseLine(commands, [...line.slice(1), '--help']);
  if (first === '--help' || first === 'help') return { help: true };
  const command = commands.find(({ name }) => name === `${first} ${second}`) ?? commands.find(({ name }) => name === first);
  const isGroup = commands.some(({ name }) => name.startsWith(`${first} `));
  if (!command && isGroup && (second === '' || second === '--help')) return { help: true, group: first };
  if (!command) throw new UsageError(noSuchCommand(commands, first, isGroup || !second.startsWith('-') ? second : ''));
  const { values, positionals } = parseWords(command, line.slice(command.name.split(' ').length));
  if (values['help'] === true) return { help: true, command };
  return { help: false, command, given: { ...requireWords(command, positionals), ...requireOptions(command, values) } };
}

/** Says so, and which command is the nearest, or which ones begin or end with the word. */
function noSuchCommand(commands: readonly Command[], first: string, second: string): string {
  const said = `There is no command ${JSON.stringify([first, second].join(' ').trim())}; fraudops --help lists them.`;
  const names = commands.map(({ name }) => name);
  const near = names.filter((name) => name.includes(' ') && name.split(' ').includes(first));
  const firstWords = [...new Set(names.map((name) => name.split(' ')[0]!))];
  // Of a word that commands have, the others are wrong: only what has the word can be meant.
  const nearest =
    near.length === 0
      ? (nearestName(`${first} ${second}`.trim(), names) ?? nearestName(first, firstWords))
      : nearestName(`${first} ${second}`, second === '' ? [] : near);
  if (nearest !== undefined) return `${said} Did you mean ${nearest}?`;
  return near.length === 0 ? said : `${said} There ${near.length === 1 ? 'is' : 'are'} ${near.join(', ')}.`;
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
    const [said = ''] = (error as Error).message.split('. ');
    const unknown = /^Unknown option '--(.+)'/.exec(said)?.[1];
    const nearest = unknown === undefined ? undefined : nearestName(unknown, Object.keys(options));
    const hint = nearest === undefined ? '' : ` Did you mean --${nearest}?`;
    throw new UsageError(`${said}; fraudops ${name} --help lists the options.${hint}`);
  }
}

function requireWords(command: Command, given: readonly string[]): GivenWords {
  const { name, words = [] } = command;
  const single = words.filter((word) => !word.endsWith(SEVERAL));
  const least = words.filter((word) => !word.endsWith(OPTIONAL)).length;
  const most = single.length < words.length ? Number.POSITIVE_INFINITY : single.length;
  if (given.length < least || given.length > most || given.includes('')) {
    const bound = Number.isFinite(most) ? '' : `, at least ${['none', 'one', 'two', 'three'][least] ?? least}`;
    const takes = words.length === 0 ? 'no words' : `${usageOf({ ...command, name: '' }).trim()}${bound}`;
    const hint = given.length > most && command.options ? `; fraudops ${name} --help lists its options` : '';
    throw new UsageError(`fraudops ${name} takes ${takes}, got ${JSON.stringify(given)}${hint}.`);
  }
  const named = single.slice(0, given.length).map((word, i) => [word.replace(OPTIONAL, ''), given[i]!]);
  return { words: Object.fromEntries(named), more: given.slice(single.length) };
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

/** A command and its words, as they are typed. */
export function usageOf({ name, words = [] }: Command): string {
  const shown = words.map((word) => (word.endsWith(OPTIONAL) ? `[${word.slice(0, -1).toUpperCase()}]` : word.toUpperCase()));
  return [name, ...shown].join(' ');
}
