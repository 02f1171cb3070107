/** What a request to the S3 server for tests asks for, and how it may go wrong. */
import type { IncomingMessage } from 'node:http';
import { FakeS3Error } from './fake-s3-error.js';

/** What the server can do, by S3's names. */
export type FakeS3Operation =
  | 'CreateBucket'
  | 'HeadBucket'
  | 'ListObjectsV2'
  | 'ListMultipartUploads'
  | 'GetObject'
  | 'HeadObject'
  | 'PutObject'
  | 'DeleteObject'
  | 'CreateMultipartUpload'
  | 'UploadPart'
  | 'CompleteMultipartUpload'
  | 'AbortMultipartUpload';

/** A request as a fault is chosen for it, and as it is recorded. */
export interface FakeS3Request {
  readonly operation: FakeS3Operation;
  readonly bucket: string;
  /** Empty for a request about the bucket. */
  readonly key: string;
  /** Requests received before this one. */
  readonly number: number;
}

/**
 * How a request goes wrong.
 *
 * | fault | what happens |
 * |---|---|
 * | `cut` | the connection breaks before the request is carried out |
 * | `lose-answer` | it is carried out, and the connection breaks |
 * | `half-answer` | it is carried out, and the connection breaks in the middle of the answer |
 * | `error`, `error-after` | 500 InternalError, without carrying it out and after it |
 * | `slow-down` | 503 SlowDown |
 * | `read-only` | 403 AccessDenied, if it would change something |
 * | `full` | 403 QuotaExceeded, if it would add something |
 * | `damage` | one bit of an object's bytes is flipped on their way to the client |
 * | `waitMs` | it is carried out and answered so much later |
 */
export type FakeS3Fault =
  | 'cut'
  | 'lose-answer'
  | 'half-answer'
  | 'error'
  | 'error-after'
  | 'slow-down'
  | 'read-only'
  | 'full'
  | 'damage'
  | { readonly waitMs: number };

/** A request that was taken apart. */
export interface ParsedRequest extends FakeS3Request {
  readonly query: URLSearchParams;
}

/** Operations by method, then by the query member that marks them; the empty name is that of a request without one. */
const BUCKET_OPERATIONS: Readonly<Record<string, Readonly<Record<string, FakeS3Operation>>>> = {
  PUT: { '': 'CreateBucket' },
  HEAD: { '': 'HeadBucket' },
  GET: { 'list-type': 'ListObjectsV2', uploads: 'ListMultipartUploads' },
};
const OBJECT_OPERATIONS: typeof BUCKET_OPERATIONS = {
  GET: { '': 'GetObject' },
  HEAD: { '': 'HeadObject' },
  PUT: { uploadId: 'UploadPart', '': 'PutObject' },
  POST: { uploads: 'CreateMultipartUpload', uploadId: 'CompleteMultipartUpload' },
  DELETE: { uploadId: 'AbortMultipartUpload', '': 'DeleteObject' },
};
const CHANGING: ReadonlySet<FakeS3Operation> = new Set([
  'CreateBucket',
  'PutObject',
  'DeleteObject',
  'CreateMultipartUpload',
  'UploadPart',
  'CompleteMultipartUpload',
  'AbortMultipartUpload',
]);
const ADDING: ReadonlySet<FakeS3Operation> = new Set(['PutObject', 'UploadPart', 'CompleteMultipartUpload']);

/** Takes a request apart: the bucket is the first part of its path. @throws {FakeS3Error} NotImplemented */
export function parseRequest({ method = '', url = '' }: IncomingMessage, number: number): ParsedRequest {
  const { pathname, searchParams: query } = new URL(url, 'http://fake');
  const [, bucket = '', ...rest] = pathname.split('/');
  const key = decodeURIComponent(rest.join('/'));
  const byMember = (key === '' ? BUCKET_OPERATIONS : OBJECT_OPERATIONS)[method] ?? {};
  const marked = Object.keys(byMember).find((member) => member !== '' && query.has(member));
  const operation = byMember[marked ?? ''];
  if (bucket === '' || !operation) throw new FakeS3Error(501, 'NotImplemented', `${method} ${pathname} is not implemented`);
  return { operation, bucket, key, number, query };
}

/** Throws what a fault says before the request is carried out. @throws {FakeS3Error} */
export function failBefore(fault: FakeS3Fault | undefined, operation: FakeS3Operation): void {
  if (fault === 'error') throw new FakeS3Error(500, 'InternalError', 'We encountered an internal error. Please try again.');
  if (fault === 'slow-down') throw new FakeS3Error(503, 'SlowDown', 'Please reduce your request rate.');
  if (fault === 'read-only' && CHANGING.has(operation)) throw new FakeS3Error(403, 'AccessDenied', 'Access Denied');
  if (fault === 'full' && ADDING.has(operation)) throw new FakeS3Error(403, 'QuotaExceeded', 'The quota is used up.');
}
