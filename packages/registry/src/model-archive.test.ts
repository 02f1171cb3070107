import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type BlobStore, memoryStore, seededRandom, sha256Hex } from '@fraudops/core';
import { beforeAll, describe, expect, it } from 'vitest';
import { importMarkerKey } from './import-marker.js';
import { exportModelBytes } from './model-archive.js';
import { importModel } from './model-import.js';
import { modelRegistry } from './model-registry.js';
import { eventKey } from './registry-event.js';
import { dyingStore, flipBit, jitteryStore, keysOf, watchedStore } from './store-places.fixture.js';
import { tarEnd, tarEntry } from './ustar.js';

const bytesOf = (text: string) => new TextEncoder().encode(text);
const file = (text: string, size = 10) => ({ path: `${text}.txt`, bytes: bytesOf(text.repeat(size)) });
const by = { by: 'ana', why: 'test' };

/** A model with promotions, a version that was deleted, and files that versions share. */
async function makeModel(store: BlobStore, name = 'fraud'): Promise<void> {
  let id = 0;
  const registry = modelRegistry(store, { clock: { now: () => 1_700_000_000_000 }, newId: () => `id-${id++}` });
  await registry.register(name, { files: [file('a'), file('shared', 600)] });
  await registry.register(name, { files: [file('b'), file('shared', 600)], tags: { market: 'eu' } });
  await registry.register(name, { files: [file('gone')] });
  await registry.promote(name, 1, { stage: 'Production', ...by });
  await registry.promote(name, 2, { stage: 'Production', ...by });
  await registry.deleteVersion(name, 3, by);
}

async function contentOf(store: BlobStore, prefix = ''): Promise<Record<string, string>> {
  const keys = (await keysOf(store, prefix)).filter((key) => !key.startsWith('garbage/'));
  return Object.fromEntries(await Promise.all(keys.map(async (key) => [key, sha256Hex((await store.get(key))!.bytes)])));
}

/** Gives bytes in stretches of some length. */
function inPieces(bytes: Uint8Array, length: number) {
  return async function* () {
    for (let start = 0; start < bytes.length; start += length) yield bytes.subarray(start, start + length);
  };
}

let source: BlobStore;
let archive: Uint8Array;
beforeAll(async () => {
  source = memoryStore();
  await makeModel(source);
  archive = await exportModelBytes(source, 'fraud');
});

