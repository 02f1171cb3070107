/** Searches against a naive one that reads every record, whatever caches and indexes hold. */
import { type BlobStore, StoreError, manualClock, memoryStore } from '@fraudops/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KEYS, NUMBERS, TEXTS, anyRecord, putRecord, recordOf } from './run-records.fixture.js';
import type { RunRecord } from './run-record.js';
import { statusAt } from './run-status.js';
import { keysOf, storePlaces, tellingStore, watchedStore } from './store-places.fixture.js';
import { type Tracker, tracker } from './tracker.js';

const nowMs = 500_000;
const clock = manualClock(nowMs);
const quote = (text: string) => `'${text.replaceAll("'", "''")}'`;

/** A condition as it is written, and what it means for a record. */
interface Condition {
  readonly written: string;
  readonly holds: (record: RunRecord) => boolean;
}

const compare: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  '=': (a, b) => a === b,
  '!=': (a, b) => a !== b,
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
};

const metricCondition = fc
  .tuple(fc.constantFrom(...KEYS), fc.constantFrom(...Object.keys(compare)), fc.constantFrom(...NUMBERS))
  .map(([key, sign, number]): Condition => {
    const holds = (record: RunRecord) => {
      const value = record.metrics[key]?.value;
      return value === undefined ? false : value === null ? sign === '!=' : compare[sign]!(value, number);
    };
    return { written: `metrics.\`${key}\` ${sign} ${number}`, holds };
  });

const textCondition = fc
  .tuple(
    fc.constantFrom<('params' | 'tags')[]>('params', 'tags'),
    fc.constantFrom(...KEYS),
    fc.constantFrom('=', '!=', 'in', 'not in', 'is null'),
    fc.constantFrom(...TEXTS),
  )
  .map(([member, key, comparator, text]): Condition => {
    const isIn = comparator === 'in' || comparator === 'not in';
    const right = comparator === 'is null' ? '' : isIn ? `(${quote(text)}, 'zzz')` : quote(text);
    const holds = (record: RunRecord) => {
      const value = record[member][key];
      if (comparator === 'is null') return value === undefined;
      return value !== undefined && (String(value) === text) === (comparator === '=' || comparator === 'in');
    };
    return { written: `${member}."${key}" ${comparator} ${right}`, holds };
  });

const otherCondition = fc.oneof(
  fc.constantFrom(...TEXTS).map(
    (text): Condition => ({
      written: `dataset.name = ${quote(text)}`,
      holds: ({ inputs }) => inputs.some(({ name }) => name === text),
    }),
  ),
  fc.constantFrom('running', 'CRASHED', 'Finished').map(
    (status): Condition => ({
      written: `status = '${status}'`,
      holds: (record) => statusAt(record, nowMs) === status.toLowerCase(),
    }),
  ),
  fc
    .constantFrom(0, 1000)
    .map((startMs): Condition => ({ written: `start_time > ${startMs}`, holds: ({ startedMs }) => startedMs > startMs })),
  fc.constantFrom(5).map(
    (endMs): Condition => ({
      written: `end_time != ${endMs}`,
      holds: ({ endedMs }) => endedMs !== undefined && endedMs !== endMs,
    }),
  ),
);

const conditions = fc.array(fc.oneof(metricCondition, textCondition, otherCondition), { maxLength: 3 });
const orders = fc.uniqueArray(
  fc.constantFrom(...KEYS.map((key) => `metrics.\`${key}\``), ...KEYS.map((key) => `params.\`${key}\``), 'end_time', 'run_name'),
  {
    maxLength: 2,
  },
);

/** The ids in order, by MLflow's rules, one comparison at a time. */
function expectedIds(records: readonly RunRecord[], order: readonly string[], descending: boolean): string[] {
  const valueOf = (record: RunRecord, field: string): number | string | null | undefined => {
    const key = /`(.*)`/.exec(field)?.[1];
    if (field.startsWith('metrics')) return record.metrics[key!]?.value;
    if (field.startsWith('params')) return record.params[key!] === undefined ? undefined : String(record.params[key!]);
    return field === 'end_time' ? record.endedMs : record.name;
  };
  const rank = (value: unknown) => (value === undefined ? 2 : value === null ? 1 : 0);
  const compareBy = (a: RunRecord, b: RunRecord) => {
    for (const field of order) {
      const [x, y] = [valueOf(a, field), valueOf(b, field)];
      if (rank(x) !== rank(y)) return rank(x) - rank(y);
      if (x === y || rank(x) > 0) continue;
      const size = typeof x === 'number' ? x - (y as number) : Buffer.compare(Buffer.from(String(x)), Buffer.from(String(y)));
      if (size !== 0) return descending ? -size : size;
    }
    return b.startedMs - a.startedMs || (a.id < b.id ? -1 : 1);
  };
  return records.toSorted(compareBy).map(({ id }) => id);
}

