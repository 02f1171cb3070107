/**
 * A fast store (a local folder, memory) before a durable one (S3, Postgres): blobs are read from near by, and reads go on while the durable
 * store is away.
 *
 * The durable store decides everything that changes: a put or delete goes there first, its condition and etag are the durable store's, and
 * when it is away puts and deletes fail. The fast store holds answers of the durable one, each sealed by hashes:
 *
 * - **Content under its own hash** (`blobs/<2 digits>/<sha256>`, or what `contentHash` says) never changes. It is answered from the fast
 *   store when the bytes there have that hash; a damaged copy is dropped and read again.
 * - **Everything else** is asked of the durable store each time. Only when that says UNAVAILABLE is the question answered as it was answered
 *   last (a blob, that there was none, or a whole list), and `onStale` and `staleSinceMs` tell so. A question that was not asked before, or
 *   whose answer was evicted, fails with UNAVAILABLE: absence is never guessed.
 *
 * So every answer is one that the durable store gave. What the fast store fails to keep costs time only.
 */
import {
  type BlobInfo,
  type BlobStore,
  type PutCondition,
  type StoredBlob,
  requireValidKey,
  requireValidKeys,
} from './blob-store.js';
import { CacheRoom } from './cache-room.js';
import { canonicalJson, sha256Hex } from './canonical-json.js';
import { type Clock, systemClock } from './clock.js';
import { eachBounded } from './each-bounded.js';
import { FraudOpsError, isFraudOpsError } from './errors.js';
import { type OptionKinds, optionProblem } from './option-problem.js';
import { type StoredAnswer, decodeAnswer, encodeAnswer } from './stored-answer.js';

/** An answer that was given although the durable store is away. */
export interface StaleReading {
  /** What was asked. */
  readonly call: 'get' | 'list';
  /** The key, or the prefix of the list. */
  readonly key: string;
  /** When the durable store gave this answer, epoch milliseconds. */
  readonly answeredMs: number;
  /** Why it was not asked now. */
  readonly cause: unknown;
}

/** Options of {@link layeredStore}. */
export interface LayeredStoreOptions {
  /** Most bytes kept in the fast store; beyond it what was not used for longest goes. Default 1 GiB. */
  readonly maxBytes?: number;
  /** Most blobs and answers kept in the fast store. Default 100,000. */
  readonly maxEntries?: number;
  /** The SHA-256 (64 hexadecimal digits) that the content under a key always has; undefined for keys whose content may change. Default: that of `blobs/` keys. */
  readonly contentHash?: (key: string) => string | undefined;
  /** Told of every answer that may be out of date. */
  readonly onStale?: (reading: StaleReading) => void;
  /** Told of what the fast store failed to do; calls go on without it. */
  readonly onFastFailure?: (error: unknown) => void;
  /** Source of the times of answers and uses. Default: the machine's clock. */
  readonly clock?: Clock;
}

const OPTIONS: OptionKinds<LayeredStoreOptions> = {
  maxBytes: 'checked',
  maxEntries: 'checked',
  contentHash: 'function',
  onStale: 'function',
  onFastFailure: 'function',
  clock: 'checked',
};

/** A store with a faster one before it. */
export interface LayeredStore extends BlobStore {
  /** The store whose word counts; see {@link durableLayer}. */
  readonly durable: BlobStore;
  /** Since when answers may be out of date, epoch milliseconds; undefined while the durable store answers. For a health check. */
  readonly staleSinceMs: number | undefined;
  /** Notes in the fast store what was used when, so that a later process evicts in that order. Done by itself every 5 minutes. */
  flush(): Promise<void>;
}

/** Longest list that is kept, in blobs. */
const MAX_LIST = 10_000;
/** Answers to one call that are written at once. */
const PARALLEL_WRITES = 16;

/**
 * Puts a fast store before a durable one. The fast store must be this cache's alone; several processes may share it.
 *
 * @param fast such as `fileStore` on a local disk
 * @param durable the store whose word counts
 * @throws {FraudOpsError} INVALID_OPTION for a name that is no option
 * @example
 * const store = layeredStore(fileStore('/var/cache/fraudops'), s3Store(...), { onStale: ({ key }) => logger.warn('stale', { key }) });
 * await modelRegistry(store).load('fraud', 3); // asks S3 once for each file, later the folder
 */
export function layeredStore(fast: BlobStore, durable: BlobStore, options: LayeredStoreOptions = {}): LayeredStore {
  const problem = optionProblem(options, OPTIONS);
  if (problem !== undefined) throw new FraudOpsError('INVALID_OPTION', `layeredStore: ${problem}`);
  return new Layers(fast, durable, options);
}

