/** What every S3 server must do with a store, and what the one in this package must do as others do. */
import { createHash, randomUUID } from 'node:crypto';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { type BlobInfo, type BlobStore, isFraudOpsError, seededRandom } from '@fraudops/core';
import { blobStoreContract } from '@fraudops/core/testing';
import { describe, expect, it } from 'vitest';
import { startCuttingProxy } from './cutting-proxy.fixture.js';
import type { S3StoreOptions } from './s3-options.js';
import { s3Store } from './s3-store.js';

/** A server under test. */
export interface ServerUnderTest {
  readonly endpoint: string;
  readonly bucket: string;
  client(endpoint?: string): S3Client;
  /** Whether it checks `If-Match` when an upload is completed. */
  readonly checksCompletion: boolean;
}

const MIB = 2 ** 20;
const bytesOf = (text: string) => new TextEncoder().encode(text);

/** Bytes that look like nothing else. */
export function noise(seed: string, length: number): Uint8Array {
  const random = seededRandom(seed);
  return Uint8Array.from({ length }, () => random.integer(256));
}

async function collect(blobs: AsyncIterable<BlobInfo>): Promise<BlobInfo[]> {
  const all: BlobInfo[] = [];
  for await (const blob of blobs) all.push(blob);
  return all;
}

export function declareServerTests(name: string, server: () => ServerUnderTest): void {
  const storeOn = (options: Partial<S3StoreOptions> = {}) =>
    s3Store({ bucket: server().bucket, prefix: randomUUID(), client: server().client(), firstWaitMs: 5, ...options });

  blobStoreContract(`s3Store on ${name}`, { describe, it }, async () => {
    const prefix = `place/${randomUUID()}`;
    return { open: () => storeOn({ prefix }), dispose: async () => {} };
  });
  describe(`s3Store on ${name}`, () => {
    declareObjectTests(storeOn, server);
    declarePartTests(storeOn, server);
    declareCutTests(storeOn, server);
  });
  describe(`${name} answers as S3 does`, () => {
    declareProtocolTests(server);
  });
}

type StoreOn = (options?: Partial<S3StoreOptions>) => BlobStore;

function declareObjectTests(storeOn: StoreOn, server: () => ServerUnderTest): void {
  it('keeps a blob as an object of the same bytes under prefix and key, with the SHA-256 in its metadata', async () => {
    const prefix = `plain/${randomUUID()}`;
    await storeOn({ prefix }).put('a/b.json', bytesOf('{}'));
    const object = await server()
      .client()
      .send(new GetObjectCommand({ Bucket: server().bucket, Key: `${prefix}/a/b.json` }));
    expect(await object.Body!.transformToString()).toBe('{}');
    expect(object.ETag).toBe(`"${createHash('md5').update('{}').digest('hex')}"`);
    expect(object.Metadata!['fraudops-sha256']).toBe(createHash('sha256').update('{}').digest('hex'));
  });

  it('gives equal bytes an equal etag, and other bytes another one', async () => {
    const store = storeOn();
    const first = await store.put('a', bytesOf('1'));
    const second = await store.put('a', bytesOf('2'), { ifMatch: first.etag });
    const third = await store.put('a', bytesOf('1'), { ifMatch: second.etag });
    expect(second.etag).not.toBe(first.etag);
    expect(third.etag).toBe(first.etag);
  });

  it('sees only what lies under its prefix, and passes over objects whose names are no keys', async () => {
    const prefix = randomUUID();
    const [inner, outer] = [storeOn({ prefix: `${prefix}/a` }), storeOn({ prefix })];
    await inner.put('x', bytesOf('1'));
    await outer.put('ab', bytesOf('2'));
    for (const Key of [`${prefix}/a/`, `${prefix}/a/ä b`])
      await server()
        .client()
        .send(new PutObjectCommand({ Bucket: server().bucket, Key, Body: new Uint8Array(0) }));
    expect((await collect(inner.list(''))).map(({ key }) => key)).toEqual(['x']);
    expect((await collect(outer.list(''))).map(({ key }) => key)).toEqual(['a/x', 'ab']);
  });

  it('refuses what no server would take as an etag, without asking', async () => {
    const store = storeOn();
    await store.put('a', bytesOf('1'));
    const codeOf = (etag: string) => (/^[!-~]{1,200}$/.test(etag) ? 'CONFLICT' : 'INVALID_ARGUMENT');
    for (const ifMatch of ['', '*', 'a\r\nx-amz-acl: public-read', '"', 'é', 'x'.repeat(300)]) {
      await expect(store.put('a', bytesOf('2'), { ifMatch })).rejects.toMatchObject({ code: codeOf(ifMatch) });
      await expect(store.delete('a', { ifMatch })).rejects.toMatchObject({ code: codeOf(ifMatch) });
    }
    expect((await store.get('a'))!.bytes).toEqual(bytesOf('1'));
  });

  it('says that there is no such bucket', async () => {
    const store = storeOn({ bucket: 'nothing-here' });
    const calls = [
      () => store.get('a'),
      () => store.put('a', bytesOf('1')),
      () => store.delete('a'),
      () => collect(store.list('')),
    ];
    for (const call of calls)
      await expect(call()).rejects.toMatchObject({
        code: 'IO',
        details: { s3: 'NoSuchBucket' },
        message: expect.stringContaining('there is no such bucket'),
      });
  });
}