describe('searchRuns', () => {
  it('finds what a naive search finds, on one page or on several', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyRecord, { maxLength: 12 }),
        conditions,
        orders,
        fc.boolean(),
        fc.integer({ min: 1, max: 13 }),
        async (records, wanted, order, descending, maxResults) => {
          const store = memoryStore();
          const all = records.map((record, i): RunRecord => ({ ...record, id: `r${String(i).padStart(2, '0')}` }));
          for (const record of all) await putRecord(store, record);
          const runs = tracker(store, { clock });
          const filter = wanted.map(({ written }) => written).join(' and ');
          const orderBy = order.map((field) => `${field} ${descending ? 'DESC' : 'ASC'}`);
          const found = all.filter((record) => record.deletedMs === undefined && wanted.every(({ holds }) => holds(record)));
          const pages: RunRecord[] = [];
          for (let pageToken: string | undefined; ; ) {
            const page = await runs.searchRuns({
              filter,
              orderBy,
              maxResults,
              ...(pageToken === undefined ? {} : { pageToken }),
            });
            pages.push(...page.runs);
            expect(page.total).toBe(found.length);
            pageToken = page.nextPageToken;
            if (pageToken === undefined) break;
          }
          expect(pages.map(({ id }) => id)).toEqual(expectedIds(found, order, descending));
          expect(pages).toEqual(
            pages.map(({ id }) => {
              const record = all.find((other) => other.id === id)!;
              return { ...record, status: statusAt(record, nowMs) };
            }),
          );
        },
      ),
      { numRuns: 200 },
    );
  });

  it('gives each run once on pages between which runs are added', async () => {
    const store = memoryStore();
    const runs = tracker(store, { clock });
    for (let i = 0; i < 6; i++) await putRecord(store, recordOf({ id: `r${i}`, startedMs: i }));
    const first = await runs.searchRuns({ maxResults: 3 });
    await putRecord(store, recordOf({ id: 'r9', startedMs: 9 }));
    const second = await runs.searchRuns({ maxResults: 3, pageToken: first.nextPageToken! });
    expect([...first.runs, ...second.runs].map(({ id }) => id)).toEqual(['r5', 'r4', 'r3', 'r2', 'r1', 'r0']);
    await expect(runs.searchRuns({ filter: 'start_time > 1', pageToken: first.nextPageToken! })).rejects.toThrow('pageToken');
    await expect(runs.searchRuns({ pageToken: 'e30' })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });

  it('looks where it is told: in experiments, and among runs that are deleted or not', async () => {
    const runs = tracker(memoryStore(), { clock });
    for (const experiment of ['a', 'a-b', 'b']) await runs.startRun({ experiment, name: experiment });
    const names = async (query: object) =>
      (await runs.searchRuns({ orderBy: ['run_name'], ...query })).runs.map(({ name }) => name);
    expect(await names({})).toEqual(['a', 'a-b', 'b']);
    expect(await names({ experiments: ['a', 'a', 'none'] })).toEqual(['a']);
    expect(await names({ filter: "experiment_id in ('a-b', 'b')" })).toEqual(['a-b', 'b']);
    const [{ id }] = (await runs.searchRuns({ experiments: ['a'] })).runs as [RunRecord];
    await runs.deleteRun(id);
    await runs.deleteExperiment('b');
    expect([await names({}), await names({ view: 'deleted' }), await names({ view: 'all' })]).toEqual([
      ['a-b'],
      ['a', 'b'],
      ['a', 'a-b', 'b'],
    ]);
  });

  it('takes no notice of objects that are no records', async () => {
    const store = memoryStore();
    for (const key of ['runs/a.json', 'runs/fraud/b', 'runs/fraud/c/d.json', 'runs/fraud.json/e'])
      await store.put(key, Uint8Array.of(1));
    await putRecord(store, recordOf({ id: 'r1' }));
    for (const query of [{}, { experiments: ['fraud'] }]) {
      expect((await tracker(store, { clock }).searchRuns(query)).runs.map(({ id }) => id)).toEqual(['r1']);
    }
  });

  it.each<[object, string, string]>([
    [{ filter: 'x' }, 'INVALID_FILTER', 'there is no attribute'],
    [{ orderBy: 'metrics.a' }, 'INVALID_ARGUMENT', 'orderBy'],
    [{ maxResults: 0 }, 'INVALID_ARGUMENT', 'maxResults'],
    [{ maxResults: 50_001 }, 'LIMIT_EXCEEDED', 'maxResults'],
    [{ experiments: ['..'] }, 'INVALID_NAME', 'experiment name'],
    [{ view: 'some' }, 'INVALID_ARGUMENT', 'view'],
  ])('refuses %j before it reads', async (query, code, message) => {
    const store = watchedStore(memoryStore(), {
      before: () => {
        throw new Error('it was read');
      },
    });
    await expect(tracker(store).searchRuns(query)).rejects.toMatchObject({ code, message: expect.stringContaining(message) });
  });
});

/** All users of the place share the diary, as processes share a store. */
async function tellingPlace() {
  const store = tellingStore(memoryStore());
  return { open: () => store, dispose: async () => {} };
}

