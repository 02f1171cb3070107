/** Connections to the server of a registry are cut at random while several writers use it; and servers that are full or take no writes. */
import { type BlobStore, isFraudOpsError } from '@fraudops/core';
import { cuttingProxy } from '@fraudops/features/testing';
import { modelRegistry, tracker } from '@fraudops/registry';
import { describe, expect, it } from 'vitest';
import { MODEL } from './registry-processes.fixture.js';
import { serverPlaces } from './server-places.fixture.js';
import { type Told, expectWhole, nothingTold } from './whole-registry.fixture.js';

const WRITERS = 4;
const VERSIONS = 20;
const CUT_SHARE = 0.02;
/** Times that a call is tried. */
const MAX_TRIES = 50;
/** What a call may say of a connection that was cut. */
const CUT_CODES = ['UNAVAILABLE', 'UNKNOWN_OUTCOME'];

describe.each(serverPlaces)('cut connections to %s', (_name, makePlace) => {
  it.each(['first', 'second'])(
    'lose nothing that was told, show nothing by half, and a retry succeeds, %s seed',
    { timeout: 240_000 },
    async (seed) => {
      const place = await makePlace();
      const straight = await place.openAt();
      const proxy = await cuttingProxy(place.server, CUT_SHARE, seed);
      try {
        const told = nothingTold();
        const failures: string[] = [];
        const writers = Array.from({ length: WRITERS }, async (_, writer) => {
          const store = await place.openAt(proxy.address);
          for (let i = 0; i < VERSIONS; i++) await workOnce(store, `${seed} ${writer} ${i}`, told, failures);
        });
        await Promise.all(writers);
        for (const [moment, count] of Object.entries(proxy.cuts)) expect(count, `cuts ${moment}`).toBeGreaterThan(0);
        expect(failures.filter((failure) => !CUT_CODES.some((code) => failure.startsWith(code)))).toEqual([]);
        expect(told.registered.length).toBe(WRITERS * VERSIONS);
        await expectWhole(straight, told);
      } finally {
        await place.dispose();
        await proxy.close();
      }
    },
  );
});

describe.each(serverPlaces.filter(([name]) => name === 'Postgres' || name === 'the S3 server for tests'))(
  '%s',
  (_name, makePlace) => {
    it('when it is full or takes no writes, gives typed errors, changes nothing, and goes on afterwards', async () => {
      const place = await makePlace();
      try {
        const told = nothingTold();
        const failures: string[] = [];
        await workOnce(await place.openAt(), 'before', told, failures);
        await workOnce(await place.openAt(), 'second', told, failures);
        for (const [code, setBroken] of Object.entries(place.breakers)) {
          const keys = await keysOf(await place.openAt());
          await setBroken(true);
          const store = await place.openAt();
          const registry = modelRegistry(store);
          const files = [{ path: 'model.json', bytes: new TextEncoder().encode(code) }];
          const promotion = { stage: 'Production', by: 'ana', why: code } as const;
          await expect(registry.register(MODEL, { files })).rejects.toMatchObject({ code });
          await expect(registry.promote(MODEL, 1, promotion)).rejects.toMatchObject({ code });
          await expect(tracker(store).startRun({ experiment: MODEL })).rejects.toMatchObject({ code });
          await expectWhole(store, told);
          expect(await keysOf(store)).toEqual(keys);
          await setBroken(false);
          await workOnce(await place.openAt(), `after ${code}`, told, failures);
          await expectWhole(await place.openAt(), told);
        }
        expect(failures).toEqual([]);
      } finally {
        await place.dispose();
      }
    });
  },
);

async function keysOf(store: BlobStore): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of store.list('')) keys.push(key);
  return keys;
}

/** Makes a run, a version and a promotion, each tried again until it succeeds. */
async function workOnce(store: BlobStore, text: string, told: Told, failures: string[]): Promise<void> {
  const untilDone = async <Result>(call: () => Promise<Result>): Promise<Result> => {
    for (let tries = 1; ; tries++) {
      try {
        return await call();
      } catch (error) {
        if (!isFraudOpsError(error) || tries === MAX_TRIES) throw error;
        failures.push(`${error.code} ${error.message}`);
      }
    }
  };
  const registry = modelRegistry(store);
  const run = await untilDone(() => tracker(store).startRun({ experiment: MODEL }));
  for (let step = 0; step < 2; step++) {
    await untilDone(() => run.logMetrics({ loss: step }, { step }));
    told.logged.push({ run: run.id, step });
  }
  const files = [{ path: 'model.json', bytes: new TextEncoder().encode(text.repeat(1_000)) }];
  const { version } = await untilDone(() => registry.register(MODEL, { files, runId: run.id }));
  told.registered.push(version);
  await untilDone(() => registry.promote(MODEL, version, { stage: 'Production', by: 'ana', why: text }));
  told.promoted.push(version);
  await untilDone(() => run.finish());
  told.finished.push(run.id);
}