function declarePartTests(storeOn: StoreOn, server: () => ServerUnderTest): void {
  const large = noise('large', 12 * MIB);
  const partBytes = 5 * MIB;
  const unfinished = async (prefix: string) =>
    (
      (
        await server()
          .client()
          .send(new ListMultipartUploadsCommand({ Bucket: server().bucket }))
      ).Uploads ?? []
    ).filter(({ Key }) => Key!.startsWith(prefix));

  it('sends large blobs in parts, reads them back, and lists the etag that get tells', async () => {
    const store = storeOn({ partBytes });
    const { etag } = await store.put('large', large, { ifNoneMatch: '*' });
    expect(etag).toMatch(/-3$/);
    const read = (await store.get('large'))!;
    expect(read.etag).toBe(etag);
    expect(Buffer.compare(read.bytes, large)).toBe(0);
    expect(await collect(store.list(''))).toMatchObject([{ key: 'large', etag, sizeBytes: large.length }]);
    const second = await store.put('large', large.subarray(1), { ifMatch: etag });
    await expect(store.put('large', large, { ifMatch: etag })).rejects.toMatchObject({ code: 'CONFLICT' });
    await store.delete('large', { ifMatch: second.etag });
    expect(await store.get('large')).toBeUndefined();
  });

  it('lets one of several large puts win, and leaves no parts behind', async () => {
    const prefix = randomUUID();
    const store = storeOn({ prefix, partBytes });
    const puts = [0, 1, 2].map((i) => store.put('large', large.subarray(i), { ifNoneMatch: '*' }));
    const results = await Promise.allSettled([...puts, store.put('large', bytesOf('small'), { ifNoneMatch: '*' })]);
    const winners = results.flatMap((result, i) => (result.status === 'fulfilled' ? [i] : []));
    expect(winners).toHaveLength(1);
    for (const result of results) if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'CONFLICT' });
    expect((await store.get('large'))!.bytes.length).toBe(winners[0] === 3 ? 5 : large.length - winners[0]!);
    expect(await unfinished(prefix)).toEqual([]);
  });
}

function declareCutTests(storeOn: StoreOn, server: () => ServerUnderTest): void {
  const outcomeOf = (work: Promise<unknown>): Promise<string> =>
    work.then(
      () => 'done',
      (error: unknown) => {
        if (!isFraudOpsError(error)) throw error;
        return error.code;
      },
    );

  it.each(['a', 'b', 'c'])(
    'keeps every reported put, shows no half blob, and goes on, while connections are cut (%s)',
    async (seed) => {
      const proxy = await startCuttingProxy(server().endpoint, seed, 60_000);
      const prefix = randomUUID();
      const cut = storeOn({ prefix, client: server().client(proxy.endpoint), attempts: 3 });
      const direct = storeOn({ prefix });
      const [counts, contents] = [new Map<string, number>(), new Map<string, string>()];
      try {
        await Promise.all(
          Array.from({ length: 4 }, async (_, writer) => {
            for (let n = 0; n < 25; n++) {
              const key = `w${writer}/${n}`;
              const bytes = noise(`${seed}${key}`, 1 + ((n * 1_733) % 20_000));
              const outcome = await outcomeOf(cut.put(key, bytes, { ifNoneMatch: '*' }));
              counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
              // Nobody else writes this key, so a refusal would be a lie.
              expect(['done', 'UNKNOWN_OUTCOME', 'UNAVAILABLE']).toContain(outcome);
              const found = await direct.get(key);
              if (outcome === 'done') expect(found).toBeDefined();
              if (outcome === 'UNAVAILABLE') expect(found).toBeUndefined();
              if (found) expect(Buffer.compare(found.bytes, bytes)).toBe(0);
              const read = await cut.get(key).catch(() => found);
              expect(read?.bytes).toEqual(found?.bytes);
              if (n % 5 === 4 && found) {
                const deleted = await outcomeOf(cut.delete(key, { ifMatch: found.etag }));
                expect(['done', 'UNKNOWN_OUTCOME', 'UNAVAILABLE']).toContain(deleted);
                if (deleted === 'done') expect(await direct.get(key)).toBeUndefined();
                if (deleted === 'UNAVAILABLE') expect(await direct.get(key)).toBeDefined();
              } else contents.set(key, Buffer.from(bytes).toString('base64'));
            }
          }),
        );
        expect(proxy.cuts).toBeGreaterThan(10);
        expect(counts.get('done')).toBeGreaterThan(10);
        proxy.mend();
        for (const [key, content] of contents) {
          const bytes = Buffer.from(content, 'base64');
          if (!(await cut.get(key))) await cut.put(key, bytes, { ifNoneMatch: '*' });
          expect(Buffer.compare((await direct.get(key))!.bytes, bytes)).toBe(0);
        }
      } finally {
        await proxy.close();
      }
    },
  );
}