describe.each([...storePlaces, ['a store that tells what changed', tellingPlace] as const])(
  'the index on %s',
  (_name, makePlace) => {
    it('never changes what is found, whatever is written, deleted or damaged between searches', async () => {
      const place = await makePlace();
      try {
        const store = place.open();
        const warm = tracker(place.open(), { clock });
        await fill(store, 60);
        await expectSame(warm, store);
        const step = fc.tuple(fc.constantFrom('change', 'add', 'remove', 'damage', 'lose'), fc.nat(80));
        let added = 60;
        await fc.assert(
          fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
            for (const [what, i] of steps) {
              if (what === 'change')
                await putRecord(store, recordOf({ id: idOf(i % added), metrics: { loss: point(Math.random()) } }));
              if (what === 'add') await putRecord(store, recordOf({ id: idOf(added++), metrics: { loss: point(i) } }));
              if (what === 'remove') await store.delete(`runs/fraud/${idOf(i)}.json`);
              const [shard] = await keysOf(store, 'run-index/');
              if (what === 'damage' && shard !== undefined) await store.put(shard, Uint8Array.of(i));
              if (what === 'lose' && shard !== undefined) await store.delete(shard);
            }
            await expectSame(warm, store);
            await expectSame(tracker(place.open(), { clock }), store);
          }),
          { numRuns: 15 },
        );
      } finally {
        await place.dispose();
      }
    }, 60_000);
  },
);

describe('the cost of a search', () => {
  it('is two listings when nothing changed, and one read for each run that did', async () => {
    const store = memoryStore();
    await fill(store, 300);
    const calls: string[] = [];
    const counted = silentStore(store, { before: (call, key) => calls.push(`${call} ${key.split('/')[0]}`) });
    const runs = tracker(counted, { clock });
    const costs = async () => {
      calls.length = 0;
      await runs.searchRuns({ experiments: ['fraud'] });
      return calls.toSorted();
    };
    expect((await costs()).filter((call) => call === 'get runs')).toHaveLength(300);
    expect(await costs()).toEqual(['list experiments', 'list runs']);
    await putRecord(store, recordOf({ id: idOf(7) }));
    expect(await costs()).toEqual(['get runs', 'list experiments', 'list runs']);
    expect(await costs()).toEqual(['list experiments', 'list runs']);
  });

  it('is two questions when nothing changed, where the store can tell', async () => {
    const store = tellingStore(memoryStore());
    await fill(store, 300);
    const calls: string[] = [];
    const counted = watchedStore(store, { before: (call, key) => calls.push(`${call} ${key.split('/')[0]}`) });
    const runs = tracker(counted, { clock });
    const costs = async (query: object) => {
      calls.length = 0;
      await runs.searchRuns(query);
      return calls.toSorted();
    };
    for (const query of [{}, { experiments: ['fraud'] }]) {
      await costs(query);
      expect(await costs(query)).toEqual(['changesSince experiments', 'changesSince runs']);
      await putRecord(store, recordOf({ id: idOf(7) }));
      expect(await costs(query)).toEqual(['changesSince experiments', 'changesSince runs', 'get runs']);
    }
  });

  it('is the index and what changed for a process that begins', async () => {
    const store = memoryStore();
    await fill(store, 300);
    await tracker(store, { clock }).searchRuns();
    const calls: string[] = [];
    const counted = silentStore(store, { before: (call, key) => calls.push(`${call} ${key.split('/')[0]}`) });
    await tracker(counted, { clock }).searchRuns();
    expect(calls.toSorted()).toEqual(['get run-index', 'list experiments', 'list run-index', 'list runs']);
  });

  it("is paid without an index where the store can't be written, or shall not be", async () => {
    const memory = memoryStore();
    await fill(memory, 50);
    let puts = 0;
    const store: BlobStore = {
      ...watchedStore(memory, {}),
      put: async (key) => {
        puts++;
        throw new StoreError('READ_ONLY', `put ${key}: read only`);
      },
    };
    const runs = tracker(store, { clock });
    await expectSame(runs, memory);
    await expectSame(runs, memory);
    expect(puts).toBe(1);
    await tracker(memory, { clock, writeIndex: false }).searchRuns();
    expect(await keysOf(memory, 'run-index/')).toEqual([]);
  });
});

/** A watched store that can't tell what changed. */
function silentStore(...[store, watch]: Parameters<typeof watchedStore>): BlobStore {
  const { changesSince: _, ...silent } = watchedStore(store, watch);
  return silent;
}

const point = (value: number) => ({ value, step: 0, atMs: 0 });
const idOf = (i: number) => `r${String(i).padStart(5, '0')}`;

async function fill(store: BlobStore, count: number): Promise<void> {
  for (let i = 0; i < count; i++)
    await putRecord(store, recordOf({ id: idOf(i), startedMs: i, metrics: { loss: point(i / 7) } }));
}

/** A search finds what is in the records that can be listed and read one by one. */
async function expectSame(runs: Tracker, store: BlobStore): Promise<void> {
  const { runs: found, total } = await runs.searchRuns({ orderBy: ['run_id'], maxResults: 50_000 });
  const expected: RunRecord[] = [];
  for await (const record of tracker(store, { clock }).listRuns()) expected.push(record);
  expect(found).toEqual(expected);
  expect(total).toBe(expected.length);
}
