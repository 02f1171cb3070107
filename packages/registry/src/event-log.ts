/**
 * One model's log, as one process sees it: the folded state of the events read so far, kept up to date by polling the next sequence
 * number, and the way to append.
 *
 * An event is appended by creating the object of the next sequence number, on the condition that there is none. Of several writers one
 * creates it; the others read it, decide anew on the state that it makes, and try the number after it. So every event was decided on
 * exactly the state that the events before it make.
 */
import { type BlobStore, seededRandom, sha256Hex } from '@fraudops/core';
import { coalesced } from './coalesced.js';
import { hidingImport, importUnderWay } from './import-marker.js';
import { LOG_BEGIN, type LogEnd, type LogNews, readLog, readNews } from './log-reader.js';
import { type ModelState, emptyModelState, foldEvents } from './model-state.js';
import { oneAtATime } from './one-at-a-time.js';
import { PagedLog } from './paged-log.js';
import { putAndLook } from './put-and-look.js';
import { RegistryError } from './registry-error.js';
import { MAX_SEQ, type RegistryEvent, decodeEvent, encodeEvent, eventKey } from './registry-event.js';

/** An event before it has a place in the log. */
export type EventDraft = DraftOf<RegistryEvent>;
type DraftOf<Event> = Event extends RegistryEvent ? Pick<Event, 'type' | 'payload' | 'by' | 'why'> : never;

/** An event that is in the log, and the state right after it. */
export interface Appended {
  readonly event: RegistryEvent;
  readonly state: ModelState;
}

/** Where the time and the identities of events come from. */
export interface EventSource {
  /** Whole epoch milliseconds. */
  nowMs(): number;
  /** A string that no other event has. */
  newId(): string;
}

/** Tries of one append; each lost try means that another writer's event was written. */
const MAX_APPEND_ATTEMPTS = 1_000;
/** Members of an event that its place decides, as long as they get: the id is of 250 characters that JSON escapes. */
const LONGEST_ENVELOPE = { id: '\u0001'.repeat(250), seq: MAX_SEQ, previous: '0'.repeat(64) };
/** Longest wait between two tries. */
const MAX_WAIT_MS = 50;

/** The state that was read, and the end of the log that it stands for. */
interface Head {
  readonly state: ModelState;
  readonly end: LogEnd;
}

/** The log of one model. */
export class EventLog {
  readonly #store: BlobStore;
  readonly #model: string;
  readonly #source: EventSource;
  readonly #poll = coalesced(() => this.#readOn());
  #head: Head;
  readonly #inTurn = oneAtATime();
  /** Undefined for a store that reads many events in one request: it needs no copies of them. */
  readonly #pages: PagedLog | undefined;

  constructor(store: BlobStore, model: string, source: EventSource) {
    this.#store = store;
    this.#model = model;
    this.#source = source;
    this.#head = { state: emptyModelState(model), end: LOG_BEGIN };
    this.#pages = store.getMany ? undefined : new PagedLog(store, model);
  }

  /** The state of all events written before the call. One request when there is no news. @throws {RegistryError} CORRUPT_LOG */
  async state(): Promise<ModelState> {
    await this.#poll();
    return this.#head.state;
  }

  /** The end of the log, of all events written before the call. One request when there is no news. @throws {RegistryError} CORRUPT_LOG */
  async end(): Promise<LogEnd> {
    await this.#poll();
    return this.#head.end;
  }

  /** Whether there is an event of this number; one request at most. */
  async has(seq: number): Promise<boolean> {
    return seq <= this.#head.state.seq || (await this.#store.get(eventKey(this.#model, seq))) !== undefined;
  }

  /**
   * Appends the event that `decide` makes of the present state. `decide` is called again when another event came first; it gives
   * undefined, or throws, to write nothing. Appends of this instance go one after the other.
   *
   * @throws {RegistryError} CONTENTION after 1,000 lost tries; LIMIT_EXCEEDED; CORRUPT_LOG
   */
  append<Draft extends EventDraft | undefined>(decide: (state: ModelState) => Draft): Promise<AppendedOf<Draft>> {
    return this.#inTurn(() => this.#append(decide)) as Promise<AppendedOf<Draft>>;
  }

