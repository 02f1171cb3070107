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
  until: Until;
  waiting: { readonly call: string; readonly resume: () => void }[];
}

/** How long somebody is active: for so many requests, or until a request of a kind. What it asks next is on its way then. */
export type Until = number | 'put' | 'delete' | undefined;

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
   * @param until then it freezes or dies
   */
  add(work: (store: BlobStore) => Promise<void>, until?: Until, fate: Actor['fate'] = 'freezes'): void {
    const actor: Actor = { fate, done: false, frozen: false, until, waiting: [] };
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
      else this.#giveTurn(actor);
    }
  }

  #giveTurn(actor: Actor): void {
    const [next] = actor.waiting.splice(this.#random.integer(actor.waiting.length), 1);
    if (next!.call === actor.until || actor.until === 0) {
      actor.frozen = true;
      actor.waiting.push(next!);
      return;
    }
    if (typeof actor.until === 'number') actor.until--;
    next!.resume();
  }

  /** Lets all that are frozen go on, their requests being late. */
  thaw(): void {
    for (const actor of this.#actors) {
      if (actor.fate === 'freezes') Object.assign(actor, { frozen: false, until: undefined });
    }
  }

  #storeOf(actor: Actor): BlobStore {
    const store = this.#store;
    const turn = (call: string) => new Promise<void>((resume) => actor.waiting.push({ call, resume }));
    return {
      get: async (key) => (await turn('get'), store.get(key)),
      put: async (key, bytes, when) => (await turn('put'), store.put(key, bytes, when)),
      delete: async (key, when) => (await turn('delete'), store.delete(key, when)),
      async *list(prefix, from) {
        await turn('list');
        // Later pages are later requests.
        let count = 0;
        for await (const info of store.list(prefix, from)) {
          if (++count % 8 === 0) await turn('list');
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
