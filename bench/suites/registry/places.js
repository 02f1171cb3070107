/**
 * Where models and runs are kept while they are measured: a folder of the case, and a Postgres of its own that waits for the disk, as one in
 * use does. Contestants get an address and open it themselves.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileStore } from '@fraudops/core';
import { postgresStore } from '@fraudops/postgres';
import pg from 'pg';
import { startPostgres } from '../../../scripts/local-postgres.js';
import { stopServers } from '../../../scripts/server-process.js';

/** Connections of one contestant of ours. */
const POOL_SIZE = 10;

/**
 * Starts a Postgres for a case, where Debian's programs are installed. Its files are in a folder of its own, since another user than this
 * process's may have to reach it.
 * @returns {Promise<{ url?: string, missing?: string, stop: () => Promise<void> }>}
 */
export async function casePostgres() {
  const folder = mkdtempSync(path.join(tmpdir(), 'fraudops-bench-postgres-'));
  const stop = async () => {
    await stopServers();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    return { url: await startPostgres(folder, { max_connections: '60', shared_buffers: '256MB' }), stop };
  } catch (error) {
    return { missing: error.message.split('\n')[0], stop };
  }
}

/**
 * Opens a store.
 * @param {string} address a folder, or `postgres://...`
 * @param {{ durable?: boolean, schema?: string }} [options] `durable: false`: does not wait for the disk, for data that is made outside the clock
 * @returns {Promise<{ store: import('@fraudops/core').BlobStore, queries: () => number, close: () => Promise<void> }>} `queries`: statements
 *   sent so far, of Postgres only
 */
export async function openPlace(address, { durable = true, schema = 'fraudops' } = {}) {
  if (!address.startsWith('postgres:')) return { store: fileStore(address), queries: () => 0, close: async () => {} };
  const setup = durable ? {} : { options: '-c synchronous_commit=off' };
  const pool = new pg.Pool({ connectionString: address, max: POOL_SIZE, ...setup });
  const counted = countQueries(pool);
  const store = postgresStore(counted.pool, { schema });
  await store.migrate();
  return { store, queries: counted.count, close: () => pool.end() };
}

/** The pool, with all statements counted, those of its connections too. */
function countQueries(pool) {
  let count = 0;
  const counting = (client) => ({
    query(...words) {
      count++;
      return client.query(...words);
    },
    release: (...words) => client.release(...words),
    on: (...words) => client.on(...words),
    off: (...words) => client.off(...words),
  });
  return { pool: { ...counting(pool), connect: async () => counting(await pool.connect()) }, count: () => count };
}
