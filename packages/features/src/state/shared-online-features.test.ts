import { StoreError, Table } from '@fraudops/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { defineFeatures } from '../definitions/define-features.js';
import { count } from '../definitions/window-builders.js';
import { FeatureError } from '../feature-error.js';
import { handbookFeatures } from '../handbook.js';
import { simulateTransactions } from '../simulation/simulate-transactions.js';
import { defineTransactions } from '../transactions/transactions.js';
import type { EntityStateStore } from './entity-state-store.js';
import { memoryEntityStates } from './memory-entity-states.js';
import { sharedFeaturesContract } from './shared-features-contract.js';

sharedFeaturesContract('memoryEntityStates', { describe, it }, async () => {
  const store = memoryEntityStates();
  return { open: () => store, dispose: async () => {} };
});

const payments = defineTransactions({
  schema: z.object({ at: z.date(), card: z.string().optional() }),
  time: 'at',
  entities: ['card'],
});
const features = defineFeatures(payments, { N: count({ per: 'card', windowMs: 1000 }) });
const pay = (ms: number, card: string | null = 'c') => ({ at: new Date(ms), card });

/** A memory store whose puts fail as `fail` says, each time before or after they are done. */
function failing(fail: () => 'before' | 'after' | 'no'): { store: EntityStateStore; puts: () => number } {
  const inner = memoryEntityStates();
  let puts = 0;
  const store: EntityStateStore = {
    getMany: (keys) => inner.getMany(keys),
    putMany: async (changes) => {
      puts++;
      const moment = fail();
      if (moment === 'before') throw new StoreError('UNKNOWN_OUTCOME', 'cut before');
      const written = await inner.putMany(changes);
      if (moment === 'after') throw new StoreError('UNKNOWN_OUTCOME', 'cut after');
      return written;
    },
  };
  return { store, puts: () => puts };
}

