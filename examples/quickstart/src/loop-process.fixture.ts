/** The built program in a process of its own, as `npm start` runs it. */
import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';

const program = path.resolve(import.meta.dirname, '../dist/main.js');

/** A running loop; `output` grows while it runs. */
export interface LoopProcess {
  readonly child: ChildProcess;
  readonly output: () => string;
  /** Exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>;
}

export function startLoop(...words: string[]): LoopProcess {
  const child = spawn(process.execPath, [program, ...words], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
    });
  }
  const ended = new Promise<number | string>((resolve) =>
    child.on('close', (code, signal) => resolve(code ?? signal ?? 'unknown')),
  );
  return { child, output: () => output, ended };
}
