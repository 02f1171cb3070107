/** What happens between two system calls of a file store: other writers and failures are let in at exactly that moment. */
import type * as Files from 'node:fs';
import type * as FileSystem from 'node:fs/promises';
import { mkdtemp, mkdir, readdir, rename, rm, symlink, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { BlobStore } from './blob-store.js';
import { fileStore } from './file-store.js';

type Step = 'link' | 'rename' | 'symlink';
/** Called once, before or when the step has been done, before the store goes on. */
const before: { [step in Step]?: (() => Promise<void>) | undefined } = {};
const after: { [step in Step]?: (() => Promise<void>) | undefined } = {};
/** Ends of the paths whose sync fails. */
let failSyncOf: string | undefined;
/** System error that every new file meets. */
let failNewFiles: string | undefined;
/** What was renamed, and what was synced from when to when, in order. */
const trace: { readonly did: 'rename' | 'sync began' | 'sync ended'; readonly what: string }[] = [];

vi.mock('node:fs/promises', async (importOriginal) => {
  const real = await importOriginal<typeof FileSystem>();
  const letIn = async (steps: typeof before, step: Step) => {
    const once = steps[step];
    steps[step] = undefined;
    await once?.();
  };
  const around =
    (step: Step) =>
    async (from: string, to: string): Promise<void> => {
      await letIn(before, step);
      await real[step](from, to);
      if (step === 'rename') trace.push({ did: 'rename', what: to });
      await letIn(after, step);
    };
  return { ...real, link: around('link'), rename: around('rename'), symlink: around('symlink') };
});

vi.mock('node:fs', async (importOriginal) => {
  const real = await importOriginal<typeof Files>();
  const names = new Map<number, string>();
  return {
    ...real,
    openSync: (name: string, flags: string) => {
      const descriptor = real.openSync(name, flags);
      names.set(descriptor, name);
      return descriptor;
    },
    open: (name: string, flags: string, done: (error: Error | null, descriptor?: number) => void) => {
      if (failNewFiles) return done(Object.assign(new Error(`${failNewFiles}: open`), { code: failNewFiles }));
      return real.open(name, flags, (error, descriptor) => {
        names.set(descriptor, name);
        done(error, descriptor);
      });
    },
    fsync: (descriptor: number, done: (error: Error | null) => void) => {
      const what = names.get(descriptor)!;
      if (failSyncOf !== undefined && what.endsWith(failSyncOf)) {
        return setTimeout(() => done(Object.assign(new Error('EIO: i/o error, fsync'), { code: 'EIO' })), 5);
      }
      trace.push({ did: 'sync began', what });
      return real.fsync(descriptor, (error) => {
        trace.push({ did: 'sync ended', what });
        done(error);
      });
    },
  };
});

const bytesOf = (text: string) => new TextEncoder().encode(text);
const textAt = async (store: BlobStore, key: string) => new TextDecoder().decode((await store.get(key))?.bytes);

let directory: string;
let store: BlobStore;
let other: BlobStore;
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'fraudops-'));
  store = fileStore(directory);
  other = fileStore(directory);
});
afterEach(async () => {
  failSyncOf = undefined;
  failNewFiles = undefined;
  await rm(directory, { recursive: true, force: true });
});

async function sweepAll(folder: string): Promise<void> {
  for (const name of await readdir(folder)) await rm(path.join(folder, name), { recursive: true });
}

/** Enough puts for the key to be trimmed. */
async function overwriteOften(key: string): Promise<void> {
  for (let i = 0; i < 20; i++) await other.put(key, bytesOf(`other ${i}`));
}