describe('features on a store', () => {
  it('count each transaction once, however often connections are cut before or after a write', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom('before', 'after', 'no'), { maxLength: 12 }), async (moments) => {
        const { store } = failing(() => moments.pop() ?? 'no');
        const online = features.online({ state: store });
        for (let i = 0; i < 4; i++) await online.observe(pay(i));
        expect((await online.featuresFor(pay(5)))[0]).toBe(5);
      }),
      { numRuns: 25 },
    );
  });

  it('say so when the outcome stays unknown', async () => {
    const { store, puts } = failing(() => 'before');
    const online = features.online({ state: store, attempts: 3 });
    await expect(online.observe(pay(0))).rejects.toMatchObject({ code: 'UNKNOWN_OUTCOME' });
    expect(puts()).toBe(3);
  });

  it('give up when other writers are always faster, with nothing changed', async () => {
    const inner = memoryEntityStates();
    const online = features.online({
      state: { getMany: (keys) => inner.getMany(keys), putMany: async () => false },
      attempts: 3,
    });
    await expect(online.observe(pay(0))).rejects.toMatchObject({ code: 'CONFLICT' });
    expect((await features.online({ state: inner }).featuresFor(pay(1)))[0]).toBe(1);
  });

  it('ask the store once, and write nothing, for an event without an entity', async () => {
    const { store, puts } = failing(() => 'no');
    const online = features.online({ state: store });
    await online.observe(pay(0, null));
    expect((await online.featuresFor(pay(1, null)))[0]).toBeNaN();
    expect(puts()).toBe(0);
  });

  it('take keys that no store takes as they are', async () => {
    const online = features.online({ state: memoryEntityStates() });
    const keys = ['\0', '\ud800', 'ü'.repeat(3000), '#1', ' ', 'plain', '\ud801'];
    for (const key of keys) await online.observe(pay(0, key));
    for (const key of keys) expect((await online.featuresFor(pay(1, key)))[0]).toBe(2);
  });

  it('refuse a bad event before the store is asked', async () => {
    let asked = 0;
    const state: EntityStateStore = {
      getMany: async () => (asked++, []),
      putMany: async () => (asked++, true),
    };
    const online = features.online({ state });
    await expect(online.observe({ at: 'never', card: 'c' })).rejects.toThrow('event: at is "never"');
    await expect(online.featuresFor({ card: 'c' })).rejects.toThrow('event: at is missing');
    expect(asked).toBe(0);
  });

  it('refuse a damaged state and name it so', async () => {
    const inner = memoryEntityStates();
    const state: EntityStateStore = {
      getMany: async (keys) => (await inner.getMany(keys)).map((each) => each && { ...each, bytes: each.bytes.slice(0, -1) }),
      putMany: (changes) => inner.putMany(changes),
    };
    const online = features.online({ state });
    await online.observe(pay(0));
    await expect(online.featuresFor(pay(1))).rejects.toThrow('features: the state of an entity is damaged: it has');
  });

  it('are backfilled in smaller steps when the states of many are too large for one write', async () => {
    const inner = memoryEntityStates();
    const state: EntityStateStore = {
      getMany: (keys) => inner.getMany(keys),
      putMany: async (changes) => {
        if (changes.length > 3) throw new FeatureError('TOO_LARGE', 'too many bytes');
        return inner.putMany(changes);
      },
    };
    const table = Table.fromRows(
      Array.from({ length: 50 }, (_, i) => pay(i, `c${i % 20}`)),
      payments.kinds,
    );
    const online = features.online({ state });
    await online.backfill(table);
    const counts = await Promise.all(Array.from({ length: 20 }, (_, i) => online.featuresFor(pay(100, `c${i}`))));
    expect(counts.map(([transactions]) => transactions)).toEqual(Array.from({ length: 20 }, (_, i) => (i < 10 ? 4 : 3)));
  });

  it('keep histories of other windows apart', async () => {
    const state = memoryEntityStates();
    await features.online({ state }).observe(pay(0));
    const longer = defineFeatures(payments, { N: count({ per: 'card', windowMs: 2000 }) });
    expect((await longer.online({ state }).featuresFor(pay(1)))[0]).toBe(1);
  });

  it('count a transaction once for each of two sets that keep the same of it, unless both name one namespace', async () => {
    const state = memoryEntityStates();
    const twin = defineFeatures(payments, { M: count({ per: 'card', windowMs: 1000 }) });
    for (const set of [features, twin]) await set.online({ state }).observe(pay(0));
    expect((await twin.online({ state }).featuresFor(pay(1)))[0]).toBe(2);
    for (const set of [features, twin]) await set.online({ state, namespace: 'both' }).observe(pay(0));
    expect((await twin.online({ state, namespace: 'both' }).featuresFor(pay(1)))[0]).toBe(3);
    expect(() => features.online({ state, namespace: 'a:b' })).toThrow('namespace is "a:b", expected 1 to 100 letters');
  });

  it('observe an event as it was when it was given', async () => {
    const state = memoryEntityStates();
    const online = features.online({ state });
    const event = pay(0, 'a');
    const observed = online.observe(event);
    event.card = 'b';
    await observed;
    expect((await online.featuresFor(pay(1, 'a')))[0]).toBe(2);
  });

  it('refuse what is no store, and options outside their limits', () => {
    expect(() => features.online({ state: {} as never })).toThrow('state is no store of states');
    expect(() => features.online({ state: memoryEntityStates(), attempts: 0 })).toThrow('attempts is 0');
    expect(() => features.online({ state: memoryEntityStates(), latenessMs: -1 })).toThrow('latenessMs is -1');
  });

  it('refuse a backfill they cannot use, before the store is asked', async () => {
    const table = simulateTransactions({ rows: 10, seed: 1 });
    const state: EntityStateStore = {
      getMany: () => Promise.reject(new Error('asked')),
      putMany: () => Promise.reject(new Error('asked')),
    };
    await expect(handbookFeatures.online({ state }).backfill(table.drop(['TRANSACTION_ID']))).rejects.toThrow('TRANSACTION_ID');
  });
});
