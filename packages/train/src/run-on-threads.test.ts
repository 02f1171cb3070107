import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { silentProgress } from '@fraudops/core';
import { afterEach, beforeAll, afterAll, describe, expect, it } from 'vitest';
import { runOnThreads } from './run-on-threads.js';
import { MAX_THREADS_ALIVE, ThreadPool } from './thread-pool.js';

/** A thread whose tasks are sources: it evaluates each, with `post` for its messages. It counts its tasks. */
const OBEDIENT = `
  import { parentPort, threadId } from 'node:worker_threads';
  const post = (message) => parentPort.postMessage(message);
  let tasks = 0;
  parentPort.on('message', (source) => { tasks++; eval(source); });
  post({ kind: 'up' });
`;

/** Answers with the thread and how many tasks it had. */
const ANSWER = `post({ kind: 'result', result: { threadId, tasks } }); post({ kind: 'done' })`;
const DONE = `post({ kind: 'done' })`;

let folder = '';
let entry: URL;
const pools: ThreadPool[] = [];
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'fraudops-threads-'));
  entry = fileOf('obedient', OBEDIENT);
});
afterEach(() => Promise.all(pools.splice(0).map((pool) => pool.close())));
afterAll(() => rmSync(folder, { recursive: true }));

function fileOf(name: string, source: string): URL {
  const file = path.join(folder, `${name}.mjs`);
  writeFileSync(file, source);
  return pathToFileURL(file);
}

function poolOf(file = entry, idleMs = 60_000): ThreadPool {
  const pool = new ThreadPool(() => file, idleMs);
  pools.push(pool);
  return pool;
}

type Answer = { readonly threadId: number; readonly tasks: number };

function run(pool: ThreadPool, sources: readonly string[], signal?: AbortSignal): Promise<Answer> {
  const tasks = sources.map((data) => ({ data }));
  return runOnThreads<Answer>(pool, tasks, { signal, progress: silentProgress });
}

const until = async (isSo: () => boolean) => {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 5));
};

describe('runOnThreads', () => {
  it.each([
    ['throws', 'throw new Error("out of luck")', 'out of luck'],
    ['rejects', 'Promise.reject(new Error("out of luck"))', 'out of luck'],
    ['exits', 'process.exit(3)', 'exit code 3'],
    ['ends without a result', 'parentPort.close()', 'exit code 0'],
  ])('rejects with a retryable error when a thread %s, whichever it is', async (_, source, message) => {
    for (const sources of [[source], [source, DONE], ['0', source]]) {
      const pool = poolOf();
      await expect(run(pool, sources)).rejects.toMatchObject({
        name: 'TrainError',
        code: 'WORKER_FAILED',
        retryable: true,
        message: expect.stringContaining(message),
      });
      expect(pool.size).toBe(0);
    }
  });

  it('rejects when the file of the threads fails before any task', async () => {
    const pool = poolOf(fileOf('broken', 'throw new Error("no such thing")'));
    await expect(run(pool, [ANSWER])).rejects.toMatchObject({ code: 'WORKER_FAILED' });
    await expect(pool.keep(1)).rejects.toMatchObject({
      code: 'WORKER_FAILED',
      message: expect.stringContaining('no such thing'),
    });
    expect(pool.size).toBe(0);
  });

  it('uses a thread again after a success', async () => {
    const pool = poolOf();
    const first = await run(pool, [ANSWER, DONE]);
    const second = await run(pool, [ANSWER, DONE]);
    expect(second.tasks).toBe(2);
    expect(pool.size).toBe(2);
    expect(first.tasks).toBe(1);
  });

  it.each([
    ['an error', `post({ kind: 'error', error: { code: 'ONE_CLASS', message: 'no frauds', details: {} } })`],
    ['a death', 'process.exit(1)'],
  ])('never uses a thread again after %s, nor its companions', async (_, source) => {
    const pool = poolOf();
    await run(pool, [ANSWER, DONE]);
    await expect(run(pool, [source, '0'])).rejects.toMatchObject({ name: 'TrainError' });
    expect(pool.size).toBe(0);
    expect((await run(pool, [ANSWER, DONE])).tasks).toBe(1);
  });

  it('ends threads that never stop when the signal says so, and trains on new ones', async () => {
    const pool = poolOf();
    const { threadId } = await run(pool, [ANSWER]);
    const started = performance.now();
    await expect(run(pool, ['for (;;);', 'for (;;);'], AbortSignal.timeout(50))).rejects.toMatchObject({ code: 'ABORTED' });
    expect(performance.now() - started).toBeLessThan(5000);
    expect(pool.size).toBe(0);
    expect((await run(pool, [ANSWER])).threadId).not.toBe(threadId);
  });

  it('leaves behind a thread that hangs after the others have the result', async () => {
    const pool = poolOf();
    expect(await run(pool, [ANSWER, 'for (;;);'])).toMatchObject({ tasks: 1 });
    expect(pool.size).toBe(1);
  });

  it('gives runs at the same time threads of their own', async () => {
    const pool = poolOf();
    const later = `setTimeout(() => { ${ANSWER} }, 50)`;
    const answers = await Promise.all([run(pool, [later]), run(pool, [later]), run(pool, [later])]);
    expect(new Set(answers.map(({ threadId }) => threadId)).size).toBe(3);
    expect(pool.size).toBeLessThanOrEqual(Math.max(1, availableParallelism()));
  });

  it('refuses more threads than a process should have', async () => {
    const pool = poolOf();
    const sources = Array.from({ length: MAX_THREADS_ALIVE + 1 }, () => ANSWER);
    await expect(run(pool, sources)).rejects.toMatchObject({ code: 'WORKER_FAILED', retryable: true });
    expect(pool.size).toBe(0);
  });
});

describe('ThreadPool', () => {
  it('ends threads that were idle for long', async () => {
    const pool = poolOf(entry, 20);
    await run(pool, [ANSWER]);
    expect(pool.size).toBe(1);
    await until(() => pool.size === 0);
  });

  it('forgets an idle thread that dies', async () => {
    const pool = poolOf();
    await run(pool, [`${ANSWER}; setTimeout(() => process.exit(1), 20)`]);
    expect(pool.size).toBe(1);
    await until(() => pool.size === 0);
    expect((await run(pool, [ANSWER])).tasks).toBe(1);
  });

  it('keeps what rests when a thread can not be started', async () => {
    let missing = false;
    const pool = new ThreadPool(() => {
      if (missing) throw new Error('no such file');
      return entry;
    }, 60_000);
    pools.push(pool);
    await run(pool, [ANSWER]);
    missing = true;
    await expect(run(pool, [ANSWER, DONE])).rejects.toThrow('no such file');
    expect((await run(pool, [ANSWER])).tasks).toBe(2);
  });

  it('keeps threads up, replaces those that end, and ends them when it is closed', async () => {
    const pool = poolOf(entry, 1);
    await pool.keep(2);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(pool.size).toBe(2);
    await expect(run(pool, ['process.exit(1)'])).rejects.toMatchObject({ code: 'WORKER_FAILED' });
    expect(pool.size).toBe(2);
    expect((await run(pool, [ANSWER, DONE])).tasks).toBe(1);
    await pool.close();
    expect(pool.size).toBe(0);
  });

  it('closed during a run, ends the thread after it', async () => {
    const pool = poolOf();
    const running = run(pool, [`setTimeout(() => { ${ANSWER} }, 50)`]);
    await pool.close();
    expect(await running).toMatchObject({ tasks: 1 });
    expect(pool.size).toBe(0);
  });
});
