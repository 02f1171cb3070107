/** That a file store's mark is void once anything may have changed, and that looking at it costs next to nothing. */
import { execFileSync, spawn } from 'node:child_process';
import type * as Files from 'node:fs';
import type * as FileSystem from 'node:fs/promises';
import { lutimes, mkdtemp, readdir, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { BlobStore } from './blob-store.js';
import { fileStore } from './file-store.js';

/** Calls that look at files and folders. */
const calls: string[] = [];
/** Called once, before a delete makes its tombstone and before a put gets its name. */
let beforeStep: (() => Promise<void>) | undefined;

vi.mock('node:fs', async (importOriginal) => {
  const real = await importOriginal<typeof Files>();
  const counted = Object.fromEntries(
    (['statSync', 'lstatSync', 'readdirSync', 'openSync', 'existsSync', 'fstatSync'] as const).map((name) => [
      name,
      (...words: unknown[]) => {
        calls.push(name);
        return (real[name] as (...all: unknown[]) => unknown)(...words);
      },
    ]),
  );
  return { ...real, ...counted };
});

vi.mock('node:fs/promises', async (importOriginal) => {
  const real = await importOriginal<typeof FileSystem>();
  const letIn = async () => {
    const once = beforeStep;
    beforeStep = undefined;
    await once?.();
  };
  return {
    ...real,
    readdir: async (...words: Parameters<typeof real.readdir>) => (calls.push('readdir'), real.readdir(...words)),
    link: async (from: string, to: string) => (await letIn(), real.link(from, to)),
    symlink: async (to: string, name: string) => {
      if (to === 'deleted') await letIn();
      return real.symlink(to, name);
    },
  };
});

const bytesOf = (text: string) => new TextEncoder().encode(text);
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const nothing = { put: [], deleted: [] };

let directory: string;
let temporary: string;
let store: BlobStore;
let other: BlobStore;
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'fraudops-'));
  temporary = path.join(directory, '#tmp');
  store = fileStore(directory);
  other = fileStore(directory);
  await store.put('a', bytesOf('1'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

/** A mark of the store at rest. */
async function markOf(of = store): Promise<string> {
  await pause(70);
  const { mark } = await of.changesSince!('', undefined);
  expect(mark).toBeTypeOf('string');
  return mark!;
}

async function isVoid(mark: string): Promise<boolean> {
  const { changes } = await store.changesSince!('', mark);
  if (changes !== undefined) expect(changes).toEqual(nothing);
  return changes === undefined;
}

/** Kills a process of its own at a step of a call; `at` is a function of `node:fs/promises`, and `when` an expression of its words. */
async function killedAt(call: string, at: string, when = 'true'): Promise<void> {
  const core = pathToFileURL(path.resolve(import.meta.dirname, '../dist/index.js')).href;
  const script = `
    import { syncBuiltinESMExports } from 'node:module';
    import files from 'node:fs/promises';
    const { fileStore } = await import(${JSON.stringify(core)});
    const store = fileStore(${JSON.stringify(directory)});
    await store.get('a');
    const real = files.${at};
    files.${at} = async (...words) => (${when} ? process.kill(process.pid, 'SIGKILL') : real(...words));
    syncBuiltinESMExports();
    await store.${call};
    console.log('not killed');`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (output += chunk));
  const signal = await new Promise((resolve) => child.on('close', (_, by) => resolve(by)));
  expect({ signal, output }).toEqual({ signal: 'SIGKILL', output: '' });
}

describe('changesSince of a fileStore', () => {
  it('costs one look where nothing changed, also for another handle', async () => {
    const mark = await markOf();
    for (const handle of [store, other, fileStore(directory)]) {
      calls.length = 0;
      expect(await handle.changesSince!('any/prefix', mark)).toEqual({ mark, changes: nothing });
      expect(calls).toEqual(['statSync']);
    }
  });

  it.each<[string, () => Promise<unknown>]>([
    ['a put', () => store.put('a', bytesOf('2'))],
    ['a put of another handle', () => other.put('a', bytesOf('2'))],
    ['a first put', () => store.put('b/c', bytesOf('2'))],
    ['a deletion', () => other.delete('a')],
    ['puts that trim', () => Promise.all(Array.from({ length: 20 }, (_, i) => other.put('a', bytesOf(`${i}`))))],
    ['a put of a process that is killed before it gets its name', () => killedAt("put('a', new Uint8Array(3))", 'link')],
    [
      'a first put of a process that is killed before its folder gets its name',
      () => killedAt("put('b', new Uint8Array(3))", 'rename'),
    ],
    ['a put of a process that is killed behind that', () => killedAt("put('a', new Uint8Array(3))", 'unlink')],
    ['a deletion by a process that is killed', () => killedAt("delete('a')", 'symlink', "words[0] === 'deleted'")],
    [
      'a restore that sets the folder’s time back to what it was',
      async () => {
        const { mtimeNs } = await stat(temporary, { bigint: true });
        const kept = `${directory}-time`;
        execFileSync('touch', ['-r', temporary, kept]);
        await other.put('a', bytesOf('2'));
        execFileSync('touch', ['-r', kept, temporary]);
        await rm(kept);
        expect((await stat(temporary, { bigint: true })).mtimeNs).toBe(mtimeNs);
      },
    ],
    ['a removal of the whole folder', () => rm(directory, { recursive: true })],
    [
      'another folder in its place',
      async () => {
        await rename(directory, `${directory}-gone`);
        await other.put('a', bytesOf('1')).catch(() => {});
        await other.put('a', bytesOf('1'));
        await rm(`${directory}-gone`, { recursive: true });
      },
    ],
  ])('gives a mark that is void after %s', async (_, change) => {
    const mark = await markOf();
    expect(await isVoid(mark)).toBe(false);
    await change();
    expect(await isVoid(mark)).toBe(true);
    await pause(70);
    expect(await isVoid(mark)).toBe(true);
  });

  it.each([
    ["put('a', new Uint8Array(3))", 'link', 'true', '1'],
    ["put('a', new Uint8Array(3))", 'unlink', 'true', '\0\0\0'],
    ["put('b', new Uint8Array(3))", 'rename', 'true', '1'],
    ["delete('a')", 'symlink', "words[0] === 'deleted'", '1'],
  ])(
    'gives no mark while a killed %s (at %s) may have left something, until that is old enough to be swept',
    async (call, at, when, left) => {
      await killedAt(call, at, when);
      await pause(70);
      expect(await store.changesSince!('', undefined)).toEqual({ mark: undefined, changes: undefined });
      const names = await readdir(temporary);
      expect(names).toHaveLength(1);
      const hourAgo = Date.now() / 1000 - 3601;
      for (const name of names) await lutimes(path.join(temporary, name), hourAgo, hourAgo);
      // One that only reads, and one that has long been open, but has not swept for a while.
      const reader = fileStore(directory);
      expect(await reader.changesSince!('', undefined)).toEqual({ mark: undefined, changes: undefined });
      expect(await readdir(temporary)).toEqual([]);
      const mark = await markOf(reader);
      expect(await isVoid(mark)).toBe(false);
      expect(new TextDecoder().decode((await reader.get('a'))?.bytes)).toBe(left);
    },
  );

  it('sweeps again in a process that has long been open', async () => {
    await markOf();
    await writeFile(path.join(temporary, 'left'), 'x');
    await utimes(path.join(temporary, 'left'), 0, 0);
    await pause(70);
    const now = vi.spyOn(performance, 'now').mockReturnValue(performance.now() + 61_000);
    await store.changesSince!('', undefined);
    now.mockRestore();
    expect(await readdir(temporary)).toEqual([]);
    await markOf();
  });

  it.each<[string, (handle: BlobStore) => Promise<unknown>]>([
    ['put', (handle) => handle.put('a', bytesOf('2'))],
    ['delete', (handle) => handle.delete('a')],
  ])('reports a %s that slept so long that its entry was swept, or there is none', async (_, change) => {
    let mark = '';
    beforeStep = async () => {
      for (const name of await readdir(temporary)) await lutimes(path.join(temporary, name), 0, 0);
      await pause(70);
      const reader = fileStore(directory);
      await reader.changesSince!('', undefined);
      mark = await markOf(reader);
    };
    const { etag } = (await store.get('a'))!;
    const outcome = await change(other).then(
      () => 'done',
      (error: { code: string }) => error.code,
    );
    expect(mark).not.toBe('');
    if (outcome === 'done') expect(await isVoid(mark)).toBe(true);
    else {
      expect(outcome).toBe('UNAVAILABLE');
      expect((await store.get('a'))?.etag).toBe(etag);
    }
  });

  it('gives no mark while something is under way, was just changed, or where the clock can’t be trusted', async () => {
    const none = { mark: undefined, changes: undefined };
    await other.put('a', bytesOf('2'));
    expect(await store.changesSince!('', undefined)).toEqual(none);
    await pause(70);
    beforeStep = async () => {
      await pause(70);
      expect(await store.changesSince!('', undefined)).toEqual(none);
    };
    await other.put('a', bytesOf('3'));
    await markOf();
    for (const [secondsAgo, expected] of [
      [-60, 'undefined'],
      [0.2, 'string'],
    ] as const) {
      const at = Date.now() / 1000 - secondsAgo;
      await utimes(temporary, at, at);
      expect(await store.changesSince!('', undefined)).toEqual(none);
      await pause(70);
      expect(typeof (await store.changesSince!('', undefined)).mark).toBe(expected);
    }
    const second = Math.floor(Date.now() / 1000) - 60;
    await utimes(temporary, second, second);
    await pause(70);
    expect(await store.changesSince!('', undefined)).toEqual(none);
    await pause(2_000);
    expect((await store.changesSince!('', undefined)).mark).toBeTypeOf('string');
  });
});

describe('fileStore without its folder', () => {
  it('gives no mark', async () => {
    expect(await fileStore(path.join(directory, 'none')).changesSince!('', undefined)).toEqual({
      mark: undefined,
      changes: undefined,
    });
  });
});
