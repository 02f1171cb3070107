import { S3Client } from '@aws-sdk/client-s3';
import { type BlobStore, type PutCondition, seededRandom } from '@fraudops/core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type FakeS3, type FakeS3Fault, type FakeS3Operation, startFakeS3 } from './testing.js';
import type { S3StoreOptions } from './s3-options.js';
import { declareServerTests, noise } from './s3-server-tests.fixture.js';
import { s3Store } from './s3-store.js';

let server: FakeS3;
beforeAll(async () => {
  server = await startFakeS3();
});
afterAll(() => server.close());

declareServerTests('the S3 server for tests', () => ({
  endpoint: server.endpoint,
  bucket: server.bucket,
  client: (endpoint) => server.client(endpoint),
  checksCompletion: true,
}));

const MIB = 2 ** 20;
const bytesOf = (text: string) => new TextEncoder().encode(text);
const textOf = (bytes: Uint8Array | undefined) => (bytes ? new TextDecoder().decode(bytes) : undefined);
let places = 0;

/** A new store on the server. */
function newStore(options: Partial<S3StoreOptions> = {}): BlobStore {
  return s3Store({ bucket: server.bucket, prefix: `p${places++}`, client: server.client(), firstWaitMs: 2, ...options });
}

/** Lets the first requests of an operation go wrong, one fault each. */
function failFirst(operation: FakeS3Operation, ...faults: readonly (FakeS3Fault | undefined)[]): void {
  let count = 0;
  server.fault = (request) => (request.operation === operation ? faults[count++] : undefined);
}

function failAlways(fault: FakeS3Fault): void {
  server.fault = () => fault;
}

const operations = () => server.requests.map(({ operation }) => operation);

beforeEach(() => {
  server.fault = undefined;
  server.requests.length = 0;
});

