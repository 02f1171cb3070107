import { PGlite } from '@electric-sql/pglite';
import { type BlobInfo, MAX_CHANGES } from '@fraudops/core';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { REMEMBERED_TRANSACTIONS, blobMigrations } from './blob-tables.js';
import { type PostgresStore, postgresStore } from './postgres-store.js';

let database: PGlite;
beforeAll(async () => {
  database = await PGlite.create();
  // Compiling its WebAssembly takes that long on a machine that is busy.
}, 120_000);
afterAll(() => database.close());

const BYTES = Uint8Array.of(1);
let places = 0;
let schema: string;
let store: PostgresStore;
beforeEach(async () => {
  schema = `changes_${++places}`;
  store = postgresStore(database, { schema });
  await store.migrate();
});

const told = async (prefix: string, mark: string | undefined) => {
  const { changes } = await store.changesSince(prefix, mark);
  return changes && { put: changes.put.map(({ key }) => key).toSorted(), deleted: changes.deleted.toSorted() };
};
const markOf = async (prefix = '') => (await store.changesSince(prefix, undefined)).mark;

describe('changesSince of postgresStore', () => {
  it('tells what was put and deleted since a mark, under the prefix, as it is now', async () => {
    await store.put('a/1', BYTES);
    await store.put('a/2', BYTES);
    const mark = await markOf('a/');
    expect(await told('a/', mark)).toEqual({ put: [], deleted: [] });
    await store.put('a/1', BYTES);
    await store.put('b/1', BYTES);
    await store.delete('a/2');
    await store.put('a/3', BYTES);
    await store.delete('a/3');
    await store.put('a/4', BYTES);
    await store.delete('a/4');
    const { etag } = await store.put('a/4', BYTES);
    expect(await told('a/', mark)).toEqual({ put: ['a/1', 'a/4'], deleted: ['a/2', 'a/3'] });
    const { changes } = await store.changesSince('a/', mark);
    expect(changes?.put.find(({ key }) => key === 'a/4')).toMatchObject({ etag, sizeBytes: 1, modifiedMs: expect.any(Number) });
    expect(await told('a/', await markOf())).toEqual({ put: [], deleted: [] });
  });

  it('keeps what is known equal to a list, whatever is put and deleted', async () => {
    const key = fc.constantFrom('a/1', 'a/2', 'a/3', 'b/1');
    const step = fc.tuple(fc.constantFrom('put', 'delete', 'ask'), key);
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 20 }), async (steps) => {
        const known = new Map<string, BlobInfo>();
        let mark: string | undefined;
        const ask = async () => {
          const next = await store.changesSince('a/', mark);
          for (const info of next.changes?.put ?? []) known.set(info.key, info);
          for (const gone of next.changes?.deleted ?? []) known.delete(gone);
          if (!next.changes) known.clear();
          if (!next.changes) for await (const info of store.list('a/')) known.set(info.key, info);
          mark = next.mark;
        };
        for (const [what, name] of [...steps, ['ask', ''] as const]) {
          if (what === 'put') await store.put(name, BYTES);
          if (what === 'delete') await store.delete(name);
          if (what === 'ask') await ask();
        }
        const listed: BlobInfo[] = [];
        for await (const info of store.list('a/')) listed.push(info);
        expect([...known.values()].toSorted((a, b) => (a.key < b.key ? -1 : 1))).toEqual(listed);
      }),
      { numRuns: 40 },
    );
  });

  it('asks once, by an index', async () => {
    await database.query(
      `INSERT INTO "${schema}".blobs SELECT 'k/' || i, i::text, 0, now(), '', 'row', '' FROM generate_series(1, 20000) AS i`,
    );
    await database.exec(`ANALYZE "${schema}".blobs`);
    const mark = await markOf('k/');
    const texts: [string, unknown[]][] = [];
    const query = (text: string, values: unknown[]) => {
      texts.push([text, values]);
      return database.query(text, values);
    };
    const asked = postgresStore({ query, transaction: (work) => database.transaction(work) }, { schema });
    expect((await asked.changesSince('k/', mark)).changes).toEqual({ put: [], deleted: [] });
    const [[text, values]] = texts as [[string, unknown[]]];
    const plan = (await database.query<{ 'QUERY PLAN': string }>(`EXPLAIN ${text}`, values)).rows.map((row) => row['QUERY PLAN']);
    expect(plan.join('\n')).toContain('Index Scan using blobs_changed');
    expect(plan.join('\n')).not.toContain('Seq Scan on blobs');
    expect(texts).toHaveLength(1);
  });

  it('tells at most its bound', async () => {
    const mark = await markOf();
    const insert = `INSERT INTO "${schema}".blobs SELECT 'k/' || i, i::text, 0, now(), '', 'row', '' FROM generate_series($1::int, $2::int) AS i`;
    await database.query(insert, [1, MAX_CHANGES]);
    expect((await store.changesSince('k/', mark)).changes?.put).toHaveLength(MAX_CHANGES);
    await database.query(insert, [0, 0]);
    const { mark: next, changes } = await store.changesSince('k/', mark);
    expect(changes).toBeUndefined();
    expect(await told('k/', next)).toEqual({ put: [], deleted: [] });
    await database.query(`DELETE FROM "${schema}".blobs WHERE key > 'k/2'`);
    const before = `${next}`;
    expect((await store.changesSince('k/', before)).changes?.deleted.length).toBeGreaterThan(1000);
    await database.query(`DELETE FROM "${schema}".blobs`);
    expect((await store.changesSince('k/', before)).changes).toBeUndefined();
  });

  it('believes no mark of another place, nor one that is none, too old, or ahead', async () => {
    const mark = (await markOf())!;
    const [place, seen] = mark.split(':') as [string, string];
    expect(await told('', mark)).toBeDefined();
    const old = BigInt(seen) - BigInt(REMEMBERED_TRANSACTIONS) - 1n;
    for (const other of [
      `1${mark}`,
      `${place}:${BigInt(seen) + 1000n}`,
      `${place}:${old}`,
      `${place}:x`,
      '',
      'x',
      `${mark}0`.repeat(20),
    ]) {
      const next = await store.changesSince('', other);
      expect([other, next.changes]).toEqual([other, undefined]);
      expect(next.mark).toMatch(/^[\d-]+:\d+$/);
    }
    await database.exec(`TRUNCATE "${schema}".blobs`);
    expect(await told('', mark)).toBeUndefined();
    const emptied = await markOf();
    await database.exec(`DROP TRIGGER note_change ON "${schema}".blobs`);
    expect(await store.changesSince('', emptied)).toEqual({ mark: undefined, changes: undefined });
    for (const statement of blobMigrations({ schema })[1]!.statements) await database.exec(statement);
    expect(await told('', emptied)).toBeUndefined();
    expect(await told('', await markOf())).toEqual({ put: [], deleted: [] });
  });

  it('forgets deletions once no mark can ask for them', async () => {
    await database.exec(
      `INSERT INTO "${schema}".blobs_deleted SELECT 'k/' || i, -${2 * REMEMBERED_TRANSACTIONS} FROM generate_series(1, 10) AS i`,
    );
    const left = async () =>
      (await database.query<{ n: number }>(`SELECT count(*)::int AS n FROM "${schema}".blobs_deleted`)).rows[0]!.n;
    for (const expected of [7, 4, 3, 4]) {
      await store.put('a', BYTES);
      await store.delete('a');
      expect(await left()).toBe(expected);
    }
  });

  it('tells nothing of tables that are not up to date, and all once they are', async () => {
    const old = `changes_old_${places}`;
    await database.exec(`CREATE SCHEMA ${old}`);
    for (const statement of blobMigrations({ schema: old })[0]!.statements) await database.exec(statement);
    const late = postgresStore(database, { schema: old });
    await late.put('a', BYTES);
    for (let i = 0; i < 2; i++) expect(await late.changesSince('', undefined)).toEqual({ mark: undefined, changes: undefined });
    await late.migrate();
    const { mark } = await late.changesSince('', undefined);
    expect((await late.changesSince('', mark)).changes).toEqual({ put: [], deleted: [] });
    await late.put('a', BYTES);
    await late.delete('a');
    expect((await late.changesSince('', mark)).changes).toEqual({ put: [], deleted: ['a'] });
  });

  it('leaves out rows of another server whose numbers were not given here yet', async () => {
    const mark = await markOf();
    await database.exec(`ALTER TABLE "${schema}".blobs DISABLE TRIGGER ALL;
      INSERT INTO "${schema}".blobs VALUES ('restored', 'e', 0, now(), '', 'row', '', 1000000000000);
      ALTER TABLE "${schema}".blobs ENABLE TRIGGER drop_chunks, ENABLE ALWAYS TRIGGER note_change, ENABLE ALWAYS TRIGGER note_delete`);
    expect(await told('', mark)).toEqual({ put: [], deleted: [] });
  });
});
