/**
 * A put in parts, for blobs too large to be sent again as a whole when a connection breaks. Nothing is visible before the last request, which
 * makes the object of its parts on the put's condition.
 */
import { createHash } from 'node:crypto';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { eachBounded } from '@fraudops/core';
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
  let parts: UploadedPart[];
  try {
    parts = await sendParts(upload);
  } catch (error) {
    if (error instanceof PartFailure) return { ok: false, failure: error.failure, lost: false };
    throw error;
  }
  const command = { ...target, ...put.condition, MultipartUpload: { Parts: parts } };
  const send = async ({ signal }: { signal: AbortSignal }) =>
    etagOf((await place.client.send(new CompleteMultipartUploadCommand(command), { abortSignal: signal })).ETag);
  // S3 puts the parts together before it answers.
  return retrying(place, send, { bytes: put.bytes.length, again: (failure) => mayPass(failure) && failure.kind !== 'raced' });
}

/** A part that could not be sent; parts not begun yet are then left alone. */
class PartFailure extends Error {
  readonly failure: S3Failure;

  constructor(failure: S3Failure) {
    super(failure.message);
    this.failure = failure;
  }
}

/** All parts in order. @throws {PartFailure} the first one */
function sendParts(upload: Upload): Promise<UploadedPart[]> {
  const { place, put } = upload;
  const offsets = Array.from({ length: Math.ceil(put.bytes.length / place.partBytes) }, (_, i) => i * place.partBytes);
  return eachBounded(offsets, place.parallelParts, async (offset) => {
    const outcome = await sendPart(upload, offset);
    if (!outcome.ok) throw new PartFailure(outcome.failure);
    return outcome.answer;
  });
}

function sendPart({ place, put, target }: Upload, offset: number): Promise<Outcome<UploadedPart>> {
  const PartNumber = offset / place.partBytes + 1;
  const bytes = put.bytes.subarray(offset, offset + place.partBytes);
  const ChecksumSHA256 = createHash('sha256').update(bytes).digest('base64');
  const command = { ...target, PartNumber, Body: bytes, ChecksumSHA256 };
  const send = async ({ signal }: { signal: AbortSignal }) => {
    const { ETag = '' } = await place.client.send(new UploadPartCommand(command), { abortSignal: signal });
    return { PartNumber, ETag, ChecksumSHA256 };
  };
  return retrying(place, send, { bytes: bytes.length });
}

/** What can't be removed now is left to the bucket's rule for incomplete uploads. */
async function abort({ place, target }: Upload): Promise<void> {
  await retrying(place, ({ signal }) => place.client.send(new AbortMultipartUploadCommand(target), { abortSignal: signal }));
}
