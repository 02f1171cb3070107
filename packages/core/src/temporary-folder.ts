/**
 * The folder `#tmp` of a file store: what is being written, and a mark by which readers see that nothing was.
 *
 * Every step that changes what a store holds has an entry in here from before the change can begin until it is visible: a put links or
 * renames it, a delete announces itself by an empty file. Making and removing entries set the folder's times. When the folder is empty,
 * nothing is under way; and while its times then stay the same, nothing is begun. They are the mark of the whole store; looking at them is
 * one call. The time of change is one of them, since nobody can set it back, such as who copies a backup into the folder.
 *
 * - **Equal times.** The system's clock for files goes in ticks, of up to 10 ms. So a time is a mark only when it is 50 ms old, as what is
 *   made from then on gets another one. A time in whole seconds may come from a file system that counts seconds, or two; that must be older.
 *   A time still to come, of a clock that was set back or of another machine, is never old enough.
 * - **Sweeping.** Entries older than an hour were left by processes that died; they are removed, so that there are marks again. Should the
 *   process only have slept that long, a put fails, because its entry is gone, and a delete makes and removes another one behind its step.
 * - **Trimming** a key changes nothing that a list shows.
 */
import { randomBytes } from 'node:crypto';
import { lstatSync, statSync } from 'node:fs';
import { lstat, readdir, rename, rm, unlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { StoreChanges } from './blob-store.js';
import type { DurableFolders } from './durable-folders.js';
import { toStoreError } from './system-failure.js';

const MARK_AGE_MS = 50;
const MARK_AGE_OF_SECONDS_MS = 2_050;
/** Entries older than this were left by a process that died. */
const STALE_MS = 60 * 60 * 1000;
/** How often a reader looks for such entries. */
const SWEEP_EVERY_MS = 60 * 1000;

/** The folder of temporary files of one file store. */
export class TemporaryFolder {
  readonly #folder: string;
  readonly #folders: DurableFolders;
  #ready: Promise<void> | undefined;
  #sweptMs = Number.NEGATIVE_INFINITY;

  constructor(root: string, folders: DurableFolders) {
    this.#folder = path.join(root, '#tmp');
    this.#folders = folders;
  }

  /**
   * Makes an entry. When that fails, what there is of it is removed, and the error is a StoreError.
   * @param make gets the path of the entry
   */
  async make<Result>(operation: string, key: string, make: (entry: string) => Promise<Result>): Promise<Result> {
    const entry = path.join(this.#folder, `${process.pid}-${randomBytes(8).toString('hex')}`);
    try {
      await (this.#ready ??= this.#prepare());
      return await make(entry);
    } catch (error) {
      // Whatever is wrong with the folder, the next one looks at it anew.
      this.#ready = undefined;
      await removeEntry(entry);
      throw toStoreError(operation, key, error);
    }
  }

  /** Does a step that takes nothing from an entry, announced by one. It needs no room on the disk but for names. */
  async announcing<Result>(operation: string, key: string, step: () => Promise<Result>): Promise<Result> {
    const entry = await this.#announce(operation, key);
    try {
      return await step();
    } finally {
      // Who took it for a dead process's may have given a mark before the step was done.
      if (!(await isRemoved(entry))) await removeEntry(await this.#announce(operation, key));
    }
  }

  #announce(operation: string, key: string): Promise<string> {
    return this.make(operation, key, async (entry) => {
      await writeFile(entry, '', { flag: 'wx' });
      return entry;
    });
  }

  /** Whether anything may have changed in the store since a mark; see the head. */
  async changesSince(mark: string | undefined): Promise<StoreChanges> {
    // Before the look, so that all that comes behind the look is later than this.
    const nowMs = Date.now();
    const current = this.#look();
    if (!current) return { mark: undefined, changes: undefined };
    if (current.mark === mark) return { mark, changes: { put: [], deleted: [] } };
    const isOld = current.changedMs <= nowMs - (current.inSeconds ? MARK_AGE_OF_SECONDS_MS : MARK_AGE_MS);
    return { mark: isOld && (await this.#isEmpty()) ? current.mark : undefined, changes: undefined };
  }

  #look(): { mark: string; changedMs: number; inSeconds: boolean } | undefined {
    try {
      const { dev, ino, mtimeNs, ctimeNs } = statSync(this.#folder, { bigint: true });
      return {
        mark: [dev, ino, mtimeNs, ctimeNs].map((part) => part.toString(36)).join('-'),
        changedMs: Number(mtimeNs > ctimeNs ? mtimeNs : ctimeNs) / 1e6,
        inSeconds: mtimeNs % 1_000_000_000n === 0n,
      };
    } catch {
      return undefined;
    }
  }

  /** Removes what dead processes left, now and then, if it isn't. */
  async #isEmpty(): Promise<boolean> {
    try {
      if ((await readdir(this.#folder)).length === 0) return true;
      if (performance.now() - this.#sweptMs >= SWEEP_EVERY_MS) await this.#sweep();
    } catch {
      // Whoever lists is told what is wrong.
    }
    return false;
  }

  async #prepare(): Promise<void> {
    await this.#folders.make(this.#folder);
    await this.#sweep();
  }

  async #sweep(): Promise<void> {
    this.#sweptMs = performance.now();
    for (const name of await readdir(this.#folder)) await removeIfStale(this.#folder, name).catch(() => {});
  }
}

/** Removes an entry that is no longer needed, if it is there. What stays is removed later; it is no failure. */
export async function removeEntry(entry: string): Promise<void> {
  try {
    const found = lstatSync(entry, { throwIfNoEntry: false });
    if (found?.isDirectory()) await rm(entry, { recursive: true, force: true });
    else if (found) await unlink(entry);
  } catch {
    // As said.
  }
}

/** Removes an entry; false when it was gone already. */
async function isRemoved(entry: string): Promise<boolean> {
  try {
    await unlink(entry);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ENOENT';
  }
}

/** Removes an entry that is too old to be in use. It is renamed first: a writer that wakes up late finds it gone. */
async function removeIfStale(folder: string, name: string): Promise<void> {
  const entry = path.join(folder, name);
  const { mtimeMs } = await lstat(entry);
  if (mtimeMs >= Date.now() - STALE_MS) return;
  const dead = path.join(folder, `dead-${randomBytes(8).toString('hex')}`);
  await rename(entry, dead);
  await rm(dead, { recursive: true, force: true });
}
