/**
 * A bucket of the S3 server for tests: objects and uploads in parts, in memory. Every method that writes checks its condition and writes in one
 * step.
 */
import { createHash, randomUUID } from 'node:crypto';
import { FakeS3Error } from './fake-s3-error.js';

/** What goes with an object's bytes, such as `x-amz-meta-` headers; given back as it came. */
export type ObjectHeaders = Readonly<Record<string, string>>;

/** An object. */
export interface FakeObject {
  readonly bytes: Uint8Array;
  /** With its quotes, as in a header. */
  readonly etag: string;
  readonly modified: Date;
  readonly headers: ObjectHeaders;
}

/** Headers that a write depends on. */
export interface WriteCondition {
  readonly ifMatch: string | undefined;
  readonly ifNoneMatch: string | undefined;
}

/** An upload in parts that was begun. */
interface Upload {
  readonly key: string;
  readonly headers: ObjectHeaders;
  readonly parts: Map<number, { readonly bytes: Uint8Array; readonly etag: string }>;
}

/** All parts but the last must be as large. */
const LEAST_PART_BYTES = 5 * 2 ** 20;

/** Objects by key. */
export class FakeBucket {
  readonly #objects = new Map<string, FakeObject>();
  readonly #uploads = new Map<string, Upload>();
  /** Keys whose uploads are being put together, by how many. */
  readonly #completing = new Map<string, number>();
  readonly #maxBytes: number;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** @throws {FakeS3Error} NoSuchKey */
  get(key: string): FakeObject {
    const object = this.#objects.get(key);
    if (!object) throw new FakeS3Error(404, 'NoSuchKey', 'The specified key does not exist.');
    return object;
  }

  put(key: string, bytes: Uint8Array, headers: ObjectHeaders, condition: WriteCondition): FakeObject {
    this.#requireCondition(key, condition);
    return this.#keep(key, bytes, md5(bytes), headers);
  }

  delete(key: string, condition: WriteCondition): void {
    this.#requireCondition(key, condition);
    this.#objects.delete(key);
  }

