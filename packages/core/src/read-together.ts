/** Many small blobs of a file store at once, read by direct system calls in short stretches; large ones by themselves, through the thread pool. */
import { closeSync, openSync, readSync } from 'node:fs';
import type { StoredBlob } from './blob-store.js';
import { StoreError } from './errors.js';
import { type NewestGeneration, etagOf, modifiedMsOf, newestDirectly } from './newest-generation.js';
import { ShortStretches } from './short-stretches.js';

/** Larger files are read by themselves. */
const MOST_BYTES_DIRECTLY = 256 * 1024;
/** Most bytes of all blobs together. */
const MAX_BYTES_TOGETHER = 64 * 2 ** 20;

/**
 * Reads blobs in the order of their keys.
 *
 * @param folderOf the folder of a key
 * @param get reads one blob, whatever is in its way
 * @throws {StoreError} TOO_LARGE when they have more than 64 MiB together
 */
export async function readTogether(
  keys: readonly string[],
  folderOf: (key: string) => string,
  get: (key: string) => Promise<StoredBlob | undefined>,
): Promise<(StoredBlob | undefined)[]> {
  const blobs: (StoredBlob | undefined)[] = [];
  const stretches = new ShortStretches();
  let totalBytes = 0;
  for (const key of keys) {
    const folder = folderOf(key);
    const newest = newestDirectly(folder);
    totalBytes += newest?.sizeBytes ?? 0;
    if (totalBytes > MAX_BYTES_TOGETHER) throw tooLarge(keys.length);
    const isNone = newest !== undefined && (newest.generation === 0 || newest.deleted);
    blobs.push(isNone ? undefined : ((newest && readDirectly(folder, newest)) ?? (await get(key))));
    if (stretches.isOver()) await stretches.giveWay();
  }
  return blobs;
}

/** The blob of a generation; undefined when it can't be read like this. */
function readDirectly(folder: string, newest: NewestGeneration): StoredBlob | undefined {
  if (newest.sizeBytes > MOST_BYTES_DIRECTLY) return undefined;
  try {
    const file = openSync(`${folder}/${newest.epoch}/${newest.generation}`, 'r');
    try {
      const bytes = new Uint8Array(newest.sizeBytes);
      if (bytes.length > 0 && readSync(file, bytes, 0, bytes.length, 0) !== bytes.length) return undefined;
      return { bytes, etag: etagOf(newest), modifiedMs: modifiedMsOf(newest) };
    } finally {
      closeSync(file);
    }
  } catch {
    // Trimmed meanwhile, or a disk that fails: whoever reads it by itself says so.
    return undefined;
  }
}

function tooLarge(count: number): StoreError {
  const message = `getMany: the ${count} blobs have more than ${MAX_BYTES_TOGETHER} bytes together; ask for fewer`;
  return new StoreError('TOO_LARGE', message, { details: { maxBytes: MAX_BYTES_TOGETHER } });
}
