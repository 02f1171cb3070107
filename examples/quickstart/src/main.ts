/** Entry of `npm start`: runs the loop, tells what happened, and keeps the API running until it is told to stop. */
import { execFile } from 'node:child_process';
import { access, constants, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { promisify } from 'node:util';
import { stylist, terminalProgress } from '@fraudops/cli';
import { isFraudOpsError } from '@fraudops/core';
import { HELP, type Settings, UsageError, parseArguments } from './arguments.js';
import { runLoop } from './loop.js';
import { summaryText } from './summary.js';

async function main(words: readonly string[]): Promise<number> {
  const settings = parseArguments(words);
  if (settings === 'help') {
    process.stdout.write(HELP);
    return 0;
  }
  await requireWritable(settings);
  const style = stylist(process.stdout, process.stdout.isTTY && !process.env['NO_COLOR']);
  const progress = terminalProgress(process.stdout, style);
  const loop = await runLoop(settings, { progress, codeVersion: await gitCommit() });
  try {
    process.stdout.write(summaryText(loop, style, !settings.once));
    if (settings.json !== undefined) await writeFile(settings.json, `${JSON.stringify(loop.result, null, 2)}\n`);
    if (!settings.once) await interrupted();
  } finally {
    await loop.server.close();
  }
  return loop.result.api.failed === 0 ? 0 : 1;
}

/** Finds out before the work what would make it useless behind it: a port that is taken, a folder that isn't there. */
async function requireWritable({ port, json }: Settings): Promise<void> {
  if (json !== undefined) {
    const folder = path.dirname(path.resolve(json));
    await access(folder, constants.W_OK).catch((error: NodeJS.ErrnoException) => {
      throw new Error(`--json ${json}: nothing can be written to ${folder} (${error.code}); make it, or choose another.`);
    });
  }
  if (port === 0) return;
  const probe = createServer();
  await new Promise<void>((resolve, reject) => {
    probe.once('error', reject);
    probe.listen(port, '127.0.0.1', resolve);
  });
  await new Promise((resolve) => probe.close(resolve));
}

/** The commit of the code that runs, when it runs from a repository. */
async function gitCommit(): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)('git', ['rev-parse', 'HEAD'], { cwd: import.meta.dirname });
    return stdout.trim();
  } catch {
    // Not a repository, or no git: the lineage then names no commit.
    return undefined;
  }
}

function interrupted(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
}

function explain(error: unknown): string {
  if (error instanceof UsageError) return `${error.message}\nnpm start -- --help lists the options.`;
  const system = error as NodeJS.ErrnoException & { port?: number };
  if (system?.code === 'EADDRINUSE')
    return `Port ${system.port} is in use; choose another with --port, or --port 0 for any free one.`;
  if (isFraudOpsError(error) && error.code === 'TASK_FAILED' && error.cause !== undefined) return explain(error.cause);
  if (isFraudOpsError(error)) return `${error.message} [${error.code}]`;
  return error instanceof Error && !(error instanceof TypeError) ? error.message : String((error as Error)?.stack ?? error);
}

// Whoever reads along may stop reading, as `head` does; that is no error of the loop.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.stderr.write(`\n${explain(error)}\n`);
    process.exitCode = error instanceof UsageError ? 2 : 1;
  },
);
