/**
 * What one process was told last by a store, for each question (a key, or the prefix of a list), and which of two answers counts.
 *
 * An answer was true at some moment between the call's start and its end. So of two calls, of which one ended before the other started, the
 * later one's answer counts. Of two that overlapped nobody can say which is newer; then
 *
 * - a put or delete that was carried out counts more than a read: it is never undone by a read that may have come before it,
 * - presence counts more than absence: what is created once and never deleted doesn't vanish,
 * - and otherwise the call that started later counts.
 *
 * Calls of one process are ordered by tickets, calls of several by their clocks, where the same millisecond is an overlap.
 *
 * States are remembered for as many questions as allowed, the bytes of the latest up to 16 MiB in all and 1 MiB each.
 */

import { sha256Hex } from './canonical-json.js';
import type { StoredAnswer } from './stored-answer.js';

/** When a call was made, and by whom. */
export interface CallTime {
  /** The process, or rather its handle. */
  readonly by: string;
  /** Tickets drawn at the call's start and end; only those of the same handle can be compared. */
  readonly started: number;
  readonly ended: number;
  /** The same by the clock, epoch milliseconds. */
  readonly askedMs: number;
  readonly answeredMs: number;
}

/** What was told about a question. */
export interface Told extends CallTime {
  /** Equal for equal answers: an etag, a list's hash, or that there is nothing. */
  readonly state: string;
  readonly absent: boolean;
  /** Whether a put or delete told it. */
  readonly isWrite: boolean;
  readonly etag: string;
  readonly modifiedMs: number;
  readonly sizeBytes: number;
}

/** Most bytes of answers held in memory, and of one of them. */
const MAX_HELD_BYTES = 16 * 2 ** 20;
const MAX_HELD_ANSWER = 2 ** 20;

/** Whether a call ended before the other one started. */
export function isBefore(first: CallTime, second: CallTime): boolean {
  return first.by === second.by ? first.ended < second.started : first.answeredMs < second.askedMs;
}

/** Whether the next answer counts, and not the one known so far. */
export function supersedes(next: Told, known: Told): boolean {
  if (isBefore(known, next)) return true;
  if (isBefore(next, known)) return false;
  const [rank, knownRank] = [rankOf(next), rankOf(known)];
  if (rank !== knownRank) return rank > knownRank;
  return next.by === known.by ? next.started > known.started : next.askedMs >= known.askedMs;
}

function rankOf({ isWrite, absent }: Told): number {
  if (isWrite) return 2;
  return absent ? 0 : 1;
}

/** What an answer says and when, without its bytes. */
export function toldOf(answer: Omit<StoredAnswer, 'sha256'>, call: 'get' | 'list'): Told {
  const { by, started, ended, askedMs, answeredMs, isWrite, absent, etag, modifiedMs, bytes } = answer;
  const present = call === 'list' ? sha256Hex(bytes) : `=${etag}`;
  const state = absent ? 'absent' : present;
  return { by, started, ended, askedMs, answeredMs, isWrite, absent, etag, modifiedMs, sizeBytes: bytes.length, state };
}

/** The answers that count, by question, in memory. */
export class ToldAnswers {
  readonly #told = new Map<string, Told>();
  readonly #bytes = new Map<string, Uint8Array>();
  readonly #maxEntries: number;
  #heldBytes = 0;

  constructor(maxEntries: number) {
    this.#maxEntries = maxEntries;
  }

  get(question: string): Told | undefined {
    return this.#told.get(question);
  }

  /** A copy of the bytes of the answer, if they are held. */
  bytesOf(question: string): Uint8Array | undefined {
    return this.#bytes.get(question)?.slice();
  }

  /** Remembers an answer, with a copy of its bytes where they are few. False when another one counts. */
  tell(question: string, next: Told, bytes?: Uint8Array): boolean {
    const known = this.#told.get(question);
    if (known && !supersedes(next, known)) return false;
    this.forget(question);
    this.#told.set(question, next);
    if (bytes && bytes.length <= MAX_HELD_ANSWER) this.#hold(question, bytes.slice());
    if (this.#told.size > this.#maxEntries) this.forget(this.#told.keys().next().value!);
    return true;
  }

  forget(question: string): void {
    this.#told.delete(question);
    this.#drop(question);
  }

  /** All questions that begin like this, with what was told. */
  *under(beginning: string): Iterable<[question: string, told: Told]> {
    for (const entry of this.#told) if (entry[0].startsWith(beginning)) yield entry;
  }

  #hold(question: string, bytes: Uint8Array): void {
    this.#bytes.set(question, bytes);
    this.#heldBytes += bytes.length;
    for (const oldest of this.#bytes.keys()) {
      if (this.#heldBytes <= MAX_HELD_BYTES) return;
      this.#drop(oldest);
    }
  }

  #drop(question: string): void {
    this.#heldBytes -= this.#bytes.get(question)?.length ?? 0;
    this.#bytes.delete(question);
  }
}