/** The name and the status of what a request fails with, or `ok`. */
async function verdictOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return 'ok';
  } catch (error) {
    const { name, $metadata } = error as { name: string; $metadata?: { httpStatusCode?: number } };
    return `${$metadata?.httpStatusCode} ${name}`;
  }
}

function declareProtocolTests(server: () => ServerUnderTest): void {
  const place = () => ({ Bucket: server().bucket, Key: `protocol/${randomUUID()}` });

  it('to conditional puts and deletes', async () => {
    const [client, at] = [server().client(), place()];
    const put = (condition: { IfMatch?: string; IfNoneMatch?: string }) =>
      verdictOf(client.send(new PutObjectCommand({ ...at, ...condition, Body: 'x' })));
    const remove = (IfMatch: string) => verdictOf(client.send(new DeleteObjectCommand({ ...at, IfMatch })));
    const etag = `"${createHash('md5').update('x').digest('hex')}"`;
    expect([await put({ IfMatch: etag }), await remove(etag)]).toEqual(['404 NoSuchKey', '404 NoSuchKey']);
    expect([await put({ IfNoneMatch: '*' }), await put({ IfNoneMatch: '*' })]).toEqual(['ok', '412 PreconditionFailed']);
    expect([await put({ IfMatch: '"other"' }), await remove('"other"')]).toEqual([
      '412 PreconditionFailed',
      '412 PreconditionFailed',
    ]);
    expect([await put({ IfMatch: etag }), await remove(etag)]).toEqual(['ok', 'ok']);
    expect(await verdictOf(client.send(new DeleteObjectCommand(at)))).toBe('ok');
  });

  it('to reads of what is not there', async () => {
    const [client, at] = [server().client(), place()];
    expect(await verdictOf(client.send(new GetObjectCommand(at)))).toBe('404 NoSuchKey');
    expect(await verdictOf(client.send(new HeadObjectCommand(at)))).toBe('404 NotFound');
    expect(await verdictOf(client.send(new GetObjectCommand({ ...at, Bucket: 'nothing-here' })))).toBe('404 NoSuchBucket');
  });

  it('to uploads in parts', async () => {
    const [client, at] = [server().client(), place()];
    const { UploadId } = await client.send(new CreateMultipartUploadCommand({ ...at, Metadata: { note: 'kept' } }));
    const upload = { ...at, UploadId: UploadId! };
    const part = async (PartNumber: number, Body: string) => ({
      PartNumber,
      ETag: (await client.send(new UploadPartCommand({ ...upload, PartNumber, Body }))).ETag!,
    });
    const complete = (Parts: { PartNumber: number; ETag: string }[], condition = {}) =>
      verdictOf(client.send(new CompleteMultipartUploadCommand({ ...upload, ...condition, MultipartUpload: { Parts } })));
    const [small, last] = [await part(1, 'small'), await part(2, 'last')];
    expect(await complete([small, last])).toBe('400 EntityTooSmall');
    expect(await complete([{ ...small, ETag: last.ETag }])).toBe('400 InvalidPart');
    await client.send(new PutObjectCommand({ ...at, Body: 'in the way' }));
    expect(await complete([small], { IfNoneMatch: '*' })).toBe('412 PreconditionFailed');
    if (server().checksCompletion) expect(await complete([small], { IfMatch: '"other"' })).toBe('412 PreconditionFailed');
    expect(await complete([small])).toBe('ok');
    const read = await client.send(new HeadObjectCommand(at));
    const hash = createHash('md5').update(createHash('md5').update('small').digest()).digest('hex');
    expect(read).toMatchObject({ ETag: `"${hash}-1"`, ContentLength: 5, Metadata: { note: 'kept' } });
    expect(await verdictOf(client.send(new AbortMultipartUploadCommand(upload)))).toBe('404 NoSuchUpload');
  });

  it('to lists', async () => {
    const [client, { Bucket, Key }] = [server().client(), place()];
    for (const name of ['b', 'a/1', 'a', 'B'])
      await client.send(new PutObjectCommand({ Bucket, Key: `${Key}/${name}`, Body: name }));
    const page = (rest: object) => client.send(new ListObjectsV2Command({ Bucket, Prefix: `${Key}/`, ...rest }));
    const names = async (rest: object) => {
      const { Contents = [], IsTruncated } = await page(rest);
      return [Contents.map((object) => object.Key!.slice(Key.length + 1)), IsTruncated];
    };
    expect(await names({})).toEqual([['B', 'a', 'a/1', 'b'], false]);
    expect(await names({ MaxKeys: 2 })).toEqual([['B', 'a'], true]);
    expect(await names({ StartAfter: `${Key}/a` })).toEqual([['a/1', 'b'], false]);
    const { NextContinuationToken } = await page({ MaxKeys: 3 });
    expect(await names({ ContinuationToken: NextContinuationToken })).toEqual([['b'], false]);
  });
}
