import { z } from 'zod';
import { countField, requireObject, sha256Field } from './bounded-fields.js';
import { RegistryError } from './registry-error.js';
import { shownValue } from './shown-value.js';

/** A file as it is given: its path inside the version or run, and its bytes. */
export interface ArtifactFile {
  /** Segments of `A-Z a-z 0-9 . _ -` joined by `/`, such as `model.json` or `plots/roc.svg`. */
  readonly path: string;
  /** The content; must not be changed until the call that takes it is done. */
  readonly bytes: Uint8Array;
}

/** A file as it is recorded: its content is stored under its hash. */
export interface ArtifactReference {
  readonly path: string;
  /** SHA-256 of the content, 64 hexadecimal digits. */
  readonly sha256: string;
  readonly sizeBytes: number;
}

/** Bounds of files. */
export const ARTIFACT_LIMITS = {
  /** Files of one version. */
  filesPerVersion: 100,
  /** Files of one run. */
  filesPerRun: 1_000,
  /** Bytes of one file. */
  fileBytes: 256 * 2 ** 20,
  /** Bytes of all files of one version. */
  versionBytes: 2 ** 30,
  /** Characters of a path. */
  pathLength: 250,
} as const;

const SEGMENT = /^[A-Za-z0-9._-]+$/;

const pathField = z.string().refine((path) => invalidPathReason(path) === undefined, {
  error: (issue) => invalidPathReason(String(issue.input)) ?? 'invalid',
});

/** An artifact's record as it is stored. */
export const artifactReferenceField = z.object({ path: pathField, sha256: sha256Field, sizeBytes: countField });

/**
 * Checks files before anything is written.
 *
 * @param call what the caller called, for the message
 * @throws {RegistryError} INVALID_ARGUMENT or LIMIT_EXCEEDED, naming the file
 */
export function requireArtifactFiles(call: string, files: readonly ArtifactFile[]): void {
  if (!Array.isArray(files) || files.length === 0) {
    throw new RegistryError('INVALID_ARGUMENT', `${call}: files: expected a list of at least one file`, {
      details: { field: 'files' },
    });
  }
  if (files.length > ARTIFACT_LIMITS.filesPerVersion) {
    throw limitError(call, 'files', files.length, ARTIFACT_LIMITS.filesPerVersion, 'files');
  }
  const seen = new Set<string>();
  let totalBytes = 0;
  for (const file of files) {
    requireArtifactFile(call, file);
    if (seen.has(file.path)) {
      throw new RegistryError('INVALID_ARGUMENT', `${call}: file ${file.path} is given twice; give each path once`, {
        details: { path: file.path },
      });
    }
    seen.add(file.path);
    totalBytes += file.bytes.length;
  }
  if (totalBytes > ARTIFACT_LIMITS.versionBytes) {
    throw limitError(call, 'all files together', totalBytes, ARTIFACT_LIMITS.versionBytes, 'bytes');
  }
}

/** Checks one file. @throws {RegistryError} INVALID_ARGUMENT or LIMIT_EXCEEDED, naming the file */
export function requireArtifactFile(call: string, file: ArtifactFile): void {
  requireObject(call, 'file', file);
  const reason = invalidPathReason(file.path);
  if (reason) {
    const shown = JSON.stringify(shownValue(file.path));
    throw new RegistryError('INVALID_ARGUMENT', `${call}: file path ${shown}: ${reason}`, { details: { path: shown, reason } });
  }
  if (!(file.bytes instanceof Uint8Array)) {
    throw new RegistryError('INVALID_ARGUMENT', `${call}: file ${file.path}: bytes are no Uint8Array`, {
      details: { path: file.path },
    });
  }
  if (file.bytes.length > ARTIFACT_LIMITS.fileBytes) {
    throw limitError(call, `file ${file.path}`, file.bytes.length, ARTIFACT_LIMITS.fileBytes, 'bytes');
  }
}

function limitError(call: string, what: string, found: number, allowed: number, unit: string): RegistryError {
  return new RegistryError('LIMIT_EXCEEDED', `${call}: ${what}: ${found} ${unit}, at most ${allowed} are allowed`, {
    details: { what, found, allowed, unit },
  });
}

function invalidPathReason(path: unknown): string | undefined {
  if (typeof path !== 'string' || path.length === 0) return 'a path is a string of at least one character';
  if (path.length > ARTIFACT_LIMITS.pathLength)
    return `${path.length} characters, at most ${ARTIFACT_LIMITS.pathLength} are allowed`;
  for (const segment of path.split('/')) {
    if (segment === '') return 'it begins or ends with a slash, or has two in a row';
    if (segment === '.' || segment === '..') return `the segment ${segment} is not allowed`;
    if (!SEGMENT.test(segment)) return 'allowed are A-Z a-z 0-9 . _ - and / between segments';
  }
  return undefined;
}
