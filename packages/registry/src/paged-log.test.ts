import { type BlobStore, layeredStore, memoryStore, seededRandom, sha256Hex } from '@fraudops/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_PAGE_BYTES, PAGE_EVENTS, type StoredEvent, decodePage, encodePage, pageKey } from './log-page.js';
import { exportModelBytes } from './model-archive.js';
import { importModel } from './model-import.js';
import { modelRegistry } from './model-registry.js';
import { LOOSE_EVENTS } from './paged-log.js';
import { eventKey } from './registry-event.js';
import { openSealedJson, sealJson } from './sealed-json.js';
import { flipBit, jitteryStore, keysOf, storeError, watchedStore } from './store-places.fixture.js';
import { verifyStore } from './verify-store.js';

const by = { by: 'ana', why: 'test' };
const toProduction = { stage: 'Production', ...by } as const;
const files = (text: string) => [{ path: 'model.json', bytes: new TextEncoder().encode(text) }];
const FIRST_PAGE = pageKey('fraud', 1);

/** A store that reads one blob a request, and what is asked of it. */
function oneByOne(memory: BlobStore, before: (call: string, key: string) => unknown = () => {}) {
  const requests: string[] = [];
  const store = watchedStore(memory, {
    before: (call, key) => {
      requests.push(`${call} ${key}`);
      return before(call, key);
    },
  });
  return { store, requests };
}

async function registerSome(store: BlobStore, count: number): Promise<void> {
  const registry = modelRegistry(store);
  for (let i = 0; i < count; i++) await registry.register('fraud', { files: files('a') }, by);
}

/** Events as a page keeps them, read from the log itself. */
async function storedEvents(store: BlobStore, count: number): Promise<StoredEvent[]> {
  const blobs = await Promise.all(Array.from({ length: count }, (_, i) => store.get(eventKey('fraud', i + 1))));
  return blobs.map((blob, i) => ({ seq: i + 1, etag: blob!.etag, bytes: blob!.bytes }));
}

