/**
 * An S3 server inside this process, for tests: path-style addresses, objects in memory, conditional writes as S3 does them, and faults on demand.
 * Signatures are not verified, but a request without one is refused.
 */
import { createHash } from 'node:crypto';
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { crc32 } from 'node:zlib';
import { S3Client } from '@aws-sdk/client-s3';
import { FakeBucket, type ObjectHeaders, type WriteCondition } from './fake-s3-bucket.js';
import { FakeS3Error } from './fake-s3-error.js';
import { type FakeS3Fault, type FakeS3Request, type ParsedRequest, failBefore, parseRequest } from './fake-s3-request.js';
import { type XmlMembers, xmlDocument, xmlTexts } from './fake-s3-xml.js';

/** Options of {@link startFakeS3}. */
export interface FakeS3Options {
  /** Name of the bucket that is there from the beginning. Default `test`. */
  readonly bucket?: string;
  /** Port on 127.0.0.1. Default: a free one. */
  readonly port?: number;
  /** Most bytes in a bucket; a put above it gets QuotaExceeded. Default 1 GiB. */
  readonly maxBytes?: number;
}

/** A running server. */
export interface FakeS3 {
  /** Its address, such as `http://127.0.0.1:40123`. */
  readonly endpoint: string;
  readonly bucket: string;
  /** The last 100,000 requests, in the order in which they came. Set its length to 0 to begin anew. */
  readonly requests: FakeS3Request[];
  /** Asked for each request how it goes wrong; undefined for well. */
  fault: ((request: FakeS3Request) => FakeS3Fault | undefined) | undefined;
  /** A new client of the server, which sends each request once. `endpoint`: another way to it, such as a proxy. */
  client(endpoint?: string): S3Client;
  /** Uploads in parts that were neither completed nor aborted, by key. */
  unfinishedUploads(): string[];
  close(): Promise<void>;
}

const MAX_RECORDED = 100_000;
const KEPT_HEADERS = /^(x-amz-meta-|content-type$|x-amz-server-side-encryption)/;

/** An answer before it is sent. */
interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

/**
 * Starts a server with one empty bucket.
 *
 * @example
 * const server = await startFakeS3();
 * const store = s3Store({ bucket: server.bucket, client: server.client() });
 */
export async function startFakeS3(options: FakeS3Options = {}): Promise<FakeS3> {
  const { bucket = 'test', port = 0, maxBytes = 2 ** 30 } = options;
  const fake = new FakeS3Server(bucket, maxBytes);
  await new Promise<void>((resolve, reject) => {
    fake.server.once('error', reject).listen(port, '127.0.0.1', resolve);
  });
  return fake;
}

