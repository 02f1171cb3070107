/**
 * The bytes of a put, on disk in `#tmp` before they get their name: a file, or for a key that was never put a folder of the key, complete
 * with its first generation. Either way the file can be linked to any generation.
 */
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { StoreError } from './errors.js';
import { syncFolder, writeSynced } from './synced-files.js';
import { type TemporaryFolder, removeEntry } from './temporary-folder.js';

/** See the head. */
export interface Draft {
  readonly file: string;
  /** The key's folder, if there is one. */
  readonly folder?: string;
  /** Time of the file. */
  readonly mtimeNs: bigint;
  /** Removes it; never fails. */
  remove(): Promise<void>;
}

/** Writes a draft for a key that has generations. */
export function draftFile(temporary: TemporaryFolder, key: string, bytes: Uint8Array): Promise<Draft> {
  return temporary.make('put', key, async (file) => ({
    file,
    mtimeNs: await writeSynced(file, bytes),
    remove: () => removeEntry(file),
  }));
}

/**
 * Writes a draft for a key that has none.
 * @param makeParent makes the folder that the key's folder goes to; done beside the syncs
 */
export function draftFolder(
  temporary: TemporaryFolder,
  key: string,
  bytes: Uint8Array,
  makeParent: () => Promise<void>,
): Promise<Draft> {
  return temporary.make('put', key, async (folder) => {
    const epoch = path.join(folder, '1');
    const file = path.join(epoch, '1');
    await mkdir(folder);
    await mkdir(epoch);
    // Names and bytes are synced at once, and all are on disk before the folder is renamed.
    const mtimeNs = await writeSynced(file, bytes, [() => syncFolder(epoch), () => syncFolder(folder), makeParent]);
    return { file, folder, mtimeNs, remove: () => removeEntry(folder) };
  });
}

/** A step that gives a draft its place. @throws {StoreError} UNAVAILABLE when the draft was removed as a dead process's */
export async function placing<Result>(draft: Draft, key: string, step: () => Promise<Result>): Promise<Result> {
  try {
    return await step();
  } catch (error) {
    if (existsSync(draft.file)) throw error;
    throw new StoreError('UNAVAILABLE', `put ${key}: the temporary file was removed before it got its name; try again`, {
      details: { key },
      cause: error,
    });
  }
}
