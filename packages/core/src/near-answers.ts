/**
 * The answers of a durable store that are kept near by, in a fast store that other processes may share: read, written by compare-and-swap over
 * none that counts more, and evicted beyond a bound. A fast store that fails costs an answer, never a call. See `layered-store.ts`.
 */
import type { BlobStore } from './blob-store.js';
import { CacheRoom } from './cache-room.js';
import { sha256Hex } from './canonical-json.js';
import type { Clock } from './clock.js';
import { isFraudOpsError } from './errors.js';
import { type StoredAnswer, decodeAnswer, encodeAnswer } from './stored-answer.js';
import { type Told, type ToldAnswers, supersedes, toldOf } from './told-answers.js';

/** A call that asks. */
export type AskingCall = 'get' | 'list';

/** How often an answer is written when other processes write theirs in between. */
const MAX_ATTEMPTS = 20;

/** What {@link NearAnswers} are made of. */
interface NearBy {
  readonly fast: BlobStore;
  readonly limits: { readonly maxBytes: number; readonly maxEntries: number };
  /** What this process was told, and its name in there. */
  readonly told: ToldAnswers;
  readonly by: string;
  readonly clock: Clock;
  readonly onFailure: (error: unknown) => void;
}

/** The answers in one fast store, as one process uses it. */
export class NearAnswers {
  readonly #nearBy: NearBy;
  readonly #fast: BlobStore;
  readonly #told: ToldAnswers;
  readonly #room: CacheRoom;

  constructor(nearBy: NearBy) {
    this.#nearBy = nearBy;
    this.#fast = nearBy.fast;
    this.#told = nearBy.told;
    this.#room = new CacheRoom(nearBy.fast, nearBy.limits, nearBy.clock);
  }

  /** What the fast store holds; a damaged copy is dropped. */
  async recall(call: AskingCall, question: string): Promise<StoredAnswer | undefined> {
    const fastKey = fastKeyOf(call, question);
    return this.#quietly(async () => {
      const stored = await this.#fast.get(fastKey);
      if (!stored) return undefined;
      const answer = decodeAnswer(stored.bytes, question);
      if (answer) await this.#room.use(fastKey);
      else await this.#fast.delete(fastKey, { ifMatch: stored.etag });
      return answer;
    });
  }

  /** Remembers an answer, and writes it near by unless one is there that counts more. */
  async keep(call: AskingCall, answer: Omit<StoredAnswer, 'sha256'>, inMemory: boolean): Promise<void> {
    const question = questionOf(call, answer.question);
    const told = toldOf(answer, call);
    if (!this.#told.tell(question, told, inMemory ? answer.bytes : undefined)) return;
    const fastKey = fastKeyOf(call, answer.question);
    await this.#quietly(async () => {
      for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
        const stored = await this.#fast.get(fastKey);
        const near = stored && decodeAnswer(stored.bytes, answer.question);
        const nearTold = near && toldOf(near, call);
        if (nearTold?.state === told.state) return this.#room.use(fastKey);
        // What this process was told meanwhile is written by the call that was told it.
        if (this.#told.get(question) !== told) return undefined;
        if (nearTold && !this.#isOver(told, nearTold)) return undefined;
        if (await this.#swap(fastKey, encodeAnswer(answer), stored?.etag)) return undefined;
      }
    });
  }

  /** Whether an answer may be written over the one near by; a time that is still to come is of a clock that was set back since. */
  #isOver(told: Told, near: Told): boolean {
    return near.by === this.#nearBy.by || near.answeredMs > this.#nearBy.clock.now() || supersedes(told, near);
  }

  /** Writes near by over the state read. False when another process did so first. */
  async #swap(fastKey: string, encoded: Uint8Array, etag: string | undefined): Promise<boolean> {
    try {
      await this.#fast.put(fastKey, encoded, etag === undefined ? { ifNoneMatch: '*' } : { ifMatch: etag });
    } catch (error) {
      if (isFraudOpsError(error) && error.code === 'CONFLICT') return false;
      // A later process should find nothing rather than what is older than this.
      await this.#quietly(() => this.#fast.delete(fastKey));
      throw error;
    }
    await this.#room.add(fastKey, encoded.length);
    return true;
  }

  /** Removes what is near by. */
  async drop(call: AskingCall, keyOrPrefix: string): Promise<void> {
    await this.#quietly(() => this.#fast.delete(fastKeyOf(call, keyOrPrefix)));
  }

  /** Notes what was used when, for later processes. */
  async noteUses(): Promise<void> {
    await this.#quietly(() => this.#room.noteUses());
  }

  async #quietly<Result>(work: () => Promise<Result>): Promise<Result | undefined> {
    try {
      return await work();
    } catch (error) {
      this.#nearBy.onFailure(error);
      return undefined;
    }
  }
}

/** What was asked, by name. */
export function questionOf(call: AskingCall, keyOrPrefix: string): string {
  return `${call} ${keyOrPrefix}`;
}

/** The fast store's keys are hashes, so that no key of the durable store is too long for it or in its way. */
function fastKeyOf(call: AskingCall, keyOrPrefix: string): string {
  return `answers/${call}/${sha256Hex(keyOrPrefix)}`;
}
