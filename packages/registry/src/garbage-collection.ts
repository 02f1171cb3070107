/**
 * Garbage collection: deletes contents that no version and no run needs, and what runs that are gone left behind.
 *
 * Who saves files (a *writer*) puts them under their hashes and later writes the event or record that names them. A content may be there
 * already, as garbage, when a writer reuses it; and a collector may be paused or cut off between any two requests, its last delete still
 * on its way. A store can't tell a delete that comes late: on some, equal bytes have equal etags. So:
 *
 * 1. A collector lists the contents that are older than the grace period and that nothing refers to. It *condemns* them: it names their
 *    keys in `garbage/collection.json`, replaced on the condition that no other collector did. Only then does it list the contents again,
 *    and read again all that refers to contents. It deletes the condemned keys that are still old and still not referred to. At the end it
 *    takes back its sentence, but for keys whose delete was not answered.
 * 2. A writer reads that object (at any time before), saves, and reads it again; if it changed, it saves once more. A key that is condemned is not used: the
 *    content goes under a spare key, `<key>~<number of the collection>`, which readers look for when the key itself is missing.
 *    A content that is older than an hour is written again when it is reused, so that it counts as new.
 *
 * *Why nothing is lost.* A writer's last save of a key K lies between two reads of the object that saw the same state S of it, in which K
 * is not condemned. Take any delete of K, by a collector C.
 * - C condemned K before S was written. Since S does not name K, C's deletes had all been answered by then, and hit older copies of K
 *   (a store that has answered a delete does not come back to it).
 * - C condemned K after the writer's second read. Then C's second list comes after the save, and sees a K that is at most an hour older
 *   than the save. It is deleted only when older than the grace period: at least 6 hours. By then the writer, who gives up after 4
 *   hours (`requireFresh`), has written its event or never will; one hour is left for clocks that differ.
 * - C lists and condemns in between: impossible, the object would have changed.
 * An event that is there before the second reading of a collector is seen by it. So at every moment from its event on, each file of a version
 * is there. A writer or collector that dies leaves nothing that others must wait for: an open collection is taken over
 * after an hour, its keys stay condemned for 30 days, so a collector must not pause longer than that.
 *
 * *Clocks.* The collector tells ages by its own clock, from times by the store's. One that is behind deletes later, which harms nothing. One that is ahead takes as
 * much off the grace period, and of that a writer needs 5 hours, and as much as its own clock is behind: with the shortest grace period an hour is left for both, with
 * the usual one 19. So half an hour each is harmless, and a collector whose clock differs by more from that of a record it has just put deletes nothing; also
 * one that is behind, since writers on such a machine are too.
 *
 * *Readers.* Who knows a version and loads it later needs its files for as long as it exists, and for the grace period after its deletion:
 * so long they count as needed. Who comes later finds that the version was deleted (NOT_FOUND).
 */
import { randomUUID } from 'node:crypto';
import { type BlobInfo, type BlobStore, type Clock, type OptionKinds, durableLayer, systemClock } from '@fraudops/core';
import { sha256OfKey } from './artifact-store.js';
import { isConflict } from './conflict.js';
import { eachBounded } from './each-bounded.js';
import { epochMsOf } from './epoch-time.js';
import { type CollectionRecord, type Condemned, readCollection, replaceCollection } from './garbage-record.js';
import { type ReferenceKind, RunReferences, VersionReferences } from './garbage-references.js';
import { requireOptions } from './known-options.js';
import { RegistryError } from './registry-error.js';
import { shownValue } from './shown-value.js';

/** Options of {@link collectGarbage}. */
export interface GarbageOptions {
  /** Contents younger than this are kept, and files of versions deleted later than this ago. At least 6 hours, default 24 hours. */
  readonly graceMs?: number;
  /** Tells what would be deleted, and deletes nothing. Default false. */
  readonly dryRun?: boolean;
  /** The machine's clock unless given; one that differs from the store's by more than half an hour is refused. */
  readonly clock?: Clock;
}

const GARBAGE_OPTIONS: OptionKinds<GarbageOptions> = { graceMs: 'checked', dryRun: 'checked', clock: 'checked' };

