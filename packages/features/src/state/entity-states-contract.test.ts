import { describe, expect, it } from 'vitest';
import type { EntityStateChange, EntityStateStore } from './entity-state-store.js';
import { entityStatesContract } from './entity-states-contract.js';
import { memoryEntityStates } from './memory-entity-states.js';

/** The titles of the tests that a store does not pass. */
async function brokenRules(breakStore: (whole: EntityStateStore) => Partial<EntityStateStore>): Promise<string[]> {
  const tests: { title: string; body: () => Promise<void> }[] = [];
  const runner = {
    describe: (_: string, body: () => void) => body(),
    it: (title: string, body: () => Promise<void>) => tests.push({ title, body }),
  };
  entityStatesContract('broken', runner, async () => {
    const whole = memoryEntityStates();
    const broken = { getMany: whole.getMany.bind(whole), putMany: whole.putMany.bind(whole), ...breakStore(whole) };
    return { open: () => broken, dispose: async () => {} };
  });
  const results = await Promise.allSettled(tests.map(({ body }) => body()));
  return tests.flatMap(({ title }, i) => (results[i]!.status === 'rejected' ? [title] : []));
}

const pause = () => new Promise((resolve) => setImmediate(resolve));

describe('entityStatesContract', () => {
  it('lets a store pass that keeps it', async () => expect(await brokenRules(() => ({}))).toEqual([]));

  it('finds a store that does not look at versions', async () => {
    const broken = await brokenRules((whole) => ({
      putMany: async (changes) => {
        const states = await whole.getMany(changes.map(({ key }) => key));
        return whole.putMany(changes.map((change, i) => ({ ...change, ifVersion: states[i]?.version })));
      },
    }));
    expect(broken).toEqual(
      expect.arrayContaining(['a state is created once', 'a version named of a key without a state is refused']),
    );
  });

  it('finds a store that writes one change after the other', async () => {
    const broken = await brokenRules((whole) => ({
      putMany: async (changes: readonly EntityStateChange[]) => {
        for (const change of changes) if (!(await whole.putMany([change]))) return false;
        return true;
      },
    }));
    expect(broken).toContain('when one of several changes comes too late, none is written, wherever it stands');
  });

  it('finds a store that reads, looks, and then writes', async () => {
    const broken = await brokenRules((whole) => ({
      putMany: async (changes) => {
        const before = await whole.getMany(changes.map(({ key }) => key));
        await pause();
        if (changes.some(({ ifVersion }, i) => before[i]?.version !== ifVersion)) return false;
        const now = await whole.getMany(changes.map(({ key }) => key));
        return whole.putMany(changes.map((change, i) => ({ ...change, ifVersion: now[i]?.version })));
      },
    }));
    expect(broken).toContain('two writers that increase one count 200 times each lose no update');
  });

  it('finds a store that does not know a put again', async () => {
    const broken = await brokenRules((whole) => ({
      putMany: async (changes) => {
        const before = await whole.getMany(changes.map(({ key }) => key));
        return changes.every(({ ifVersion }, i) => before[i]?.version === ifVersion) && whole.putMany(changes);
      },
    }));
    expect(broken).toContain('a put that happened answers true again, and does nothing');
  });

  it('finds a store that mixes up the order of keys, and one that forgets nothing', async () => {
    const sorted = await brokenRules((whole) => ({ getMany: (keys) => whole.getMany(keys.toSorted()) }));
    expect(sorted).toContain('as many keys as a call takes come in the order in which they were asked for');
    const forever = await brokenRules((whole) => ({
      putMany: (changes) =>
        whole.putMany(changes.map((change) => ({ ...change, expiresAfterMs: change.expiresAfterMs * 1_000 }))),
    }));
    expect(forever).toContain('a state is gone once it expired, and can be created anew');
  }, 30_000);
});
