/** A file of another library, given as bytes, as text or already parsed. */
import { ModelError } from '../model-error.js';
import { describeValue } from './foreign-object.js';

/** Largest file that is imported, in bytes or characters. */
export const MAX_IMPORT_BYTES = 256 * 1024 * 1024;

/** @throws {ModelError} TOO_LARGE beyond {@link MAX_IMPORT_BYTES} */
export function requireImportSize(where: string, file: { readonly length: number }): void {
  if (file.length > MAX_IMPORT_BYTES) {
    throw new ModelError('TOO_LARGE', `${where}: a file of ${file.length} bytes, at most ${MAX_IMPORT_BYTES} are allowed`, {
      details: { length: file.length, limit: MAX_IMPORT_BYTES },
    });
  }
}

/** The text of a file. @throws {ModelError} INVALID_MODEL unless it is a string or bytes of UTF-8, TOO_LARGE */
export function requireText(where: string, file: unknown): string {
  if (typeof file === 'string') {
    requireImportSize(where, file);
    return file;
  }
  if (!(file instanceof Uint8Array)) {
    throw new ModelError('INVALID_MODEL', `${where}: the file is ${describeValue(file)}, expected bytes or text`);
  }
  requireImportSize(where, file);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(file);
  } catch {
    throw new ModelError('INVALID_MODEL', `${where}: bytes that are not UTF-8, expected text; pass the file as it was saved`);
  }
}
