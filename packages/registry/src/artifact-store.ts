/**
 * Files under their hashes. Equal contents share one blob, whichever run or version they belong to, so a file that is saved may be there
 * already, and a garbage collector may be about to delete it because nothing refers to it yet. Saving guards against that, see
 * `garbage-collection.ts`.
 */
import { type BlobStore, type Clock, durableLayer, sha256Hex, systemClock } from '@fraudops/core';
import type { ArtifactFile, ArtifactReference } from './artifact.js';
import { isConflict } from './conflict.js';
import { eachBounded } from './each-bounded.js';
import { type CollectionRecord, readCollection } from './garbage-record.js';
import { getPastDamage } from './past-damage.js';
import { isUnknownOutcome } from './put-and-look.js';
import { RegistryError } from './registry-error.js';

/** Files read or written at once. */
const PARALLEL_FILES = 4;
/** A blob older than this is written again when it is reused, so that it counts as new. */
const FRESH_MS = 60 * 60 * 1000;
/** Longest time from saving files to the event that names them. With {@link FRESH_MS} an hour less than the shortest grace period. */
const MAX_UNNAMED_MS = 4 * 60 * 60 * 1000;
/** Times that files are looked at again because garbage was collected meanwhile. */
const MAX_SAVE_ATTEMPTS = 20;

/** What was seen of garbage collections last: as good as looking right before files are saved, if it is the same right after. */
const lastSeen = new WeakMap<BlobStore, CollectionRecord>();

/** The key of a content: `blobs/<first two digits>/<sha256>`. */
export function artifactKey(sha256: string): string {
  return `blobs/${sha256.slice(0, 2)}/${sha256}`;
}

/** The SHA-256 of a key of {@link artifactKey}, or of a spare copy `<key>~<number of a collection>`; undefined for any other key. */
export function sha256OfKey(key: string): string | undefined {
  const [, folder, sha256] = /^blobs\/([0-9a-f]{2})\/([0-9a-f]{64})(?:~\d{1,12})?$/.exec(key) ?? [];
  return sha256?.startsWith(folder!) ? sha256 : undefined;
}

/** Files that are hashed, and not written yet. */
export interface HashedArtifacts {
  /** Their records in order of their paths. */
  readonly references: readonly ArtifactReference[];
  /** What is to be written, by its SHA-256. */
  readonly contents: ReadonlyMap<string, Uint8Array>;
}

/** Files that are written, and safe from garbage collection for long enough to be named. */
export interface SavedArtifacts {
  /** To be asked right before the files are named. @throws {RegistryError} CONTENTION when that took too long */
  requireFresh(): void;
}

/** Hashes files. */
export function hashArtifacts(files: readonly ArtifactFile[]): HashedArtifacts {
  const references = files.map(({ path, bytes }) => ({ path, sha256: sha256Hex(bytes), sizeBytes: bytes.length }));
  return {
    references: references.toSorted((a, b) => (a.path < b.path ? -1 : 1)),
    contents: new Map(files.map((file, i) => [references[i]!.sha256, file.bytes])),
  };
}

/**
 * Writes files under their hashes; only then may something refer to them.
 *
 * @param clock the machine's; it must agree with the store's to half an hour
 * @throws {RegistryError} CONTENTION when garbage collections kept coming in between
 */
export async function saveArtifacts(
  store: BlobStore,
  { contents }: Pick<HashedArtifacts, 'contents'>,
  clock: Clock = systemClock,
): Promise<SavedArtifacts> {
  // An old answer would hide a collection that has begun since.
  const durable = durableLayer(store);
  let before = lastSeen.get(durable) ?? (await readCollection(durable));
  for (let attempt = 1; attempt <= MAX_SAVE_ATTEMPTS; attempt++) {
    const savedMs = clock.now();
    const condemned = new Set(before.condemned.flatMap(({ keys }) => keys));
    await eachBounded([...contents], PARALLEL_FILES, async ([sha256, bytes]) => {
      const key = condemned.has(artifactKey(sha256)) ? await spareKey(store, sha256, before, condemned) : artifactKey(sha256);
      await saveContent(store, key, { sha256, bytes }, clock);
    });
    const after = await readCollection(durable);
    lastSeen.set(durable, after);
    if (after.etag === before.etag) return { requireFresh: () => requireFresh(savedMs, clock) };
    before = after;
  }
  const message = `saving files: ${MAX_SAVE_ATTEMPTS} garbage collections came in between; try again`;
  throw new RegistryError('CONTENTION', message, { details: { attempts: MAX_SAVE_ATTEMPTS } });
}

