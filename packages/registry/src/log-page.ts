/**
 * A page of a model's log: copies of up to 1,000 events that follow each other, in one object `log-pages/<model>/<first seq>`, so that a new process
 * need not read each event by itself. The first page begins with event 1, the next one with event 1001, and so on.
 *
 * With each event there are the etag and the size of the object that it was copied from: a copy counts only while that object is the one that
 * is listed. A page is no part of the history: it may be lost or removed at any time, and one that is damaged or stale counts for nothing. Who reads and
 * writes pages, and why not even a forged one changes an answer, says `paged-log.ts`.
 *
 * Its bytes: the SHA-256 of all that follows; the length of the head, 4 bytes, the lowest first; the head as JSON; the events, one behind the other.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';

/** An event's object, and the state of it that was read or written. */
export interface StoredEvent {
  readonly seq: number;
  readonly etag: string;
  readonly bytes: Uint8Array;
}

/** Events of a full page. */
export const PAGE_EVENTS = 1_000;
/** Most bytes of the events of a page; what comes behind is read by itself. */
export const MAX_PAGE_BYTES = 8 * 2 ** 20;

const HASH_BYTES = 32;
const HEAD_BYTES = HASH_BYTES + 4;

const headSchema = z.object({
  format: z.literal(1),
  model: z.string(),
  first: z.number(),
  etags: z.array(z.string()).max(PAGE_EVENTS),
  sizes: z.array(z.number().int().min(0)).max(PAGE_EVENTS),
});

/** The number of the first event of the page that an event belongs to. */
export function firstOfPage(seq: number): number {
  return seq - ((seq - 1) % PAGE_EVENTS);
}

/** The key of a page, by its first event. */
export function pageKey(model: string, first: number): string {
  return `log-pages/${model}/${String(first).padStart(8, '0')}`;
}

/** Events for a page, from its first one on, as many as there is room for. */
export class PageDraft {
  readonly #events: StoredEvent[];
  readonly #copied: number;
  #sizeBytes: number;
  #isFull = false;
  #addedCount = 0;

  /** @param copies what is in the page already */
  constructor(copies: readonly StoredEvent[]) {
    this.#events = [...copies];
    this.#copied = copies.length;
    this.#sizeBytes = copies.reduce((sum, { bytes }) => sum + bytes.length, 0);
  }

  /** Adds the next event, if there is room. */
  add(event: StoredEvent): void {
    this.#addedCount++;
    this.#sizeBytes += event.bytes.length;
    this.#isFull ||= this.#sizeBytes > MAX_PAGE_BYTES || this.#events.length >= PAGE_EVENTS;
    if (!this.#isFull) this.#events.push(event);
  }

  /** What the page will hold. */
  get events(): readonly StoredEvent[] {
    return this.#events;
  }

  /** Events that were added, those for which there was no room included. */
  get addedCount(): number {
    return this.#addedCount;
  }

  /** Whether the page will hold more than it did. */
  get hasGrown(): boolean {
    return this.#events.length > this.#copied;
  }
}

/** The bytes of a page. @param events follow each other; the first one is the page's first */
export function encodePage(model: string, events: readonly StoredEvent[]): Uint8Array {
  const etags = events.map(({ etag }) => etag);
  const sizes = events.map(({ bytes }) => bytes.length);
  const head = new TextEncoder().encode(JSON.stringify({ format: 1, model, first: events[0]!.seq, etags, sizes }));
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, head.length, true);
  const content = Buffer.concat([length, head, ...events.map(({ bytes }) => bytes)]);
  return new Uint8Array(Buffer.concat([hashOf(content), content]));
}

/** The events of a page; undefined for bytes that are damaged, of another page, or of another version of this package. */
export function decodePage(bytes: Uint8Array, at: { model: string; first: number }): StoredEvent[] | undefined {
  const head = headOf(bytes);
  if (!head || head.content.model !== at.model || head.content.first !== at.first) return undefined;
  const { etags, sizes } = head.content;
  let end = head.end;
  const events = sizes.map((size, i) => {
    const begin = end;
    end += size;
    return { seq: at.first + i, etag: etags[i] ?? '', bytes: bytes.subarray(begin, end) };
  });
  return end === bytes.length && etags.length === sizes.length ? events : undefined;
}

function headOf(bytes: Uint8Array): { content: z.output<typeof headSchema>; end: number } | undefined {
  if (bytes.length < HEAD_BYTES || !hashOf(bytes.subarray(HASH_BYTES)).equals(bytes.subarray(0, HASH_BYTES))) return undefined;
  const end = HEAD_BYTES + new DataView(bytes.buffer, bytes.byteOffset).getUint32(HASH_BYTES, true);
  try {
    const parsed = headSchema.safeParse(JSON.parse(new TextDecoder().decode(bytes.subarray(HEAD_BYTES, end))));
    return parsed.success ? { content: parsed.data, end } : undefined;
  } catch {
    return undefined;
  }
}

function hashOf(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}