  /** Keys with a prefix behind a key, in order, one more than asked for if there is one. */
  list(prefix: string, after: string, count: number): (readonly [string, FakeObject])[] {
    const found = [...this.#objects].filter(([key]) => key.startsWith(prefix) && key > after);
    return found.toSorted(([a], [b]) => (a < b ? -1 : 1)).slice(0, count + 1);
  }

  /** Uploads that were neither completed nor aborted, as `[id, key]`. */
  uploads(): (readonly [string, string])[] {
    return [...this.#uploads].map(([id, { key }]) => [id, key]);
  }

  beginUpload(key: string, headers: ObjectHeaders): string {
    const id = randomUUID();
    this.#uploads.set(id, { key, headers, parts: new Map() });
    return id;
  }

  putPart(id: string, number: number, bytes: Uint8Array): string {
    const upload = this.#upload(id);
    if (!Number.isInteger(number) || number < 1 || number > 10_000)
      throw new FakeS3Error(400, 'InvalidArgument', 'Part number must be an integer between 1 and 10000, inclusive');
    this.#requireRoom(bytes.length, upload.parts.get(number)?.bytes.length ?? 0);
    const etag = `"${md5(bytes)}"`;
    upload.parts.set(number, { bytes, etag });
    return etag;
  }

  abort(id: string): void {
    this.#upload(id);
    this.#uploads.delete(id);
  }

  /**
   * Makes the object of its parts. While `meanwhile` runs, conditional writes of the same key get 409; an unconditional one gets through, and then
   * this write gets 409 if it is conditional.
   */
  async complete(
    id: string,
    named: readonly (readonly [number: number, etag: string])[],
    condition: WriteCondition,
    meanwhile: () => Promise<unknown>,
  ): Promise<FakeObject> {
    const { key, headers } = this.#upload(id);
    const parts = this.#namedParts(id, named);
    this.#requireCondition(key, condition);
    const before = this.#objects.get(key);
    this.#completing.set(key, (this.#completing.get(key) ?? 0) + 1);
    try {
      await meanwhile();
    } finally {
      const others = this.#completing.get(key)! - 1;
      if (others > 0) this.#completing.set(key, others);
      else this.#completing.delete(key);
    }
    this.#upload(id);
    if (isConditional(condition) && this.#objects.get(key) !== before) throw conflict();
    this.#uploads.delete(id);
    const hashes = Buffer.from(parts.map(({ etag }) => etag.slice(1, -1)).join(''), 'hex');
    return this.#keep(key, Buffer.concat(parts.map(({ bytes }) => bytes)), `${md5(hashes)}-${parts.length}`, headers);
  }

  #namedParts(id: string, named: readonly (readonly [number, string])[]): { bytes: Uint8Array; etag: string }[] {
    const { parts } = this.#upload(id);
    if (named.length === 0) throw new FakeS3Error(400, 'MalformedXML', 'The XML you provided names no parts.');
    if (named.some(([number], i) => i > 0 && number <= named[i - 1]![0]))
      throw new FakeS3Error(400, 'InvalidPartOrder', 'The list of parts was not in ascending order.');
    return named.map(([number, etag], i) => {
      const part = parts.get(number);
      if (!part || part.etag.replaceAll('"', '') !== etag.replaceAll('"', ''))
        throw new FakeS3Error(400, 'InvalidPart', 'One or more of the specified parts could not be found.');
      if (i < named.length - 1 && part.bytes.length < LEAST_PART_BYTES)
        throw new FakeS3Error(400, 'EntityTooSmall', 'Your proposed upload is smaller than the minimum allowed size');
      return part;
    });
  }

  #upload(id: string): Upload {
    const upload = this.#uploads.get(id);
    if (!upload) throw new FakeS3Error(404, 'NoSuchUpload', 'The specified upload does not exist.');
    return upload;
  }

  #keep(key: string, bytes: Uint8Array, hash: string, headers: ObjectHeaders): FakeObject {
    this.#requireRoom(bytes.length, this.#objects.get(key)?.bytes.length ?? 0);
    const object = { bytes, etag: `"${hash}"`, modified: new Date(), headers };
    this.#objects.set(key, object);
    return object;
  }

  #requireRoom(added: number, freed: number): void {
    let total = added - freed;
    for (const { bytes } of this.#objects.values()) total += bytes.length;
    for (const { parts } of this.#uploads.values()) for (const { bytes } of parts.values()) total += bytes.length;
    if (total > this.#maxBytes) throw new FakeS3Error(403, 'QuotaExceeded', `The bucket holds at most ${this.#maxBytes} bytes.`);
  }

  #requireCondition(key: string, condition: WriteCondition): void {
    if (!isConditional(condition)) return;
    if (this.#completing.has(key)) throw conflict();
    const object = this.#objects.get(key);
    if (condition.ifMatch !== undefined) {
      if (!object) throw new FakeS3Error(404, 'NoSuchKey', 'The specified key does not exist.');
      if (condition.ifMatch.replaceAll('"', '') !== object.etag.slice(1, -1)) throw preconditionFailed('If-Match');
    }
    if (condition.ifNoneMatch !== undefined) {
      if (condition.ifNoneMatch !== '*') throw new FakeS3Error(501, 'NotImplemented', 'If-None-Match takes * only.');
      if (object) throw preconditionFailed('If-None-Match');
    }
  }
}

function isConditional({ ifMatch, ifNoneMatch }: WriteCondition): boolean {
  return ifMatch !== undefined || ifNoneMatch !== undefined;
}

function preconditionFailed(header: string): FakeS3Error {
  return new FakeS3Error(412, 'PreconditionFailed', `At least one of the pre-conditions you specified did not hold: ${header}`);
}

function conflict(): FakeS3Error {
  return new FakeS3Error(409, 'ConditionalRequestConflict', 'A conflicting conditional operation is in progress.');
}

function md5(bytes: Uint8Array): string {
  return createHash('md5').update(bytes).digest('hex');
}
