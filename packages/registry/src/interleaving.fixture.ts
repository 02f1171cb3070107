/** Explores orders of requests: whoever asks a store waits for its turn, and a seed says whose turn is next. */
import {
  type BlobInfo,
  type BlobStore,
  ConflictError,
  type PutCondition,
  type Random,
  type StoredBlob,
  requireValidKey,
  sha256Hex,
} from '@fraudops/core';

/** One of those who use the store. */
interface Actor {
  /** What becomes of it when its requests are used up. */
  readonly fate: 'freezes' | 'dies';
  done: boolean;
  frozen: boolean;
  /** Requests this actor may make before it is frozen. */
  requestsLeft: number;
  waiting: (() => void)[];
}

/** Actors that take turns. */
export class Interleaving {
  readonly #store: BlobStore;
  readonly #random: Random;
  readonly #actors: Actor[] = [];
  readonly failures: unknown[] = [];

  constructor(store: BlobStore, random: Random) {
    this.#store = store;
    this.#random = random;
  }

  /**
   * Adds an actor.
   *
   * @param work uses the store that it is given
   * @param requests after so many requests it freezes or dies, with the next one on its way
   */
  add(work: (store: BlobStore) => Promise<void>, requests = Number.POSITIVE_INFINITY, fate: Actor['fate'] = 'freezes'): void {
    const actor: Actor = { fate, done: false, frozen: false, requestsLeft: requests, waiting: [] };
    this.#actors.push(actor);
    work(this.#storeOf(actor))
      .catch((error: unknown) => this.failures.push(error))
      .finally(() => {
        actor.done = true;
      });
  }

  /** Actors that wait to be thawed. */
  get frozenCount(): number {
    return this.#actors.filter(({ frozen, fate }) => frozen && fate === 'freezes').length;
  }

  /** Gives turns until all are done or frozen. */
  async run(): Promise<void> {
    for (;;) {
      await settled();
      const active = this.#actors.filter(({ done, frozen }) => !done && !frozen);
      if (active.length === 0) return;
      const ready = active.filter(({ waiting }) => waiting.length > 0);
      const actor = ready[this.#random.integer(Math.max(1, ready.length))];
      // Nobody asks: somebody sleeps between two tries.
      if (!actor) await new Promise((resolve) => setTimeout(resolve, 1));
      else if (actor.requestsLeft-- <= 0) actor.frozen = true;
      else actor.waiting.splice(this.#random.integer(actor.waiting.length), 1)[0]!();
    }
  }

  /** Lets all that are frozen go on, their requests being late. */
  thaw(): void {
    for (const actor of this.#actors) {
      if (actor.fate === 'freezes') Object.assign(actor, { frozen: false, requestsLeft: Number.POSITIVE_INFINITY });
    }
  }

  #storeOf(actor: Actor): BlobStore {
    const store = this.#store;
    const turn = () => new Promise<void>((resolve) => actor.waiting.push(resolve));
    return {
      get: async (key) => (await turn(), store.get(key)),
      put: async (key, bytes, when) => (await turn(), store.put(key, bytes, when)),
      delete: async (key, when) => (await turn(), store.delete(key, when)),
      async *list(prefix, from) {
        await turn();
        // Later pages are later requests.
        let count = 0;
        for await (const info of store.list(prefix, from)) {
          if (++count % 8 === 0) await turn();
          yield info;
        }
      },
    };
  }
}

async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

/** A memory store whose etags are those of S3 for plain objects: equal bytes have equal etags. */
export function contentEtagStore(): BlobStore {
  const blobs = new Map<string, StoredBlob>();
  const requireEtag = (key: string, when: PutCondition | undefined) => {
    const found = blobs.get(key)?.etag;
    const wanted = when && ('ifMatch' in when ? when.ifMatch : undefined);
    if (when && found !== wanted) throw new ConflictError(key, wanted ?? 'nothing', found);
  };
  return {
    async get(key) {
      requireValidKey(key);
      return blobs.get(key);
    },
    async put(key, bytes, when) {
      requireValidKey(key);
      requireEtag(key, when);
      const etag = sha256Hex(bytes);
      blobs.set(key, { bytes: bytes.slice(), etag, modifiedMs: Date.now() });
      return { etag };
    },
    async delete(key, when) {
      requireEtag(key, when);
      blobs.delete(key);
    },
    async *list(prefix, from = {}): AsyncIterable<BlobInfo> {
      const keys = [...blobs.keys()].filter((key) => key.startsWith(prefix) && key > (from.startAfter ?? ''));
      for (const key of keys.toSorted()) {
        const blob = blobs.get(key);
        if (blob) yield { key, etag: blob.etag, sizeBytes: blob.bytes.length, modifiedMs: blob.modifiedMs };
      }
    },
  };
}
