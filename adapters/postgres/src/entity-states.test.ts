import { randomUUID } from 'node:crypto';
import { PGlite, types } from '@electric-sql/pglite';
import { entityStatesContract } from '@fraudops/features/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { postgresEntityStates } from './entity-states.js';
import type { PgLike } from './postgres-pool.js';

let database: PGlite;
beforeAll(async () => {
  // PGlite's own way of writing and reading bytea takes seconds for 16 MiB.
  database = await PGlite.create({
    serializers: { [types.BYTEA]: (bytes: Uint8Array) => `\\x${Buffer.from(bytes).toString('hex')}` },
    parsers: { [types.BYTEA]: (text: string) => Uint8Array.from(Buffer.from(text.slice(2), 'hex')) },
  });
  // Compiling its WebAssembly takes that long on a machine that is busy.
}, 120_000);
afterAll(() => database.close());

let places = 0;
entityStatesContract('postgresEntityStates on PGlite', { describe, it }, async () => {
  const table = `states_${++places}`;
  await postgresEntityStates(database, { table }).migrate();
  return {
    open: () => postgresEntityStates(database, { table }),
    dispose: async () => void (await database.exec(`DROP TABLE "${table}"`)),
  };
});

const change = (key: string, expiresAfterMs = 60_000) => ({
  key,
  bytes: new Uint8Array(8),
  ifVersion: undefined,
  version: randomUUID(),
  expiresAfterMs,
});

describe('postgresEntityStates', () => {
  it('is swept from the oldest on, as far as the limit, and only of what expired', async () => {
    const states = postgresEntityStates(database, { schema: 'swept' });
    await states.migrate();
    for (const [key, expiresAfterMs] of Object.entries({ oldest: 1, old: 2, new: 60_000 }))
      await states.putMany([change(key, expiresAfterMs)]);
    await new Promise((resolve) => setTimeout(resolve, 10));
    const keys = async () =>
      (await database.query<{ key: string }>('SELECT key FROM swept.entity_states ORDER BY key')).rows.map((row) => row.key);
    expect(await states.sweep(1)).toBe(1);
    expect(await keys()).toEqual(['new', 'old']);
    expect(await states.sweep()).toBe(1);
    expect(await states.sweep()).toBe(0);
    expect(await keys()).toEqual(['new']);
  });

  it('asks once for many states, and once to write them', async () => {
    const texts: string[] = [];
    const pool: PgLike = { query: (text, values) => (texts.push(text), database.query(text, values)) };
    const states = postgresEntityStates(pool, { schema: 'counted' });
    await states.migrate();
    await states.putMany([change('a'), change('b'), change('c')]);
    await states.getMany(['a', 'b', 'c']);
    expect(texts.length).toBe(3);
    await states.getMany([]);
    await states.putMany([]);
    expect(texts.length).toBe(3);
  });

  it('runs a put again that lost a creation, a few times', async () => {
    let queries = 0;
    const lost = Object.assign(
      new Error('invalid input syntax for type boolean: "another writer created a state at the same time, one of 1"'),
      {
        code: '22P02',
      },
    );
    const pool: PgLike = {
      query: async () => {
        if (++queries < 3) throw lost;
        return { rows: [{ is_written: true }] };
      },
    };
    expect(await postgresEntityStates(pool).putMany([change('a')])).toBe(true);
    expect(queries).toBe(3);
    const never = postgresEntityStates({ query: () => Promise.reject(lost) });
    await expect(never.putMany([change('a')])).rejects.toMatchObject({ code: 'UNAVAILABLE', retryable: true });
  });

  it.each([{ sweep: 0 }, { sweep: 1.5 }, { sweep: 100_001 }])('refuses %o', async ({ sweep }) => {
    const message = `sweep: limit is ${sweep}, expected a whole number from 1 to 100000`;
    await expect(postgresEntityStates(database).sweep(sweep)).rejects.toThrow(message);
  });

  it.each(['', '1a', 'a-b', 'a"; DROP TABLE x', 'x'.repeat(51), 'ä'])('refuses the name %j', (table) => {
    expect(() => postgresEntityStates(database, { table })).toThrow(
      `postgresEntityStates: table is ${JSON.stringify(table)}, expected 1 to 50`,
    );
    expect(() => postgresEntityStates(database, { schema: table })).toThrow('postgresEntityStates: schema is');
  });

  it('refuses what is no client', () =>
    expect(() => postgresEntityStates({} as PgLike)).toThrow('postgresEntityStates: pool has no query, expected a client'));
});
