/**
 * Reads a model's log by its pages (`log-page.ts`), for stores that read one blob a request: a listing, one request a page, and one for each
 * event that the page lacks.
 *
 * *Why no page changes an answer.* A copied event counts only if the listing, made before, shows its object with the etag and size that the copy was made
 * of: so an event that was changed, damaged or deleted since is read itself, as are all behind it. And the event behind the copies is always read itself: it names the
 * SHA-256 of the one before, that of the one before it, and so on, so the copies are the events that it was written after, to the bit. Copies for
 * which that does not hold are dropped, and the events are read. What a page can't show is an event that rots in a store which goes on listing it as it was: `verify` and `history` read
 * the events themselves.
 *
 * *Who writes a page.* Who had to read more than 5 events by themselves, and who appended an event when it knows of 5 that are not in the
 * page. On the condition that the page is as it was read, so that of several at once one writes; whatever comes of it, nobody is told, nor waits for it longer than half a second: a store that
 * can't be written is read all the same, and not tried again. It costs the one who appends two requests, each fifth time, once its own event is kept.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { BlobStore } from '@fraudops/core';
import { isConflict } from './conflict.js';
import { eachBounded } from './each-bounded.js';
import { PAGE_EVENTS, PageDraft, type StoredEvent, decodePage, encodePage, firstOfPage, pageKey } from './log-page.js';
import {
  BATCH_EVENTS,
  LOG_BEGIN,
  type ListedEvents,
  type LogEnd,
  type LogStretch,
  PARALLEL_EVENTS,
  followLog,
  listLog,
} from './log-reader.js';
import { RegistryError } from './registry-error.js';
import { corruptLog, eventKey } from './registry-event.js';

/** More events than this that are not in their page are a reason to write it. */
export const LOOSE_EVENTS = 5;
/** Events kept in memory to be added to a page, and the largest of them, in bytes. */
const RECENT_EVENTS = 2 * LOOSE_EVENTS;
const RECENT_EVENT_BYTES = 64 * 1024;
/** How long those who append or read wait until a page is written. */
const LONGEST_WAIT_MS = 500;

/** Events from `first` to `last`, all of one page. */
interface Span {
  readonly first: number;
  readonly last: number;
}

/** A page as it was found. */
interface FoundPage {
  /** Undefined when there is none. */
  readonly etag: string | undefined;
  /** None when it can't be read. */
  readonly events: readonly StoredEvent[];
}

/** The pages of one model's log, as one process reads and writes them. */
export class PagedLog {
  readonly #store: BlobStore;
  readonly #model: string;
  /** The last events that were seen and may not be in their page, one behind the other. */
  #recent: readonly StoredEvent[] = [];
  #mayWrite = true;
  #isExtending = false;

  constructor(store: BlobStore, model: string) {
    this.#store = store;
    this.#model = model;
  }

  /** Reads the log from its beginning to its end. @throws {RegistryError} CORRUPT_LOG, naming the first event that is missing, damaged or changed */
  async *read(): AsyncGenerator<LogStretch> {
    const listed = await listLog(this.#store, this.#model);
    let end = LOG_BEGIN;
    while (end.seq < listed.last) {
      const first = end.seq + 1;
      const span = { first, last: Math.min(first + PAGE_EVENTS - 1, listed.last) };
      for await (const stretch of this.#readSpan(span, listed, end)) {
        yield stretch;
        end = stretch.end;
      }
    }
  }

  /** Notes an event that was just read or written, the next one of the log. */
  note(event: StoredEvent): void {
    const follows = this.#recent.at(-1)?.seq === event.seq - 1;
    const isSmall = event.bytes.length <= RECENT_EVENT_BYTES;
    this.#recent = isSmall ? [...(follows ? this.#recent.slice(1 - RECENT_EVENTS) : []), event] : [];
  }

  /**
   * Adds what was noted to its page, once that is enough to be worth it. Failures are nobody's concern, and nobody waits longer than
   * {@link LONGEST_WAIT_MS}: the event that is the reason is kept already.
   */
  async extend(): Promise<void> {
    if (this.#recent.length < LOOSE_EVENTS || !this.#mayWrite || this.#isExtending) return;
    this.#isExtending = true;
    const extended = this.#extend().finally(() => {
      this.#isExtending = false;
    });
    await soon(extended);
  }

  async #extend(): Promise<void> {
    const first = firstOfPage(this.#recent[0]!.seq);
    const isOfPage = ({ seq }: StoredEvent) => firstOfPage(seq) === first;
    const recent = this.#recent.filter(isOfPage);
    this.#recent = this.#recent.slice(recent.length);
    const page = await this.#getPage(first);
    if (!page) return;
    const next = first + page.events.length;
    const missing = recent.filter(({ seq }) => seq >= next);
    // A page that lacks more than is known here is left to those who read the log.
    if (missing[0]?.seq !== next) return;
    const draft = new PageDraft(page.events);
    for (const event of missing) draft.add(event);
    await this.#put(page, draft);
  }

