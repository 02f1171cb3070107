/** One put as it is sent: the object that it makes, its condition, its hash, and the id by which it is found again. */
import { createHash, randomUUID } from 'node:crypto';
import type { PutCondition } from '@fraudops/core';
import type { S3Place } from './s3-options.js';

/** Members of an object's metadata: the put that wrote it, and the SHA-256 of its bytes in hexadecimal digits. */
export const PUT_ID = 'fraudops-put';
export const SHA256 = 'fraudops-sha256';

/** A put that may be sent several times. */
export interface ObjectPut {
  readonly key: string;
  readonly when: PutCondition | undefined;
  /** No other put has it. */
  readonly id: string;
  /** A copy: the caller may go on to use the array. */
  readonly bytes: Uint8Array;
  readonly sha256: Buffer;
  /** What S3 is told about the object, however its bytes are sent. */
  readonly object: S3Place['encryption'] & {
    readonly Bucket: string;
    readonly Key: string;
    readonly ContentType: string;
    readonly Metadata: Record<string, string>;
  };
  readonly condition: ConditionHeaders;
}

/** A condition as the SDK takes it. */
export type ConditionHeaders = { readonly IfNoneMatch?: '*'; readonly IfMatch?: string };

/** Describes a put. */
export function objectPut(place: S3Place, key: string, bytes: Uint8Array, when: PutCondition | undefined): ObjectPut {
  const id = randomUUID();
  const copy = bytes.slice();
  const sha256 = createHash('sha256').update(copy).digest();
  const object = {
    ...place.encryption,
    Bucket: place.bucket,
    Key: place.prefix + key,
    ContentType: 'application/octet-stream',
    Metadata: { [PUT_ID]: id, [SHA256]: sha256.toString('hex') },
  };
  return { key, when, id, bytes: copy, sha256, object, condition: conditionHeaders(when) };
}

/** The headers of a condition; none without one. */
export function conditionHeaders(when: PutCondition | undefined): ConditionHeaders {
  if (!when) return {};
  return 'ifMatch' in when ? { IfMatch: `"${when.ifMatch}"` } : { IfNoneMatch: '*' };
}

/** An ETag without its quotes. */
export function etagOf(header: string | undefined): string {
  return (header ?? '').replaceAll('"', '');
}