/** What a garbage collection did, or with `dryRun` would do. */
export interface GarbageReport {
  readonly dryRun: boolean;
  /** Contents there are. */
  readonly blobCount: number;
  /** Contents that something refers to. */
  readonly neededCount: number;
  /** Contents that nothing refers to, but younger than the grace period. */
  readonly youngCount: number;
  /** Contents deleted. */
  readonly deletedCount: number;
  /** Bytes deleted. */
  readonly deletedBytes: number;
  /** Batches of metric points deleted, of runs that are gone. */
  readonly metricBatchCount: number;
  /** Whether there is more than is deleted at once: collect again. */
  readonly more: boolean;
}

/** Shortest grace period: that of writers, and one hour for clocks that differ. */
export const MIN_GRACE_MS = 6 * 60 * 60 * 1000;
/** Grace period unless another is given. */
export const DEFAULT_GRACE_MS = 24 * 60 * 60 * 1000;
/** Keys deleted by one collection. */
const MAX_DELETED = 50_000;
/** Keys condemned at once, those of collections that did not end well included. */
const MAX_CONDEMNED = 200_000;
/** A collection that is open for longer is taken over. */
const TAKE_OVER_MS = 60 * 60 * 1000;
/** Keys of a collection that did not end are condemned for so long. */
const CONDEMNED_MS = 30 * 24 * 60 * 60 * 1000;
/** Deletes at once. */
const PARALLEL_DELETES = 8;
/** Most by which the collector's clock may differ from the store's. */
const MAX_CLOCK_SKEW_MS = 30 * 60 * 1000;
/** Tries of taking back a sentence. */
const MAX_CLOSE_ATTEMPTS = 20;

/**
 * Deletes contents that no version and no run needs, and metric batches of runs that are gone. Any number of writers, readers and collectors
 * may be at work in the same store. It reads all events and run records, twice.
 *
 * @throws {RegistryError} INVALID_ARGUMENT for a grace period under 6 hours; CORRUPT_LOG, CORRUPT_RUN or UNSUPPORTED_EVENT when it can't be
 *   known what is needed, CLOCK_SKEW when the clock differs from the store's by more than half an hour (a dry run can't tell), and then nothing
 *   is deleted; CONTENTION while another collection is under way
 * @throws what the store throws; what was deleted by then was garbage
 * @example
 * const { deletedCount, deletedBytes } = await collectGarbage(store, { graceMs: 48 * 3_600_000 });
 */
export async function collectGarbage(store: BlobStore, options: GarbageOptions = {}): Promise<GarbageReport> {
  const given = requireGarbageOptions(options);
  // An old answer would hide that something is needed.
  return collect(durableLayer(store), given);
}

async function collect(store: BlobStore, { graceMs, dryRun, clock }: Required<GarbageOptions>): Promise<GarbageReport> {
  const beganMs = epochMsOf(clock);
  const oldMs = beganMs - graceMs;
  const runs = new RunReferences(store);
  const kinds = [new VersionReferences(store, oldMs), runs];
  const contents = await listContents(store);
  const needed = await readReferences(kinds);
  const garbage = contents.filter(({ key, modifiedMs }) => modifiedMs < oldMs && !needed.has(sha256OfKey(key)!));
  const count = {
    blobCount: contents.length,
    neededCount: contents.filter(({ key }) => needed.has(sha256OfKey(key)!)).length,
  };
  const youngCount = count.blobCount - count.neededCount - garbage.length;
  const batches = await orphanedBatches(store, runs, oldMs);
  const candidates = garbage.slice(0, MAX_DELETED);
  const deleted = dryRun ? candidates : await deleteGarbage({ store, kinds, candidates, batches, graceMs, clock });
  return {
    dryRun,
    ...count,
    youngCount,
    deletedCount: deleted.length,
    deletedBytes: deleted.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    metricBatchCount: batches.length,
    more: candidates.length < garbage.length || batches.length >= MAX_DELETED,
  };
}

