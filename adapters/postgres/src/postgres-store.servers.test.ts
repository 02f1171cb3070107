import { randomUUID } from 'node:crypto';
import { spawn } from 'node:child_process';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { type BlobStore, isFraudOpsError } from '@fraudops/core';
import { blobStoreContract } from '@fraudops/core/testing';
import { Pool, type PoolConfig } from 'pg';
import { afterAll, describe, expect, it } from 'vitest';
import { blobMigrationSql } from './blob-tables.js';
import { postgresStore } from './postgres-store.js';

const connectionString = process.env.FRAUDOPS_TEST_POSTGRES!;
const pooledString = process.env.FRAUDOPS_TEST_PGBOUNCER!;
const direct = new Pool({ connectionString, max: 8 });
const pooled = new Pool({ connectionString: pooledString, max: 8 });
afterAll(() => Promise.all([direct.end(), pooled.end()]));

const bytesOf = (text: string) => new TextEncoder().encode(text);
const textAt = async (store: BlobStore, key: string) => new TextDecoder().decode((await store.get(key))?.bytes);
const newSchema = () => `blobs_${randomUUID().replaceAll('-', '')}`;

async function makeSchema(): Promise<{ schema: string; drop(): Promise<void> }> {
  const schema = newSchema();
  await postgresStore(direct, { schema }).migrate();
  return { schema, drop: async () => void (await direct.query(`DROP SCHEMA "${schema}" CASCADE`)) };
}

/** Runs a test with a store on a schema of its own, through a pool of its own. */
async function withStore(config: PoolConfig, use: (store: BlobStore, schema: string) => Promise<void>): Promise<void> {
  const { schema, drop } = await makeSchema();
  const pool = new Pool({ connectionString, ...config });
  try {
    await use(postgresStore(pool, { schema }), schema);
  } finally {
    await pool.end();
    await drop();
  }
}

const ways = [
  ['directly', direct],
  ['through pgbouncer', pooled],
] as const;

for (const [way, pool] of ways) {
  blobStoreContract(`postgresStore ${way}`, { describe, it }, async () => {
    const { schema, drop } = await makeSchema();
    return { open: () => postgresStore(pool, { schema }), dispose: drop };
  });
}

describe.each(ways)('postgresStore %s', (_way, pool) => {
  it('is migrated by eight processes at once, and again, and leaves no lock behind', async () => {
    const schema = newSchema();
    const all = Array.from({ length: 8 }, () => postgresStore(pool, { schema, table: 'Models' }));
    await Promise.all(all.map((store) => store.migrate()));
    await all[0]!.put('a', bytesOf('1'));
    await Promise.all(all.map((store) => store.migrate()));
    expect(await textAt(all[1]!, 'a')).toBe('1');
    const { rows } = await direct.query(`SELECT name FROM "${schema}"."Models_migrations"`);
    expect(rows).toEqual([{ name: '0001_blobs' }, { name: '0002_changes' }]);
    const locks = await direct.query(`SELECT objid FROM pg_locks WHERE locktype = 'advisory'`);
    expect(locks.rows).toEqual([]);
    await direct.query(`DROP SCHEMA "${schema}" CASCADE`);
  });

  it('lets exactly one of 1,000 puts at once win, and exactly one of 1,000 with the same etag', async () => {
    const { schema, drop } = await makeSchema();
    const store = postgresStore(pool, { schema });
    const puts = (when: Parameters<BlobStore['put']>[2]) =>
      Promise.allSettled(Array.from({ length: 1000 }, (_, i) => store.put('race', bytesOf(`${i}`), when)));
    let etag = await winner(store, await puts({ ifNoneMatch: '*' }));
    etag = await winner(store, await puts({ ifMatch: etag }));
    expect((await store.get('race'))?.etag).toBe(etag);
    await drop();
  });
});

/** The etag of the only put that was fulfilled; all others were conflicts. */
async function winner(store: BlobStore, results: readonly PromiseSettledResult<{ etag: string }>[]): Promise<string> {
  const winners = results.flatMap((result, i) => (result.status === 'fulfilled' ? [{ i, etag: result.value.etag }] : []));
  const failures = new Set(results.flatMap((result) => (result.status === 'rejected' ? [result.reason.code] : [])));
  expect([winners.length, ...failures]).toEqual([1, 'CONFLICT']);
  expect(await textAt(store, 'race')).toBe(`${winners[0]!.i}`);
  return winners[0]!.etag;
}

