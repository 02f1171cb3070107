/**
 * Many small blobs of a file store at once. A read that goes through Node's thread pool takes five times as long as the system calls
 * themselves, so these are made directly, a few files in a row; then everything else gets its turn.
 */
import { closeSync, fstatSync, openSync, readSync, readdirSync } from 'node:fs';
import path from 'node:path';
import type { StoredBlob } from './blob-store.js';
import { StoreError } from './errors.js';
import { etagOf, numberOf } from './key-folder.js';

/** Half a millisecond, when their folders are in memory. */
const FILES_IN_A_ROW = 16;
/** Larger files are read by themselves, through the thread pool. */
const MOST_BYTES_DIRECTLY = 256 * 1024;
/** Most bytes of all blobs together. */
export const MAX_BYTES_TOGETHER = 64 * 2 ** 20;

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
  let totalBytes = 0;
  for (const [index, key] of keys.entries()) {
    if (index % FILES_IN_A_ROW === FILES_IN_A_ROW - 1) await new Promise((resolve) => setImmediate(resolve));
    const newest = openNewest(folderOf(key));
    totalBytes += newest?.sizeBytes ?? 0;
    if (totalBytes > MAX_BYTES_TOGETHER) {
      newest?.close();
      throw tooLarge(keys.length);
    }
    const isSmall = newest !== undefined && newest.sizeBytes <= MOST_BYTES_DIRECTLY;
    const blob = isSmall ? newest.read() : undefined;
    newest?.close();
    blobs.push(blob ?? (await get(key)));
  }
  return blobs;
}

interface OpenFile {
  readonly sizeBytes: number;
  /** Undefined when it can't be read like this. */
  read(): StoredBlob | undefined;
  close(): void;
}

/** The file of a key's newest generation; undefined when there is none, or another process is at work there. */
function openNewest(folder: string): OpenFile | undefined {
  try {
    const [epoch, generation] = newestNames(folder);
    const file = openSync(path.join(folder, String(epoch), String(generation)), 'r');
    const { size, mtimeNs } = fstatSync(file, { bigint: true });
    const sizeBytes = Number(size);
    const read = () => {
      const bytes = new Uint8Array(sizeBytes);
      if (!isFilled(file, bytes)) return undefined;
      return { bytes, etag: etagOf(generation, mtimeNs), modifiedMs: Number(mtimeNs / 1_000_000n) };
    };
    return { sizeBytes, read, close: () => closeSync(file) };
  } catch {
    return undefined;
  }
}

function isFilled(file: number, bytes: Uint8Array): boolean {
  try {
    return bytes.length === 0 || readSync(file, bytes, 0, bytes.length, 0) === bytes.length;
  } catch {
    // A folder, or a disk that fails: whoever reads it by itself says so.
    return false;
  }
}

function newestNames(folder: string): readonly [epoch: number, generation: number] {
  // Nearly all keys are in their first epoch, so that folder is read without looking for others.
  let epoch = 1;
  let generations = namesIn(path.join(folder, '1'));
  if (generations.length === 0) {
    epoch = Math.max(...readdirSync(folder).flatMap(numberOf));
    generations = readdirSync(path.join(folder, String(epoch)));
  }
  return [epoch, Math.max(...generations.flatMap(numberOf))];
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function tooLarge(count: number): StoreError {
  const message = `getMany: the ${count} blobs have more than ${MAX_BYTES_TOGETHER} bytes together; ask for fewer`;
  return new StoreError('TOO_LARGE', message, { details: { maxBytes: MAX_BYTES_TOGETHER } });
}
