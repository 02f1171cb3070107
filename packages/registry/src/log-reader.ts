import { type BlobStore, sha256Hex } from '@fraudops/core';
import { eachBounded } from './each-bounded.js';
import { hidingImport, importMarkerKey } from './import-marker.js';
import { type RegistryEvent, corruptLog, decodeEvent, eventKey, logPrefix, seqOfKey } from './registry-event.js';

/** Events read at once. */
const PARALLEL_EVENTS = 16;
/** Events held at once. */
const BATCH_EVENTS = 256;

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

/**
 * Reads a whole log in batches: one listing to learn where it ends, so that a hole in it is seen, and one request an event. Events
 * written meanwhile may be left out. A model whose import is under way has none yet.
 */
export async function* readRawLog(store: BlobStore, model: string): AsyncGenerator<RawEvent[]> {
  let last = 0;
  for await (const { key } of store.list(logPrefix(model))) {
    if (key === importMarkerKey(model) && (await hidingImport(store, model))) return;
    last = Math.max(last, seqOfKey(model, key) ?? 0);
  }
  for (let first = 1; first <= last; first += BATCH_EVENTS) {
    const seqs = Array.from({ length: Math.min(BATCH_EVENTS, last - first + 1) }, (_, i) => first + i);
    yield await eachBounded(seqs, PARALLEL_EVENTS, async (seq) => ({
      seq,
      bytes: (await store.get(eventKey(model, seq)))?.bytes,
    }));
  }
}

/**
 * Reads a whole log in batches, and verifies its chain.
 *
 * @throws {RegistryError} CORRUPT_LOG, naming the first event that is missing, damaged or changed
 */
export async function* readLog(store: BlobStore, model: string): AsyncGenerator<{ events: RegistryEvent[]; end: LogEnd }> {
  let end: LogEnd = { seq: 0, hash: null };
  for await (const batch of readRawLog(store, model)) {
    const events: RegistryEvent[] = [];
    for (const { seq, bytes } of batch) {
      const at = { model, seq };
      if (!bytes) throw corruptLog(at, 'it is missing');
      const event = decodeEvent(bytes, at);
      if (event.previous !== end.hash) throw brokenLink(model, seq);
      events.push(event);
      end = { seq, hash: sha256Hex(bytes) };
    }
    yield { events, end };
  }
}

/** The error for an event whose `previous` is not the hash of the one before. */
export function brokenLink(model: string, seq: number): Error {
  if (seq === 1) return corruptLog({ model, seq }, 'it names an event before it, but is the first');
  return corruptLog({ model, seq: seq - 1 }, `it was changed after event ${seq} was written: that names another SHA-256`);
}