describe('postgresStore on a server', () => {
  it('loses no step of a counter that processes raise at once, directly and through pgbouncer', async () => {
    const { schema, drop } = await makeSchema();
    const built = pathToFileURL(path.resolve(import.meta.dirname, '../dist/index.js')).href;
    const body = (address: string) => `
      import { Pool } from ${JSON.stringify(import.meta.resolve('pg'))};
      import { postgresStore } from ${JSON.stringify(built)};
      const pool = new Pool({ connectionString: ${JSON.stringify(address)} });
      const store = postgresStore(pool, { schema: '${schema}' });
      for (let step = 0; step < 100; ) {
        const blob = await store.get('counter');
        const value = blob ? Number(new TextDecoder().decode(blob.bytes)) : 0;
        const when = blob ? { ifMatch: blob.etag } : { ifNoneMatch: '*' };
        const bytes = new TextEncoder().encode(String(value + 1));
        await store.put('counter', bytes, when).then(() => step++, (error) => { if (error.code !== 'CONFLICT') throw error; });
      }
      await pool.end();`;
    const codes = [connectionString, pooledString, connectionString, pooledString].map(
      (address) =>
        new Promise((resolve) => {
          const words = ['--input-type=module', '-e', body(address)];
          spawn(process.execPath, words, { stdio: 'inherit' }).on('close', resolve);
        }),
    );
    expect(await Promise.all(codes)).toEqual([0, 0, 0, 0]);
    expect(await textAt(postgresStore(direct, { schema }), 'counter')).toBe('400');
    await drop();
  });

  it('tries again where a database is serializable by default', () =>
    withStore({ options: '-c default_transaction_isolation=serializable', max: 8 }, async (store) => {
      await store.put('counter', bytesOf('0'));
      const writers = Array.from({ length: 4 }, async () => {
        for (let step = 0; step < 20; ) {
          const blob = await store.get('counter');
          const next = bytesOf(String(Number(new TextDecoder().decode(blob!.bytes)) + 1));
          try {
            await store.put('counter', next, { ifMatch: blob!.etag });
            step++;
          } catch (error) {
            if (!isFraudOpsError(error) || !['CONFLICT', 'UNAVAILABLE'].includes(error.code)) throw error;
          }
        }
      });
      await Promise.all(writers);
      expect(await textAt(store, 'counter')).toBe('80');
    }));

  it('leaves no chunk behind, however large blobs are written over and deleted', () =>
    withStore({ max: 8 }, async (store, schema) => {
      const large = (n: number) => new Uint8Array(2 ** 20 + n).fill(n);
      const work = Array.from({ length: 8 }, async (_, n) => {
        for (let i = 0; i < 6; i++) {
          await store.put('large', large(n));
          if (n === 0) await store.delete('large');
          if (n === 1) await store.put('large', bytesOf('small'));
        }
      });
      await Promise.all(work);
      const orphans = `SELECT count(*)::integer AS chunks FROM "${schema}".blobs_chunks WHERE etag NOT IN (SELECT etag FROM "${schema}".blobs)`;
      expect((await direct.query(orphans)).rows).toEqual([{ chunks: 0 }]);
      await store.delete('large');
      expect((await direct.query(`SELECT count(*)::integer AS chunks FROM "${schema}".blobs_chunks`)).rows).toEqual([
        { chunks: 0 },
      ]);
    }));

  it('tells of a put that was under way when the mark was made, once it can be seen', () =>
    withStore({ max: 8 }, async (store, schema) => {
      const slow = await direct.connect();
      try {
        await slow.query('BEGIN');
        await slow.query(
          `INSERT INTO "${schema}".blobs (key, etag, size_bytes, modified_at, sha256, bytes_in, bytes) VALUES ('slow', 'e', 0, now(), '', 'row', '')`,
        );
        await store.put('fast', bytesOf('1'));
        const { mark } = await store.changesSince!('', undefined);
        const keysSince = async (since: string | undefined) =>
          (await store.changesSince!('', since)).changes?.put.map(({ key }) => key).toSorted();
        expect(await keysSince(mark)).toEqual(['fast']);
        const { mark: later } = await store.changesSince!('', mark);
        await slow.query('COMMIT');
        expect([await keysSince(mark), await keysSince(later)]).toEqual([
          ['fast', 'slow'],
          ['fast', 'slow'],
        ]);
        const { mark: last } = await store.changesSince!('', later);
        expect(await keysSince(last)).toEqual([]);
      } finally {
        slow.release();
      }
    }));

  it('keeps what two readers know equal to a list beside writers', () =>
    withStore({ max: 8 }, async (store) => {
      let isOver = false;
      const writers = Array.from({ length: 4 }, async (_, writer) => {
        for (let i = 0; i < 60; i++) {
          const key = `k/${(i * 7 + writer) % 20}`;
          if (i % 3 === 2) await store.delete(key);
          else await store.put(key, i % 10 === 0 ? new Uint8Array(2 ** 20 + 1) : bytesOf(`${i}`));
        }
      });
      const reader = async () => {
        const known = new Map<string, string>();
        for (let mark: string | undefined, isLast = false; !isLast; ) {
          isLast = isOver;
          const next = await store.changesSince!('k/', mark);
          for (const { key, etag } of next.changes?.put ?? []) known.set(key, etag);
          for (const key of next.changes?.deleted ?? []) known.delete(key);
          if (!next.changes) for await (const { key, etag } of store.list('k/')) known.set(key, etag);
          mark = next.mark;
        }
        return known;
      };
      const readers = [reader(), reader()];
      await Promise.all(writers);
      isOver = true;
      const listed = new Map<string, string>();
      for await (const { key, etag } of store.list('k/')) listed.set(key, etag);
      for (const known of await Promise.all(readers)) expect(known).toEqual(listed);
    }));

  it('says that the tables are missing', async () => {
    const store = postgresStore(direct, { table: 'nowhere' });
    await expect(store.get('a')).rejects.toMatchObject({ code: 'IO', details: { sqlState: '42P01', key: 'a' } });
    await expect(store.put('a', bytesOf('1'))).rejects.toThrow('put a: the table is missing; call migrate() once');
  });

  it('says that a database takes no writes', () =>
    withStore({ options: '-c default_transaction_read_only=on' }, async (store) => {
      for (const size of [1, 2 ** 20 + 1]) {
        await expect(store.put('a', new Uint8Array(size))).rejects.toMatchObject({ code: 'READ_ONLY', details: { key: 'a' } });
      }
      expect(await store.get('a')).toBeUndefined();
    }));
});

