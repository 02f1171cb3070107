/** What a failed system call means to whoever uses a file store. */
import { StoreError } from './errors.js';

const STORE_CODES: Readonly<Record<string, ConstructorParameters<typeof StoreError>[0]>> = {
  ENOSPC: 'NO_SPACE',
  EDQUOT: 'NO_SPACE',
  EFBIG: 'TOO_LARGE',
  EROFS: 'READ_ONLY',
  EACCES: 'READ_ONLY',
  EPERM: 'UNSUPPORTED',
  ENOTSUP: 'UNSUPPORTED',
  EMFILE: 'UNAVAILABLE',
  ENFILE: 'UNAVAILABLE',
  EAGAIN: 'UNAVAILABLE',
  EEXIST: 'UNAVAILABLE',
  ENOTEMPTY: 'UNAVAILABLE',
};

const ADVICE: Readonly<Record<string, string>> = {
  NO_SPACE: 'the disk is full; nothing was changed',
  READ_ONLY: 'the folder may not be written to or read',
  UNSUPPORTED: 'this file system refuses hard links or symbolic links, which the store needs',
  UNAVAILABLE: 'the system is short of something or other writers were always faster; try again',
};

/** A system error as a {@link StoreError}; anything else, and a StoreError, as it is. */
export function toStoreError(operation: string, key: string, error: unknown): unknown {
  if (error instanceof StoreError) return error;
  const system = (error as NodeJS.ErrnoException).code;
  if (system === undefined) return error;
  const code = STORE_CODES[system] ?? 'IO';
  return new StoreError(code, `${operation} ${key}: ${ADVICE[code] ?? (error as Error).message} (${system})`, {
    details: { key, system },
    cause: error,
  });
}