class FakeS3Server implements FakeS3 {
  readonly server: Server = createServer((request, response) => void this.#handle(request, response));
  readonly bucket: string;
  readonly requests: FakeS3Request[] = [];
  fault: FakeS3['fault'];
  readonly #buckets = new Map<string, FakeBucket>();
  readonly #maxBytes: number;
  #received = 0;

  constructor(bucket: string, maxBytes: number) {
    this.bucket = bucket;
    this.#maxBytes = maxBytes;
    this.#buckets.set(bucket, new FakeBucket(maxBytes));
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  client(endpoint = this.endpoint): S3Client {
    const credentials = { accessKeyId: 'fake', secretAccessKey: 'fake' };
    return new S3Client({ endpoint, credentials, region: 'us-east-1', forcePathStyle: true, maxAttempts: 1 });
  }

  unfinishedUploads(): string[] {
    return [...this.#buckets.values()].flatMap((bucket) => bucket.uploads().map(([, key]) => key));
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    this.server.closeAllConnections();
    await closed;
  }

  async #handle(message: IncomingMessage, response: ServerResponse): Promise<void> {
    let fault: FakeS3Fault | undefined;
    let answer: Answer;
    try {
      const request = parseRequest(message, this.#received++);
      this.#record(request);
      fault = this.fault?.(request);
      if (fault === 'cut') return void message.socket.destroy();
      answer = await this.#answer(request, message, fault);
    } catch (error) {
      // A client that goes away while it sends gets no answer.
      if (!(error instanceof FakeS3Error)) return void message.socket.destroy(error as Error);
      answer = { status: error.status, headers: {}, body: xmlDocument('Error', { Code: error.code, Message: error.message }) };
    }
    send(message, response, answer, fault);
  }

  #record({ operation, bucket, key, number }: FakeS3Request): void {
    if (this.requests.length >= MAX_RECORDED) this.requests.shift();
    this.requests.push({ operation, bucket, key, number });
  }

  async #answer(request: ParsedRequest, message: IncomingMessage, fault: FakeS3Fault | undefined): Promise<Answer> {
    const bytes = await readBody(message, this.#maxBytes);
    if (!message.headers.authorization) throw new FakeS3Error(403, 'AccessDenied', 'Access Denied');
    failBefore(fault, request.operation);
    requireChecksums(message, bytes);
    const wait = () => new Promise((resolve) => setTimeout(resolve, typeof fault === 'object' ? fault.waitMs : 0));
    if (typeof fault === 'object' && request.operation !== 'CompleteMultipartUpload') await wait();
    const answer = await this.#carryOut(request, message, bytes, wait);
    if (fault === 'error-after')
      throw new FakeS3Error(500, 'InternalError', 'We encountered an internal error. Please try again.');
    return answer;
  }

  async #carryOut(
    request: ParsedRequest,
    message: IncomingMessage,
    bytes: Uint8Array,
    wait: () => Promise<unknown>,
  ): Promise<Answer> {
    const { operation, key, query } = request;
    if (operation === 'CreateBucket') {
      if (!this.#buckets.has(request.bucket)) this.#buckets.set(request.bucket, new FakeBucket(this.#maxBytes));
      return { status: 200, headers: {}, body: '' };
    }
    const bucket = this.#buckets.get(request.bucket);
    if (!bucket) throw new FakeS3Error(404, 'NoSuchBucket', 'The specified bucket does not exist');
    const condition = conditionOf(message);
    const id = query.get('uploadId') ?? '';
    switch (operation) {
      case 'HeadBucket':
        return { status: 200, headers: {}, body: '' };
      case 'ListObjectsV2':
        return listAnswer(bucket, query);
      case 'ListMultipartUploads':
        return xml('ListMultipartUploadsResult', { Upload: bucket.uploads().map(([UploadId, Key]) => ({ UploadId, Key })) });
      case 'GetObject':
      case 'HeadObject':
        return objectAnswer(bucket, key);
      case 'PutObject':
        return { status: 200, headers: { etag: bucket.put(key, bytes, headersOf(message), condition).etag }, body: '' };
      case 'DeleteObject':
        bucket.delete(key, condition);
        return { status: 204, headers: {}, body: '' };
      case 'CreateMultipartUpload':
        return xml('InitiateMultipartUploadResult', { UploadId: bucket.beginUpload(key, headersOf(message)) });
      case 'UploadPart':
        return { status: 200, headers: { etag: bucket.putPart(id, Number(query.get('partNumber')), bytes) }, body: '' };
      case 'AbortMultipartUpload':
        bucket.abort(id);
        return { status: 204, headers: {}, body: '' };
      // CompleteMultipartUpload.
      default: {
        const { etag } = await bucket.complete(id, namedParts(bytes), condition, wait);
        return xml('CompleteMultipartUploadResult', { Bucket: request.bucket, Key: key, ETag: etag });
      }
    }
  }
}

async function readBody(message: IncomingMessage, maxBytes: number): Promise<Uint8Array> {
  if (message.headers['x-amz-decoded-content-length'] !== undefined)
    throw new FakeS3Error(501, 'NotImplemented', 'Bodies in signed chunks are not implemented.');
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of message as AsyncIterable<Uint8Array>) {
    sizeBytes += chunk.length;
    if (sizeBytes > maxBytes)
      throw new FakeS3Error(400, 'EntityTooLarge', 'Your proposed upload exceeds the maximum allowed size');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function requireChecksums({ headers }: IncomingMessage, bytes: Uint8Array): void {
  const crc = Buffer.alloc(4);
  crc.writeUInt32BE(crc32(bytes));
  const expected = {
    'x-amz-checksum-sha256': () => createHash('sha256').update(bytes).digest('base64'),
    'x-amz-checksum-crc32': () => crc.toString('base64'),
    'content-md5': () => createHash('md5').update(bytes).digest('base64'),
  };
  for (const [name, checksum] of Object.entries(expected)) {
    if (headers[name] !== undefined && headers[name] !== checksum())
      throw new FakeS3Error(400, 'BadDigest', `The ${name} you specified did not match what we received.`);
  }
}

function conditionOf({ headers }: IncomingMessage): WriteCondition {
  return { ifMatch: headers['if-match'], ifNoneMatch: headers['if-none-match'] };
}

function headersOf({ headers }: IncomingMessage): ObjectHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => KEPT_HEADERS.test(name))) as ObjectHeaders;
}

function namedParts(bytes: Uint8Array): (readonly [number, string])[] {
  const document = new TextDecoder().decode(bytes);
  const etags = xmlTexts(document, 'ETag');
  return xmlTexts(document, 'PartNumber').map((number, i) => [Number(number), etags[i] ?? '']);
}

function objectAnswer(bucket: FakeBucket, key: string): Answer {
  const { bytes, etag, modified, headers } = bucket.get(key);
  return { status: 200, headers: { ...headers, etag, 'last-modified': modified.toUTCString() }, body: bytes };
}

function listAnswer(bucket: FakeBucket, query: URLSearchParams): Answer {
  const prefix = query.get('prefix') ?? '';
  const after = query.get('continuation-token') ?? query.get('start-after') ?? '';
  const count = Math.min(Number(query.get('max-keys') ?? 1000), 1000);
  const found = bucket.list(prefix, after, count);
  const page = found.slice(0, count);
  const Contents = page.map(([Key, { bytes, etag, modified }]) => ({
    Key,
    LastModified: modified.toISOString(),
    ETag: etag,
    Size: bytes.length,
  }));
  const isTruncated = found.length > count;
  const next = isTruncated && page.length > 0 ? { NextContinuationToken: page.at(-1)![0] } : {};
  return xml('ListBucketResult', { Prefix: prefix, KeyCount: page.length, IsTruncated: isTruncated, ...next, Contents });
}

function xml(name: string, members: XmlMembers): Answer {
  return { status: 200, headers: { 'content-type': 'application/xml' }, body: xmlDocument(name, members) };
}

function send(message: IncomingMessage, response: ServerResponse, answer: Answer, fault: FakeS3Fault | undefined): void {
  const body = Buffer.from(answer.body as Uint8Array);
  // Of an answer without a body no half can be sent.
  if (fault === 'lose-answer' || (fault === 'half-answer' && body.length === 0)) return void message.socket.destroy();
  if (fault === 'damage' && answer.body instanceof Uint8Array && body.length > 0) body[body.length >> 1]! ^= 1;
  response.writeHead(answer.status, { ...answer.headers, ...(answer.status !== 204 && { 'content-length': body.length }) });
  if (fault === 'half-answer') {
    response.write(body.subarray(0, body.length >> 1), () => message.socket.destroy());
    return;
  }
  response.end(message.method === 'HEAD' ? undefined : body);
}
