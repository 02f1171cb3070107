/**
 * What a key of a file store holds: its newest generation, read in two ways. Directly, which is fast and gives up when anything is unusual,
 * and carefully, through the thread pool, which says what is wrong. See `file-store.ts`.
 */
import { lstatSync, readdirSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import type { BlobInfo } from './blob-store.js';
import { numberOf } from './key-folder.js';

/** A key's newest generation. */
export interface NewestGeneration {
  /** 0 when the key never had one. */
  readonly epoch: number;
  readonly generation: number;
  /** Whether it says that there is no blob. */
  readonly deleted: boolean;
  /** How many generations the epoch's folder holds. */
  readonly kept: number;
  /** Of the blob; 0 when there is none. */
  readonly mtimeNs: bigint;
  readonly sizeBytes: number;
}

const NEVER_PUT: NewestGeneration = { epoch: 0, generation: 0, deleted: false, kept: 0, mtimeNs: 0n, sizeBytes: 0 };

/** Name of a blob's state: the generation, and its time for stores that were restored from a backup. */
export function etagOf({ generation, mtimeNs }: { generation: number; mtimeNs: bigint }): string {
  return `${generation}-${mtimeNs.toString(36)}`;
}

/** The etag of the blob; undefined when there is none. */
export function currentEtag(newest: NewestGeneration): string | undefined {
  return newest.generation === 0 || newest.deleted ? undefined : etagOf(newest);
}

/** What a list says of the blob, if there is one. */
export function infoOf(key: string, newest: NewestGeneration): BlobInfo | undefined {
  const etag = currentEtag(newest);
  return etag === undefined ? undefined : { key, etag, sizeBytes: newest.sizeBytes, modifiedMs: modifiedMsOf(newest) };
}

/** When the blob was put, epoch milliseconds. */
export function modifiedMsOf({ mtimeNs }: NewestGeneration): number {
  return Number(mtimeNs / 1_000_000n);
}

/** The newest generation by direct system calls; undefined when another process is at work there, or anything is unusual. */
export function newestDirectly(folder: string): NewestGeneration | undefined {
  try {
    // Nearly all keys are in their first epoch, so that folder is read without looking for others.
    let epoch = 1;
    let names = namesIn(`${folder}/1`);
    if (names.length === 0) {
      if (!lstatSync(folder, { throwIfNoEntry: false })) return NEVER_PUT;
      epoch = largestNumber(readdirSync(folder));
      names = readdirSync(`${folder}/${epoch}`);
    }
    const generation = largestNumber(names);
    const found = lstatSync(`${folder}/${epoch}/${generation}`, { bigint: true });
    const deleted = found.isSymbolicLink();
    if (!deleted && !found.isFile()) return undefined;
    return { epoch, generation, deleted, kept: names.length, mtimeNs: found.mtimeNs, sizeBytes: Number(found.size) };
  } catch {
    return undefined;
  }
}

/** The newest generation. Throws ENOENT when another process is trimming the key: read again. */
export async function readNewest(folder: string): Promise<NewestGeneration> {
  const first = await readEpoch(folder, 1);
  if (first) return first;
  const epochs = (await readFolder(folder)).filter((entry) => entry.isDirectory()).flatMap(({ name }) => numberOf(name));
  if (epochs.length === 0) return NEVER_PUT;
  const newest = await readEpoch(folder, Math.max(...epochs));
  if (newest) return newest;
  throw Object.assign(new Error(`${folder} is being trimmed`), { code: 'ENOENT' });
}

async function readEpoch(folder: string, epoch: number): Promise<NewestGeneration | undefined> {
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
  if (generation === 0) return undefined;
  const newest = { epoch, generation, deleted, kept: entries.length, mtimeNs: 0n, sizeBytes: 0 };
  if (deleted) return newest;
  const { mtimeNs, size } = await stat(path.join(folder, String(epoch), String(generation)), { bigint: true });
  return { ...newest, mtimeNs, sizeBytes: Number(size) };
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

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    ignoreMissing(error);
    return [];
  }
}

function largestNumber(names: readonly string[]): number {
  let largest = 0;
  for (const name of names) largest = Math.max(largest, ...numberOf(name));
  return largest;
}

/** Throws any error but that something isn't there. */
function ignoreMissing(error: unknown): void {
  const code = (error as NodeJS.ErrnoException).code;
  // ENOTDIR: a file lies where a key's folder would be; then there is no such key.
  if (code !== 'ENOENT' && code !== 'ENOTDIR') throw error;
}
