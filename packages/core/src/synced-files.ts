/**
 * Files and folders of which one knows that they are on disk. What only reads (opening, looking) or gives back is called directly, since
 * the thread pool costs more than the call; what may wait for the disk is not.
 */
import * as fs from 'node:fs';
import { promisify } from 'node:util';
import { eachBounded } from './each-bounded.js';

const openFile = promisify(fs.open);
const write = promisify(fs.write);
const fsync = promisify(fs.fsync);

/** Most bytes of one write. */
const MAX_WRITE_BYTES = 16 * 2 ** 20;

/**
 * Makes a file, and syncs it while other things are synced beside it.
 * @param beside what begins once the bytes are written
 * @returns its time, in nanoseconds
 */
export async function writeSynced(
  file: string,
  bytes: Uint8Array,
  beside: readonly (() => Promise<unknown>)[] = [],
): Promise<bigint> {
  const descriptor = await openFile(file, 'wx');
  try {
    for (let done = 0; done < bytes.length; ) {
      const { bytesWritten } = await write(descriptor, bytes, done, Math.min(bytes.length - done, MAX_WRITE_BYTES));
      done += bytesWritten;
    }
    await together([() => fsync(descriptor), ...beside]);
    return fs.fstatSync(descriptor, { bigint: true }).mtimeNs;
  } finally {
    fs.closeSync(descriptor);
  }
}

/** Makes sure that the names in a folder are on disk. */
export async function syncFolder(folder: string): Promise<void> {
  const open = openFolder(folder);
  try {
    await open.sync();
  } finally {
    open.close();
  }
}

/** A folder that can be synced wherever it is renamed to. */
export interface OpenFolder {
  sync(): Promise<void>;
  /** Not while it is synced. */
  close(): void;
  /** Whether a folder of this name is this one. */
  isAt(folder: string): boolean;
}

/** Opens a folder. */
export function openFolder(folder: string): OpenFolder {
  const descriptor = fs.openSync(folder, 'r');
  return {
    sync: () => fsync(descriptor),
    close: () => fs.closeSync(descriptor),
    isAt: (name) => {
      const [mine, its] = [fs.fstatSync(descriptor), fs.statSync(name, { throwIfNoEntry: false })];
      return mine.ino === its?.ino && mine.dev === its.dev;
    },
  };
}

/** Does all at once, and fails when all have ended. */
async function together(steps: readonly (() => Promise<unknown>)[]): Promise<void> {
  await eachBounded(steps, steps.length, (step) => step());
}
