#!/usr/bin/env node
/** Entry of the `fraudops` command. */
import { userInfo } from 'node:os';
import { isFraudOpsError } from '@fraudops/core';
import { type Command, UsageError, commandHelp, overview, parseLine } from './command.js';
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
  ...modelStorageCommands,
  ...modelFileCommands,
  ...runCommands,
];

async function main(line: readonly string[]): Promise<void> {
  const useColor = (stream: NodeJS.WriteStream) => stream.isTTY && !process.env['NO_COLOR'];
  const style = stylist(process.stdout, useColor(process.stdout));
  const parsed = parseLine(commands, line);
  if (parsed.help) {
    process.stdout.write(parsed.command ? commandHelp(parsed.command, style) : overview(commands, style));
    return;
  }
  const interruption = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => interruption.abort(new UsageError('Interrupted.')));
  await parsed.command.run({
    ...parsed.given,
    print: (text) => process.stdout.write(terminalText(text, useColor(process.stdout))),
    style,
    ...(lineWidth() ? { width: lineWidth() } : {}),
    // Results go to standard output, so that they can be piped; progress doesn't.
    progress: terminalProgress(process.stderr, stylist(process.stderr, useColor(process.stderr))),
    user: userName(),
    signal: interruption.signal,
  });
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
  if (error instanceof UsageError) return error.message;
  const system = error as NodeJS.ErrnoException;
  return system?.code ? system.message : String((error as Error)?.stack ?? error);
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${terminalText(explain(error), false)}\n`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