describe('fileStore', () => {
  it.each(['with a condition', 'without'])(
    'does a put %s once, also when the key is trimmed right behind it',
    async (condition) => {
      const { etag } = await store.put('a', bytesOf('before'));
      after.link = () => overwriteOften('a');
      await store.put('a', bytesOf('mine'), condition === 'without' ? undefined : { ifMatch: etag });
      expect(await textAt(store, 'a')).toBe('other 19');
    },
  );

  it('does the first put of a key once, also when the key is trimmed meanwhile', async () => {
    before.rename = () => overwriteOften('a');
    await store.put('a', bytesOf('mine'));
    expect(await textAt(store, 'a')).toBe('mine');
    expect(await readdir(path.join(directory, '#tmp'))).toEqual([]);
    before.rename = () => overwriteOften('b');
    await expect(store.put('b', bytesOf('mine'), { ifNoneMatch: '*' })).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(await textAt(store, 'b')).toBe('other 19');
  });

  it('deletes without a condition whatever is there at that moment', async () => {
    await store.put('a', bytesOf('before'));
    before.symlink = async () => {
      await other.put('a', bytesOf('meanwhile'));
    };
    await store.delete('a');
    expect(await store.get('a')).toBeUndefined();
  });

  it('says that the outcome is unknown when the disk fails behind the visible step', async () => {
    await store.put('a', bytesOf('before'));
    failSyncOf = '#/1';
    await expect(store.put('a', bytesOf('after'))).rejects.toMatchObject({ code: 'UNKNOWN_OUTCOME', retryable: false });
    await expect(store.delete('a')).rejects.toMatchObject({ code: 'UNKNOWN_OUTCOME', retryable: false });
    failSyncOf = undefined;
    expect(await textAt(store, 'a')).toBe('');
    expect(await readdir(path.join(directory, '#tmp'))).toEqual([]);
  });

  it('says so to all whose first puts waited for the same sync', async () => {
    await store.put('p/a', bytesOf('before'));
    failSyncOf = '/p';
    const puts = Array.from({ length: 16 }, (_, i) => store.put(`p/${i}`, bytesOf(`${i}`)));
    for (const result of await Promise.allSettled(puts)) {
      expect(result).toMatchObject({ status: 'rejected', reason: { code: 'UNKNOWN_OUTCOME' } });
    }
    failSyncOf = undefined;
    expect(await textAt(store, 'p/7')).toBe('7');
    await store.put('p/more', bytesOf('after'));
  });

  it('syncs all of a first put before it is renamed to its place, and its parent behind that, also when puts share that', async () => {
    await store.put('p/a', bytesOf('before'));
    trace.length = 0;
    const ended: { key: string; at: number }[] = [];
    const puts = Array.from({ length: 40 }, async (_, i) => {
      await store.put(`p/${i}`, bytesOf(`${i}`));
      ended.push({ key: `${i}`, at: trace.length });
    });
    await Promise.all(puts);
    const indexOf = (did: string, what: string, from = 0) =>
      trace.findIndex((e, i) => i >= from && e.did === did && e.what === what);
    const parent = path.join(directory, 'p');
    for (const { key, at } of ended) {
      const renamed = indexOf('rename', path.join(parent, `${key}#`));
      const began = indexOf('sync began', parent, renamed);
      expect(renamed).toBeGreaterThanOrEqual(0);
      expect(began).toBeGreaterThan(renamed);
      expect(indexOf('sync ended', parent, began)).toBeLessThan(at);
    }
    const renames = trace.flatMap((e, i) => (e.did === 'rename' ? [i] : []));
    const drafts = trace.flatMap((e, i) => (e.did === 'sync ended' && e.what.includes('#tmp') ? [{ what: e.what, i }] : []));
    expect(drafts).toHaveLength(3 * 40);
    expect(new Set(drafts.map(({ what }) => what)).size).toBe(3 * 40);
    // By the nth rename, n drafts of three parts were on disk.
    for (const [n, i] of renames.entries()) expect(drafts.filter((d) => d.i < i).length).toBeGreaterThanOrEqual(3 * (n + 1));
    expect(trace.filter((e) => e.did === 'sync began' && e.what === parent).length).toBeLessThan(40);
  });

  it('begins anew when its draft of a first put was taken for a dead process’s, or the key’s folder was removed', async () => {
    before.rename = async () => {
      await sweepAll(path.join(directory, '#tmp'));
    };
    await expect(store.put('a', bytesOf('mine'))).rejects.toMatchObject({ code: 'UNAVAILABLE', retryable: true });
    expect(await store.get('a')).toBeUndefined();
    await store.put('a', bytesOf('mine'));
    before.link = () => rm(path.join(directory, 'a#'), { recursive: true });
    await expect(store.put('a', bytesOf('after'))).rejects.toMatchObject({ code: 'UNAVAILABLE', retryable: true });
    await store.put('a', bytesOf('after'));
    expect(await textAt(store, 'a')).toBe('after');
  });

  it('deletes once more when its way was taken for a dead process’s', async () => {
    await store.put('a', bytesOf('1'));
    after.symlink = () => sweepAll(path.join(directory, '#tmp'));
    await store.delete('a');
    expect(await store.get('a')).toBeUndefined();
    expect(await readdir(path.join(directory, '#tmp'))).toEqual([]);
  });

  it.each([
    ['ENOSPC', 'NO_SPACE', false],
    ['EROFS', 'READ_ONLY', false],
    ['EACCES', 'READ_ONLY', false],
    ['EMFILE', 'UNAVAILABLE', true],
    ['EIO', 'IO', false],
  ])('turns %s into %s, leaves what was there, and works again afterwards', async (system, code, retryable) => {
    await store.put('a', bytesOf('before'));
    failNewFiles = system;
    await expect(store.put('a', bytesOf('after'))).rejects.toMatchObject({
      name: 'StoreError',
      code,
      retryable,
      details: { key: 'a', system },
    });
    failNewFiles = undefined;
    expect(await textAt(store, 'a')).toBe('before');
    await store.put('a', bytesOf('after'));
    expect(await textAt(other, 'a')).toBe('after');
  });

  it('says to try again when its temporary file was taken for a dead process’s', async () => {
    await store.put('a', bytesOf('before'));
    const folder = path.join(directory, '#tmp');
    before.link = () => sweepAll(folder);
    await expect(store.put('a', bytesOf('after'))).rejects.toMatchObject({ code: 'UNAVAILABLE', retryable: true });
    expect(await textAt(store, 'a')).toBe('before');
  });
});

