#!/usr/bin/env node
/** Entry of the `fraudops` command. */
import { readFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { isFraudOpsError } from '@fraudops/core';
import { type Command, CommandError, UsageError, parseLine } from './command.js';
import { type CommandGroup, commandHelp, groupHelp, overview } from './command-help.js';
import { dataCommands } from './data-commands.js';
import { featureCommands } from './feature-commands.js';
import { modelCommands } from './model-commands.js';
import { modelFileCommands } from './model-file-commands.js';
import { modelStorageCommands } from './model-storage-commands.js';
import { runCommands } from './runs-commands.js';
import { terminalProgress } from './terminal-progress.js';
import { stylist } from './terminal-style.js';
import { terminalText } from './terminal-text.js';
import { trainingCommands } from './training-commands.js';

const commands: readonly Command[] = [
  ...dataCommands,
  ...featureCommands,
  ...trainingCommands,
  ...modelCommands,
  ...runCommands,
  ...modelStorageCommands,
  ...modelFileCommands,
];

const groups: readonly CommandGroup[] = [
  { title: 'Data and features', firstWords: ['data', 'features'] },
  { title: 'Training', firstWords: ['train', 'serve', 'drift'] },
  { title: 'Models in the registry', firstWords: ['models'] },
  { title: 'Runs', firstWords: ['runs'] },
  { title: 'Model files', firstWords: ['model'] },
  { title: 'Stores', firstWords: ['store'] },
];

async function main(line: readonly string[]): Promise<void> {
  const useColor = (stream: NodeJS.WriteStream) => stream.isTTY && !process.env['NO_COLOR'];
  const style = stylist(process.stdout, useColor(process.stdout));
  if (line[0] === '--version') {
    process.stdout.write(`${await ownVersion()}\n`);
    return;
  }
  const width = lineWidth();
  const place = { style, ...(width ? { width } : {}) };
  const parsed = parseLine(commands, line);
  if (parsed.help) {
    const { command, group } = parsed;
    const groupText = () => (group === undefined ? overview(commands, groups, place) : groupHelp(commands, group, place));
    process.stdout.write(command ? commandHelp(command, place) : groupText());
    return;
  }
  // On Node.js 20 the AWS SDK would print a warning before each command on S3, which says nothing to who runs it.
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';
  const interruption = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => interruption.abort(new UsageError('Interrupted.')));
  await parsed.command.run({
    ...parsed.given,
    print: (text) => process.stdout.write(terminalText(text, useColor(process.stdout))),
    ...place,
    // Results go to standard output, so that they can be piped; progress doesn't.
    progress: terminalProgress(process.stderr, stylist(process.stderr, useColor(process.stderr))),
    user: userName(),
    signal: interruption.signal,
  });
}

async function ownVersion(): Promise<string> {
  const { version } = JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8')) as { version: string };
  return version;
}

/** COLUMNS, as shells know it, else that of the terminal; output that is piped elsewhere has none. */
function lineWidth(): number {
  return Number(process.env['COLUMNS'] ?? process.stdout.columns ?? 0) || 0;
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // A container may run under a number that has no name.
    return 'unknown';
  }
}

function explain(error: unknown): string {
  if (isFraudOpsError(error) && error.code === 'TASK_FAILED' && error.cause !== undefined) return explain(error.cause);
  if (isFraudOpsError(error)) return `${error.message} [${error.code}]`;
  if (error instanceof UsageError || error instanceof CommandError) return error.message;
  const system = error as NodeJS.ErrnoException;
  return system?.code ? system.message : String((error as Error)?.stack ?? error);
}

// Whoever reads the output may have seen enough, such as `head`.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit();
  });
}
try {
  await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${terminalText(explain(error), false)}\n`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
