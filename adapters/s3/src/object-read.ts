/** Reads an object whole and verifies it; never more bytes than the store allows. */
import { createHash } from 'node:crypto';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { StoreError, type StoredBlob } from '@fraudops/core';
import { SHA256, etagOf } from './object-put.js';
import type { Deadline } from './retrying.js';
import type { S3Place } from './s3-options.js';

/**
 * One try to read an object.
 *
 * @throws the client's errors; an error named `IncompleteBody` when bytes are missing, `DamagedBody` when they differ from those that were put;
 *   {@link StoreError} TOO_LARGE
 */
export async function readObject(place: S3Place, key: string, deadline: Deadline): Promise<StoredBlob> {
  const { client, bucket, prefix, maxBlobBytes } = place;
  const command = new GetObjectCommand({ Bucket: bucket, Key: prefix + key });
  const { Body, ContentLength, ETag, LastModified, Metadata } = await client.send(command, { abortSignal: deadline.signal });
  // In Node.js a body is a stream of buffers.
  const body = Body as unknown as AsyncIterable<Uint8Array> & { destroy(): void };
  const sizeBytes = ContentLength ?? 0;
  if (sizeBytes > maxBlobBytes) {
    body.destroy();
    throw new StoreError('TOO_LARGE', `get ${key}: ${sizeBytes} bytes, at most ${maxBlobBytes} are read; raise maxBlobBytes`, {
      details: { key, sizeBytes, maxBytes: maxBlobBytes },
    });
  }
  deadline.extendFor(sizeBytes);
  const bytes = await readBody(body, sizeBytes);
  const expected = Metadata?.[SHA256];
  if (expected !== undefined && createHash('sha256').update(bytes).digest('hex') !== expected) {
    throw named('DamagedBody', '');
  }
  return { bytes, etag: etagOf(ETag), modifiedMs: LastModified?.getTime() ?? 0 };
}

async function readBody(body: AsyncIterable<Uint8Array>, sizeBytes: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(sizeBytes);
  let filled = 0;
  for await (const chunk of body) {
    if (filled + chunk.length > sizeBytes) throw named('IncompleteBody', `more than the ${sizeBytes} bytes announced`);
    bytes.set(chunk, filled);
    filled += chunk.length;
  }
  if (filled < sizeBytes) throw named('IncompleteBody', `${filled} bytes of ${sizeBytes}`);
  return bytes;
}

/** A failure that passes, since another try may bring the bytes whole. */
function named(name: 'DamagedBody' | 'IncompleteBody', message: string): Error {
  return Object.assign(new Error(message), { name });
}