describe('a log whose store reads one blob a request', () => {
  it('costs a new process at most 12 requests a promotion, however many events there are and whoever wrote them', async () => {
    const memory = memoryStore();
    const { store, requests } = oneByOne(memory);
    const living = modelRegistry(store);
    let most = 0;
    for (let events = 1; events < 60; ) {
      if (events % 3 === 0) await modelRegistry(oneByOne(memory).store).register('fraud', { files: files('b') });
      else await living.register('fraud', { files: files('a') });
      const version = (await modelRegistry(memory).versions('fraud')).at(-1)!.version;
      requests.length = 0;
      const { seq } = await modelRegistry(store).promote('fraud', version, toProduction);
      most = Math.max(most, requests.length);
      events = seq;
    }
    expect(most).toBeLessThanOrEqual(12);
    expect(most).toBeGreaterThan(LOOSE_EVENTS);
  });

  it('is read by its pages, each once, by whoever comes later', async () => {
    const memory = memoryStore();
    await registerSome(memory, PAGE_EVENTS + 50);
    const { store, requests } = oneByOne(memory);
    expect((await modelRegistry(store).versions('fraud')).length).toBe(PAGE_EVENTS + 50);
    expect(requests.length).toBe(1 + PAGE_EVENTS + 50 + 2 * 2 + 1);
    requests.length = 0;
    expect((await modelRegistry(store).versions('fraud')).length).toBe(PAGE_EVENTS + 50);
    expect(requests).toEqual([
      'list models/fraud/log/',
      `get ${FIRST_PAGE}`,
      `get ${eventKey('fraud', PAGE_EVENTS)}`,
      `get ${pageKey('fraud', PAGE_EVENTS + 1)}`,
      `get ${eventKey('fraud', PAGE_EVENTS + 50)}`,
      `get ${eventKey('fraud', PAGE_EVENTS + 51)}`,
    ]);
  });

  it('has pages that begin where the one before is full, also when one process appends across', async () => {
    const memory = memoryStore();
    await registerSome(memory, PAGE_EVENTS - 3);
    const { store, requests } = oneByOne(memory);
    await modelRegistry(store).head('fraud');
    const writer = modelRegistry(store);
    for (let i = 0; i < 12; i++) await writer.register('fraud', { files: files('a') });
    expect(decodePage((await memory.get(FIRST_PAGE))!.bytes, { model: 'fraud', first: 1 })).toHaveLength(PAGE_EVENTS);
    requests.length = 0;
    expect(await modelRegistry(store).head('fraud')).toBe(PAGE_EVENTS + 9);
    expect(requests.length).toBeLessThanOrEqual(5 + 9);
  });

  it('keeps no page beside stores that read many blobs at once', async () => {
    const memory = memoryStore();
    await registerSome(memory, 30);
    await modelRegistry(memory).head('fraud');
    expect(await keysOf(memory, 'log-pages/')).toEqual([]);
  });

  it('is read and written all the same when pages can be neither read nor written', async () => {
    const memory = memoryStore();
    const { store, requests } = oneByOne(memory, (call, key) => {
      if (key.startsWith('log-pages/')) throw storeError(call === 'put' ? 'READ_ONLY' : 'UNAVAILABLE', key);
    });
    await registerSome(store, 20);
    expect((await modelRegistry(store).versions('fraud')).length).toBe(20);
    const unwritable = oneByOne(memory, (call, key) => {
      if (call === 'put' && key.startsWith('log-pages/')) throw storeError('READ_ONLY', key);
    });
    await registerSome(unwritable.store, 30);
    expect(await modelRegistry(memory).head('fraud')).toBe(50);
    expect(await keysOf(memory, 'log-pages/')).toEqual([]);
    // Who learned that it can't write a page does not try again.
    expect(unwritable.requests.filter((request) => request.startsWith('put log-pages/'))).toHaveLength(1);
    expect(requests.some((request) => request.startsWith('put log-pages/'))).toBe(false);
  });

  it('is read and written without long waits where pages are never answered', async () => {
    const memory = memoryStore();
    const { store } = oneByOne(memory, (call, key) =>
      key.startsWith('log-pages/') && call === 'put' ? new Promise(() => {}) : undefined,
    );
    const before = performance.now();
    await registerSome(store, 20);
    expect((await modelRegistry(store).versions('fraud')).length).toBe(20);
    expect(performance.now() - before).toBeLessThan(5_000);
    expect(await keysOf(memory, 'log-pages/')).toEqual([]);
  });

  it('is read from near by while the durable store is away, by its pages too', async () => {
    const durable = memoryStore();
    let away = false;
    const flaky = oneByOne(durable, (_call, key) => {
      if (away) throw storeError('UNAVAILABLE', key);
    });
    const near = memoryStore();
    const open = () => modelRegistry(layeredStore(near, flaky.store));
    await registerSome(flaky.store, 23);
    const reader = open();
    expect(await reader.head('fraud')).toBe(23);
    await registerSome(flaky.store, 4);
    expect(await reader.head('fraud')).toBe(27);
    away = true;
    for (const registry of [reader, open()]) expect((await registry.versions('fraud')).length).toBe(27);
    await expect(open().register('fraud', { files: files('a') })).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    away = false;
    expect((await open().register('fraud', { files: files('a') })).version).toBe(28);
  });

  it('whose import ends beside the first look at it is seen whole or not at all', async () => {
    const source = memoryStore();
    await registerSome(source, 40);
    const archive = await exportModelBytes(source, 'fraud');
    for (let seed = 0; seed < 20; seed++) {
      const memory = memoryStore();
      const seen = new Set<number>();
      let importing = true;
      const reading = (async () => {
        for (let i = 0; importing; i++)
          seen.add(await modelRegistry(oneByOne(jitteryStore(memory, seed * 1_000 + i)).store).head('fraud'));
      })();
      await importModel(jitteryStore(memory, seed), archive);
      importing = false;
      await reading;
      expect([...seen].filter((head) => head !== 0 && head !== 40)).toEqual([]);
    }
  });

  it('is checked and told by its events, never by a page', async () => {
    const memory = memoryStore();
    const { store, requests } = oneByOne(memory);
    await registerSome(store, 30);
    expect(await keysOf(memory, 'log-pages/')).toEqual([FIRST_PAGE]);
    const registry = modelRegistry(store);
    requests.length = 0;
    for (const audit of [() => registry.verify('fraud'), () => registry.history('fraud'), () => verifyStore(store)])
      await audit();
    expect(requests.filter((request) => request.includes('log-pages'))).toEqual([]);
    await memory.delete(FIRST_PAGE);
    expect((await verifyStore(store)).ok).toBe(true);
  });

  it('names an event that was damaged or lost after it was copied, and nobody builds on it', async () => {
    const memory = memoryStore();
    const { store } = oneByOne(memory);
    await registerSome(store, 24);
    for (const seq of [1, 7, 23, 24]) {
      const { bytes } = (await memory.get(eventKey('fraud', seq)))!;
      await flipBit(memory, eventKey('fraud', seq), 99);
      await expect(modelRegistry(store).promote('fraud', 1, toProduction)).rejects.toMatchObject({
        code: 'CORRUPT_LOG',
        details: { seq },
      });
      await memory.delete(eventKey('fraud', seq));
      if (seq < 24) {
        await expect(modelRegistry(store).production('fraud')).rejects.toMatchObject({ code: 'CORRUPT_LOG', details: { seq } });
      }
      await memory.put(eventKey('fraud', seq), bytes);
    }
    expect(await modelRegistry(store).head('fraud')).toBe(24);
  });
});

