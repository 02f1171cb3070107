/** The folder of one key of a file store: epochs, and in them generations; see `file-store.ts`. */
import { type FileHandle, open, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { isValidKey } from './blob-store.js';

/** Where a key stands: its newest generation, or generation 0 when it never had one. */
export interface KeyState {
  readonly epoch: number;
  readonly generation: number;
  readonly deleted: boolean;
  /** How many generations the epoch's folder holds. */
  readonly kept: number;
}

/** A generation that was just made: it is visible, its name may not be on disk yet. */
export interface MadeGeneration {
  readonly epoch: number;
  readonly generation: number;
  /** How many generations the epoch's folder holds now. */
  readonly kept: number;
  /** The folder that holds the new name, open, so that it can be synced wherever it is renamed to. */
  readonly folder: FileHandle;
}

/** The key's newest generation. Throws ENOENT when another process is trimming it: read again. */
export async function readKeyState(folder: string): Promise<KeyState> {
  // Nearly all keys are in their first epoch, so that folder is read without looking for others.
  const first = await readEpoch(folder, 1);
  if (first) return first;
  const epochs = (await readFolder(folder)).filter((entry) => entry.isDirectory()).flatMap(({ name }) => numberOf(name));
  if (epochs.length === 0) return { epoch: 0, generation: 0, deleted: false, kept: 0 };
  const state = await readEpoch(folder, Math.max(...epochs));
  if (state) return state;
  throw Object.assign(new Error(`${folder} is being trimmed`), { code: 'ENOENT' });
}

async function readEpoch(folder: string, epoch: number): Promise<KeyState | undefined> {
  const entries = await readFolder(path.join(folder, String(epoch)));
  let generation = 0;
  let deleted = false;
  for (const entry of entries) {
    const [number = 0] = entry.isFile() || entry.isSymbolicLink() ? numberOf(entry.name) : [];
    if (number > generation) {
      generation = number;
      deleted = entry.isSymbolicLink();
    }
  }
  // An epoch always holds a generation: none means that there is no such folder.
  return generation === 0 ? undefined : { epoch, generation, deleted, kept: entries.length };
}

/**
 * Makes the generation behind a state, by an exclusive step. Nothing is made when it throws: EEXIST when another process took the
 * number, ENOENT when another process is trimming.
 */
export async function makeNextGeneration(
  folder: string,
  state: KeyState,
  make: (target: string) => Promise<void>,
): Promise<MadeGeneration> {
  const epochFolder = path.join(folder, String(state.epoch));
  const generation = state.generation + 1;
  // Opened before the step: once the generation is visible, another process may rename the folder, and nothing may be done again.
  const handle = await open(epochFolder, 'r');
  try {
    await make(path.join(epochFolder, String(generation)));
  } catch (error) {
    await handle.close();
    throw error;
  }
  return { epoch: state.epoch, generation, kept: state.kept + 1, folder: handle };
}

/** Removes all generations but the newest: renames the epoch, so that no slow writer can make a freed name, and clears it. */
export async function trim(folder: string, epoch: number): Promise<void> {
  const renamed = path.join(folder, String(epoch + 1));
  await rename(path.join(folder, String(epoch)), renamed);
  await Promise.all([syncFolder(folder), syncFolder(renamed)]);
  const generations = (await readFolder(renamed)).flatMap(({ name }) => numberOf(name));
  const newest = Math.max(...generations);
  for (const generation of generations) {
    if (generation < newest) await rm(path.join(renamed, String(generation)), { force: true });
  }
}

/** The number that a name of an epoch or a generation stands for; nothing for a foreign name. */
export function numberOf(name: string): number[] {
  return /^[1-9]\d{0,14}$/.test(name) ? [Number(name)] : [];
}

/** Entries of a folder; none when it doesn't exist. */
export async function readFolder(folder: string) {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    ignoreMissing(error);
    return [];
  }
}

/** Makes sure that the names in a folder are on disk. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Name of a state: the generation, and its time for stores that were restored from a backup. */
export function etagOf(generation: number, mtimeNs: bigint): string {
  return `${generation}-${mtimeNs.toString(36)}`;
}

/** A segment of a key as a file name. */
export function encodeSegment(segment: string): string {
  return segment.replace(/[^a-z0-9._\-=+@~]/g, (character) => `%${character.charCodeAt(0).toString(16)}`);
}

/** A file name as a segment of a key; undefined for a name that this store has not given. */
export function decodeSegment(name: string): string | undefined {
  const segment = name.replace(/%([0-9a-f]{2})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
  return encodeSegment(segment) === name && isValidKey(segment) ? segment : undefined;
}

/** Throws any error but that something isn't there. */
function ignoreMissing(error: unknown): void {
  const code = (error as NodeJS.ErrnoException).code;
  // ENOTDIR: a file lies where a key's folder would be; then there is no such key.
  if (code !== 'ENOENT' && code !== 'ENOTDIR') throw error;
}
