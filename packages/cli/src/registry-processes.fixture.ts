/** The parent's side of `registry-process.fixture.ts`: builds the program, starts processes of it, and speaks with them. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { buildProgram } from './built-program.fixture.js';
import type { Answer, Request } from './registry-process.fixture.js';

/** The model that all processes work on, and the experiment of their runs. */
export const MODEL = 'fraud';

/** The program, built from the sources, and all processes of it. */
export interface RegistryProcesses {
  /** An empty folder, removed in the end. */
  readonly folder: string;
  /** Starts a process on the store of an address. */
  start(address: string, environment?: Readonly<Record<string, string>>): Promise<RegistryProcess>;
  /** Kills all processes that still run, and removes the program and the folder. */
  dispose(): Promise<void>;
}

/** One process. */
export interface RegistryProcess {
  /** Sends a request and waits for its first answer. */
  ask(request: Request): Promise<Answer>;
  /** Sends a request and hears its answers as they come. */
  tell(request: Request, hear: (answer: Answer) => void): void;
  /** Resolves at its next answer. */
  nextAnswer(): Promise<Answer>;
  /** kill -9; resolves when the process is gone and every answer that it sent was heard. */
  kill(): Promise<void>;
}

/** Builds the program. */
export async function registryProcesses(): Promise<RegistryProcesses> {
  const program = await buildProgram('registry-process.fixture.ts');
  const children = new Set<ChildProcess>();
  return {
    folder: program.folder,
    async start(address, environment = {}) {
      const child = fork(program.file, [address, MODEL], {
        stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
        execArgv: [],
        // The SDK of S3 tells each process which Node.js it wants next year.
        env: { ...process.env, NODE_NO_WARNINGS: '1', ...environment },
      });
      children.add(child);
      child.once('exit', () => children.delete(child));
      await answerOf(child);
      return processOf(child);
    },
    async dispose() {
      for (const child of children) child.kill('SIGKILL');
      await program.dispose();
    },
  };
}

function processOf(child: ChildProcess): RegistryProcess {
  return {
    ask(request) {
      const answer = answerOf(child);
      child.send(request);
      return answer;
    },
    tell(request, hear) {
      child.on('message', hear);
      child.send(request);
    },
    nextAnswer: () => answerOf(child),
    async kill() {
      // The channel is closed once all that was in it has been read.
      const gone = Promise.all([once(child, 'exit'), once(child, 'disconnect')]);
      child.kill('SIGKILL');
      await gone;
    },
  };
}

/** The next answer; fails when the process ends before. */
function answerOf(child: ChildProcess): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const ended = () => reject(new Error('the process ended without an answer'));
    child.once('exit', ended);
    child.once('message', (answer: Answer) => {
      child.off('exit', ended);
      resolve(answer);
    });
  });
}