describe('a page that is not what the log says', () => {
  const COUNT = 20;

  /** Other events of the same sizes, well linked among themselves, under the etags of the real ones. */
  function forge(events: readonly StoredEvent[], name: string): StoredEvent[] {
    let previous: string | null = null;
    return events.map(({ seq, etag, bytes }) => {
      const opened = openSealedJson(bytes) as { content: Record<string, unknown> };
      const forged = sealJson({ ...opened.content, by: name, previous });
      expect(forged.length).toBe(bytes.length);
      previous = sha256Hex(forged);
      return { seq, etag, bytes: forged };
    });
  }

  const pages: readonly (readonly [string, (events: readonly StoredEvent[], seed: number) => Uint8Array])[] = [
    ['forged with all hashes, etags and sizes', (events) => encodePage('fraud', forge(events, 'eve'))],
    [
      'forged at its beginning',
      (events, seed) => encodePage('fraud', [...forge(events.slice(0, seed % COUNT), 'eve'), ...events.slice(seed % COUNT)]),
    ],
    [
      'of another state',
      (events) =>
        encodePage(
          'fraud',
          events.map((event) => ({ ...event, etag: `x${event.etag}` })),
        ),
    ],
    ['shorter', (events, seed) => encodePage('fraud', events.slice(0, 1 + (seed % COUNT)))],
    ['out of order', (events) => encodePage('fraud', [events[0]!, ...events.slice(1).toReversed()])],
    ['of another model', (events) => encodePage('fraud2', events)],
    ['empty', () => new Uint8Array()],
    [
      'damaged',
      (events, seed) => {
        const bytes = encodePage('fraud', events);
        bytes[seed % bytes.length]! ^= 1 << (seed % 8);
        return bytes;
      },
    ],
    ['longer than the log', (events) => encodePage('fraud', [...events, { ...events.at(-1)!, seq: COUNT + 1 }])],
  ];

  it.each(pages)('%s changes no answer, and is mended', async (_what, make) => {
    await fc.assert(
      fc.asyncProperty(fc.nat(1_000_000), async (seed) => {
        const memory = memoryStore();
        await registerSome(memory, COUNT);
        const events = await storedEvents(memory, COUNT);
        await memory.put(FIRST_PAGE, make(events, seed));
        const { store, requests } = oneByOne(memory);
        const versions = await modelRegistry(store).versions('fraud');
        expect(versions).toEqual(await modelRegistry(memory).versions('fraud'));
        expect((await modelRegistry(store).promote('fraud', 3, toProduction)).seq).toBe(COUNT + 1);
        expect((await modelRegistry(memory).verify('fraud')).ok).toBe(true);
        await modelRegistry(store).head('fraud');
        requests.length = 0;
        await modelRegistry(store).head('fraud');
        expect(requests.length).toBeLessThanOrEqual(3 + LOOSE_EVENTS);
      }),
      { numRuns: 15, seed: 7 },
    );
  });
});

describe('encodePage', () => {
  it('gives back any events', () => {
    const event = fc.record({ etag: fc.string(), bytes: fc.uint8Array({ maxLength: 50 }) });
    fc.assert(
      fc.property(fc.array(event, { minLength: 1, maxLength: 20 }), (given) => {
        const events = given.map((each, i) => ({ seq: 1001 + i, ...each }));
        const page = decodePage(encodePage('fraud', events), { model: 'fraud', first: 1001 });
        expect(page?.map(({ bytes, ...rest }) => ({ ...rest, bytes: Uint8Array.from(bytes) }))).toEqual(events);
      }),
    );
  });

  it('finds every flipped bit', () => {
    const bytes = encodePage('fraud', [{ seq: 1, etag: 'm1', bytes: new Uint8Array([1, 2, 3]) }]);
    for (let bit = 0; bit < 8 * bytes.length; bit++) {
      const damaged = Uint8Array.from(bytes);
      damaged[bit >> 3]! ^= 1 << (bit & 7);
      expect(decodePage(damaged, { model: 'fraud', first: 1 }), `bit ${bit}`).toBeUndefined();
    }
  });
});

it('holds no more than its bytes allow, and then is not written again and again', { timeout: 60_000 }, async () => {
  const memory = memoryStore();
  const registry = modelRegistry(memory);
  const random = seededRandom(7);
  const tags = () => Object.fromEntries(Array.from({ length: 400 }, (_, i) => [`k${i}`, String(random.next()).repeat(100)]));
  for (let i = 0; i < 14; i++) await registry.register('fraud', { files: files('a'), tags: tags() });
  const { store, requests } = oneByOne(memory);
  expect(await modelRegistry(store).head('fraud')).toBe(14);
  const { bytes } = (await memory.get(FIRST_PAGE))!;
  const paged = decodePage(bytes, { model: 'fraud', first: 1 })!.length;
  expect(bytes.length).toBeLessThan(MAX_PAGE_BYTES + 10_000);
  expect(paged).toBeLessThan(14);
  for (let i = 0; i < 8; i++) await registry.register('fraud', { files: files('a') });
  requests.length = 0;
  expect(await modelRegistry(store).head('fraud')).toBe(22);
  expect(requests.filter((request) => request.startsWith('put'))).toEqual([]);
});
