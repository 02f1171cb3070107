/** A tracker that has searched before finds what a new one finds, on every store, whoever wrote meanwhile. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type BlobStore, fileStore, memoryStore } from '@fraudops/core';
import { type PgPool, postgresStore } from '@fraudops/postgres';
import { type RunQuery, type Tracker, tracker } from '@fraudops/registry';
import fc from 'fast-check';
import { expect, it } from 'vitest';

const EXPERIMENTS = ['a', 'b'];
const QUERIES: readonly RunQuery[] = [
  { orderBy: ['metrics.loss DESC', 'run_id'] },
  { experiments: ['a'], filter: "tags.market = 'eu'", maxResults: 2 },
  { view: 'all', orderBy: ['params.trees'], maxResults: 3 },
  { experiments: ['b', 'a'], view: 'deleted' },
];

const step = fc.record({
  what: fc.constantFrom('start', 'start', 'log', 'tag', 'delete', 'restore', 'remove', 'hide', 'show', 'search'),
  experiment: fc.constantFrom(...EXPERIMENTS),
  i: fc.nat(20),
});

/** @param open the same place, as another process opens it */
async function expectSameSearches(open: () => BlobStore, numRuns: number): Promise<void> {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      const store = open();
      for await (const { key } of store.list('')) await store.delete(key);
      const [warm, other] = [tracker(open()), tracker(open())];
      const ids: [id: string, experiment: string][] = [];
      const add = async (experiment: string, i: number) => {
        const run = await other.startRun({ experiment, params: { trees: i }, tags: { market: i % 2 === 0 ? 'eu' : 'us' } });
        await run.logMetrics({ loss: i / 7 });
        await run.finish();
        ids.push([run.id, experiment]);
      };
      for (const experiment of EXPERIMENTS) await add(experiment, 1);
      for (const { what, experiment, i } of [...steps, { what: 'search', experiment: 'a', i: 0 } as const]) {
        const [id, ofExperiment] = ids[i % ids.length]!;
        if (what === 'start') await add(experiment, i).catch(ignoreCode('EXPERIMENT_DELETED'));
        if (what === 'log') await (i % 2 === 0 ? warm : other).setRunTags(id, { market: `${i}` }).catch(ignoreCode('NOT_FOUND'));
        if (what === 'tag') await other.setRunTags(id, { market: 'eu' }).catch(ignoreCode('NOT_FOUND'));
        if (what === 'delete') await other.deleteRun(id).catch(ignoreCode('NOT_FOUND'));
        if (what === 'restore') await other.restoreRun(id).catch(ignoreCode('NOT_FOUND'));
        if (what === 'remove') await store.delete(`runs/${ofExperiment}/${id}.json`);
        if (what === 'hide') await other.deleteExperiment(experiment);
        if (what === 'show') await other.restoreExperiment(experiment);
        if (what === 'search') await expectSame(warm, open);
      }
    }),
    { numRuns },
  );
}

async function expectSame(warm: Tracker, open: () => BlobStore): Promise<void> {
  // All at once, so that they share what they ask of the store.
  const found = await Promise.all(QUERIES.map((query) => warm.searchRuns(query)));
  const fresh = tracker(open(), { writeIndex: false });
  for (const [i, query] of QUERIES.entries()) expect(found[i]).toEqual(await fresh.searchRuns(query));
}

const ignoreCode = (code: string) => (error: { code?: string }) => {
  if (error.code !== code) throw error as Error;
};

it('in memory', async () => {
  const store = memoryStore();
  await expectSameSearches(() => store, 60);
});

it('in a folder', { timeout: 60_000 }, async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'fraudops-searches-'));
  await expectSameSearches(() => fileStore(folder), 12);
  await rm(folder, { recursive: true });
});

it('in PGlite', { timeout: 120_000 }, async () => {
  // A dependency of the adapter's tests only, so it is found at run time.
  const name = '@electric-sql/pglite';
  const { PGlite } = (await import(name)) as { PGlite: { create(): Promise<PgPool & { close(): Promise<void> }> } };
  const database = await PGlite.create();
  await postgresStore(database).migrate();
  await expectSameSearches(() => postgresStore(database), 12);
  await database.close();
});