  async *#readSpan(span: Span, listed: ListedEvents, from: LogEnd): AsyncGenerator<LogStretch> {
    // So few are read about as fast without a page.
    const page = span.last - span.first < LOOSE_EVENTS ? undefined : await this.#getPage(span.first);
    let copies = copiesThatCount(page, listed, span);
    let batch = await this.#getEvents({ first: span.first + copies.length, last: span.last });
    const copied = copies.length > 0 ? vouchedFor(this.#model, copies, from, batch[0]) : undefined;
    if (copies.length > 0 && !copied) {
      copies = [];
      batch = await this.#getEvents(span);
    }
    if (copied) yield copied;
    let end = copied?.end ?? from;
    const paged = span.first + (copied ? page!.events.length : 0);
    const read = new PageDraft(copied ? copies : []);
    for (;;) {
      const stretch = followLog(this.#model, end, batch);
      for (const event of batch) {
        read.add(event);
        if (event.seq >= paged) this.note(event);
      }
      yield stretch;
      end = stretch.end;
      if (end.seq === span.last) break;
      batch = await this.#getEvents({ first: end.seq + 1, last: span.last });
    }
    if (!page || read.addedCount <= LOOSE_EVENTS) return;
    this.#recent = [];
    await soon(this.#put(page, read));
  }

  /** The first events of a span, each by itself, up to one that is missing. @throws {RegistryError} CORRUPT_LOG when that is the first */
  async #getEvents({ first, last }: Span): Promise<StoredEvent[]> {
    const seqs = Array.from({ length: Math.min(BATCH_EVENTS, last - first + 1) }, (_, i) => first + i);
    const blobs = await eachBounded(seqs, PARALLEL_EVENTS, (seq) => this.#store.get(eventKey(this.#model, seq)));
    const events: StoredEvent[] = [];
    for (const [i, blob] of blobs.entries()) {
      if (!blob) break;
      events.push({ seq: first + i, etag: blob.etag, bytes: blob.bytes });
    }
    if (events.length === 0) throw corruptLog({ model: this.#model, seq: first }, 'it is missing');
    return events;
  }

  /** A page; undefined when the store does not give it, so that nobody can tell what is there. */
  async #getPage(first: number): Promise<FoundPage | undefined> {
    try {
      const stored = await this.#store.get(pageKey(this.#model, first));
      const events = stored && decodePage(stored.bytes, { model: this.#model, first });
      return { etag: stored?.etag, events: events ?? [] };
    } catch {
      // Whatever is wrong with the store, the events will tell.
      return undefined;
    }
  }

  async #put({ etag }: FoundPage, { events, hasGrown }: PageDraft): Promise<void> {
    if (!hasGrown || !this.#mayWrite) return;
    const when = etag === undefined ? { ifNoneMatch: '*' as const } : { ifMatch: etag };
    try {
      await this.#store.put(pageKey(this.#model, events[0]!.seq), encodePage(this.#model, events), when);
    } catch (error) {
      // Somebody else was faster, or the store can't be written.
      if (!isConflict(error)) this.#mayWrite = false;
    }
  }
}

/** Waits for something that never fails, but not for long. */
async function soon(work: Promise<void>): Promise<void> {
  const stop = new AbortController();
  await Promise.race([work, delay(LONGEST_WAIT_MS, undefined, { signal: stop.signal }).catch(() => {})]);
  stop.abort();
}

/** The copies of a span's events that were made of the objects that are listed, up to the first that was not; never the last event's. */
function copiesThatCount(page: FoundPage | undefined, listed: ListedEvents, { first, last }: Span): readonly StoredEvent[] {
  const copies = page?.events.slice(0, last - first) ?? [];
  const other = copies.findIndex(({ seq, etag, bytes }) => {
    const found = listed.events.get(seq);
    return found?.etag !== etag || found.sizeBytes !== bytes.length;
  });
  return other < 0 ? copies : copies.slice(0, other);
}

/** The copies as a stretch of the log, if the event behind them was written after them. */
function vouchedFor(
  model: string,
  copies: readonly StoredEvent[],
  from: LogEnd,
  behind: StoredEvent | undefined,
): LogStretch | undefined {
  try {
    const stretch = followLog(model, from, copies);
    if (behind) followLog(model, stretch.end, [behind]);
    return behind && stretch;
  } catch (error) {
    if (error instanceof RegistryError) return undefined;
    throw error;
  }
}
