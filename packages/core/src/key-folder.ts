/** The folder of one key of a file store: epochs, and in them generations; see `file-store.ts`. */
import { open, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';

/** Where a key stands: its newest generation, or generation 0 when it never had one. */
export interface KeyState {
  readonly epoch: number;
  readonly generation: number;
  readonly deleted: boolean;
  /** How many generations the epoch's folder holds. */
  readonly kept: number;
}

/** The key's newest generation. Throws ENOENT when another process is trimming it: read again. */
export async function readKeyState(folder: string): Promise<KeyState> {
  // Nearly all keys are in their first epoch, so that folder is read without looking for others.
  const first = await readEpoch(folder, 1);
  if (first) return first;
  const epochs = (await readFolder(folder)).map((entry) => Number(entry.name));
  if (epochs.length === 0) return { epoch: 0, generation: 0, deleted: false, kept: 0 };
  const state = await readEpoch(folder, Math.max(...epochs));
  if (state) return state;
  throw Object.assign(new Error(`${folder} is being trimmed`), { code: 'ENOENT' });
}

async function readEpoch(folder: string, epoch: number): Promise<KeyState | undefined> {
  const entries = await readFolder(path.join(folder, String(epoch)));
  // An epoch always holds a generation: empty means that there is no such folder.
  if (entries.length === 0) return undefined;
  let generation = 0;
  let deleted = false;
  for (const entry of entries) {
    if (Number(entry.name) > generation) {
      generation = Number(entry.name);
      deleted = entry.isSymbolicLink();
    }
  }
  return { epoch, generation, deleted, kept: entries.length };
}

/** Removes all generations but the newest: renames the epoch, so that no slow writer can make a freed name, and clears it. */
export async function trim(folder: string, state: { epoch: number }): Promise<void> {
  const renamed = path.join(folder, String(state.epoch + 1));
  try {
    await rename(path.join(folder, String(state.epoch)), renamed);
  } catch (error) {
    // Another process trims this key.
    ignoreMissing(error);
    return;
  }
  await syncFolder(folder);
  const generations = (await readFolder(renamed)).map((entry) => Number(entry.name));
  const newest = Math.max(...generations);
  for (const generation of generations) {
    if (generation < newest) await rm(path.join(renamed, String(generation)), { force: true });
  }
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

/** A file name as a segment of a key. */
export function decodeSegment(name: string): string {
  return name.replace(/%([0-9a-f]{2})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
}

/** Throws any error but that something isn't there. */
export function ignoreMissing(error: unknown): void {
  const code = (error as NodeJS.ErrnoException).code;
  // ENOTDIR: a file lies where a key's folder would be; then there is no such key.
  if (code !== 'ENOENT' && code !== 'ENOTDIR') throw error;
}
