import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { modelRegistry } from '@fraudops/registry';
import { type FakeS3, startFakeS3 } from '@fraudops/s3/testing';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { CommandError, UsageError } from './command.js';
import { STORE_OPTION, withExistingStore, withStore } from './open-store.js';

let server: FakeS3;
beforeAll(async () => {
  server = await startFakeS3({ bucket: 'models' });
  // The command line finds credentials as all programs of AWS do.
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test').stubEnv('AWS_SECRET_ACCESS_KEY', 'hunter2').stubEnv('AWS_REGION', 'us-east-1');
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await server.close();
});

const openedAs = (store: string) => ({ options: { store } });
const files = [{ path: 'model.json', bytes: new TextEncoder().encode('{}') }];

describe('withStore', () => {
  it('opens folders and buckets, whose registries outlast the command', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'fraudops-store-'));
    try {
      for (const address of [folder, `s3://models/team?endpoint=${server.endpoint}`]) {
        await withStore(openedAs(address), (store) => modelRegistry(store).register('fraud', { files }));
        expect(await withStore(openedAs(address), (store) => modelRegistry(store).models())).toEqual(['fraud']);
      }
      expect(server.requests.every(({ key }) => key === '' || key.startsWith('team/'))).toBe(true);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('says what is wrong with an address before anything is sent, without what may be secret', async () => {
    const bad: readonly (readonly [string, string])[] = [
      ['s3://Models', 'options.bucket is "Models"'],
      ['s3://models?endpoint=http://ana:hunter2@localhost', 'options.endpoint is no address'],
      ['s3://models/a//b', 'options.prefix is "a//b"'],
      ['s3://models?serverSideEncryption=none', 'options.serverSideEncryption is "none"'],
      ['ftp://models', 'an address of "ftp"'],
    ];
    for (const [address, problem] of bad) {
      const opening = withStore(openedAs(address), () => Promise.reject(new Error('opened')));
      const error = await opening.catch((failure: unknown) => failure);
      expect(error, address).toBeInstanceOf(UsageError);
      expect((error as Error).message).toContain(problem);
      expect((error as Error).message).not.toContain('hunter2');
    }
  });

  it('says what a server refused', async () => {
    const read = (address: string) => withStore(openedAs(address), (store) => store.get('a'));
    await expect(read(`s3://nothing?endpoint=${server.endpoint}`)).rejects.toMatchObject({
      code: 'IO',
      message: expect.stringContaining('there is no such bucket'),
    });
    await expect(read('postgres://ana:hunter2@127.0.0.1:1/fraud')).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.not.stringContaining('hunter2'),
    });
  });

  it('passes on what the command throws, and what it gives', async () => {
    expect(await withStore(openedAs('nowhere'), async () => 5)).toBe(5);
    await expect(withStore(openedAs('nowhere'), () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
  });
});

describe('withExistingStore', () => {
  it('names a folder that is not there, and one that is a file', async () => {
    for (const address of ['./nowhere', import.meta.filename]) {
      const opening = withExistingStore(openedAs(address), () => Promise.reject(new Error('opened')));
      const error = await opening.catch((failure: unknown) => failure);
      expect(error).toBeInstanceOf(CommandError);
      expect((error as Error).message).toContain(`there is no folder ${address}`);
    }
  });

  it('opens the folder that is taken when none is named, which may be yet to come, and all that is no folder', async () => {
    const bucket = `s3://models/none?endpoint=${server.endpoint}`;
    for (const address of [STORE_OPTION.default!, bucket]) {
      expect(await withExistingStore(openedAs(address), async (store) => store.get('a'))).toBeUndefined();
    }
  });
});
