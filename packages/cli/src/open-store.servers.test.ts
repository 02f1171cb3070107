import { randomUUID } from 'node:crypto';
import { modelRegistry } from '@fraudops/registry';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { withStore } from './open-store.js';

const postgres = process.env.FRAUDOPS_TEST_POSTGRES!;
const s3 = process.env.FRAUDOPS_TEST_S3!;
const bucket = `cli-${randomUUID()}`;
const schema = `cli_${randomUUID().replaceAll('-', '')}`;
const pool = new pg.Pool({ connectionString: postgres });

beforeAll(async () => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test').stubEnv('AWS_SECRET_ACCESS_KEY', 'test').stubEnv('AWS_REGION', 'us-east-1');
  await pool.query(`create schema ${schema}`);
  expect((await fetch(`${s3}/${bucket}`, { method: 'PUT' })).status).toBe(200);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await pool.query(`drop schema ${schema} cascade`);
  await pool.end();
});

describe('withStore on servers', () => {
  it.each([
    ['S3', `s3://${bucket}/team?endpoint=${s3}`],
    ['Postgres', `${postgres}?schema=${schema}`],
  ])('opens %s, whose registry outlasts the command', async (_, store) => {
    const opened = { options: { store } };
    const files = [{ path: 'model.json', bytes: new TextEncoder().encode('{}') }];
    await withStore(opened, (blobs) => modelRegistry(blobs).register('fraud', { files }));
    const loaded = await withStore(opened, (blobs) => modelRegistry(blobs).load('fraud', 1));
    expect([...loaded.keys()]).toEqual(['model.json']);
  });
});
