/**
 * Folders whose names are on disk, and the syncs that several puts share.
 *
 * A put into a new key renames a folder into its parent and then syncs the parent. One sync serves all renames that ended before it began,
 * so puts into one parent share them: while one sync runs, all that come wait for one more.
 */
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { eachBounded } from './each-bounded.js';
import { type OpenFolder, openFolder, syncFolder } from './synced-files.js';

/** Folders remembered as being on disk with their names. */
const MAX_DURABLE_FOLDERS = 10_000;

/** The folders below a root. */
export class DurableFolders {
  readonly #root: string;
  readonly #durable = new Set<string>();
  /** Of the puts under way. */
  readonly #shared = new Map<string, SharedFolder>();

  constructor(root: string) {
    this.#root = root;
  }

  /** Makes a folder with its parents, and sees that their names are on disk, whichever process made them. */
  async make(folder: string): Promise<void> {
    if (this.#durable.has(folder) && existsSync(folder)) return;
    const firstMade = await mkdir(folder, { recursive: true });
    const shortest = Math.min(this.#root.length, firstMade?.length ?? Number.POSITIVE_INFINITY);
    const unsure: string[] = [];
    for (let name = folder; name.length >= shortest && name !== path.dirname(name); name = path.dirname(name)) {
      if (firstMade !== undefined || !this.#durable.has(name)) unsure.push(name);
    }
    await eachBounded(unsure, unsure.length, (name) => syncFolder(path.dirname(name)));
    if (this.#durable.size > MAX_DURABLE_FOLDERS) this.#durable.clear();
    for (const name of unsure) this.#durable.add(name);
  }

  /** Opens a folder whose syncs are shared by all who have it open. */
  open(folder: string): OpenFolder {
    let shared = this.#shared.get(folder);
    // The folder may have been removed and made anew.
    if (!shared?.isAt(folder)) {
      shared = new SharedFolder(openFolder(folder));
      this.#shared.set(folder, shared);
    }
    shared.users++;
    const mine = shared;
    const close = () => {
      if (--mine.users > 0) return;
      if (this.#shared.get(folder) === mine) this.#shared.delete(folder);
      mine.close();
    };
    return { sync: () => mine.sync(), isAt: (name) => mine.isAt(name), close };
  }
}

class SharedFolder implements OpenFolder {
  users = 0;
  readonly #folder: OpenFolder;
  #last: Promise<unknown> = Promise.resolve();
  /** The sync that has not begun yet. */
  #next: Promise<void> | undefined;

  constructor(folder: OpenFolder) {
    this.#folder = folder;
  }

  /** A sync that begins after this call. */
  sync(): Promise<void> {
    if (!this.#next) {
      this.#next = this.#syncBehind(this.#last);
      this.#last = this.#next.catch(() => {});
    }
    return this.#next;
  }

  isAt(name: string): boolean {
    return this.#folder.isAt(name);
  }

  close(): void {
    this.#folder.close();
  }

  async #syncBehind(last: Promise<unknown>): Promise<void> {
    await last;
    this.#next = undefined;
    await this.#folder.sync();
  }
}