describe('exportModel', () => {
  it('gives the same bytes for the same history, wherever it is', async () => {
    const copy = memoryStore();
    await importModel(copy, archive);
    expect(await exportModelBytes(copy, 'fraud')).toEqual(archive);
  });

  it('gives what tar unpacks', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'fraudops-archive-'));
    try {
      await writeFile(path.join(folder, 'fraud.tar'), archive);
      execFileSync('tar', ['-xf', 'fraud.tar'], { cwd: folder });
      const sha256 = sha256Hex('a'.repeat(10));
      expect(await readFile(path.join(folder, 'blobs', sha256), 'utf8')).toBe('a'.repeat(10));
      const manifest = JSON.parse(await readFile(path.join(folder, 'manifest.json'), 'utf8'));
      expect(manifest).toMatchObject({ model: 'fraud', eventCount: 6, contentCount: 3 });
      const event = await readFile(path.join(folder, 'log/00000006.json'));
      expect(sha256Hex(event)).toBe(manifest.headSha256);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('names what can not be exported', async () => {
    await expect(exportModelBytes(source, 'none')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(exportModelBytes(source, '../x')).rejects.toMatchObject({ code: 'INVALID_NAME' });
    await expect(exportModelBytes(source, 'fraud', { maxBytes: 1_000 })).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED' });
    for (const prefix of ['blobs/', 'models/']) {
      const damaged = memoryStore();
      await importModel(damaged, archive);
      await flipBit(damaged, (await keysOf(damaged, prefix))[1]!, 40);
      const code = prefix === 'blobs/' ? 'CORRUPT_ARTIFACT' : 'CORRUPT_LOG';
      await expect(exportModelBytes(damaged, 'fraud')).rejects.toMatchObject({ code });
    }
  });
});

describe('importModel', () => {
  it('makes the same log, state and files, from stretches of any length', async () => {
    for (const length of [1, 511, 512, 100_000]) {
      const store = memoryStore();
      const report = await importModel(store, inPieces(archive, length));
      expect(report).toMatchObject({ model: 'fraud', outcome: 'created', eventCount: 6, versionCount: 2 });
      expect(await contentOf(store, 'models/')).toEqual(await contentOf(source, 'models/'));
      const registry = modelRegistry(store);
      expect((await registry.production('fraud'))?.version).toBe(2);
      expect(await registry.verify('fraud')).toMatchObject({ ok: true, headSha256: report.headSha256, artifactCount: 3 });
      await expect(registry.load('fraud', 3)).rejects.toMatchObject({ code: 'NOT_FOUND' });
      expect(await importModel(store, archive)).toMatchObject({ outcome: 'unchanged', eventCount: 0 });
    }
  });

  it('gives a model another name, with a chain of its own', async () => {
    const report = await importModel(source, archive, { as: 'copy' });
    const registry = modelRegistry(source);
    expect(await registry.verify('copy')).toMatchObject({ ok: true, headSha256: report.headSha256 });
    const names = (version: { name: string } | undefined) => ({ ...version, name: 'fraud' });
    expect((await registry.versions('copy')).map(names)).toEqual((await registry.versions('fraud')).map(names));
    expect((await registry.register('copy', { files: [file('c')] })).version).toBe(4);
    expect(await registry.models()).toEqual(['copy', 'fraud']);
  });

  it('adds the events that a model lacks, and refuses another history', async () => {
    const store = memoryStore();
    await importModel(store, archive);
    await modelRegistry(store).promote('fraud', 1, { stage: 'Staging', ...by });
    const later = await exportModelBytes(store, 'fraud');
    const behind = memoryStore();
    await importModel(behind, archive);
    expect(await importModel(behind, later)).toMatchObject({ outcome: 'forwarded', eventCount: 1 });
    expect(await importModel(behind, archive)).toMatchObject({ outcome: 'unchanged', eventCount: 0 });
    await modelRegistry(source).promote('fraud', 2, { stage: 'Archived', ...by });
    const other = await exportModelBytes(source, 'fraud');
    const before = await contentOf(behind);
    await expect(importModel(behind, other)).rejects.toMatchObject({ code: 'DIVERGED', details: { model: 'fraud', seq: 7 } });
    expect(await contentOf(behind)).toEqual(before);
  });

  it('refuses arguments that are none, and another head than the one expected', async () => {
    const store = memoryStore();
    await expect(importModel(store, 'fraud.tar' as never)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    await expect(importModel(store, () => ['text'] as never)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    for (const maxBytes of [-1, Number.NaN, '1' as never]) {
      await expect(importModel(store, archive, { maxBytes })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
      await expect(exportModelBytes(source, 'fraud', { maxBytes })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    }
    await expect(importModel(store, archive, { as: '../x' })).rejects.toMatchObject({ code: 'INVALID_NAME' });
    await expect(importModel(store, archive, { maxBytes: 1_000 })).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED' });
    await expect(importModel(store, archive, { headSha256: '0'.repeat(64) })).rejects.toMatchObject({ code: 'DIVERGED' });
    expect(await keysOf(store)).toEqual([]);
  });

  it.each([
    ['a path that leads elsewhere', [['../../etc/passwd', 'x']], /no place/],
    ['an entry that is none of a model', [['readme.txt', 'x']], /no place/],
    ['events without a manifest', [['log/00000001.json', '{}']], /begins with log/],
    ['a manifest that is none', [['manifest.json', '{}']], /checksum/],
    ['nothing', [], /empty/],
  ])('refuses %s', async (_what, entries, message) => {
    const bytes = Buffer.concat([...entries.flatMap(([name, text]) => tarEntry(name!, bytesOf(text!))), tarEnd()]);
    await expect(importModel(memoryStore(), bytes)).rejects.toMatchObject({
      code: 'INVALID_ARCHIVE',
      message: expect.stringMatching(message),
    });
  });

  it('refuses an entry that claims to be huge before reading it', async () => {
    const header = tarEntry('manifest.json', new Uint8Array(2 ** 20))[0]!;
    let read = 0;
    const endless = async function* () {
      yield header;
      for (;;) yield new Uint8Array((read += 512) && 512);
    };
    await expect(importModel(memoryStore(), endless)).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED' });
    expect(read).toBeLessThan(2_000);
  });

  it('refuses every archive that was changed, and writes nothing', { timeout: 120_000 }, async () => {
    const random = seededRandom('mutations');
    const store = memoryStore();
    for (let round = 0; round < 2_000; round++) {
      const changed = mutated(archive, random);
      const outcome = await importModel(store, changed).then(
        () => 'imported',
        (error: Error & { code?: string }) => error.code ?? error.message,
      );
      expect(['INVALID_ARCHIVE', 'LIMIT_EXCEEDED'], `round ${round}`).toContain(outcome);
    }
    expect(await keysOf(store)).toEqual([]);
  });

  function mutated(bytes: Uint8Array, random: ReturnType<typeof seededRandom>): Uint8Array {
    const copy = Uint8Array.from(bytes);
    const at = random.integer(copy.length);
    const block = 512 * random.integer(copy.length / 512);
    switch (random.integer(6)) {
      case 0:
        return copy.subarray(0, at);
      case 1:
        return Buffer.concat([copy, new Uint8Array(1 + random.integer(2_000)).fill(random.integer(2))]);
      case 2:
        return Buffer.concat([copy.subarray(0, block), copy.subarray(block + 512)]);
      case 3:
        return Buffer.concat([copy.subarray(0, block), copy.subarray(block, block + 512), copy.subarray(block)]);
      case 4:
        copy[block + random.integer(160)]! ^= 1 << random.integer(8);
        return copy;
      default:
        copy[at]! ^= 1 << random.integer(8);
        return copy;
    }
  }

  it('refuses an archive that changes while it is read', async () => {
    let pass = 0;
    const changing = () => {
      const copy = Uint8Array.from(archive);
      if (++pass > 1) copy[copy.length - 1_500]! ^= 1;
      return [copy];
    };
    const store = memoryStore();
    await expect(importModel(store, changing)).rejects.toMatchObject({ code: 'INVALID_ARCHIVE' });
    expect(await modelRegistry(store).models()).toEqual([]);
  });
});

describe('an import that dies', () => {
  it('shows nothing of the model, keeps others from it, and goes on where it ended', async () => {
    const whole = memoryStore();
    await importModel(whole, archive);
    for (let puts = 0; ; puts++) {
      const store = memoryStore();
      const died = await importModel(dyingStore(store, puts), archive).then(
        () => false,
        () => true,
      );
      const registry = modelRegistry(store);
      if (died) {
        expect(await registry.models()).toEqual([]);
        expect(await registry.versions('fraud')).toEqual([]);
        await expect(registry.history('fraud')).rejects.toMatchObject({ code: 'NOT_FOUND' });
        if ((await keysOf(store, eventKey('fraud', 1))).length > 0) {
          await expect(registry.register('fraud', { files: [file('x')] })).rejects.toMatchObject({ code: 'CONTENTION' });
          await expect(importModel(store, await otherArchive())).rejects.toMatchObject({ code: 'CONTENTION' });
        }
        expect((await importModel(store, archive)).outcome).toBe('created');
      }
      expect((await registry.verify('fraud')).ok).toBe(true);
      expect(await contentOf(store, 'models/')).toEqual(await contentOf(whole, 'models/'));
      expect(await registry.models()).toEqual(['fraud']);
      if (!died) return expect(puts).toBeGreaterThan(9);
    }
  });

  async function otherArchive(): Promise<Uint8Array> {
    const other = memoryStore();
    await modelRegistry(other).register('fraud', { files: [file('other')] });
    return exportModelBytes(other, 'fraud');
  }

  it('does not hide a model that somebody registered before its first event', async () => {
    const store = memoryStore();
    const raced = watchedStore(store, {
      before: async (call, key) => {
        if (call !== 'put' || key !== eventKey('fraud', 1)) return;
        await modelRegistry(store).register('fraud', { files: [file('own')] });
        throw new Error('the importer dies');
      },
    });
    await expect(importModel(raced, archive)).rejects.toThrow('the importer dies');
    expect(await keysOf(store, 'models/')).toEqual([eventKey('fraud', 1), importMarkerKey('fraud')]);
    const registry = modelRegistry(store);
    expect(await registry.models()).toEqual(['fraud']);
    expect((await registry.register('fraud', { files: [file('own')] })).version).toBe(2);
    await expect(importModel(store, archive)).rejects.toMatchObject({ code: 'DIVERGED' });
  });

  it('is never seen in part by readers beside it, made twice at once', async () => {
    for (let seed = 0; seed < 20; seed++) {
      const store = memoryStore();
      const seen = new Set<number>();
      let importing = true;
      const reader = async () => {
        while (importing) seen.add(await modelRegistry(jitteryStore(store, seed + 100)).head('fraud'));
      };
      const importer = async (own: number) => importModel(jitteryStore(store, own), archive);
      const reading = reader();
      await Promise.all([importer(seed), importer(seed + 50)]);
      importing = false;
      await reading;
      expect([...seen].filter((head) => head !== 0 && head !== 6)).toEqual([]);
      expect(await keysOf(store, importMarkerKey('fraud'))).toEqual([]);
    }
  });
});
