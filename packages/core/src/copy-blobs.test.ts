import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BlobStore } from './blob-store.js';
import { copyBlobs } from './copy-blobs.js';
import { ConflictError, StoreError } from './errors.js';
import { fileStore } from './file-store.js';
import { memoryStore } from './memory-store.js';

const bytesOf = (text: string) => new TextEncoder().encode(text);

async function storeWith(blobs: Readonly<Record<string, string>>): Promise<BlobStore> {
  const store = memoryStore();
  for (const [key, text] of Object.entries(blobs)) await store.put(key, bytesOf(text));
  return store;
}

async function contentOf(store: BlobStore): Promise<Record<string, string>> {
  const content: Record<string, string> = {};
  for await (const { key } of store.list('')) content[key] = new TextDecoder().decode((await store.get(key))!.bytes);
  return content;
}

/** A store whose puts, each counted from 1, do what `put` says: they may throw before or after the put. */
function withPuts(
  store: BlobStore,
  put: (count: number, work: () => Promise<{ etag: string }>) => Promise<{ etag: string }>,
): BlobStore {
  let count = 0;
  return {
    get: (key) => store.get(key),
    list: (prefix, from) => store.list(prefix, from),
    delete: (key, when) => store.delete(key, when),
    put: (key, bytes, when) => put(++count, () => store.put(key, bytes, when)),
  };
}

describe('copyBlobs', () => {
  it('copies any blobs between any stores, and a second time nothing', async () => {
    const key = fc
      .stringMatching(/^[A-Za-z0-9._=+@~-]{1,8}(\/[A-Za-z0-9_=+@~-]{1,8}){0,2}$/)
      .filter((text) => !/^\.{1,2}(\/|$)/.test(text));
    const blobs = fc.dictionary(key, fc.string({ maxLength: 30 }), { maxKeys: 30 });
    await fc.assert(
      fc.asyncProperty(blobs, fc.integer({ min: 1, max: 12 }), async (content, parallel) => {
        const folder = await mkdtemp(path.join(tmpdir(), 'fraudops-copy-'));
        try {
          const target = fileStore(folder);
          const totalBytes = Object.values(content).reduce((sum, text) => sum + bytesOf(text).length, 0);
          const source = await storeWith(content);
          const copied = Object.keys(content).length;
          expect(await copyBlobs(source, target, { parallel })).toEqual({ copied, unchanged: 0, totalBytes });
          expect(await contentOf(target)).toEqual({ ...content });
          expect(await copyBlobs(source, target, { parallel })).toEqual({ copied: 0, unchanged: copied, totalBytes });
        } finally {
          await rm(folder, { recursive: true, force: true });
        }
      }),
      { numRuns: 20 },
    );
  });

  it('copies what begins with a prefix, and tells each key', async () => {
    const target = memoryStore();
    const keys: string[] = [];
    const source = await storeWith({ 'a/1': '1', 'a/2': '2', b: '3' });
    await copyBlobs(source, target, { prefix: 'a/', onBlob: (key) => keys.push(key) });
    expect(await contentOf(target)).toEqual({ 'a/1': '1', 'a/2': '2' });
    expect(keys.toSorted()).toEqual(['a/1', 'a/2']);
  });

  it('goes on where it was broken off', async () => {
    const content = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`k${i}`, `text ${i}`]));
    const [source, target] = [await storeWith(content), memoryStore()];
    const dying = withPuts(target, (count, work) => {
      if (count > 15) throw new StoreError('UNAVAILABLE', 'gone');
      return work();
    });
    await expect(copyBlobs(source, dying)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    const before = Object.keys(await contentOf(target)).length;
    expect(before).toBe(15);
    expect(await copyBlobs(source, target)).toMatchObject({ copied: 25, unchanged: 15 });
    expect(await contentOf(target)).toEqual(content);
  });

  it('writes over nothing that differs, unless it is told to', async () => {
    const [source, target] = [await storeWith({ a: 'new', b: '1' }), await storeWith({ a: 'old', c: '2' })];
    await expect(copyBlobs(source, target)).rejects.toMatchObject({ code: 'CONFLICT', details: { key: 'a' } });
    expect((await contentOf(target))['a']).toBe('old');
    expect(await copyBlobs(source, target, { replace: true })).toMatchObject({ copied: expect.any(Number) });
    expect(await contentOf(target)).toEqual({ a: 'new', b: '1', c: '2' });
  });

  it('looks after a put of which nobody knows whether it was kept', async () => {
    const source = await storeWith({ a: '1', b: '2', c: '3' });
    const lost = () => new StoreError('UNKNOWN_OUTCOME', 'lost');
    const target = memoryStore();
    const unsure = withPuts(target, async (count, work) => {
      if (count === 1) throw lost();
      const done = await work();
      if (count === 2) throw lost();
      return done;
    });
    expect(await copyBlobs(source, unsure, { parallel: 1 })).toMatchObject({ copied: 3 });
    expect(await contentOf(target)).toEqual({ a: '1', b: '2', c: '3' });
    const never = withPuts(memoryStore(), () => Promise.reject(lost()));
    await expect(copyBlobs(source, never)).rejects.toMatchObject({ code: 'UNKNOWN_OUTCOME' });
  });

  it('takes it for done when somebody else wrote the same bytes first', async () => {
    const target = memoryStore();
    const raced = withPuts(target, async (count, work) => {
      await work();
      if (count === 1) throw new ConflictError('a', 'nothing');
      return { etag: 'x' };
    });
    expect(await copyBlobs(await storeWith({ a: '1' }), raced)).toMatchObject({ copied: 0, unchanged: 1 });
  });

  it('finds that the target does not give back what it was given', async () => {
    const target = memoryStore();
    const damaging: BlobStore = {
      ...withPuts(target, (_, work) => work()),
      put: (key, bytes, when) =>
        target.put(
          key,
          bytes.map((byte, i) => (i === 0 ? byte ^ 1 : byte)),
          when,
        ),
    };
    await expect(copyBlobs(await storeWith({ a: '12' }), damaging)).rejects.toMatchObject({
      code: 'CORRUPT',
      message: 'copyBlobs: a reads back as 2 other bytes than the 2 that were put; copy it again',
    });
  });

  it('passes over what was deleted since it was listed', async () => {
    const source = await storeWith({ a: '1', b: '2' });
    const vanishing: BlobStore = {
      ...withPuts(source, (_, work) => work()),
      get: async (key) => (key === 'a' ? undefined : source.get(key)),
    };
    expect(await copyBlobs(vanishing, memoryStore())).toMatchObject({ copied: 1, totalBytes: 1 });
  });

  it('refuses a number of lanes that is none', async () => {
    for (const parallel of [0, 1.5, 65, Number.NaN])
      await expect(copyBlobs(memoryStore(), memoryStore(), { parallel })).rejects.toMatchObject({ code: 'INVALID_OPTION' });
  });

  it('refuses an option that is misspelt', async () => {
    await expect(copyBlobs(memoryStore(), memoryStore(), { prefx: 'models/' } as object)).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      message: 'copyBlobs: options.prefx is not an option; did you mean prefix?',
    });
  });
});
