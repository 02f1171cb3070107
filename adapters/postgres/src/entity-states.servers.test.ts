import { randomUUID } from 'node:crypto';
import { seededRandom } from '@fraudops/core';
import {
  type EntityStatesServer,
  cutConnectionsContract,
  entityStatesContract,
  sharedFeaturesContract,
} from '@fraudops/features/testing';
import { Pool, type PoolConfig } from 'pg';
import { afterAll, describe, expect, it } from 'vitest';
import { postgresEntityStates } from './entity-states.js';

const connectionString = process.env.FRAUDOPS_TEST_POSTGRES!;
const { hostname: host, port } = new URL(connectionString);
const address = { host, port: Number(port) };
const direct = new Pool({ connectionString, max: 4 });
afterAll(() => direct.end());

/** A place in a schema of its own. */
async function makePlace(): Promise<EntityStatesServer & { sweep(): Promise<number> }> {
  const schema = `states_${randomUUID().replaceAll('-', '')}`;
  const pools: Pool[] = [];
  const openAt: EntityStatesServer['openAt'] = (at) => {
    const target: PoolConfig = { ...at, user: 'postgres', database: 'postgres', max: 4 };
    const pool = new Pool(target);
    // Without a listener a cut connection that nobody uses would end the process.
    pool.on('error', () => {});
    pools.push(pool);
    return postgresEntityStates(pool, { schema });
  };
  const dispose = async () => {
    await Promise.all(pools.map((pool) => pool.end()));
    await direct.query(`DROP SCHEMA "${schema}" CASCADE`);
  };
  const states = postgresEntityStates(direct, { schema });
  await states.migrate();
  return { address, openAt, open: () => openAt(address), sweep: () => states.sweep(), dispose };
}

const change = (key: string, expiresAfterMs = 60_000) => ({
  key,
  bytes: new Uint8Array(8),
  ifVersion: undefined,
  version: randomUUID(),
  expiresAfterMs,
});

entityStatesContract('postgresEntityStates', { describe, it }, makePlace);
sharedFeaturesContract('postgresEntityStates', { describe, it }, makePlace);
cutConnectionsContract('postgresEntityStates', { describe, it }, makePlace);

describe('postgresEntityStates on a server', () => {
  it('is migrated by eight processes at once, and again', async () => {
    const schema = `states_${randomUUID().replaceAll('-', '')}`;
    const all = Array.from({ length: 8 }, () => postgresEntityStates(direct, { schema, table: 'Card_States' }));
    await Promise.all(all.map((states) => states.migrate()));
    expect(await all[0]!.putMany([change('a')])).toBe(true);
    await Promise.all(all.map((states) => states.migrate()));
    expect((await all[1]!.getMany(['a']))[0]).toBeDefined();
    await direct.query(`DROP SCHEMA "${schema}" CASCADE`);
  });

  it('is swept by two at once while states are written, and only what expired goes', async () => {
    const schema = `states_${randomUUID().replaceAll('-', '')}`;
    const states = postgresEntityStates(direct, { schema });
    await states.migrate();
    await states.putMany(Array.from({ length: 900 }, (_, i) => change(`brief ${i}`, 1)));
    await states.putMany([change('long')]);
    await new Promise((resolve) => setTimeout(resolve, 20));
    const renewed = Array.from({ length: 100 }, (_, i) => states.putMany([change(`brief ${i}`)]));
    let deleted = 0;
    for (let rounds = 0; rounds < 20; rounds++) {
      const counts = await Promise.all([states.sweep(100), states.sweep(100)]);
      deleted += counts[0] + counts[1];
    }
    expect(await Promise.all(renewed)).toEqual(renewed.map(() => true));
    deleted += await states.sweep();
    expect(deleted).toBeGreaterThanOrEqual(800);
    const kept = await states.getMany(['long', ...Array.from({ length: 100 }, (_, i) => `brief ${i}`)]);
    expect(kept.every((state) => state !== undefined)).toBe(true);
    const { rows } = await direct.query(`SELECT count(*)::integer AS rows FROM "${schema}".entity_states`);
    expect(rows).toEqual([{ rows: 101 }]);
    await direct.query(`DROP SCHEMA "${schema}" CASCADE`);
  });

  it('has no deadlocks among eight writers that create, change and let expire the same states, and a sweeper', async () => {
    const place = await makePlace();
    const random = seededRandom('deadlocks');
    const keys = ['a', 'b', 'c', 'd', 'e', 'f'];
    const writers = Array.from({ length: 8 }, async () => {
      const states = place.open();
      let written = 0;
      for (let i = 0; i < 60; i++) {
        const order = Uint32Array.from(keys.keys());
        random.shuffle(order);
        const chosen = Array.from(order.slice(0, 1 + random.integer(5)), (k) => keys[k]!);
        const before = await states.getMany(chosen);
        const changes = chosen.map((key, k) => ({ ...change(key, 1 + random.integer(20)), ifVersion: before[k]?.version }));
        // A deadlock would reject: UNAVAILABLE, with SQLSTATE 40P01.
        if (await states.putMany(changes)) written++;
      }
      return written;
    });
    let isWriting = true;
    const written = Promise.all(writers).finally(() => {
      isWriting = false;
    });
    let swept = 0;
    while (isWriting) swept += await place.sweep();
    expect(Math.min(...(await written))).toBeGreaterThan(0);
    expect(swept).toBeGreaterThan(0);
    await place.dispose();
  });

  it('says that the table is missing', async () => {
    const states = postgresEntityStates(direct, { table: 'nowhere' });
    await expect(states.getMany(['a'])).rejects.toMatchObject({ code: 'IO', details: { sqlState: '42P01' } });
    await expect(states.putMany([change('a')])).rejects.toThrow('putMany: the table is missing; call migrate() once');
  });

  it('writes nothing when a lock is not free in time', async () => {
    const table = `states_${randomUUID().replaceAll('-', '')}`;
    const pool = new Pool({ connectionString, options: '-c lock_timeout=50ms' });
    const states = postgresEntityStates(pool, { table });
    await states.migrate();
    await states.putMany([change('locked')]);
    const holder = await direct.connect();
    await holder.query(`BEGIN`);
    await holder.query(`SELECT key FROM "${table}" FOR UPDATE`);
    await expect(states.putMany([change('a'), change('locked')])).rejects.toMatchObject({ code: 'UNAVAILABLE', retryable: true });
    await holder.query(`COMMIT`);
    holder.release();
    expect(await states.getMany(['a'])).toEqual([undefined]);
    await direct.query(`DROP TABLE "${table}"`);
    await pool.end();
  });
});
