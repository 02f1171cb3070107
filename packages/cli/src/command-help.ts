/** Help texts, made of the table of commands. Summaries are wrapped to the width that there is. */
import { type Command, usageOf } from './command.js';
import type { Stylist } from './terminal-style.js';
import { wrapText } from './wrapped-text.js';

/** Where help is shown. */
interface HelpPlace {
  readonly style: Stylist;
  /** Characters; undefined where no person looks, and nothing is wrapped. */
  readonly width?: number;
}

/** Commands that are listed together: those whose first word is one of some. */
export interface CommandGroup {
  readonly title: string;
  readonly firstWords: readonly string[];
}

/** Narrowest that a summary becomes beside its command. */
const NARROWEST = 20;

/** Help on all commands. */
export function overview(commands: readonly Command[], groups: readonly CommandGroup[], place: HelpPlace): string {
  const { style, width } = place;
  const sections = groups.flatMap(({ title, firstWords }) => {
    const group = commands.filter(({ name }) => firstWords.includes(name.split(' ')[0]!));
    return group.length === 0 ? [] : [style('heading', title), ...commandLines(group, place), ''];
  });
  return [
    `${style('heading', 'fraudops')}: train, register, serve and watch fraud models from a shell.`,
    '',
    ...sections,
    ...wrapText('fraudops COMMAND --help lists the options of a command, fraudops --version tells the version.', width),
    '',
  ].join('\n');
}

/** Help on the commands that begin with a word, such as `models`. */
export function groupHelp(commands: readonly Command[], first: string, place: HelpPlace): string {
  const group = commands.filter(({ name }) => name.startsWith(`${first} `));
  const lines = commandLines(group, place);
  return [
    `fraudops ${first} COMMAND`,
    '',
    ...lines,
    '',
    `fraudops ${first} COMMAND --help lists the options of a command.`,
    '',
  ].join('\n');
}

/** Help on one command. */
export function commandHelp(command: Command, place: HelpPlace): string {
  const rows = Object.entries(command.options ?? {}).map(([name, { value, help, default: usual }]) => {
    const left = `--${name}${value === undefined ? '' : ` ${value}`}`;
    return [left, usual === undefined ? help : `${help} (default ${usual})`] as const;
  });
  return [
    `fraudops ${usageOf(command)}${rows.length > 0 ? ' [options]' : ''}`,
    '',
    ...wrapText(command.summary, place.width),
    ...(rows.length > 0 ? ['', ...inTwoColumns(rows, place)] : []),
    '',
  ].join('\n');
}

function commandLines(commands: readonly Command[], place: HelpPlace): string[] {
  return inTwoColumns(
    commands.map((command) => [usageOf(command), command.summary] as const),
    place,
  );
}

function inTwoColumns(rows: readonly (readonly [left: string, right: string])[], { style, width }: HelpPlace): string[] {
  const leftWidth = Math.max(...rows.map(([left]) => left.length));
  const room = width === undefined ? undefined : Math.max(NARROWEST, width - leftWidth - 4);
  return rows.flatMap(([left, right]) => {
    const [first = '', ...more] = wrapText(right, room);
    return [`  ${style('accent', left.padEnd(leftWidth))}  ${first}`, ...more.map((line) => ' '.repeat(leftWidth + 4) + line)];
  });
}