/**
 * The store that answers for itself: the durable one of layers, else the store as it is. For whoever must not act on an old answer, such as
 * a clean-up, or wants to know what is stored rather than what is near by, such as a check for damage.
 *
 * @example durableLayer(layeredStore(fast, durable)) === durable; // true
 */
export function durableLayer(store: BlobStore): BlobStore {
  return 'durable' in store ? durableLayer((store as LayeredStore).durable) : store;
}

/** The hash in a key `blobs/<2 digits>/<sha256>`, which may carry a `~` and a number behind it. */
function hashOfBlobKey(key: string): string | undefined {
  return /^blobs\/[0-9a-f]{2}\/([0-9a-f]{64})(?:~\d+)?$/.exec(key)?.[1];
}

class Layers implements LayeredStore {
  readonly durable: BlobStore;
  readonly #fast: BlobStore;
  readonly #contentHash: (key: string) => string | undefined;
  readonly #options: LayeredStoreOptions;
  readonly #clock: Clock;
  readonly #room: CacheRoom;
  readonly #maxEntries: number;
  /** What the fast store is known to hold for a key: an etag, a list's hash, or `absent`. Saves writing the same answer again. */
  readonly #known = new Map<string, string>();
  #staleSinceMs: number | undefined;
  readonly getMany?: (keys: readonly string[]) => Promise<(StoredBlob | undefined)[]>;

  constructor(fast: BlobStore, durable: BlobStore, options: LayeredStoreOptions) {
    this.#fast = fast;
    this.durable = durable;
    this.#options = options;
    this.#contentHash = options.contentHash ?? hashOfBlobKey;
    this.#clock = options.clock ?? systemClock;
    this.#maxEntries = options.maxEntries ?? 100_000;
    const limits = { maxBytes: options.maxBytes ?? 2 ** 30, maxEntries: this.#maxEntries };
    this.#room = new CacheRoom(fast, limits, this.#clock, (present) => {
      for (const key of this.#known.keys()) if (!present.has(key)) this.#known.delete(key);
    });
    if (durable.getMany) this.getMany = (keys) => this.#getMany(keys);
  }

  get staleSinceMs(): number | undefined {
    return this.#staleSinceMs;
  }

  async flush(): Promise<void> {
    await this.#quietly(() => this.#room.noteUses());
  }

