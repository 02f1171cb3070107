import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BlobStore, StoredBlob } from './blob-store.js';
import { StoreError } from './errors.js';
import { layeredStore } from './layered-store.js';
import { memoryStore } from './memory-store.js';
import { type Random, seededRandom } from './random.js';

const KEYS = ['k/1', 'k/2'] as const;
const LOG = ['log/1', 'log/2', 'log/3', 'log/4'] as const;

/** A call that told an instance the state of a key: an etag, or that it is absent. */
interface TellingCall {
  readonly instance: number;
  readonly key: string;
  readonly state: string;
  readonly started: number;
  readonly ended: number;
}

const stateOf = (blob: { etag: string } | undefined) => blob?.etag ?? 'absent';

/** Waits a random number of turns before and behind each call, so that calls overlap in any order, and fails all of them when away. */
function durableStore(inner: BlobStore, random: Random) {
  const state = { away: false };
  const turns = async () => {
    for (let left = random.integer(6); left > 0; left--) await new Promise((resolve) => setImmediate(resolve));
  };
  const around = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    if (state.away) throw new StoreError('UNAVAILABLE', 'away, for a test');
    await turns();
    const result = await work();
    await turns();
    return result;
  };
  const store: BlobStore = {
    get: (key) => around(() => inner.get(key)),
    put: (key, bytes, when) => around(() => inner.put(key, bytes, when)),
    delete: (key, when) => around(() => inner.delete(key, when)),
    async *list(prefix, from) {
      const infos = await around(async () => {
        const all = [];
        for await (const info of inner.list(prefix, from)) all.push(info);
        return all;
      });
      yield* infos;
    },
  };
  return { store, state };
}

/** Random calls of two instances and of a writer elsewhere; then an outage. */
async function explore(seed: number) {
  const random = seededRandom(seed);
  let now = 0;
  // Each look at the clock is a moment of its own.
  const clock = { now: () => ++now };
  const inner = memoryStore();
  const { store: durable, state } = durableStore(inner, random);
  const fast = durableStore(memoryStore(), random).store;
  const open = () => layeredStore(fast, durable, { clock });
  const instances = [open(), open()];
  const calls: TellingCall[] = [];
  const ask = async (instance: number, key: string, call: () => Promise<{ etag: string } | undefined>) => {
    const started = clock.now();
    const answer = await call().catch((error: unknown) => {
      if ((error as StoreError).code !== 'CONFLICT') throw error;
      return 'conflict' as const;
    });
    if (answer !== 'conflict') calls.push({ instance, key, state: stateOf(answer), started, ended: clock.now() });
  };
  const bytes = () => Uint8Array.of(random.integer(256));
  const step = async (user: number): Promise<unknown> => {
    const instance = user % 2;
    const store = instances[instance]!;
    const key = random.integer(2) ? KEYS[random.integer(KEYS.length)]! : LOG[random.integer(LOG.length)]!;
    const isLog = key.startsWith('log/');
    switch (random.integer(6)) {
      case 0:
        return ask(instance, key, () => store.put(key, bytes(), isLog ? { ifNoneMatch: '*' } : undefined));
      case 1:
        return isLog ? undefined : ask(instance, key, () => store.delete(key).then(() => undefined));
      case 2:
        return isLog ? inner.put(key, bytes(), { ifNoneMatch: '*' }).catch(() => {}) : inner.put(key, bytes());
      case 3:
        return keysIn(store, 'log/');
      default:
        return ask(instance, key, () => store.get(key));
    }
  };
  await Promise.all(
    Array.from({ length: 6 }, async (_, user) => {
      for (let steps = 0; steps < 8; steps++) await step(user);
    }),
  );
  state.away = true;
  return { calls, instances, fresh: open() };
}

async function keysIn(store: BlobStore, prefix: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of store.list(prefix)) keys.push(key);
  return keys;
}

async function inOutage<Answer>(call: Promise<Answer>): Promise<{ answer: Answer } | undefined> {
  try {
    return { answer: await call };
  } catch (error) {
    expect(error).toMatchObject({ code: 'UNAVAILABLE' });
    return undefined;
  }
}

/** Whether a call that told this state did not end before one that told the instance something, or changed something, began. */
function isNoOlder(calls: readonly TellingCall[], instance: number, key: string, blob: StoredBlob | undefined): boolean {
  const about = calls.filter((call) => call.key === key);
  const latest = Math.max(0, ...about.filter((call) => call.instance === instance).map(({ started }) => started));
  return about.some((call) => call.state === stateOf(blob) && call.ended >= latest);
}

describe('layeredStore in an outage, whatever overlapped before it', () => {
  it('answers nothing older than what the instance was told or has written', { timeout: 60_000 }, () =>
    fc.assert(
      fc.asyncProperty(fc.nat(), async (seed) => {
        const { calls, instances } = await explore(seed);
        for (const [instance, store] of instances.entries()) {
          for (const key of [...KEYS, ...LOG]) {
            const told = await inOutage(store.get(key));
            if (told) expect(isNoOlder(calls, instance, key, told.answer), `${instance} ${key}`).toBe(true);
          }
        }
      }),
      { numRuns: 150, seed: 11 },
    ),
  );

  it('never says absent of an event that somebody was told of, also to a new instance', { timeout: 60_000 }, () =>
    fc.assert(
      fc.asyncProperty(fc.nat(), async (seed) => {
        const { calls, instances, fresh } = await explore(seed);
        const told = (key: string, instance?: number) =>
          calls.some((call) => call.key === key && call.state !== 'absent' && (instance ?? call.instance) === call.instance);
        for (const [instance, store] of [...instances, fresh].entries()) {
          for (const key of LOG.filter((event) => told(event))) {
            const found = await inOutage(store.get(key));
            if (found) expect(found.answer, `${instance} ${key}`).toBeDefined();
          }
          const list = instance < 2 ? await inOutage(keysIn(store, 'log/')) : undefined;
          if (list) expect(list.answer).toEqual(expect.arrayContaining(LOG.filter((key) => told(key, instance))));
        }
      }),
      { numRuns: 150, seed: 12 },
    ),
  );
});
