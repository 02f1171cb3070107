/** Names that are none get the same typed errors on every store; on servers see `refused-names.servers.test.ts`. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileStore, memoryStore } from '@fraudops/core';
import { type PgPool, postgresStore } from '@fraudops/postgres';
import { s3Store } from '@fraudops/s3';
import { startFakeS3 } from '@fraudops/s3/testing';
import { describe, expect, it } from 'vitest';
import { refusalsOn, refusedCalls } from './refused-names.fixture.js';

describe('names, versions and stages that are none or do not exist', () => {
  it('get the error that stands for them', async () => {
    const refusals = await refusalsOn(memoryStore());
    expect(refusals.size).toBe(refusedCalls.length);
    const found = refusedCalls.map(({ title }) => ({ title, code: refusals.get(title)?.code }));
    expect(found).toEqual(refusedCalls.map(({ title, code }) => ({ title, code })));
    for (const [title, refusal] of refusals) {
      expect(refusal!.message.length, title).toBeLessThan(400);
      expect(refusal!.retryable, title).toBe(false);
    }
  });

  it('get the same errors in a folder', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'fraudops-names-'));
    expect(await refusalsOn(fileStore(folder))).toEqual(await refusalsOn(memoryStore()));
    await rm(folder, { recursive: true });
  });

  it('get the same errors in S3', async () => {
    const server = await startFakeS3();
    expect(await refusalsOn(s3Store({ bucket: server.bucket, client: server.client() }))).toEqual(
      await refusalsOn(memoryStore()),
    );
    await server.close();
  });

  it('get the same errors in PGlite', { timeout: 120_000 }, async () => {
    // A dependency of the adapter's tests only, so it is found at run time.
    const name = '@electric-sql/pglite';
    const { PGlite } = (await import(name)) as { PGlite: { create(): Promise<PgPool & { close(): Promise<void> }> } };
    const database = await PGlite.create();
    const store = postgresStore(database);
    await store.migrate();
    expect(await refusalsOn(store)).toEqual(await refusalsOn(memoryStore()));
    await database.close();
  });
});
