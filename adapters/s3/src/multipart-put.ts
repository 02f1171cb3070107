/**
 * A put in parts, for blobs too large to be sent again as a whole when a connection breaks. Nothing is visible before the last request, which
 * makes the object of its parts on the put's condition.
 */
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { createHash } from 'node:crypto';
import { type ObjectPut, etagOf } from './object-put.js';
import { type Outcome, mayPass, retrying } from './retrying.js';
import type { S3Failure } from './s3-failure.js';
import type { S3Place } from './s3-options.js';

/** Uploads of one put: S3 asks for a new one when another write came between. */
const MAX_UPLOADS = 3;

/** A part as the last request names it. */
interface UploadedPart {
  readonly PartNumber: number;
  readonly ETag: string;
  readonly ChecksumSHA256: string;
}

/** One upload in parts. */
interface Upload {
  readonly place: S3Place;
  readonly put: ObjectPut;
  readonly target: { readonly Bucket: string; readonly Key: string; readonly UploadId: string };
}

/** The object's etag, or the failure. An upload that failed is removed, so that its parts cost nothing. */
export async function putInParts(place: S3Place, put: ObjectPut): Promise<Outcome<string>> {
  for (let count = 1; ; count++) {
    const begun = await retrying(place, ({ signal }) =>
      place.client.send(new CreateMultipartUploadCommand({ ...put.object, ChecksumAlgorithm: 'SHA256' }), {
        abortSignal: signal,
      }),
    );
    // Beginning an upload shows nothing, whatever became of it.
    if (!begun.ok) return { ...begun, lost: false };
    const { Bucket, Key } = put.object;
    const upload: Upload = { place, put, target: { Bucket, Key, UploadId: begun.answer.UploadId ?? '' } };
    const outcome = await finish(upload);
    if (outcome.ok) return outcome;
    await abort(upload);
    if (outcome.failure.kind !== 'raced' || outcome.lost || count === MAX_UPLOADS) return outcome;
  }
}

async function finish(upload: Upload): Promise<Outcome<string>> {
  const { place, put, target } = upload;
  const parts = await sendParts(upload);
  if (!Array.isArray(parts)) return { ok: false, failure: parts, lost: false };
  const command = { ...target, ...put.condition, MultipartUpload: { Parts: parts } };
  const send = async ({ signal }: { signal: AbortSignal }) =>
    etagOf((await place.client.send(new CompleteMultipartUploadCommand(command), { abortSignal: signal })).ETag);
  // S3 puts the parts together before it answers.
  return retrying(place, send, { bytes: put.bytes.length, again: (failure) => mayPass(failure) && failure.kind !== 'raced' });
}

/** All parts in order, or the first failure. */
async function sendParts(upload: Upload): Promise<UploadedPart[] | S3Failure> {
  const { place, put } = upload;
  const count = Math.ceil(put.bytes.length / place.partBytes);
  const parts: UploadedPart[] = [];
  const failures: S3Failure[] = [];
  let next = 0;
  const lane = async () => {
    while (next < count && failures.length === 0) {
      const index = next++;
      const outcome = await sendPart(upload, index);
      if (outcome.ok) parts[index] = outcome.answer;
      else failures.push(outcome.failure);
    }
  };
  await Promise.all(Array.from({ length: Math.min(place.parallelParts, count) }, lane));
  return failures[0] ?? parts;
}

function sendPart({ place, put, target }: Upload, index: number): Promise<Outcome<UploadedPart>> {
  const bytes = put.bytes.subarray(index * place.partBytes, (index + 1) * place.partBytes);
  const ChecksumSHA256 = createHash('sha256').update(bytes).digest('base64');
  const command = { ...target, PartNumber: index + 1, Body: bytes, ChecksumSHA256 };
  const send = async ({ signal }: { signal: AbortSignal }) => {
    const { ETag = '' } = await place.client.send(new UploadPartCommand(command), { abortSignal: signal });
    return { PartNumber: index + 1, ETag, ChecksumSHA256 };
  };
  return retrying(place, send, { bytes: bytes.length });
}

/** What can't be removed now is left to the bucket's rule for incomplete uploads. */
async function abort({ place, target }: Upload): Promise<void> {
  await retrying(place, ({ signal }) => place.client.send(new AbortMultipartUploadCommand(target), { abortSignal: signal }));
}