  /** Checks that a draft is not too large for an event, wherever in the log it will be. @throws {RegistryError} LIMIT_EXCEEDED */
  requireRoom(draft: EventDraft): void {
    encodeEvent({ ...draft, ...LONGEST_ENVELOPE, model: this.#model, atMs: this.#source.nowMs() });
  }

  async #append(decide: (state: ModelState) => EventDraft | undefined): Promise<Appended | undefined> {
    const id = this.#source.newId();
    const random = seededRandom(id);
    for (let attempt = 1; attempt <= MAX_APPEND_ATTEMPTS; attempt++) {
      await this.#poll();
      // Later reads replace the head; the draft, its number and its link must come from the same one.
      const head = this.#head;
      const draft = decide(head.state);
      if (!draft) return undefined;
      const event = await this.#tryToPut(draft, id, head);
      if (event) return { event, state: foldEvents(head.state, [event]) };
      const hiding = head.state.seq === 0 ? await hidingImport(this.#store, this.#model) : undefined;
      if (hiding) throw importUnderWay(this.#model, hiding);
      // Writers that wait for different times get out of each other's way.
      await new Promise((resolve) => setTimeout(resolve, random.between(0, Math.min(attempt, MAX_WAIT_MS))));
    }
    throw new RegistryError(
      'CONTENTION',
      `model ${this.#model}: ${MAX_APPEND_ATTEMPTS} tries lost against other writers; try again`,
      {
        details: { model: this.#model },
      },
    );
  }

  /** The event when it is in the log, undefined when another took its place. */
  async #tryToPut(draft: EventDraft, id: string, head: Head): Promise<RegistryEvent | undefined> {
    const at = { model: this.#model, seq: head.state.seq + 1 };
    if (at.seq > MAX_SEQ) {
      throw new RegistryError('LIMIT_EXCEEDED', `model ${this.#model}: its log is full (${MAX_SEQ} events)`, { details: at });
    }
    const bytes = encodeEvent({ ...draft, ...at, id, atMs: this.#source.nowMs(), previous: head.end.hash });
    // Read back before it is written: an event that can't be read, or does not follow, would end the log for everybody.
    foldEvents(head.state, [decodeEvent(bytes, at)]);
    const isOwn = (found: Uint8Array) => decodeEvent(found, at).id === id;
    const put = await putAndLook(this.#store, eventKey(this.#model, at.seq), bytes, { ifNoneMatch: '*' }, isOwn);
    if (!put.own) return undefined;
    // What is there may be an earlier try of this append, with another time in it.
    const event = decodeEvent(put.bytes, at);
    this.#absorb({ events: [event], end: { seq: at.seq, hash: sha256Hex(put.bytes) }, stored: put });
    await this.#pages?.extend();
    return event;
  }

  async #readOn(): Promise<void> {
    // A model that is new here may have a long log, or a hole at its beginning.
    if (this.#head.end.seq === 0) {
      const log = this.#pages?.read() ?? readLog(this.#store, this.#model);
      for await (const stretch of log) this.#absorb(stretch);
    }
    // Also after a listing: an import that ended meanwhile may have been listed in part.
    for await (const stretch of readNews(this.#store, this.#model, this.#head.end)) this.#absorb(stretch);
  }

  /** Adds events that follow those known. Reading and appending overlap, so some may be known already. */
  #absorb({ events, end, stored }: LogNews): void {
    const { state } = this.#head;
    const news = events.filter(({ seq }) => seq > state.seq);
    if (news.length === 0) return;
    this.#head = { state: foldEvents(state, news), end };
    if (stored) this.#pages?.note({ seq: end.seq, etag: stored.etag, bytes: stored.bytes });
  }
}

type AppendedOf<Draft> = undefined extends Draft ? Appended | undefined : Appended;