describe('s3Store when answers get lost', () => {
  const conditions: readonly (readonly [string, PutCondition | undefined])[] = [
    ['no condition', undefined],
    ['ifNoneMatch', { ifNoneMatch: '*' }],
  ];

  it.each(conditions)('knows its own put again: %s', async (_, when) => {
    for (const fault of ['lose-answer', 'error-after', 'half-answer'] as const) {
      const store = newStore();
      failFirst('PutObject', fault);
      const { etag } = await store.put('a', bytesOf('own'), when);
      expect(await store.get('a')).toMatchObject({ etag, bytes: bytesOf('own') });
    }
  });

  it('knows its own put again: ifMatch', async () => {
    const store = newStore();
    const first = await store.put('a', bytesOf('1'));
    failFirst('PutObject', 'lose-answer');
    const second = await store.put('a', bytesOf('2'), { ifMatch: first.etag });
    expect(await store.get('a')).toMatchObject({ etag: second.etag, bytes: bytesOf('2') });
  });

  it('knows it also when the client sent it again by itself', async () => {
    const credentials = { accessKeyId: 'a', secretAccessKey: 'b' };
    const client = new S3Client({
      endpoint: server.endpoint,
      credentials,
      region: 'us-east-1',
      forcePathStyle: true,
      maxAttempts: 3,
    });
    const store = newStore({ client });
    failFirst('PutObject', 'lose-answer');
    await store.put('a', bytesOf('own'), { ifNoneMatch: '*' });
    // The client's second try was refused, and the store looked.
    expect(operations()).toEqual(['PutObject', 'PutObject', 'HeadObject']);
    await expect(store.put('a', bytesOf('other'), { ifNoneMatch: '*' })).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  it('does not call equal bytes of another writer its own', async () => {
    const store = newStore();
    await store.put('a', bytesOf('same'));
    failFirst('PutObject', 'cut');
    await expect(store.put('a', bytesOf('same'), { ifNoneMatch: '*' })).rejects.toMatchObject({ code: 'UNKNOWN_OUTCOME' });
  });

  it('says UNKNOWN_OUTCOME, never CONFLICT, when another writer may have come after its own put', async () => {
    const [store, other] = [newStore({ prefix: 'shared' }), newStore({ prefix: 'shared' })];
    failFirst('PutObject', 'lose-answer', { waitMs: 60 });
    const put = store.put('a', bytesOf('own'), { ifNoneMatch: '*' });
    // While the second try is on its way.
    while (operations().length < 2) await new Promise((resolve) => setImmediate(resolve));
    await other.put('a', bytesOf('other'));
    await expect(put).rejects.toMatchObject({ code: 'UNKNOWN_OUTCOME', retryable: false });
    expect(textOf((await store.get('a'))?.bytes)).toBe('other');
  });

  it('says UNKNOWN_OUTCOME when it can’t look either, and UNAVAILABLE when nothing can have been kept', async () => {
    const store = newStore({ attempts: 2 });
    failAlways('lose-answer');
    await expect(store.put('a', bytesOf('1'))).rejects.toMatchObject({ code: 'UNKNOWN_OUTCOME', retryable: false });
    await expect(store.delete('a')).rejects.toMatchObject({ code: 'UNKNOWN_OUTCOME' });
    await expect(store.get('a')).rejects.toMatchObject({ code: 'UNAVAILABLE', retryable: true });
    failAlways('slow-down');
    await expect(store.put('a', bytesOf('1'))).rejects.toMatchObject({ code: 'UNAVAILABLE', retryable: true });
    const closed = await startFakeS3();
    const nowhere = newStore({ client: closed.client(), attempts: 2 });
    await closed.close();
    await expect(nowhere.put('a', bytesOf('1'))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });

  it('does not know who deleted, and says so', async () => {
    const store = newStore();
    const { etag } = await store.put('a', bytesOf('1'));
    failFirst('DeleteObject', 'lose-answer');
    await expect(store.delete('a', { ifMatch: etag })).rejects.toMatchObject({ code: 'UNKNOWN_OUTCOME' });
    expect(await store.get('a')).toBeUndefined();
    failFirst('DeleteObject', 'lose-answer');
    await store.delete('a');
    const again = await store.put('a', bytesOf('1'));
    failFirst('DeleteObject', 'cut');
    await store.delete('a', { ifMatch: again.etag });
    expect(await store.get('a')).toBeUndefined();
  });

  it('survives a put that arrives late, after its second try', async () => {
    const store = newStore({ timeoutMs: 60 });
    failFirst('PutObject', { waitMs: 150 });
    const first = await store.put('a', bytesOf('1'), { ifNoneMatch: '*' });
    await store.put('a', bytesOf('2'), { ifMatch: first.etag });
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(textOf((await store.get('a'))?.bytes)).toBe('2');
  });
});

describe('s3Store’s requests', () => {
  it('are one for a poll, a put, a delete, and a list of up to 1,000', async () => {
    const store = newStore();
    await store.get('log/2');
    const { etag } = await store.put('log/1', bytesOf('1'), { ifNoneMatch: '*' });
    await store.get('log/1');
    for await (const { key } of store.list('')) expect(key).toBe('log/1');
    await store.put('log/1', bytesOf('3'), { ifNoneMatch: '*' }).catch(() => {});
    await store.delete('log/1', { ifMatch: etag });
    expect(operations()).toEqual(['GetObject', 'PutObject', 'GetObject', 'ListObjectsV2', 'PutObject', 'DeleteObject']);
  });

  it('are sent again with longer waits, a bounded number of times', async () => {
    const store = newStore({ attempts: 4, firstWaitMs: 1 });
    failFirst('GetObject', 'slow-down', 'error', 'cut');
    expect(await store.get('a')).toBeUndefined();
    expect(operations()).toHaveLength(4);
    failAlways('error');
    server.requests.length = 0;
    await expect(store.get('a')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(operations()).toHaveLength(4);
  });

  it('end after their time', async () => {
    const store = newStore({ timeoutMs: 40, attempts: 2 });
    failAlways({ waitMs: 5_000 });
    const started = performance.now();
    await expect(store.get('a')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(performance.now() - started).toBeLessThan(2_000);
  });

  it('are encrypted as asked for', async () => {
    const seen: (string | undefined)[] = [];
    const client = server.client();
    client.middlewareStack.add(
      (next) => (args) => {
        const { headers } = args.request as { headers: Record<string, string> };
        seen.push(headers['x-amz-server-side-encryption'], headers['x-amz-server-side-encryption-aws-kms-key-id']);
        return next(args);
      },
      { step: 'build', priority: 'low' },
    );
    await newStore({ client, serverSideEncryption: 'aws:kms', kmsKeyId: 'alias/models' }).put('a', bytesOf('1'));
    await newStore({ client, serverSideEncryption: 'AES256' }).put('a', bytesOf('1'));
    await newStore({ client }).put('a', bytesOf('1'));
    expect(seen).toEqual(['aws:kms', 'alias/models', 'AES256', undefined, undefined, undefined]);
  });
});

describe('s3Store’s reads', () => {
  it('read again what was damaged or cut on its way, and give up when it stays damaged', async () => {
    const store = newStore({ attempts: 3 });
    const bytes = noise('read', 100_000);
    await store.put('a', bytes);
    failFirst('GetObject', 'damage', 'half-answer');
    expect(Buffer.compare((await store.get('a'))!.bytes, bytes)).toBe(0);
    failAlways('damage');
    await expect(store.get('a')).rejects.toMatchObject({
      code: 'CORRUPT',
      message: expect.stringContaining('another SHA-256'),
    });
  });

  it('of what is not there are tried again when the answer breaks off', async () => {
    const store = newStore({ attempts: 3 });
    failFirst('GetObject', 'half-answer', 'half-answer');
    expect(await store.get('nothing/here')).toBeUndefined();
  });

  it('never take more bytes than allowed', async () => {
    const prefix = 'too-large';
    await newStore({ prefix }).put('a', noise('large', 2_000));
    const store = newStore({ prefix, maxBlobBytes: 1_999 });
    await expect(store.get('a')).rejects.toMatchObject({
      code: 'TOO_LARGE',
      message: 'get a: 2000 bytes, at most 1999 are read; raise maxBlobBytes',
    });
    await expect(store.put('b', noise('large', 2_000))).rejects.toMatchObject({ code: 'TOO_LARGE' });
    expect(operations()).toEqual(['PutObject', 'GetObject']);
  });
});

describe('s3Store’s large puts', () => {
  const partBytes = 5 * MIB;
  const large = noise('large', 11 * MIB);

  it('send a part again, not the whole blob', async () => {
    const store = newStore({ partBytes });
    failFirst('UploadPart', 'cut', 'error', 'lose-answer');
    await store.put('a', large);
    expect(Buffer.compare((await store.get('a'))!.bytes, large)).toBe(0);
    expect(operations().filter((operation) => operation === 'PutObject')).toEqual([]);
  });

  it('know their own blob again when the last answer gets lost', async () => {
    for (const when of [undefined, { ifNoneMatch: '*' }] as const) {
      const store = newStore({ partBytes });
      failFirst('CompleteMultipartUpload', 'lose-answer');
      const { etag } = await store.put('a', large, when);
      expect((await store.get('a'))!.etag).toBe(etag);
      expect(server.unfinishedUploads()).toEqual([]);
    }
  });

  it('leave nothing behind when they fail', async () => {
    const store = newStore({ partBytes, attempts: 2 });
    server.fault = ({ operation }) => (operation === 'UploadPart' ? 'full' : undefined);
    await expect(store.put('a', large)).rejects.toMatchObject({ code: 'NO_SPACE' });
    server.fault = ({ operation }) => (operation === 'CompleteMultipartUpload' ? 'slow-down' : undefined);
    await expect(store.put('a', large)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    server.fault = undefined;
    expect(server.unfinishedUploads()).toEqual([]);
    expect(await store.get('a')).toBeUndefined();
  });

  it('begin anew when another write came between, and then see that they lost', async () => {
    const [store, other] = [newStore({ prefix: 'between', partBytes }), newStore({ prefix: 'between' })];
    let completing: () => void;
    const begun = new Promise<void>((resolve) => {
      completing = resolve;
    });
    server.fault = ({ operation }) => {
      if (operation !== 'CompleteMultipartUpload') return undefined;
      completing();
      return { waitMs: 50 };
    };
    const put = store.put('a', large, { ifNoneMatch: '*' });
    await begun;
    await other.put('a', bytesOf('other'));
    await expect(put).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(textOf((await other.get('a'))?.bytes)).toBe('other');
    expect(server.unfinishedUploads()).toEqual([]);
  });

  it('are waited for by small ones on a condition, which S3 puts off meanwhile', async () => {
    const [store, other] = [
      newStore({ prefix: 'waits', partBytes }),
      newStore({ prefix: 'waits', attempts: 10, firstWaitMs: 20 }),
    ];
    server.fault = ({ operation }) => (operation === 'CompleteMultipartUpload' ? { waitMs: 30 } : undefined);
    const put = store.put('a', large, { ifNoneMatch: '*' });
    while (!operations().includes('CompleteMultipartUpload')) await new Promise((resolve) => setImmediate(resolve));
    await expect(other.put('a', bytesOf('small'), { ifNoneMatch: '*' })).rejects.toMatchObject({ code: 'CONFLICT' });
    await put;
  });
});

describe('s3Store’s errors', () => {
  it('say what a person must do: read-only, full', async () => {
    const store = newStore();
    await store.put('a', bytesOf('1'));
    failAlways('read-only');
    for (const call of [() => store.put('a', bytesOf('2')), () => store.delete('a')])
      await expect(call()).rejects.toMatchObject({ code: 'READ_ONLY', retryable: false, details: { s3: 'AccessDenied' } });
    expect(textOf((await store.get('a'))?.bytes)).toBe('1');
    failAlways('full');
    await expect(store.put('a', bytesOf('2'))).rejects.toMatchObject({ code: 'NO_SPACE', retryable: false });
    expect(operations().filter((operation) => operation === 'PutObject')).toHaveLength(3);
  });

  it('hold nothing that a request was signed with', async () => {
    const credentials = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'wJalrXUtnFEMI', sessionToken: 'FwoGZXIvYXdz' };
    const client = new S3Client({ endpoint: server.endpoint, credentials, region: 'us-east-1', forcePathStyle: true });
    const store = newStore({ client, attempts: 1 });
    const { inspect } = await import('node:util');
    for (const fault of ['read-only', 'error', 'cut'] as const) {
      failAlways(fault);
      const error = await store.put('a', bytesOf('1')).catch((failure: unknown) => failure);
      const shown = inspect(error, { depth: 20, showHidden: true }) + (error as Error).message;
      for (const secret of Object.values(credentials)) expect(shown).not.toContain(secret);
    }
  });

  it('come before anything is sent when options are wrong', () => {
    const bad: readonly (readonly [unknown, string])[] = [
      [{}, 'options.bucket is "undefined"'],
      [{ bucket: 'Models' }, 'options.bucket is "Models", expected 3 to 63 small letters'],
      [{ bucket: 'a/b' }, 'options.bucket is "a/b"'],
      [{ bucket: 'fast--use1-az4--x-s3' }, 'a directory bucket'],
      [{ bucket: 'models', prefix: '/a' }, 'options.prefix is "/a"'],
      [{ bucket: 'models', prefix: 'a/' }, 'options.prefix is "a/"'],
      [{ bucket: 'models', prefix: 'a/../b' }, 'options.prefix is "a/../b"'],
      [{ bucket: 'models', prefix: 'x/'.repeat(200) }, 'options.prefix is'],
      [{ bucket: 'models', prefx: 'a' }, 'options.prefx is not an option; did you mean prefix?'],
      [{ bucket: 'models', client: {} }, 'options.client is no client'],
      [
        { bucket: 'models', client: server.client(), region: 'eu-central-1' },
        'options.region is for a client that the store makes',
      ],
      [{ bucket: 'models', serverSideEncryption: 'none' }, 'expected AES256 or aws:kms'],
      [{ bucket: 'models', kmsKeyId: 'k' }, 'expected serverSideEncryption to be aws:kms'],
      [{ bucket: 'models', partBytes: 5 * MIB - 1 }, 'options.partBytes is "5242879", expected a whole number from 5242880'],
      [{ bucket: 'models', attempts: 0 }, 'options.attempts'],
      [{ bucket: 'models', timeoutMs: Number.NaN }, 'options.timeoutMs is "NaN"'],
      [null, 'options is null'],
    ];
    for (const [options, text] of bad) {
      const make = () => s3Store(options as S3StoreOptions);
      expect(make, text).toThrow(expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining(text) }));
    }
    const secret = () => s3Store({ bucket: 'models', endpoint: 'https://user:hunter2@s3.example.com' });
    expect(secret).toThrow(expect.objectContaining({ message: expect.not.stringContaining('hunter2') }));
  });
});

describe('s3Store under random faults', () => {
  it('counts every step of a counter that several writers raise', async () => {
    const random = seededRandom('faults');
    const kinds: readonly FakeS3Fault[] = ['cut', 'lose-answer', 'half-answer', 'error', 'error-after', 'slow-down'];
    const stores = Array.from({ length: 4 }, () => newStore({ prefix: 'counter', attempts: 4 }));
    await stores[0]!.put('n', bytesOf(JSON.stringify([])));
    server.fault = () => (random.next() < 0.25 ? kinds[random.integer(kinds.length)] : undefined);
    // Each step has a name, so that a writer whose put has an unknown outcome finds out by looking.
    const add = async (store: BlobStore, name: string) => {
      for (;;) {
        try {
          const blob = await store.get('n');
          const names = JSON.parse(textOf(blob!.bytes)!) as string[];
          if (names.includes(name)) return;
          await store.put('n', bytesOf(JSON.stringify([...names, name])), { ifMatch: blob!.etag });
          return;
        } catch (error) {
          if (!['CONFLICT', 'UNKNOWN_OUTCOME', 'UNAVAILABLE'].includes((error as { code: string }).code)) throw error;
        }
      }
    };
    await Promise.all(
      stores.map(async (store, writer) => {
        for (let step = 0; step < 15; step++) await add(store, `${writer}-${step}`);
      }),
    );
    server.fault = undefined;
    const names = JSON.parse(textOf((await stores[0]!.get('n'))!.bytes)!) as string[];
    expect(names).toHaveLength(60);
    expect(new Set(names).size).toBe(60);
  });
});
