import { type BlobStore, sha256Hex } from '@fraudops/core';
import type { ArtifactFile, ArtifactReference } from './artifact.js';
import { isConflict } from './conflict.js';
import { eachBounded } from './each-bounded.js';
import { isUnknownOutcome } from './put-and-look.js';
import { RegistryError } from './registry-error.js';

/** Files read or written at once. */
const PARALLEL_FILES = 4;

/** The key of a content: `blobs/<first two digits>/<sha256>`. Equal contents share one blob, whichever run or version they belong to. */
function artifactKey(sha256: string): string {
  return `blobs/${sha256.slice(0, 2)}/${sha256}`;
}

/** Files that are hashed, and not written yet. */
export interface HashedArtifacts {
  /** Their records in order of their paths. */
  readonly references: readonly ArtifactReference[];
  /** What is to be written, by its SHA-256. */
  readonly contents: ReadonlyMap<string, Uint8Array>;
}

/** Hashes files. */
export function hashArtifacts(files: readonly ArtifactFile[]): HashedArtifacts {
  const references = files.map(({ path, bytes }) => ({ path, sha256: sha256Hex(bytes), sizeBytes: bytes.length }));
  return {
    references: references.toSorted((a, b) => (a.path < b.path ? -1 : 1)),
    contents: new Map(files.map((file, i) => [references[i]!.sha256, file.bytes])),
  };
}

/** Writes files under their hashes; only then may something refer to them. */
export async function saveArtifacts(store: BlobStore, { contents }: HashedArtifacts): Promise<void> {
  await eachBounded([...contents], PARALLEL_FILES, ([sha256, bytes]) => saveContent(store, sha256, bytes));
}

async function saveContent(store: BlobStore, sha256: string, bytes: Uint8Array): Promise<void> {
  const key = artifactKey(sha256);
  try {
    await store.put(key, bytes, { ifNoneMatch: '*' });
  } catch (error) {
    // Equal bytes can be put again at any time, and then it is known that they were kept.
    if (isUnknownOutcome(error)) return void (await store.put(key, bytes));
    if (!isConflict(error)) throw error;
    // It is there already; a damaged copy would make the new version unreadable, so it is replaced.
    const stored = await store.get(key);
    if (!stored || sha256Hex(stored.bytes) !== sha256) await store.put(key, bytes);
  }
}

/**
 * Reads one file and verifies its size and SHA-256.
 *
 * @param owner the version or run it belongs to, for the message
 * @throws {RegistryError} CORRUPT_ARTIFACT, naming the path
 */
export async function loadArtifact(store: BlobStore, owner: string, reference: ArtifactReference): Promise<Uint8Array> {
  const { path, sha256, sizeBytes } = reference;
  const stored = await store.get(artifactKey(sha256));
  const reason = damage(stored?.bytes, sha256, sizeBytes);
  if (reason) {
    const message = `${owner}: file ${path} ${reason}; restore blob ${artifactKey(sha256)} from a backup, or register the files again`;
    throw new RegistryError('CORRUPT_ARTIFACT', message, {
      details: { owner, path, sha256, sizeBytes, foundBytes: stored?.bytes.length },
    });
  }
  return stored!.bytes;
}

/** Reads and verifies files, by path. @throws {RegistryError} CORRUPT_ARTIFACT, naming the path */
export async function loadArtifacts(
  store: BlobStore,
  owner: string,
  references: readonly ArtifactReference[],
): Promise<Map<string, Uint8Array>> {
  const contents = await eachBounded(references, PARALLEL_FILES, (reference) => loadArtifact(store, owner, reference));
  return new Map(references.map(({ path }, i) => [path, contents[i]!]));
}

function damage(bytes: Uint8Array | undefined, sha256: string, sizeBytes: number): string | undefined {
  if (!bytes) return 'is missing';
  if (bytes.length !== sizeBytes) return `has ${bytes.length} bytes, expected ${sizeBytes}`;
  return sha256Hex(bytes) === sha256 ? undefined : 'has another SHA-256 than the one recorded';
}