function requireGarbageOptions(options: GarbageOptions): Required<GarbageOptions> {
  requireOptions('collectGarbage', options, GARBAGE_OPTIONS);
  const { graceMs = DEFAULT_GRACE_MS, dryRun = false, clock = systemClock } = options;
  if (!Number.isSafeInteger(graceMs) || graceMs < MIN_GRACE_MS) {
    const message = `collectGarbage: graceMs is ${shownValue(graceMs)}, expected a whole number from ${MIN_GRACE_MS} (6 hours) on; whoever registers counts on that time`;
    throw new RegistryError('INVALID_ARGUMENT', message, { details: { field: 'graceMs', graceMs: shownValue(graceMs) } });
  }
  if (typeof dryRun !== 'boolean') {
    const message = `collectGarbage: dryRun is ${shownValue(dryRun)}, expected true or false`;
    throw new RegistryError('INVALID_ARGUMENT', message, { details: { field: 'dryRun' } });
  }
  return { graceMs, dryRun, clock };
}

/** All contents; other keys below `blobs/` are not the collector's. */
async function listContents(store: BlobStore): Promise<BlobInfo[]> {
  const contents: BlobInfo[] = [];
  for await (const info of store.list('blobs/')) if (sha256OfKey(info.key) !== undefined) contents.push(info);
  return contents;
}

async function readReferences(kinds: readonly ReferenceKind[]): Promise<Set<string>> {
  const needed = new Set<string>();
  for (const kind of kinds) {
    await kind.read();
    for (const sha256 of kind.hashes()) needed.add(sha256);
  }
  return needed;
}

interface Collection {
  readonly store: BlobStore;
  readonly kinds: readonly ReferenceKind[];
  readonly candidates: readonly BlobInfo[];
  /** Of runs that are gone. */
  readonly batches: readonly BlobInfo[];
  readonly graceMs: number;
  readonly clock: Clock;
}

/** Condemns the candidates, looks again, and deletes those that are garbage still, and the batches. Gives which candidates were deleted. */
async function deleteGarbage({ store, kinds, candidates, batches, graceMs, clock }: Collection): Promise<BlobInfo[]> {
  if (candidates.length === 0 && batches.length === 0) return [];
  const sentence = await condemn(store, candidates, clock);
  const condemned = new Set(sentence.keys);
  const unanswered = new Set<string>();
  const deleted: BlobInfo[] = [];
  try {
    const oldMs = epochMsOf(clock) - graceMs;
    const contents = await listContents(store);
    const needed = await readReferences(kinds);
    const garbage = contents.filter(
      ({ key, modifiedMs }) => condemned.has(key) && modifiedMs < oldMs && !needed.has(sha256OfKey(key)!),
    );
    await eachBounded(garbage, PARALLEL_DELETES, async (info) => {
      unanswered.add(info.key);
      if (!(await deleteOne(store, info))) return;
      unanswered.delete(info.key);
      deleted.push(info);
    });
    await deleteAll(store, batches);
  } finally {
    await takeBack(store, sentence, [...unanswered]);
  }
  return deleted;
}

/** Whether the store says that it deleted the blob. One that changed or went meanwhile was perhaps deleted by an earlier try of the adapter. */
async function deleteOne(store: BlobStore, { key, etag }: BlobInfo): Promise<boolean> {
  try {
    await store.delete(key, { ifMatch: etag });
    return true;
  } catch (error) {
    if (isConflict(error)) return false;
    throw error;
  }
}

/** Tells all writers which keys are not to be used. */
async function condemn(store: BlobStore, candidates: readonly BlobInfo[], clock: Clock): Promise<Condemned> {
  const found = await readCollection(store);
  const atMs = epochMsOf(clock);
  if (found.open && Math.abs(atMs - heardMsOf(found)) < TAKE_OVER_MS) throw underWay(found);
  const read = await compareClocks(store, found, clock);
  const standing = read.condemned.filter((other) => Math.abs(atMs - other.atMs) < CONDEMNED_MS);
  const room = MAX_CONDEMNED - standing.reduce((sum, { keys }) => sum + keys.length, 0);
  if (room <= 0) {
    const message = `collectGarbage: collections that did not end well have condemned ${MAX_CONDEMNED} keys, more are not allowed; wait until the oldest is 30 days old`;
    throw new RegistryError('LIMIT_EXCEEDED', message, { details: { limit: MAX_CONDEMNED } });
  }
  const keys = candidates.slice(0, room).map(({ key }) => key);
  const sentence = { collection: read.collection + 1, atMs, keys };
  const next = { id: randomUUID(), collection: sentence.collection, open: true, condemned: [...standing, sentence] };
  if (!(await replaceCollection(store, read, next))) throw underWay(await readCollection(store));
  return sentence;
}

