/** Connections to Postgres that are cut at random: before a statement arrives, while it travels, and before its answer. */
import { randomUUID } from 'node:crypto';
import { type BlobStore, isFraudOpsError } from '@fraudops/core';
import { type CuttingProxy, cuttingProxy } from '@fraudops/features/testing';
import { Pool } from 'pg';
import { afterAll, describe, expect, it } from 'vitest';
import { postgresStore } from './postgres-store.js';

const connectionString = process.env.FRAUDOPS_TEST_POSTGRES!;
const direct = new Pool({ connectionString, max: 4 });
afterAll(() => direct.end());

const CUT_SHARE = 0.03;
/** A large blob travels in some fifty pieces, each of which may be cut. */
const LARGE_CUT_SHARE = 0.004;
const WRITERS = 4;

/** A store behind a proxy, and one on the same tables that is not. */
async function withCuts(
  address: string,
  seed: 'puts' | 'entries' | 'large',
  use: (cut: BlobStore, safe: BlobStore, schema: string) => Promise<void>,
): Promise<void> {
  const schema = `cut_${randomUUID().replaceAll('-', '')}`;
  const safe = postgresStore(direct, { schema });
  await safe.migrate();
  const { hostname, port } = new URL(address);
  const proxy = await cuttingProxy({ host: hostname, port: Number(port) }, seed === 'large' ? LARGE_CUT_SHARE : CUT_SHARE, seed);
  const pool = new Pool({ ...proxy.address, user: 'postgres', database: 'postgres', max: 4 });
  // Without a listener a cut connection that nobody uses would end the process.
  pool.on('error', () => {});
  try {
    await use(postgresStore(pool, { schema }), safe, schema);
    expectAllCuts(proxy);
  } finally {
    await pool.end();
    await proxy.close();
    await direct.query(`DROP SCHEMA "${schema}" CASCADE`);
  }
}

function expectAllCuts({ cuts }: CuttingProxy): void {
  expect(Object.values(cuts).every((count) => count > 0)).toBe(true);
}

const codeOf = (error: unknown) => (isFraudOpsError(error) ? error.code : String(error));
const bytesOf = (text: string) => new TextEncoder().encode(text);

describe.each([
  ['Postgres', connectionString],
  ['pgbouncer', process.env.FRAUDOPS_TEST_PGBOUNCER!],
])('postgresStore whose connections to %s are cut', (_name, address) => {
  it('tells of each put what became of it, or that nobody knows', () =>
    withCuts(address, 'puts', async (cut, safe) => {
      const outcomes = new Map<string, string>();
      const writers = Array.from({ length: WRITERS }, async (_, writer) => {
        for (let i = 0; i < 100; i++) {
          const key = `${writer}/${i}`;
          const put = cut.put(key, bytesOf(key), i % 2 ? { ifNoneMatch: '*' } : undefined);
          outcomes.set(key, await put.then(() => 'put', codeOf));
        }
      });
      await Promise.all(writers);
      // What travels when its connection is cut arrives a little later.
      await new Promise((resolve) => setTimeout(resolve, 200));
      for (const [key, outcome] of outcomes) {
        const blob = await safe.get(key);
        if (outcome === 'put') expect(new TextDecoder().decode(blob?.bytes)).toBe(key);
        else if (outcome === 'UNAVAILABLE') expect(blob).toBeUndefined();
        else expect(outcome).toBe('UNKNOWN_OUTCOME');
      }
      expect(new Set(outcomes.values())).toContain('put');
    }));

  it('loses and repeats no entry of a list that writers extend', () =>
    withCuts(address, 'entries', async (cut, safe) => {
      await safe.put('list', bytesOf(''));
      const entries = Array.from({ length: WRITERS }, (_, writer) => Array.from({ length: 40 }, (__, i) => `${writer}.${i}`));
      await Promise.all(
        entries.map(async (own) => {
          for (const entry of own) await addEntry(cut, entry);
        }),
      );
      const found = new TextDecoder()
        .decode((await safe.get('list'))!.bytes)
        .trim()
        .split('\n');
      expect(found.toSorted()).toEqual(entries.flat().toSorted());
    }));

  it('shows large blobs whole or not at all, and leaves no chunks of others', () =>
    withCuts(address, 'large', async (cut, safe, schema) => {
      const large = (n: number) => new Uint8Array(2.5 * 2 ** 20).fill(n);
      let kept = 0;
      for (let n = 1; n <= 40; n++) {
        const key = `large/${n % 10}`;
        const outcome = await cut.put(key, large(n)).then(() => 'put', codeOf);
        const blob = await safe.get(key);
        if (outcome === 'put') {
          kept++;
          expect(Buffer.compare(blob!.bytes, large(n))).toBe(0);
        } else expect(['UNAVAILABLE', 'UNKNOWN_OUTCOME']).toContain(outcome);
        await cut.get(key).catch((error: unknown) => expect(codeOf(error)).toBe('UNAVAILABLE'));
      }
      expect(kept).toBeGreaterThan(5);
      const chunks = `SELECT count(*)::integer AS chunks FROM "${schema}".blobs_chunks WHERE etag NOT IN (SELECT etag FROM "${schema}".blobs)`;
      expect((await direct.query(chunks)).rows).toEqual([{ chunks: 0 }]);
    }));
});

/** Adds an entry once: reads again after a conflict, and looks when the outcome is unknown. */
async function addEntry(store: BlobStore, entry: string): Promise<void> {
  for (;;) {
    const blob = await store.get('list').catch((error: unknown) => {
      if (codeOf(error) !== 'UNAVAILABLE') throw error;
    });
    if (!blob) continue;
    const text = new TextDecoder().decode(blob.bytes);
    if (text.split('\n').includes(entry)) return;
    try {
      await store.put('list', bytesOf(`${text}${entry}\n`), { ifMatch: blob.etag });
      return;
    } catch (error) {
      if (!['CONFLICT', 'UNAVAILABLE', 'UNKNOWN_OUTCOME'].includes(codeOf(error))) throw error;
    }
  }
}
