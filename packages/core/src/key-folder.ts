/** The folder of one key of a file store: epochs, and in them generations; see `file-store.ts`. */
import { readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { isValidKey } from './blob-store.js';
import { type OpenFolder, openFolder, syncFolder } from './synced-files.js';

/** A generation that was just made: it is visible, its name may not be on disk yet. */
export interface MadeGeneration {
  readonly epoch: number;
  readonly generation: number;
  /** How many generations the epoch's folder holds now. */
  readonly kept: number;
  /** The folder that holds the new name, open, so that it can be synced wherever it is renamed to. */
  readonly folder: OpenFolder;
}

/**
 * Makes the generation behind the newest one, by an exclusive step. That it succeeds shows that the newest was the newest until then. Nothing
 * is made when it throws: EEXIST when another process took the number, ENOENT when another process is trimming.
 */
export async function makeNextGeneration(
  folder: string,
  newest: { readonly epoch: number; readonly generation: number; readonly kept: number },
  make: (epochFolder: string, name: string) => Promise<void>,
): Promise<MadeGeneration> {
  const epochFolder = path.join(folder, String(newest.epoch));
  const generation = newest.generation + 1;
  // Opened before the step: once the generation is visible, another process may rename the folder, and nothing may be done again.
  const opened = openFolder(epochFolder);
  try {
    await make(epochFolder, String(generation));
  } catch (error) {
    opened.close();
    throw error;
  }
  return { epoch: newest.epoch, generation, kept: newest.kept + 1, folder: opened };
}

/** Gives a complete folder of a key its place, which fails when that is taken: EEXIST or ENOTEMPTY. */
export async function placeKeyFolder(prepared: string, folder: string, parent: OpenFolder): Promise<MadeGeneration> {
  try {
    await rename(prepared, folder);
  } catch (error) {
    parent.close();
    throw error;
  }
  return { epoch: 1, generation: 1, kept: 1, folder: parent };
}

/** Removes all generations but the newest: renames the epoch, so that no slow writer can make a freed name, and clears it. */
export async function trim(folder: string, epoch: number): Promise<void> {
  const renamed = path.join(folder, String(epoch + 1));
  await rename(path.join(folder, String(epoch)), renamed);
  await Promise.all([syncFolder(folder), syncFolder(renamed)]);
  const generations = (await readdir(renamed)).flatMap(numberOf);
  const newest = Math.max(...generations);
  for (const generation of generations) {
    if (generation < newest) await rm(path.join(renamed, String(generation)), { force: true });
  }
}

/** The number that a name of an epoch or a generation stands for; nothing for a foreign name. */
export function numberOf(name: string): number[] {
  return /^[1-9]\d{0,14}$/.test(name) ? [Number(name)] : [];
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
