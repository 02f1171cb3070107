/**
 * A blob store in a bucket of S3. A blob is one object of the same bytes, under its key behind the prefix; conditions are S3's own
 * (`If-None-Match: *`, `If-Match`), so they hold between all writers of the bucket.
 *
 * An answer can get lost after S3 carried a put out, and the put that is then sent again is refused by its own condition. So each object
 * names the put that wrote it, in its metadata: after a lost answer the store looks whether the object is its own. Where that can't be told, the
 * error is UNKNOWN_OUTCOME, and never CONFLICT. A delete leaves no trace to look at.
 *
 * **An etag is S3's ETag**: a hash of the bytes as they were sent. Equal bytes that are put again have the same etag, so a state that was left
 * and restored can't be told from one that was never left. What was decided on the bytes read holds for it all the same.
 */
import { DeleteObjectCommand, HeadObjectCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import {
  type BlobInfo,
  type BlobStore,
  ConflictError,
  MAX_KEY_LENGTH,
  type PutCondition,
  StoreError,
  type StoredBlob,
  isValidKey,
  requireValidDelete,
  requireValidKey,
  requireValidPut,
} from '@fraudops/core';
import { putInParts } from './multipart-put.js';
import { type ObjectPut, PUT_ID, conditionHeaders, etagOf, objectPut } from './object-put.js';
import { readObject } from './object-read.js';
import { type Outcome, retrying } from './retrying.js';
import { storeErrorOf, unknownOutcome } from './s3-failure.js';
import { type S3Place, type S3StoreOptions, s3Place } from './s3-options.js';

/** A {@link BlobStore} in S3. */
export interface S3Store extends BlobStore {
  /** Ends the connections of the client, if the store made it. */
  close(): void;
}

/**
 * A blob store in a bucket, which must exist. Nothing is sent before the first call.
 *
 * @throws {FraudOpsError} INVALID_OPTION
 * @example
 * const store = s3Store({ bucket: 'models', prefix: 'fraud', region: 'eu-central-1' });
 * const registry = modelRegistry(store);
 */
export function s3Store(options: S3StoreOptions): S3Store {
  return new BucketStore(s3Place(options));
}

class BucketStore implements S3Store {
  readonly #place: S3Place;

  constructor(place: S3Place) {
    this.#place = place;
  }

  close(): void {
    this.#place.close();
  }

  async get(key: string): Promise<StoredBlob | undefined> {
    requireValidKey(key);
    const outcome = await retrying(this.#place, (deadline) => readObject(this.#place, key, deadline));
    if (outcome.ok) return outcome.answer;
    if (outcome.failure.kind === 'absent') return undefined;
    throw storeErrorOf(`get ${key}`, 'read', outcome.failure);
  }

  async put(key: string, bytes: Uint8Array, when?: PutCondition): Promise<{ etag: string }> {
    requireValidPut(key, bytes, when);
    const { maxBlobBytes, partBytes } = this.#place;
    if (bytes.length > maxBlobBytes) {
      throw new StoreError('TOO_LARGE', `put ${key}: ${bytes.length} bytes, at most ${maxBlobBytes} are allowed`, {
        details: { key, sizeBytes: bytes.length, maxBytes: maxBlobBytes },
      });
    }
    if (when && 'ifMatch' in when) requirePossibleEtag(key, when.ifMatch);
    const put = objectPut(this.#place, key, bytes, when);
    if (bytes.length <= partBytes) return this.#settle(put, await this.#putWhole(put));
    // A put that is refused anyway should not cost sending its bytes.
    if (when) await this.#requireCondition(key, when);
    return this.#settle(put, await putInParts(this.#place, put));
  }

  async delete(key: string, when?: { ifMatch: string }): Promise<void> {
    requireValidDelete(key, when);
    if (when) requirePossibleEtag(key, when.ifMatch);
    const { client, bucket, prefix } = this.#place;
    const command = { Bucket: bucket, Key: prefix + key, ...conditionHeaders(when) };
    const outcome = await retrying(this.#place, ({ signal }) =>
      client.send(new DeleteObjectCommand(command), { abortSignal: signal }),
    );
    if (outcome.ok) return;
    const { failure, lost } = outcome;
    const call = `delete ${key}`;
    if (lost) {
      if (!when && failure.kind === 'absent') return;
      throw unknownOutcome(call, 'whether it was deleted by this call is unknown; get tells what is there', failure);
    }
    if (failure.kind === 'absent') {
      if (when) throw new ConflictError(key, when.ifMatch, 'nothing');
      return;
    }
    if (when && failure.kind === 'refused') throw new ConflictError(key, when.ifMatch);
    throw storeErrorOf(call, 'write', failure);
  }

  async *list(prefix: string, from: { startAfter?: string } = {}): AsyncIterable<BlobInfo> {
    const { client, bucket, prefix: root } = this.#place;
    const startAfter = from.startAfter ?? '';
    // No key begins like this, and not all of it could be sent.
    if (prefix !== keyPart(prefix)) return;
    let after = startAfter === '' ? '' : root + keyPart(startAfter);
    for (;;) {
      const page = { Bucket: bucket, Prefix: root + prefix, ...(after !== '' && { StartAfter: after }) };
      const outcome = await retrying(this.#place, ({ signal }) =>
        client.send(new ListObjectsV2Command(page), { abortSignal: signal }),
      );
      if (!outcome.ok) throw storeErrorOf(`list ${prefix}`, 'read', outcome.failure);
      const objects = outcome.answer.Contents ?? [];
      for (const { Key: name = '', ETag = '', Size = 0, LastModified } of objects) {
        const key = name.slice(root.length);
        // Others may have put objects under the prefix whose names are no keys, such as the consoles' folders.
        if (!isValidKey(key) || key <= startAfter) continue;
        yield { key, etag: etagOf(ETag), sizeBytes: Size, modifiedMs: LastModified?.getTime() ?? 0 };
      }
      const last = objects.at(-1)?.Key;
      if (outcome.answer.IsTruncated !== true || last === undefined) return;
      after = last;
    }
  }

  #putWhole({ object, condition, bytes, sha256 }: ObjectPut): Promise<Outcome<string>> {
    const command = { ...object, ...condition, Body: bytes, ChecksumSHA256: sha256.toString('base64') };
    const send = async ({ signal }: { signal: AbortSignal }) =>
      etagOf((await this.#place.client.send(new PutObjectCommand(command), { abortSignal: signal })).ETag);
    return retrying(this.#place, send, { bytes: bytes.length });
  }

  /** What a put came to. @throws {ConflictError} @throws {StoreError} */
  async #settle({ key, when, id }: ObjectPut, outcome: Outcome<string>): Promise<{ etag: string }> {
    if (outcome.ok) return { etag: outcome.answer };
    const { failure, lost } = outcome;
    const call = `put ${key}`;
    if (lost) {
      const found = await this.#look(key);
      if (found.ok && found.answer.putId === id) return { etag: found.answer.etag };
      throw unknownOutcome(call, 'whether it was kept is unknown; get tells', failure);
    }
    if (when && failure.kind === 'refused') throw new ConflictError(key, 'ifMatch' in when ? when.ifMatch : 'nothing');
    if (when && 'ifMatch' in when && failure.kind === 'absent') throw new ConflictError(key, when.ifMatch, 'nothing');
    throw storeErrorOf(call, 'write', failure);
  }

  /** Which put wrote the object that is there now. */
  #look(key: string): Promise<Outcome<{ putId: string | undefined; etag: string }>> {
    const { client, bucket, prefix } = this.#place;
    return retrying(this.#place, async ({ signal }) => {
      const found = await client.send(new HeadObjectCommand({ Bucket: bucket, Key: prefix + key }), { abortSignal: signal });
      return { putId: found.Metadata?.[PUT_ID], etag: etagOf(found.ETag) };
    });
  }

  /** @throws {ConflictError} when the condition does not hold now */
  async #requireCondition(key: string, when: PutCondition): Promise<void> {
    const found = await this.#look(key);
    if (!found.ok && found.failure.kind !== 'absent') throw storeErrorOf(`put ${key}`, 'read', found.failure);
    const etag = found.ok ? found.answer.etag : 'nothing';
    const expected = 'ifMatch' in when ? when.ifMatch : 'nothing';
    if (etag !== expected) throw new ConflictError(key, expected, etag);
  }
}

/** S3's ETags are hexadecimal digits and dashes; other servers have other ones. What can't be one is not sent. */
function requirePossibleEtag(key: string, etag: string): void {
  if (!/^[\w+/=.:~-]+$/.test(etag)) throw new ConflictError(key, etag);
}

/** The beginning of a text up to the first character that no key has, at most as long as keys are. */
function keyPart(text: string): string {
  return /^[A-Za-z0-9._\-=+@~/]*/.exec(text.slice(0, MAX_KEY_LENGTH))![0];
}