describe('the privileges of a user of postgresStore', () => {
  const user = `user_${randomUUID().replaceAll('-', '')}`;
  const asUser = { connectionString: connectionString.replace('//postgres@', `//${user}@`) };
  afterAll(async () => void (await direct.query(`DROP OWNED BY ${user}; DROP ROLE ${user}`)));

  it('are those on the tables that somebody else made by hand', async () => {
    await direct.query(`CREATE ROLE ${user} LOGIN`);
    const schema = newSchema();
    await direct.query(blobMigrationSql({ schema }));
    await direct.query(blobMigrationSql({ schema }));
    const pool = new Pool(asUser);
    const store = postgresStore(pool, { schema });
    await expect(store.get('a')).rejects.toMatchObject({ code: 'IO', details: { sqlState: '42501' } });
    await expect(postgresStore(pool, { schema: newSchema() }).migrate()).rejects.toMatchObject({ code: 'READ_ONLY' });
    await direct.query(
      `GRANT USAGE ON SCHEMA "${schema}" TO ${user}; GRANT SELECT ON ALL TABLES IN SCHEMA "${schema}" TO ${user}`,
    );
    await store.migrate();
    expect(await store.get('a')).toBeUndefined();
    for (const size of [1, 2 ** 20 + 1]) {
      await expect(store.put('a', new Uint8Array(size))).rejects.toMatchObject({ code: 'READ_ONLY', retryable: false });
    }
    await direct.query(`GRANT INSERT, UPDATE, DELETE ON "${schema}".blobs, "${schema}".blobs_chunks TO ${user}`);
    for (const size of [2 ** 20 + 1, 1]) await store.put('a', new Uint8Array(size));
    const { mark } = await store.changesSince('', undefined);
    await store.delete('a');
    expect((await store.changesSince('', mark)).changes).toEqual({ put: [], deleted: ['a'] });
    await direct.query(`REVOKE ALL ON "${schema}".blobs_deleted FROM ${user}`);
    expect(await postgresStore(pool, { schema }).changesSince('', mark)).toEqual({ mark: undefined, changes: undefined });
    await store.put('a', bytesOf('1'));
    await store.delete('a');
    // Whoever owns the tables finds them migrated.
    await postgresStore(direct, { schema }).migrate();
    await pool.end();
    await direct.query(`DROP SCHEMA "${schema}" CASCADE`);
  });
});
