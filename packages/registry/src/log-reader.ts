import { type BlobInfo, type BlobStore, type StoredBlob, isFraudOpsError, sha256Hex } from '@fraudops/core';
import { eachBounded } from './each-bounded.js';
import { hidingImport, importMarkerKey } from './import-marker.js';
import { RegistryError } from './registry-error.js';
import { type RegistryEvent, corruptLog, decodeEvent, eventKey, logPrefix, seqOfKey } from './registry-event.js';

/** Requests at once, where a store can't read many blobs in one. */
export const PARALLEL_EVENTS = 64;
/** Events held at once. */
export const BATCH_EVENTS = 256;
/** News that are read one by one before the rest of them is read in batches. */
const MANY_NEWS = 16;

/** An event's object as it was found; no bytes when it is missing. */
export interface RawEvent {
  readonly seq: number;
  readonly bytes: Uint8Array | undefined;
}

/** The end of a stretch of a log. */
export interface LogEnd {
  readonly seq: number;
  /** SHA-256 of the last event's bytes; null before the first. */
  readonly hash: string | null;
}

/** Events that follow each other, and where they end. */
export interface LogStretch {
  readonly events: readonly RegistryEvent[];
  readonly end: LogEnd;
}

/** The end of a log without events. */
export const LOG_BEGIN: LogEnd = { seq: 0, hash: null };

/** The objects of a log as they were listed. */
export interface ListedEvents {
  /** By their sequence numbers. */
  readonly events: ReadonlyMap<number, Pick<BlobInfo, 'etag' | 'sizeBytes'>>;
  /** Number of the last one; 0 when there is none. */
  readonly last: number;
}

/** Lists a log from an event on. A model whose import is under way has none yet. */
export async function listLog(store: BlobStore, model: string, from = 1): Promise<ListedEvents> {
  const events = new Map<number, Pick<BlobInfo, 'etag' | 'sizeBytes'>>();
  let last = 0;
  const behind = from > 1 ? { startAfter: eventKey(model, from - 1) } : {};
  for await (const { key, etag, sizeBytes } of store.list(logPrefix(model), behind)) {
    // It comes behind all events.
    if (from === 1 && key === importMarkerKey(model) && (await hidingImport(store, model))) return { events: new Map(), last: 0 };
    const seq = seqOfKey(model, key);
    if (seq === undefined) continue;
    events.set(seq, { etag, sizeBytes });
    last = Math.max(last, seq);
  }
  return { events, last };
}

/**
 * Reads a log from an event on to its end, in batches: one listing to learn where it ends, so that a hole in it is seen, then a request a
 * batch where the store can, else one an event. Events written meanwhile may be left out. A model whose import is under way has none yet.
 */
export async function* readRawLog(store: BlobStore, model: string, from = 1): AsyncGenerator<RawEvent[]> {
  const { last } = await listLog(store, model, from);
  for (let first = from; first <= last; first += BATCH_EVENTS) {
    const seqs = Array.from({ length: Math.min(BATCH_EVENTS, last - first + 1) }, (_, i) => first + i);
    const blobs = await readBlobs(
      store,
      seqs.map((seq) => eventKey(model, seq)),
    );
    yield seqs.map((seq, i) => ({ seq, bytes: blobs[i] }));
  }
}

async function readBlobs(store: BlobStore, keys: readonly string[]): Promise<(Uint8Array | undefined)[]> {
  try {
    if (store.getMany) return (await store.getMany(keys)).map((blob) => blob?.bytes);
  } catch (error) {
    // Together they are too much for one request; one by one they are not.
    if (!isFraudOpsError(error) || error.code !== 'TOO_LARGE') throw error;
  }
  return eachBounded(keys, PARALLEL_EVENTS, async (key) => (await store.get(key))?.bytes);
}

/**
 * Reads a log from some end on, in batches, and verifies its chain.
 *
 * @param from what was read before; default: nothing
 * @throws {RegistryError} CORRUPT_LOG, naming the first event that is missing, damaged or changed
 */
export async function* readLog(store: BlobStore, model: string, from: LogEnd = LOG_BEGIN): AsyncGenerator<LogStretch> {
  let end = from;
  for await (const batch of readRawLog(store, model, from.seq + 1)) {
    const stretch = followLog(model, end, batch);
    yield stretch;
    end = stretch.end;
  }
}

/** The events that some bytes are, each linked to the one before it. @throws {RegistryError} CORRUPT_LOG, UNSUPPORTED_EVENT */
export function followLog(model: string, from: LogEnd, batch: readonly RawEvent[]): LogStretch {
  let end = from;
  const events = batch.map(({ seq, bytes }) => {
    if (!bytes) throw corruptLog({ model, seq }, 'it is missing');
    const event = decodeNext(model, end, bytes);
    end = { seq, hash: sha256Hex(bytes) };
    return event;
  });
  return { events, end };
}

/** Events that were written since; with the object of an event that was read by itself. */
export interface LogNews extends LogStretch {
  readonly stored?: Pick<StoredBlob, 'bytes' | 'etag'>;
}

/**
 * Reads what was written after some end: one request when that is nothing, one more an event, and in batches when there are many.
 *
 * @throws {RegistryError} CORRUPT_LOG
 */
export async function* readNews(store: BlobStore, model: string, from: LogEnd): AsyncGenerator<LogNews> {
  let end = from;
  for (let found = 1; ; found++) {
    const stored = await store.get(eventKey(model, end.seq + 1));
    if (!stored) return;
    // The marker is there before the first event, and until the last.
    if (end.seq === 0 && (await hidingImport(store, model))) return;
    const event = decodeNext(model, end, stored.bytes);
    end = { seq: event.seq, hash: sha256Hex(stored.bytes) };
    yield { events: [event], end, stored };
    if (found % MANY_NEWS !== 0) continue;
    for await (const stretch of readLog(store, model, end)) {
      yield stretch;
      end = stretch.end;
    }
  }
}

/** The end right behind an event. @throws {RegistryError} NOT_FOUND when there is no such event; CORRUPT_LOG */
export async function endAt(store: BlobStore, model: string, seq: number): Promise<LogEnd> {
  if (seq === 0) return LOG_BEGIN;
  const stored = await store.get(eventKey(model, seq));
  if (!stored) throw new RegistryError('NOT_FOUND', `model ${model} has no event ${seq}`, { details: { model, seq } });
  decodeEvent(stored.bytes, { model, seq });
  return { seq, hash: sha256Hex(stored.bytes) };
}

function decodeNext(model: string, end: LogEnd, bytes: Uint8Array): RegistryEvent {
  const event = decodeEvent(bytes, { model, seq: end.seq + 1 });
  if (event.previous !== end.hash) throw brokenLink(model, event.seq);
  return event;
}

/** The error for an event whose `previous` is not the hash of the one before. */
export function brokenLink(model: string, seq: number): Error {
  if (seq === 1) return corruptLog({ model, seq }, 'it names an event before it, but is the first');
  return corruptLog({ model, seq: seq - 1 }, `it was changed after event ${seq} was written: that names another SHA-256`);
}