/** A key for a content whose own key may be deleted at any moment: that of a copy that may not, or a new one. */
async function spareKey(
  store: BlobStore,
  sha256: string,
  { collection }: CollectionRecord,
  condemned: ReadonlySet<string>,
): Promise<string> {
  for await (const { key } of store.list(`${artifactKey(sha256)}~`)) {
    if (sha256OfKey(key) === sha256 && !condemned.has(key)) return key;
  }
  // What this collection condemned was there when it began, so it can't be this key.
  return `${artifactKey(sha256)}~${collection}`;
}

async function saveContent(
  store: BlobStore,
  key: string,
  { sha256, bytes }: { sha256: string; bytes: Uint8Array },
  clock: Clock,
): Promise<void> {
  try {
    await store.put(key, bytes, { ifNoneMatch: '*' });
  } catch (error) {
    // Equal bytes can be put again at any time, and then it is known that they were kept.
    if (isUnknownOutcome(error)) return void (await store.put(key, bytes));
    if (!isConflict(error)) throw error;
    // It is there already. A damaged copy would make the new version unreadable, and an old one may be garbage that is about to go.
    const stored = await getPastDamage(store, key);
    const fresh = stored && Math.abs(clock.now() - stored.modifiedMs) < FRESH_MS;
    if (!fresh || sha256Hex(stored.bytes) !== sha256) await store.put(key, bytes);
  }
}

function requireFresh(savedMs: number, clock: Clock): void {
  const elapsedMs = Math.abs(clock.now() - savedMs);
  if (elapsedMs <= MAX_UNNAMED_MS) return;
  const message = `files were saved ${Math.round(elapsedMs / 60_000)} minutes ago, at most ${MAX_UNNAMED_MS / 60_000} may pass until something refers to them; try again`;
  throw new RegistryError('CONTENTION', message, { details: { elapsedMs, maxMs: MAX_UNNAMED_MS } });
}

/**
 * Reads one file and verifies its size and SHA-256.
 *
 * @param owner the version or run it belongs to, for the message
 * @throws {RegistryError} CORRUPT_ARTIFACT, naming the path
 */
export async function loadArtifact(store: BlobStore, owner: string, reference: ArtifactReference): Promise<Uint8Array> {
  const { path, sha256, sizeBytes } = reference;
  const stored = await getPastDamage(store, artifactKey(sha256));
  const reason = damage(stored?.bytes, sha256, sizeBytes);
  if (!reason) return stored!.bytes;
  const spare = await spareCopy(store, reference);
  if (spare) return spare;
  const message = `${owner}: file ${path} ${reason}; restore blob ${artifactKey(sha256)} from a backup, or register the files again`;
  throw new RegistryError('CORRUPT_ARTIFACT', message, {
    details: { owner, path, sha256, sizeBytes, foundBytes: stored?.bytes.length },
  });
}

/** A copy that was written while a garbage collector might have deleted the content's own key. */
async function spareCopy(store: BlobStore, { sha256, sizeBytes }: ArtifactReference): Promise<Uint8Array | undefined> {
  for await (const { key } of store.list(`${artifactKey(sha256)}~`)) {
    const stored = await getPastDamage(store, key);
    if (!damage(stored?.bytes, sha256, sizeBytes)) return stored!.bytes;
  }
  return undefined;
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