/**
 * Puts the record anew as it is, and learns from it what time it is by the store's clock. A wrong clock must not even write a sentence: it
 * might let those of others lapse.
 *
 * @returns the record as it is then
 * @throws {RegistryError} CLOCK_SKEW
 */
async function compareClocks(store: BlobStore, read: CollectionRecord, clock: Clock): Promise<CollectionRecord> {
  const { collection, open, condemned } = read;
  const id = randomUUID();
  // Whoever is refused here must not make a dead collection look alive.
  const heard = open ? { heardMs: heardMsOf(read) } : {};
  const beforeMs = epochMsOf(clock);
  const isPut = await replaceCollection(store, read, { id, collection, open, ...heard, condemned });
  const written = await readCollection(store);
  const afterMs = epochMsOf(clock);
  if (!isPut || written.id !== id) throw underWay(written);
  const storeMs = written.modifiedMs;
  const skewMs = Math.max(beforeMs - storeMs, storeMs - afterMs);
  if (skewMs <= MAX_CLOCK_SKEW_MS) return written;
  const [own, stores] = [afterMs, storeMs].map((ms) => new Date(ms).toISOString());
  const message = `collectGarbage: the clock here says ${own}, the store's ${stores}: ${Math.round(skewMs / 60_000)} minutes apart, at most ${MAX_CLOCK_SKEW_MS / 60_000} are allowed; nothing was deleted, set the clock right`;
  throw new RegistryError('CLOCK_SKEW', message, { details: { clockMs: afterMs, storeMs, maxMs: MAX_CLOCK_SKEW_MS } });
}

/** When the last collection was heard of, by the store's clock. */
function heardMsOf({ heardMs, modifiedMs }: CollectionRecord): number {
  return heardMs ?? modifiedMs;
}

function underWay(record: CollectionRecord): RegistryError {
  const { collection } = record;
  const sinceMs = heardMsOf(record);
  const since = new Date(sinceMs).toISOString();
  const message = `collectGarbage: collection ${collection} is under way since ${since}; try again when it has ended, or after an hour`;
  return new RegistryError('CONTENTION', message, { details: { collection, sinceMs } });
}

/** Allows the keys again, but for those whose deletion may still come. Others may have begun collections since. */
async function takeBack(store: BlobStore, { collection, atMs }: Condemned, unanswered: readonly string[]): Promise<void> {
  for (let attempt = 1; attempt <= MAX_CLOSE_ATTEMPTS; attempt++) {
    const read = await readCollection(store);
    const others = read.condemned.filter((other) => other.collection !== collection);
    const condemned = unanswered.length > 0 ? [...others, { collection, atMs, keys: unanswered }] : others;
    const open = read.open && read.collection !== collection;
    if (await replaceCollection(store, read, { id: randomUUID(), collection: read.collection, open, condemned })) return;
  }
}

/** Old batches of metric points whose run has no record. A record comes before its batches, and an id is never used again. */
async function orphanedBatches(store: BlobStore, runs: RunReferences, oldMs: number): Promise<BlobInfo[]> {
  const ids = runs.ids();
  const orphans: BlobInfo[] = [];
  for await (const info of store.list('run-metrics/')) {
    if (info.modifiedMs >= oldMs || ids.has(info.key.split('/')[1]!)) continue;
    orphans.push(info);
    if (orphans.length >= MAX_DELETED) break;
  }
  return orphans;
}

async function deleteAll(store: BlobStore, infos: readonly BlobInfo[]): Promise<void> {
  await eachBounded(infos, PARALLEL_DELETES, (info) => deleteOne(store, info));
}
