/**
 * Which contents are needed: one class for each kind of thing that refers to files. Each reads all of its kind, and when asked again only
 * what is new, so that a collector can look twice at little more than the price of once. What was needed once counts as needed for the
 * rest of the collection.
 *
 * A log or record that can't be read ends the collection: nobody knows what it refers to.
 */
import { type BlobStore, readBlobs, sha256Hex } from '@fraudops/core';
import { z } from 'zod';
import { artifactReferenceField } from './artifact.js';
import { eachBounded } from './each-bounded.js';
import { type LogEnd, brokenLink } from './log-reader.js';
import { type RegistryEvent, corruptLog, decodeEvent, eventKey, logPrefix, seqOfKey } from './registry-event.js';
import { RegistryError } from './registry-error.js';
import { openSealedJson } from './sealed-json.js';

/** Something that refers to contents. */
export interface ReferenceKind {
  /** Reads everything that was written before the call. @throws {RegistryError} CORRUPT_LOG, CORRUPT_RUN, UNSUPPORTED_EVENT */
  read(): Promise<void>;
  /** The SHA-256 of all contents that are needed. */
  hashes(): Iterable<string>;
}

/** Logs read at once. */
const PARALLEL_LOGS = 4;

/** The files of versions, but those that were deleted longer ago than a moment. */
export class VersionReferences implements ReferenceKind {
  readonly #store: BlobStore;
  readonly #deletedSinceMs: number;
  readonly #logs = new Map<string, ScannedLog>();

  /** @param deletedSinceMs who began to read a version before it was deleted may go on: files of versions deleted later are needed */
  constructor(store: BlobStore, deletedSinceMs: number) {
    this.#store = store;
    this.#deletedSinceMs = deletedSinceMs;
  }

  async read(): Promise<void> {
    const names = await modelFolders(this.#store);
    await eachBounded(names, PARALLEL_LOGS, (model) => this.#readLog(model));
  }

  *hashes(): Iterable<string> {
    for (const { files } of this.#logs.values()) for (const hashes of files.values()) yield* hashes;
  }

  /** Also of models whose import is under way: what is hidden is needed nonetheless. */
  async #readLog(model: string): Promise<void> {
    const log = this.#logs.get(model) ?? { end: { seq: 0, hash: null }, files: new Map() };
    this.#logs.set(model, log);
    let last = log.end.seq;
    for await (const { key } of this.#store.list(logPrefix(model), { startAfter: eventKey(model, last) })) {
      last = Math.max(last, seqOfKey(model, key) ?? 0);
    }
    const first = log.end.seq + 1;
    const keys = Array.from({ length: last - log.end.seq }, (_, i) => eventKey(model, first + i));
    for await (const batch of readBlobs(this.#store, keys)) {
      for (const { blob } of batch) this.#add(log, { model, seq: log.end.seq + 1 }, blob?.bytes);
    }
  }

  #add(log: ScannedLog, at: { model: string; seq: number }, bytes: Uint8Array | undefined): void {
    if (!bytes) throw corruptLog(at, 'it is missing');
    const event: RegistryEvent = decodeEvent(bytes, at);
    if (event.previous !== log.end.hash) throw brokenLink(at.model, at.seq);
    log.end = { seq: at.seq, hash: sha256Hex(bytes) };
    if (event.type === 'registered') {
      const { version, files } = event.payload;
      log.files.set(
        version,
        files.map(({ sha256 }) => sha256),
      );
    }
    if (event.type === 'deleted-version' && event.atMs < this.#deletedSinceMs) log.files.delete(event.payload.version);
  }
}

interface ScannedLog {
  end: LogEnd;
  /** Hashes of the files by version. */
  readonly files: Map<number, readonly string[]>;
}

/** The files of runs. Of their records it reads nothing else, so it does not depend on the rest of their form. */
export class RunReferences implements ReferenceKind {
  readonly #store: BlobStore;
  readonly #records = new Map<string, { etag: string; hashes: readonly string[] }>();

  constructor(store: BlobStore) {
    this.#store = store;
  }

  async read(): Promise<void> {
    const changed: string[] = [];
    for await (const { key, etag } of this.#store.list('runs/')) {
      if (key.endsWith('.json') && this.#records.get(key)?.etag !== etag) changed.push(key);
    }
    for await (const batch of readBlobs(this.#store, changed)) {
      for (const { key, blob } of batch) {
        if (blob) this.#records.set(key, { etag: blob.etag, hashes: runHashes(key, blob.bytes) });
      }
    }
  }

  *hashes(): Iterable<string> {
    for (const { hashes } of this.#records.values()) yield* hashes;
  }

  /** The ids of all runs. */
  ids(): ReadonlySet<string> {
    return new Set([...this.#records.keys()].map((key) => key.slice(key.lastIndexOf('/') + 1, -'.json'.length)));
  }
}

const runFiles = z.object({ format: z.literal(1), artifacts: z.array(artifactReferenceField) });

function runHashes(key: string, bytes: Uint8Array): string[] {
  const opened = openSealedJson(bytes);
  const parsed = 'damage' in opened ? undefined : runFiles.safeParse(opened.content);
  if (parsed?.success) return parsed.data.artifacts.map(({ sha256 }) => sha256);
  const reason = 'damage' in opened ? opened.damage : parsed!.error.issues[0]!.message;
  throw new RegistryError('CORRUPT_RUN', `${key}: ${reason}; it was changed or damaged, restore it from a backup`, {
    details: { key, reason },
  });
}

/** The names of all models that have any object, in order. */
export async function modelFolders(store: BlobStore): Promise<string[]> {
  const names: string[] = [];
  for (let startAfter: string | undefined; ; ) {
    const key = await firstKey(store, 'models/', startAfter);
    if (key === undefined) return names;
    const name = key.split('/')[1]!;
    names.push(name);
    // `~` is the last character of keys: this skips the model in one step.
    startAfter = `models/${name}/${'~'.repeat(80)}`;
  }
}

async function firstKey(store: BlobStore, prefix: string, startAfter: string | undefined): Promise<string | undefined> {
  for await (const { key } of store.list(prefix, startAfter === undefined ? {} : { startAfter })) return key;
  return undefined;
}
