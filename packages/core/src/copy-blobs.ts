/**
 * Moves what a store holds to another one: models, runs and all else, from disk to S3, from there to Postgres, or back. Every blob is read
 * back from the target and compared, so a copy that ends without an error is one.
 */
import type { BlobStore, PutCondition } from './blob-store.js';
import { ConflictError, FraudOpsError, StoreError, isFraudOpsError } from './errors.js';
import { type OptionKinds, optionProblem } from './option-problem.js';

/** Options of {@link copyBlobs}. */
export interface CopyOptions {
  /** Only keys that begin with it. Default: all. */
  readonly prefix?: string;
  /** Whether a blob of the target that differs is replaced. Default false: it ends the copy with an error. */
  readonly replace?: boolean;
  /** Blobs on their way at once, 1 to 64; so many are in memory, twice. Default 8. */
  readonly parallel?: number;
  /** Called with each key that was dealt with. */
  readonly onBlob?: (key: string) => void;
}

const OPTIONS: OptionKinds<CopyOptions> = { prefix: 'text', replace: 'flag', parallel: 'checked', onBlob: 'function' };

/** What was copied. */
export interface CopyReport {
  /** Blobs that were written. */
  readonly copied: number;
  /** Blobs that the target held already, with equal bytes. */
  readonly unchanged: number;
  /** Bytes of both. */
  readonly totalBytes: number;
}

/** Looks at a key after a put whose outcome is unknown, or that came too late. */
const MAX_TRIES = 5;

/**
 * Copies blobs in the order of their keys, so that a registry's files are there before the events that name them. A copy that was broken
 * off goes on when it is called again: what is there already is compared and left alone.
 *
 * Nobody should write to the source meanwhile: what is written behind the copy's back may be missed. To move without a long pause, copy
 * once, stop the writers, and copy again with `replace`; the second time only reads what is there.
 *
 * @throws {ConflictError} when the target holds other bytes under a key, and `replace` is not set
 * @throws {StoreError} CORRUPT when the target does not give back what it was given; what either store throws
 * @throws {FraudOpsError} INVALID_OPTION
 * @example await copyBlobs(fileStore('.fraudops'), s3Store({ bucket: 'models' })); // { copied: 12, unchanged: 0, totalBytes: 48210 }
 */
export async function copyBlobs(from: BlobStore, to: BlobStore, options: CopyOptions = {}): Promise<CopyReport> {
  const problem = optionProblem(options, OPTIONS);
  if (problem !== undefined) throw new FraudOpsError('INVALID_OPTION', `copyBlobs: ${problem}`);
  const { prefix = '', replace = false, parallel = 8, onBlob } = options;
  if (!Number.isInteger(parallel) || parallel < 1 || parallel > 64)
    throw new FraudOpsError(
      'INVALID_OPTION',
      `copyBlobs: options.parallel is ${String(parallel)}, expected a whole number from 1 to 64`,
    );
  const report = { copied: 0, unchanged: 0, totalBytes: 0 };
  const failures: unknown[] = [];
  const keys = keysInTurn(from, prefix);
  const lane = async () => {
    for await (const key of keys) {
      if (failures.length > 0) return;
      const blob = await from.get(key);
      // Deleted since it was listed.
      if (!blob) continue;
      const isNew = await copyOne(to, key, blob.bytes, replace);
      report[isNew ? 'copied' : 'unchanged']++;
      report.totalBytes += blob.bytes.length;
      onBlob?.(key);
    }
  };
  const guarded = () => lane().catch((error: unknown) => failures.push(error));
  await Promise.all(Array.from({ length: parallel }, guarded));
  if (failures.length > 0) throw failures[0];
  return report;
}

/** The keys of a store for several loops: each key goes to one of them, and none of them ends the others. */
function keysInTurn(store: BlobStore, prefix: string): AsyncIterable<string> {
  const keys = (async function* () {
    for await (const { key } of store.list(prefix)) yield key;
  })();
  return { [Symbol.asyncIterator]: () => ({ next: () => keys.next() }) };
}

/** Whether it was written; false when it was there. */
async function copyOne(to: BlobStore, key: string, bytes: Uint8Array, replace: boolean): Promise<boolean> {
  let written: 'no' | 'maybe' | 'yes' = 'no';
  for (let tries = 1; ; tries++) {
    const found = await to.get(key);
    if (found && Buffer.compare(found.bytes, bytes) === 0) return written !== 'no';
    if (found && written === 'yes') throw corrupt(key, bytes, found.bytes);
    if (found && !replace) throw new ConflictError(key, 'nothing or equal bytes', found.etag);
    const when: PutCondition = found ? { ifMatch: found.etag } : { ifNoneMatch: '*' };
    try {
      await to.put(key, bytes, when);
      written = 'yes';
    } catch (error) {
      // In both cases the next look tells whose bytes are there.
      const code = isFraudOpsError(error) ? error.code : '';
      if (tries === MAX_TRIES || (code !== 'UNKNOWN_OUTCOME' && code !== 'CONFLICT')) throw error;
      if (code === 'UNKNOWN_OUTCOME') written = 'maybe';
    }
  }
}

function corrupt(key: string, put: Uint8Array, found: Uint8Array): StoreError {
  const message = `copyBlobs: ${key} reads back as ${found.length} other bytes than the ${put.length} that were put; copy it again`;
  return new StoreError('CORRUPT', message, { details: { key, putBytes: put.length, foundBytes: found.length } });
}
