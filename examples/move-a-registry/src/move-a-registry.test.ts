import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { fileStore, memoryStore } from '@fraudops/core';
import { modelRegistry } from '@fraudops/registry';
import { s3Store } from '@fraudops/s3';
import { startFakeS3 } from '@fraudops/s3/testing';
import { describe, expect, it } from 'vitest';
import { moveARegistry } from './move-a-registry.js';

describe('moveARegistry', () => {
  it('keeps versions, stages and history from place to place', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'fraudops-move-'));
    const lines: string[] = [];
    try {
      await moveARegistry(folder, {}, (line) => lines.push(line));
      expect(lines).toEqual([
        'disk: v1 is in Production, the first',
        expect.stringMatching(/^moved from disk to S3 inside this process: 3 blobs, 0 were there, \d+ bytes; all verified$/),
        'S3 inside this process: v2 is in Production, after v1',
        expect.stringMatching(/^moved from S3 inside this process to Postgres inside this process: 6 blobs, 0 were there/),
        'Postgres inside this process: v3 is in Production, after v2',
        'Postgres inside this process: rolled back to v2, whose 1 file is as it was; 7 events tell who did what, and why',
      ]);
      expect((await modelRegistry(fileStore(folder)).versions('fraud')).map(({ version }) => version)).toEqual([1]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('is a program that ends well', async () => {
    const program = path.resolve(import.meta.dirname, '../dist/main.js');
    const { stdout } = await promisify(execFile)(process.execPath, [program]);
    expect(stdout.trim().split('\n')).toHaveLength(6);
  });
});

describe('a registry in S3', () => {
  it('takes few requests', async () => {
    const server = await startFakeS3();
    try {
      const open = () => modelRegistry(s3Store({ bucket: server.bucket, client: server.client() }));
      const count = async (work: () => Promise<unknown>) => {
        server.requests.length = 0;
        await work();
        return server.requests.length;
      };
      const files = [1, 2, 3].map((n) => ({ path: `file-${n}`, bytes: new Uint8Array(1000).fill(n) }));
      const registry = open();
      const promote = (by: typeof registry, version: number) =>
        by.promote('fraud', version, { stage: 'Production', by: 'ana', why: 'better' });
      const register = () =>
        registry.register('fraud', {
          files: files.map(({ path: name, bytes }) => ({ path: name, bytes: bytes.map((byte) => byte + 50) })),
        });
      await registry.register('fraud', { files });
      // News, the event, and whether files are being collected; the files.
      expect(await count(register)).toBeLessThanOrEqual(3 + files.length);
      expect(await count(() => promote(registry, 1))).toBeLessThanOrEqual(3);
      // A process that starts reads the three events there are.
      expect(await count(() => promote(open(), 2))).toBeLessThanOrEqual(3 + 1 + 3);
      await registry.production('fraud');
      expect(await count(() => registry.production('fraud'))).toBe(1);
      // Each fifth event also brings the page of copies up to date.
      expect(await count(() => registry.rollback('fraud', { by: 'ben', why: 'alerts' }))).toBeLessThanOrEqual(3 + 2);
    } finally {
      await server.close();
    }
  });

  it('gives what the same calls give in memory', async () => {
    const server = await startFakeS3();
    try {
      const stores = [memoryStore(), s3Store({ bucket: server.bucket, client: server.client() })];
      const histories = await Promise.all(
        stores.map(async (store) => {
          let id = 0;
          const registry = modelRegistry(store, { clock: { now: () => 1_700_000_000_000 }, newId: () => `event-${id++}` });
          const files = [{ path: 'model.json', bytes: new TextEncoder().encode('{}') }];
          for (let version = 1; version <= 3; version++) await registry.register('fraud', { files });
          for (const version of [1, 3])
            await registry.promote('fraud', version, { stage: 'Production', by: 'ana', why: 'better' });
          await registry.rollback('fraud', { by: 'ben', why: 'alerts' });
          return registry.history('fraud');
        }),
      );
      expect(histories[1]).toEqual(histories[0]);
    } finally {
      await server.close();
    }
  });
});
