import { PGlite, types } from '@electric-sql/pglite';
import { StoreError, memoryStore } from '@fraudops/core';
import { blobStoreContract } from '@fraudops/core/testing';
import { Pool } from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { blobMigrationSql } from './blob-tables.js';
import type { PgLike, PgPool } from './postgres-pool.js';
import { MAX_BYTES_AT_ONCE, type PostgresStore, postgresStore } from './postgres-store.js';

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

const bytesOf = (text: string) => new TextEncoder().encode(text);
const LARGE = 2 ** 20 + 1;

let places = 0;
for (const [where, makeBytesIn] of [
  ['in chunks', () => ({})],
  ['in another store', () => ({ bytesIn: memoryStore() })],
] as const) {
  blobStoreContract(`postgresStore on PGlite with large blobs ${where}`, { describe, it }, async () => {
    const options = { schema: `place_${++places}`, ...makeBytesIn() };
    await postgresStore(database, options).migrate();
    return {
      open: () => postgresStore(database, options),
      dispose: async () => void (await database.exec(`DROP SCHEMA "${options.schema}" CASCADE`)),
    };
  });
}

describe('postgresStore', () => {
  let schema: string;
  let store: PostgresStore;
  let texts: string[];
  /** PGlite, whose statements are noted, and fail when `fail` gives an error. */
  let fail: (text: string, isDone: boolean) => unknown;
  const query = async (runner: PgLike, text: string, values: unknown[]) => {
    texts.push(text);
    let error = fail(text, false);
    if (error !== undefined) throw error;
    const result = await runner.query(text, values);
    error = fail(text, true);
    if (error !== undefined) throw error;
    return result;
  };
  const pool: PgPool = {
    query: (text, values) => query(database, text, values),
    transaction: (work) => database.transaction((inner) => work({ query: (text, values) => query(inner, text, values) })),
  };

  beforeEach(async () => {
    schema = `store_${++places}`;
    texts = [];
    fail = () => undefined;
    store = postgresStore(pool, { schema });
    await store.migrate();
    texts = [];
  });

  const textAt = async (key: string) => new TextDecoder().decode((await store.get(key))?.bytes);
  const failed = (message: string, code?: string) => Object.assign(new Error(message), { code });
  const CUT = 'Connection terminated unexpectedly';

  it('asks once for a read, a put, a delete and a list, and once to see that nothing is to be migrated', async () => {
    const { etag } = await store.put('a', bytesOf('1'), { ifNoneMatch: '*' });
    const { etag: second } = await store.put('a', bytesOf('2'), { ifMatch: etag });
    await store.put('b', bytesOf('3'));
    await store.get('a');
    await store.getMany(['a', 'b', 'c']);
    for await (const { key } of store.list('')) expect(['a', 'b']).toContain(key);
    await store.delete('a', { ifMatch: second });
    await store.delete('b');
    await store.migrate();
    expect(texts.length).toBe(9);
    await store.getMany([]);
    for await (const { key } of store.list('ä')) throw new Error(`unexpected ${key}`);
    expect(texts.length).toBe(9);
  });

  it('reads a long list in pages that grow', async () => {
    await database.query(
      `INSERT INTO "${schema}".blobs SELECT 'k/' || i, i::text, 0, now(), '', 'row', '' FROM generate_series(1, 1500) AS i`,
    );
    let count = 0;
    for await (const { key } of store.list('k/')) count += key.length > 0 ? 1 : 0;
    expect([count, texts.length]).toEqual([1500, 2]);
  });

  it('names the blob whose bytes were changed, in the row, in chunks and elsewhere', async () => {
    const bytesIn = memoryStore();
    const elsewhere = postgresStore(database, { schema, bytesIn });
    await store.put('small', bytesOf('0123456789'));
    await store.put('chunked', new Uint8Array(LARGE));
    await elsewhere.put('other', new Uint8Array(LARGE));
    await database.exec(`UPDATE "${schema}".blobs SET bytes = set_bit(bytes, 13, 1 - get_bit(bytes, 13)) WHERE key = 'small'`);
    await database.exec(`UPDATE "${schema}".blobs_chunks SET bytes = set_bit(bytes, 3, 1)`);
    for await (const { key } of bytesIn.list('')) await bytesIn.put(key, new Uint8Array(LARGE).fill(1));
    for (const key of ['small', 'chunked', 'other']) {
      const corrupt = { code: 'CORRUPT', retryable: false, details: { key } };
      await expect(elsewhere.get(key)).rejects.toMatchObject(corrupt);
      await expect(elsewhere.getMany(['none', key])).rejects.toMatchObject(corrupt);
    }
    await expect(store.get('small')).rejects.toThrow(
      'get small: its bytes have another SHA-256 than the one stored with them; restore it from a backup, or put it again',
    );
    for (const key of ['small', 'chunked', 'other']) await elsewhere.put(key, bytesOf('again'));
    expect(await textAt('chunked')).toBe('again');
  });

  it('names the blob whose bytes are missing or cut', async () => {
    const bytesIn = memoryStore();
    const elsewhere = postgresStore(database, { schema, bytesIn });
    await store.put('chunked', new Uint8Array(3 * LARGE));
    await elsewhere.put('other', new Uint8Array(LARGE));
    await store.put('cut', bytesOf('0123456789'));
    await database.exec(`UPDATE "${schema}".blobs SET bytes = substr(bytes, 1, 5) WHERE key = 'cut'`);
    await database.exec(`DELETE FROM "${schema}".blobs_chunks WHERE n = 1`);
    for await (const { key } of bytesIn.list('')) await bytesIn.delete(key);
    await expect(store.get('chunked')).rejects.toThrow('get chunked: bytes of it are missing');
    await expect(elsewhere.get('other')).rejects.toMatchObject({ code: 'CORRUPT', details: { key: 'other' } });
    await expect(store.get('cut')).rejects.toThrow('get cut: it has 5 bytes, expected 10');
  });

  it('removes large bytes from the other store when their row is gone, or never came to be', async () => {
    const bytesIn = memoryStore();
    const elsewhere = postgresStore(pool, { schema, bytesIn });
    const sizes = async () => {
      let count = 0;
      for await (const { key } of bytesIn.list('bytes/')) count += key.length > 0 ? 1 : 0;
      return count;
    };
    const { etag } = await elsewhere.put('a', new Uint8Array(LARGE));
    await elsewhere.put('a', new Uint8Array(LARGE).fill(1), { ifMatch: etag });
    expect(await sizes()).toBe(1);
    await expect(elsewhere.put('a', new Uint8Array(LARGE), { ifMatch: etag })).rejects.toMatchObject({ code: 'CONFLICT' });
    fail = (text) => (text.startsWith('INSERT') ? failed('could not extend file', '53100') : undefined);
    await expect(elsewhere.put('b', new Uint8Array(LARGE))).rejects.toMatchObject({ code: 'NO_SPACE' });
    fail = () => undefined;
    expect(await sizes()).toBe(1);
    await expect(store.get('a')).rejects.toMatchObject({ code: 'UNSUPPORTED', details: { key: 'a' } });
    await elsewhere.delete('a');
    expect(await sizes()).toBe(0);
  });

  it('keeps a put whose answer was lost, when its etag is there', async () => {
    fail = (text, isDone) => (isDone && /^(INSERT|UPDATE)/.test(text) ? failed(CUT) : undefined);
    const { etag } = await store.put('a', bytesOf('1'), { ifNoneMatch: '*' });
    const second = await store.put('a', bytesOf('2'), { ifMatch: etag });
    expect((await store.get('a'))?.etag).toBe(second.etag);
    expect(await textAt('a')).toBe('2');
  });

  it('says that it does not know, when the etag of a put is not there or can’t be looked for', async () => {
    fail = (text) => (text.startsWith('INSERT') ? failed(CUT) : undefined);
    const unknown = { code: 'UNKNOWN_OUTCOME', retryable: false, details: { key: 'a' } };
    await expect(store.put('a', bytesOf('1'))).rejects.toMatchObject(unknown);
    await expect(store.put('a', bytesOf('1'))).rejects.toThrow('put a: whether this was written is unknown; get tells');
    fail = () => failed(CUT);
    await expect(store.put('a', bytesOf('1'))).rejects.toMatchObject(unknown);
    await expect(store.get('a')).rejects.toMatchObject({ code: 'UNAVAILABLE', retryable: true });
  });

  it('knows that a large put which was cut before its row was written is not there', async () => {
    fail = (text) => (text.includes('blobs_chunks') ? failed(CUT) : undefined);
    await expect(store.put('a', new Uint8Array(LARGE))).rejects.toMatchObject({ code: 'UNAVAILABLE', retryable: true });
  });

  it('is content with a delete whose answer was lost, unless it matters who did it', async () => {
    const { etag } = await store.put('a', bytesOf('1'));
    fail = (text, isDone) => (isDone && text.startsWith('DELETE') ? failed(CUT) : undefined);
    await expect(store.delete('a', { ifMatch: etag })).rejects.toMatchObject({ code: 'UNKNOWN_OUTCOME' });
    await store.put('a', bytesOf('1'));
    await store.delete('a');
    fail = (text) => (text.startsWith('DELETE') ? failed(CUT) : undefined);
    await store.put('a', bytesOf('1'));
    await expect(store.delete('a')).rejects.toMatchObject({ code: 'UNKNOWN_OUTCOME' });
  });

  it.each(['40001', '40P01'])('runs again what ended with SQLSTATE %s, a few times', async (sqlState) => {
    let failures = 0;
    fail = (text, isDone) =>
      !isDone && /^(INSERT|SELECT)/.test(text) && failures++ % 3 < 2 ? failed('in the way', sqlState) : undefined;
    await store.put('a', bytesOf('1'));
    expect(await textAt('a')).toBe('1');
    fail = (text, isDone) => (isDone && text.includes('INSERT') && failures++ < 2 ? failed('in the way', sqlState) : undefined);
    failures = 0;
    await store.put('large', new Uint8Array(LARGE));
    expect((await store.get('large'))?.bytes.length).toBe(LARGE);
    fail = () => failed('in the way', sqlState);
    texts = [];
    await expect(store.put('a', bytesOf('2'))).rejects.toMatchObject({ code: 'UNAVAILABLE', retryable: true });
    expect(texts.length).toBe(5);
  });

  it.each([
    ['53100', 'NO_SPACE'],
    ['25006', 'READ_ONLY'],
    ['42501', 'READ_ONLY'],
    ['57014', 'UNAVAILABLE'],
    ['42P01', 'IO'],
    ['28P01', 'IO'],
  ])('turns SQLSTATE %s of a put into %s, and leaves what was there', async (sqlState, code) => {
    await store.put('a', bytesOf('before'));
    fail = (text) => (text.startsWith('INSERT') ? failed('refused', sqlState) : undefined);
    for (const size of [1, LARGE]) {
      await expect(store.put('a', new Uint8Array(size))).rejects.toMatchObject({ code, details: { key: 'a', sqlState } });
    }
    fail = () => undefined;
    expect(await textAt('a')).toBe('before');
  });

  it('reads blobs between small and large together with others', async () => {
    const sizes = [2 ** 16, 2 ** 16 + 1, 2 ** 20, LARGE];
    for (const size of sizes) await store.put(`${size}`, new Uint8Array(size).fill(size % 251));
    const keys = sizes.map(String);
    expect(await store.getMany(keys)).toEqual(await Promise.all(keys.map((key) => store.get(key))));
  });

  it('reads at most its bound at once', async () => {
    const half = MAX_BYTES_AT_ONCE / 2;
    await database.query(
      `INSERT INTO "${schema}".blobs SELECT i::text, i::text, ${half}, now(), '', 'chunks', NULL FROM generate_series(1, 3) AS i`,
    );
    await expect(store.getMany(['1', '2', '3'])).rejects.toMatchObject({ code: 'TOO_LARGE', details: { totalBytes: 3 * half } });
  });

  it('reads a large blob again that is written over while it is read', async () => {
    await store.put('a', new Uint8Array(LARGE));
    let overwrites = 2;
    const other = postgresStore(database, { schema });
    const slow: PgPool = {
      ...pool,
      query: async (text, values) => {
        if (text.includes('ORDER BY n') && overwrites-- > 0) await other.put('a', new Uint8Array(LARGE).fill(overwrites));
        return database.query(text, values);
      },
    };
    expect((await postgresStore(slow, { schema }).get('a'))!.bytes.every((byte) => byte === 0)).toBe(true);
    overwrites = Number.POSITIVE_INFINITY;
    const never = postgresStore(slow, { schema }).get('a');
    await expect(never).rejects.toMatchObject({ code: 'UNAVAILABLE', retryable: true, details: { key: 'a' } });
  });

  it('takes over the uncertainty of the other store as a failure: without a row nothing was put', async () => {
    const put = () => Promise.reject(new StoreError('UNKNOWN_OUTCOME', 'put: unknown'));
    const bytesIn = Object.assign(memoryStore(), { put });
    const elsewhere = postgresStore(database, { schema, bytesIn });
    await expect(elsewhere.put('a', new Uint8Array(LARGE))).rejects.toMatchObject({ code: 'UNAVAILABLE', details: { key: 'a' } });
  });

  it('is migrated by the statements that are shown, which may be run twice', async () => {
    const shown = `shown_${places}`;
    const byHand = postgresStore(pool, { schema: shown, table: 'Models' });
    await expect(byHand.get('a')).rejects.toThrow('call migrate() once');
    for (let i = 0; i < 2; i++) await database.exec(blobMigrationSql({ schema: shown, table: 'Models' }));
    texts = [];
    await byHand.migrate();
    expect(texts.length).toBe(1);
    await byHand.put('a', new Uint8Array(LARGE));
    expect((await byHand.get('a'))?.bytes.length).toBe(LARGE);
    await byHand.delete('a');
    expect((await database.query(`SELECT 1 FROM "${shown}"."Models_chunks"`)).rows).toEqual([]);
  });

  it('never shows a connection string', async () => {
    const secret = 'postgres://user:secret@[nowhere';
    const error: StoreError = await postgresStore(new Pool({ connectionString: secret }))
      .get('a')
      .then(
        () => expect.unreachable(),
        (failure) => failure,
      );
    expect(error.code).toBe('UNAVAILABLE');
    expect(`${error.message} ${JSON.stringify(error.details)} ${String(error.cause)}`).not.toContain('secret');
  });

  it.each(['', '1a', 'a-b', 'a"; DROP TABLE x', 'x'.repeat(41), 'ä'])('refuses the name %j', (name) => {
    const message = `is ${JSON.stringify(name)}, expected 1 to 40`;
    expect(() => postgresStore(database, { table: name })).toThrow(`postgresStore: table ${message}`);
    expect(() => postgresStore(database, { schema: name })).toThrow(`postgresStore: schema ${message}`);
    expect(() => blobMigrationSql({ schema: name })).toThrow(`blobMigrationSql: schema ${message}`);
  });

  it('refuses what is no pool, and a bound that is none', () => {
    expect(() => postgresStore({ query: database.query } as unknown as PgPool)).toThrow(
      'postgresStore: pool has no query and connect',
    );
    expect(() => postgresStore(database, { maxBlobBytes: -1 })).toThrow('postgresStore: maxBlobBytes is -1');
    expect(() => postgresStore(database, { scheme: 'fraud' } as object)).toThrow(
      'postgresStore: options.scheme is not an option; did you mean schema?',
    );
  });

  it('refuses a blob above its bound before writing', async () => {
    const small = postgresStore(pool, { schema, maxBlobBytes: 10 });
    await expect(small.put('a', new Uint8Array(11))).rejects.toMatchObject({
      code: 'TOO_LARGE',
      details: { sizeBytes: 11, maxBytes: 10 },
    });
    expect(texts).toEqual([]);
  });
});