describe('the folder of a fileStore', () => {
  const sizeOf = async (folder: string) =>
    (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile()).length;

  it('keeps nothing of a deleted blob, and of large ones no more than one old generation', async () => {
    await store.put('small', bytesOf('secret'));
    await store.delete('small');
    expect(await sizeOf(path.join(directory, 'small#'))).toBe(0);
    for (let i = 0; i < 6; i++) await store.put('large', new Uint8Array(100_000));
    expect(await sizeOf(path.join(directory, 'large#'))).toBeLessThanOrEqual(2);
  });

  it('may hold foreign files and folders; they are no blobs and do no harm', async () => {
    await store.put('a/b', bytesOf('1'));
    await mkdir(path.join(directory, '%2e%2e'));
    await mkdir(path.join(directory, 'A%2fb#', '1'), { recursive: true });
    await mkdir(path.join(directory, 'x y'));
    await symlink('/', path.join(directory, 'outside'));
    await writeFile(path.join(directory, '.DS_Store'), 'x');
    await writeFile(path.join(directory, 'a', 'b#', '.DS_Store'), 'x');
    await writeFile(path.join(directory, 'a', 'b#', '1', '.DS_Store'), 'x');
    for (let i = 0; i < 40; i++) await store.put('a/b', bytesOf(String(i)));
    const keys: string[] = [];
    for await (const { key } of store.list('')) keys.push(key);
    expect(keys).toEqual(['a/b']);
    expect(await textAt(store, 'a/b')).toBe('39');
    const epoch = (await readdir(path.join(directory, 'a', 'b#'))).find((name) => name !== '.DS_Store');
    expect((await readdir(path.join(directory, 'a', 'b#', epoch!))).length).toBeLessThan(20);
  });

  it('gives many blobs as it gives one, also those that were trimmed or deleted, are large, or stand beside foreign files', async () => {
    const keys = ['trimmed', 'none', 'gone', 'beside', 'large', 'plain'];
    await overwriteOften('trimmed');
    for (const key of keys.slice(2)) await store.put(key, bytesOf(key));
    await store.delete('gone');
    await mkdir(path.join(directory, 'beside#', '1', '77'));
    await store.put('large', new Uint8Array(300_000).fill(7));
    const each = await Promise.all(keys.map((key) => store.get(key)));
    expect(await store.getMany!(keys)).toEqual(each);
    expect(each.map((blob) => blob?.bytes.length)).toEqual([8, undefined, undefined, 6, 300_000, 5]);
  });

  it.each(['fast', 'slow'])('is listed as each key is read, also beside foreign files, on a %s disk', async (disk) => {
    const keys = ['a/beside', 'a/gone', 'a/plain', 'a/trimmed', 'a/trimmed/below', 'b-', 'b/1', 'b/2'];
    for (const key of keys) await store.put(key, bytesOf(key));
    await overwriteOften('a/trimmed');
    await store.delete('a/gone');
    await mkdir(path.join(directory, 'a', 'beside#', '1', '77'));
    // Each look at the clock is 10 ms later, as where every call waits for the disk.
    let nowMs = performance.now();
    const now = disk === 'slow' ? vi.spyOn(performance, 'now').mockImplementation(() => (nowMs += 10)) : undefined;
    const infos = [];
    for await (const info of store.list('')) infos.push(info);
    now?.mockRestore();
    const expected = [];
    for (const key of keys) {
      const blob = await store.get(key);
      if (blob) expected.push({ key, etag: blob.etag, sizeBytes: blob.bytes.length, modifiedMs: blob.modifiedMs });
    }
    expect(infos).toEqual(expected);
    expect(infos).toHaveLength(keys.length - 1);
  });

  it('is listed in short stretches, between which others have their turns', async () => {
    for (let i = 0; i < 2000; i++) {
      const epoch = path.join(directory, 'many', `${i}#`, '1');
      await mkdir(epoch, { recursive: true });
      await writeFile(path.join(epoch, '1'), 'x');
    }
    let turns = 0;
    let listing = true;
    const others = (async () => {
      for (; listing; turns++) await new Promise((resolve) => setImmediate(resolve));
    })();
    let listed = 0;
    let firstAfter = 0;
    for await (const _ of store.list('many/')) if (++listed === 1) firstAfter = turns;
    listing = false;
    await others;
    expect(listed).toBe(2000);
    // 2,000 keys take some 20 ms, of half a millisecond each.
    expect(turns - firstAfter).toBeGreaterThan(8);
  });

  it('gives at most 64 MiB at once', async () => {
    for (const key of ['a', 'b']) {
      await store.put(key, bytesOf(key));
      await truncate(path.join(directory, `${key}#`, '1', '1'), 33 * 2 ** 20);
    }
    expect((await store.getMany!(['a', 'c']))[0]?.bytes.length).toBe(33 * 2 ** 20);
    await expect(store.getMany!(['a', 'c', 'b'])).rejects.toMatchObject({ code: 'TOO_LARGE' });
  });

  it('is cleaned of what dead processes left, without a failure when something can’t be removed', async () => {
    const folder = path.join(directory, '#tmp');
    await mkdir(path.join(folder, 'prepared', '1'), { recursive: true });
    await writeFile(path.join(folder, 'prepared', '1', '1'), 'x');
    await utimes(path.join(folder, 'prepared'), 0, 0);
    await symlink('nowhere', path.join(folder, 'broken'));
    await store.put('a', bytesOf('1'));
    expect(await readdir(folder)).toEqual(['broken']);
  });

  it('may be removed under a living store, which then begins anew', async () => {
    await store.put('a', bytesOf('1'));
    await rename(directory, `${directory}-gone`);
    await store.put('b', bytesOf('2')).catch(() => {});
    await store.put('b', bytesOf('2'));
    expect(await textAt(store, 'b')).toBe('2');
    expect(await store.get('a')).toBeUndefined();
    await rm(`${directory}-gone`, { recursive: true });
  });
});