  async get(key: string): Promise<StoredBlob | undefined> {
    requireValidKey(key);
    const near = await this.#contentNearBy(key);
    if (near) return near;
    try {
      const blob = await this.durable.get(key);
      await this.#learn(key, blob);
      return blob;
    } catch (error) {
      return blobOf(await this.#lastAnswer('get', key, error));
    }
  }

  async put(key: string, bytes: Uint8Array, when?: PutCondition): Promise<{ etag: string }> {
    const copy = bytes.slice();
    // Stands for the durable store's own time until that is read: rather too early than too late.
    const modifiedMs = this.#clock.now();
    const { etag } = await this.#change(key, () => this.durable.put(key, copy, when));
    await this.#learn(key, { bytes: copy, etag, modifiedMs });
    return { etag };
  }

  async delete(key: string, when?: { ifMatch: string }): Promise<void> {
    await this.#change(key, () => this.durable.delete(key, when));
    await this.#learn(key, undefined);
  }

  async *list(prefix: string, from: { startAfter?: string } = {}): AsyncIterable<BlobInfo> {
    const infos: BlobInfo[] = [];
    let begun = false;
    try {
      for await (const info of this.durable.list(prefix, from)) {
        if (infos.length <= MAX_LIST) infos.push(info);
        begun = true;
        yield info;
      }
    } catch (error) {
      // Half a list of now and half of then would be a state that never was.
      if (begun) throw error;
      const answer = await this.#lastAnswer('list', prefix, error);
      const known = JSON.parse(new TextDecoder().decode(answer.bytes)) as BlobInfo[];
      yield* known.filter(({ key }) => key > (from.startAfter ?? ''));
      return;
    }
    this.#staleSinceMs = undefined;
    if (from.startAfter || infos.length > MAX_LIST) return;
    const bytes = new TextEncoder().encode(canonicalJson(infos));
    await this.#keep(listKey(prefix), { question: prefix, bytes, etag: '', absent: false, modifiedMs: 0 }, sha256Hex(bytes));
  }

  async #getMany(keys: readonly string[]): Promise<(StoredBlob | undefined)[]> {
    requireValidKeys(keys);
    const blobs = await Promise.all(keys.map((key) => this.#contentNearBy(key)));
    const missing = keys.flatMap((key, i) => (blobs[i] ? [] : [{ key, i }]));
    if (missing.length === 0) return blobs;
    let answers: (StoredBlob | undefined)[];
    try {
      answers = await this.durable.getMany!(missing.map(({ key }) => key));
      const news = missing.map(({ key }, n) => ({ key, blob: answers[n] }));
      await eachBounded(news, PARALLEL_WRITES, ({ key, blob }) => this.#learn(key, blob));
    } catch (error) {
      answers = await Promise.all(missing.map(async ({ key }) => blobOf(await this.#lastAnswer('get', key, error))));
    }
    for (const [n, { i }] of missing.entries()) blobs[i] = answers[n];
    return blobs;
  }

  /** Content that never changes, if the fast store has it undamaged. */
  async #contentNearBy(key: string): Promise<StoredBlob | undefined> {
    const hash = this.#contentHash(key);
    if (hash === undefined) return undefined;
    const answer = await this.#recall(blobKey(key), key);
    if (!answer || answer.absent || answer.sha256 !== hash) return undefined;
    return blobOf(answer);
  }

  /** The answer that the durable store gave last. @throws the given error unless it says that the store is away and there is one */
  async #lastAnswer(call: 'get' | 'list', key: string, cause: unknown): Promise<StoredAnswer> {
    if (!isFraudOpsError(cause) || cause.code !== 'UNAVAILABLE') throw cause;
    const answer = await this.#recall(call === 'get' ? blobKey(key) : listKey(key), key);
    if (!answer) throw cause;
    this.#staleSinceMs ??= this.#clock.now();
    this.#options.onStale?.({ call, key, answeredMs: answer.answeredMs, cause });
    return answer;
  }

  /** Changes the durable store. After a failure a reader may want to see what is there, so content near by is not answered unasked. */
  async #change<Result>(key: string, change: () => Promise<Result>): Promise<Result> {
    requireValidKey(key);
    try {
      return await change();
    } catch (error) {
      const unasked = this.#contentHash(key) !== undefined;
      if (unasked && !(isFraudOpsError(error) && error.retryable)) await this.#forget(blobKey(key));
      throw error;
    }
  }

  async #learn(key: string, blob: StoredBlob | undefined): Promise<void> {
    this.#staleSinceMs = undefined;
    const hash = this.#contentHash(key);
    // Content that has not its hash is damaged: it is told to the reader as it is, and not kept.
    if (blob && hash !== undefined && sha256Hex(blob.bytes) !== hash) return this.#forget(blobKey(key));
    const { bytes, etag, modifiedMs } = blob ?? { bytes: new Uint8Array(), etag: '', modifiedMs: 0 };
    await this.#keep(blobKey(key), { question: key, bytes, etag, modifiedMs, absent: !blob }, blob ? `=${etag}` : 'absent');
  }

  async #keep(fastKey: string, answer: Omit<StoredAnswer, 'sha256' | 'answeredMs'>, state: string): Promise<void> {
    if (this.#known.get(fastKey) === state) return this.#quietly(() => this.#room.use(fastKey));
    await this.#quietly(async () => {
      const encoded = encodeAnswer({ ...answer, answeredMs: this.#clock.now() });
      this.#known.delete(fastKey);
      await this.#fast.put(fastKey, encoded);
      if (this.#known.size >= this.#maxEntries) this.#known.clear();
      this.#known.set(fastKey, state);
      await this.#room.add(fastKey, encoded.length);
    });
  }

  /** What the fast store holds; a damaged copy is dropped. */
  async #recall(fastKey: string, question: string): Promise<StoredAnswer | undefined> {
    return this.#quietly(async () => {
      const stored = await this.#fast.get(fastKey);
      if (!stored) {
        // Evicted, perhaps by another process: the next answer is written again.
        this.#known.delete(fastKey);
        return undefined;
      }
      const answer = decodeAnswer(stored.bytes, question);
      if (answer) await this.#room.use(fastKey);
      else await this.#forget(fastKey, stored.etag);
      return answer;
    });
  }

  async #forget(fastKey: string, etag?: string): Promise<void> {
    this.#known.delete(fastKey);
    await this.#quietly(() => this.#fast.delete(fastKey, etag === undefined ? undefined : { ifMatch: etag }));
  }

  async #quietly<Result>(work: () => Promise<Result>): Promise<Result | undefined> {
    try {
      return await work();
    } catch (error) {
      this.#options.onFastFailure?.(error);
      return undefined;
    }
  }
}

function blobOf({ absent, bytes, etag, modifiedMs }: StoredAnswer): StoredBlob | undefined {
  return absent ? undefined : { bytes, etag, modifiedMs };
}

/** The fast store's keys are hashes, so that no key of the durable store is too long for it or in its way. */
function blobKey(key: string): string {
  return `answers/get/${sha256Hex(key)}`;
}

function listKey(prefix: string): string {
  return `answers/list/${sha256Hex(prefix)}`;
}
