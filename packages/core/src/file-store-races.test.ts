/** What happens between two system calls of a file store: other writers and failures are let in at exactly that moment. */
import type * as FileSystem from 'node:fs/promises';
import { mkdtemp, mkdir, readdir, rename, rm, symlink, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { BlobStore } from './blob-store.js';
import { fileStore } from './file-store.js';

/** Called once, when the step has been done, before the store goes on. */
const after: { link?: (() => Promise<void>) | undefined; stat?: (() => Promise<void>) | undefined } = {};
let failFolderSync = false;
/** System error that every new file meets. */
let failNewFiles: string | undefined;

vi.mock('node:fs/promises', async (importOriginal) => {
  const real = await importOriginal<typeof FileSystem>();
  const letIn = async (step: 'link' | 'stat') => {
    const once = after[step];
    after[step] = undefined;
    await once?.();
  };
  return {
    ...real,
    link: async (...words: Parameters<typeof real.link>) => {
      await real.link(...words);
      await letIn('link');
    },
    stat: async (...words: [string, { bigint: true }]) => {
      const result = await real.stat(...words);
      await letIn('stat');
      return result;
    },
    open: async (...words: Parameters<typeof real.open>) => {
      if (failNewFiles && words[1] === 'wx') throw Object.assign(new Error(`${failNewFiles}: open`), { code: failNewFiles });
      const handle = await real.open(...words);
      if (failFolderSync && (await handle.stat()).isDirectory() && String(words[0]).endsWith('#/1')) {
        handle.sync = () => Promise.reject(Object.assign(new Error('EIO: i/o error, fsync'), { code: 'EIO' }));
      }
      return handle;
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
  failFolderSync = false;
  failNewFiles = undefined;
  await rm(directory, { recursive: true, force: true });
});

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
    after.link = () => overwriteOften('a');
    await store.put('a', bytesOf('mine'));
    expect(await textAt(store, 'a')).toBe('mine');
    after.link = () => overwriteOften('b');
    await expect(store.put('b', bytesOf('mine'), { ifNoneMatch: '*' })).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(await textAt(store, 'b')).toBe('other 19');
  });

  it('deletes without a condition whatever is there at that moment', async () => {
    await store.put('a', bytesOf('before'));
    after.stat = async () => {
      await other.put('a', bytesOf('meanwhile'));
    };
    await store.delete('a');
    expect(await store.get('a')).toBeUndefined();
  });

  it('says that the outcome is unknown when the disk fails behind the visible step', async () => {
    await store.put('a', bytesOf('before'));
    failFolderSync = true;
    await expect(store.put('a', bytesOf('after'))).rejects.toMatchObject({ code: 'UNKNOWN_OUTCOME', retryable: false });
    failFolderSync = false;
    expect(await textAt(store, 'a')).toBe('after');
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
    // The first look at the key's state comes before the temporary file is written, the second one behind it.
    after.stat = async () => {
      after.stat = async () => {
        for (const name of await readdir(folder)) await rm(path.join(folder, name));
      };
    };
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
