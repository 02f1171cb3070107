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
 * **Which answer is the last** is decided by when the calls were made, since answers of calls that overlap come in any order (`told-answers.ts`):
 * one whose call started after another's had ended counts; of overlapping ones a put or delete that was carried out counts before a read, and
 * presence before absence. The process remembers what it was told, and the fast store, which others may share, is written by
 * compare-and-swap, never over an answer that counts more. While the durable store is away, a question is answered from the fast store
 * when that has what this process was told, or what another process was told by a later call; else from memory; else it fails. So
 *
 * - no handle answers with what was told by a call that had ended before it was itself told something, or before its own put or delete,
 *   began; as long as it remembers that, for its last `maxEntries` questions,
 * - and on keys that are created once and never deleted, such as those of a log, no handle, not even a new one, says absent once one that
 *   shares the fast store was told presence; as long as the fast store keeps what it was given, and the clocks of the processes agree.
 *
 * A list is the last whole list, brought up to date with what this process was told of its keys by later calls. Where a list tells of a
 * newer state of a key than get did, get fails rather than answer the older one.
 *
 * `changesSince` of the durable store is not passed on: who is told changes instead of listing would leave an old list for the outage.
 *
 * Every answer is one that the durable store gave. What the fast store fails to keep costs time, or an answer in an outage.
 */
import { randomUUID } from 'node:crypto';
import {
  type BlobInfo,
  type BlobStore,
  type PutCondition,
  type StoredBlob,
  requireValidDelete,
  requireValidKey,
  requireValidKeys,
  requireValidPut,
} from './blob-store.js';
import { canonicalJson, sha256Hex } from './canonical-json.js';
import { type Clock, systemClock } from './clock.js';
import { eachBounded } from './each-bounded.js';
import { FraudOpsError, isFraudOpsError } from './errors.js';
import { type OptionKinds, optionProblem } from './option-problem.js';
import { NearAnswers, questionOf } from './near-answers.js';
import type { StoredAnswer } from './stored-answer.js';
import { type CallTime, ToldAnswers, isBefore, supersedes, toldOf } from './told-answers.js';

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

/** A call to the durable store, on its way or ended. */
type Call = CallTime & { readonly isWrite: boolean };

class Layers implements LayeredStore {
  readonly durable: BlobStore;
  readonly #contentHash: (key: string) => string | undefined;
  readonly #options: LayeredStoreOptions;
  readonly #clock: Clock;
  readonly #near: NearAnswers;
  readonly #told: ToldAnswers;
  readonly #by = randomUUID();
  #ticket = 0;
  #staleSinceMs: number | undefined;
  readonly getMany?: (keys: readonly string[]) => Promise<(StoredBlob | undefined)[]>;

  constructor(fast: BlobStore, durable: BlobStore, options: LayeredStoreOptions) {
    this.durable = durable;
    this.#options = options;
    this.#contentHash = options.contentHash ?? hashOfBlobKey;
    this.#clock = options.clock ?? systemClock;
    const limits = { maxBytes: options.maxBytes ?? 2 ** 30, maxEntries: options.maxEntries ?? 100_000 };
    this.#told = new ToldAnswers(limits.maxEntries);
    const [told, by, clock] = [this.#told, this.#by, this.#clock];
    const onFailure = (error: unknown) => options.onFastFailure?.(error);
    this.#near = new NearAnswers({ fast, limits, told, by, clock, onFailure });
    if (durable.getMany) this.getMany = (keys) => this.#getMany(keys);
  }

  get staleSinceMs(): number | undefined {
    return this.#staleSinceMs;
  }

  async flush(): Promise<void> {
    await this.#near.noteUses();
  }

  async get(key: string): Promise<StoredBlob | undefined> {
    requireValidKey(key);
    const near = await this.#contentNearBy(key);
    if (near) return near;
    const call = this.#begin();
    try {
      const blob = await this.durable.get(key);
      await this.#learn(key, blob, this.#end(call));
      return blob;
    } catch (error) {
      return blobOf(await this.#lastAnswer('get', key, error));
    }
  }

  async put(key: string, bytes: Uint8Array, when?: PutCondition): Promise<{ etag: string }> {
    requireValidPut(key, bytes, when);
    const copy = bytes.slice();
    const call = this.#begin(true);
    const { etag } = await this.#change(key, () => this.durable.put(key, copy, when));
    // The start stands for the durable store's own time until that is read: rather too early than too late.
    await this.#learn(key, { bytes: copy, etag, modifiedMs: call.askedMs }, this.#end(call));
    return { etag };
  }

  async delete(key: string, when?: { ifMatch: string }): Promise<void> {
    requireValidDelete(key, when);
    const call = this.#begin(true);
    await this.#change(key, () => this.durable.delete(key, when));
    await this.#learn(key, undefined, this.#end(call));
  }

  async *list(prefix: string, from: { startAfter?: string } = {}): AsyncIterable<BlobInfo> {
    const infos: BlobInfo[] = [];
    const call = this.#begin();
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
      const known = this.#upToDate(prefix, await this.#lastAnswer('list', prefix, error));
      yield* known.filter(({ key }) => key > (from.startAfter ?? ''));
      return;
    }
    this.#staleSinceMs = undefined;
    if (from.startAfter || infos.length > MAX_LIST) return;
    await this.#learnList(prefix, infos, this.#end(call));
  }

  async #getMany(keys: readonly string[]): Promise<(StoredBlob | undefined)[]> {
    requireValidKeys(keys);
    const blobs = await Promise.all(keys.map((key) => this.#contentNearBy(key)));
    const missing = keys.flatMap((key, i) => (blobs[i] ? [] : [{ key, i }]));
    if (missing.length === 0) return blobs;
    const call = this.#begin();
    let answers: (StoredBlob | undefined)[];
    try {
      answers = await this.durable.getMany!(missing.map(({ key }) => key));
      const ended = this.#end(call);
      const news = missing.map(({ key }, n) => ({ key, blob: answers[n] }));
      await eachBounded(news, PARALLEL_WRITES, ({ key, blob }) => this.#learn(key, blob, ended));
    } catch (error) {
      answers = await Promise.all(missing.map(async ({ key }) => blobOf(await this.#lastAnswer('get', key, error))));
    }
    for (const [n, { i }] of missing.entries()) blobs[i] = answers[n];
    return blobs;
  }

  #begin(isWrite = false): Call {
    const askedMs = this.#clock.now();
    return { by: this.#by, started: ++this.#ticket, ended: 0, askedMs, answeredMs: askedMs, isWrite };
  }

  #end(call: Call): Call {
    // A clock that was set back must not make a call end before it began.
    return { ...call, ended: ++this.#ticket, answeredMs: Math.max(call.askedMs, this.#clock.now()) };
  }

  /** Content that never changes, if the fast store has it undamaged, and this process was not told since that it is gone. */
  async #contentNearBy(key: string): Promise<StoredBlob | undefined> {
    const hash = this.#contentHash(key);
    if (hash === undefined) return undefined;
    const answer = await this.#near.recall('get', key);
    if (!answer || answer.absent || answer.sha256 !== hash) return undefined;
    const told = this.#told.get(questionOf('get', key));
    return told?.absent && !isBefore(told, answer) ? undefined : blobOf(answer);
  }

  /** The answer that counts; see the head. @throws the given error unless it says that the store is away and there is one */
  async #lastAnswer(call: 'get' | 'list', key: string, cause: unknown): Promise<StoredAnswer> {
    if (!isFraudOpsError(cause) || cause.code !== 'UNAVAILABLE') throw cause;
    const near = await this.#near.recall(call, key);
    const question = questionOf(call, key);
    const told = this.#told.get(question);
    let answer = near;
    if (told && near && toldOf(near, call).state !== told.state) {
      if (isBefore(told, near)) this.#told.tell(question, toldOf(near, call), near.bytes);
      else answer = undefined;
    }
    if (told && !answer) {
      const bytes = told.absent ? new Uint8Array() : this.#told.bytesOf(question);
      answer = bytes && { ...told, question: key, bytes, sha256: '' };
    }
    if (!answer) throw cause;
    this.#staleSinceMs ??= this.#clock.now();
    this.#options.onStale?.({ call, key, answeredMs: answer.answeredMs, cause });
    return answer;
  }

  /** A list of then with what this process was told of its keys by calls that count more. */
  #upToDate(prefix: string, list: StoredAnswer): BlobInfo[] {
    const known = JSON.parse(new TextDecoder().decode(list.bytes)) as BlobInfo[];
    const infos = new Map(known.map((info) => [info.key, info]));
    const beginning = questionOf('get', prefix);
    for (const [question, told] of this.#told.under(beginning)) {
      const key = prefix + question.slice(beginning.length);
      const listed = { ...toldOf(list, 'list'), absent: !infos.has(key) };
      if (!supersedes(told, listed)) continue;
      const { etag, sizeBytes, modifiedMs } = told;
      if (told.absent) infos.delete(key);
      else infos.set(key, { key, etag, sizeBytes, modifiedMs });
    }
    return [...infos.values()].toSorted((a, b) => (a.key < b.key ? -1 : 1));
  }

  /** Changes the durable store. After a failure a reader may want to see what is there, so content near by is not answered unasked. */
  async #change<Result>(key: string, change: () => Promise<Result>): Promise<Result> {
    try {
      return await change();
    } catch (error) {
      const unasked = this.#contentHash(key) !== undefined;
      if (unasked && !(isFraudOpsError(error) && error.retryable)) await this.#forget(key);
      throw error;
    }
  }

  async #learn(key: string, blob: StoredBlob | undefined, call: Call): Promise<void> {
    this.#staleSinceMs = undefined;
    const hash = this.#contentHash(key);
    // Content that has not its hash is damaged: it is told to the reader as it is, and not kept.
    if (blob && hash !== undefined && sha256Hex(blob.bytes) !== hash) return this.#forget(key);
    const { bytes, etag, modifiedMs } = blob ?? { bytes: new Uint8Array(), etag: '', modifiedMs: 0 };
    const answer = { ...call, question: key, bytes, etag, modifiedMs, absent: !blob };
    await this.#near.keep('get', answer, hash === undefined);
  }

  async #learnList(prefix: string, infos: readonly BlobInfo[], call: Call): Promise<void> {
    for (const { key, etag, sizeBytes, modifiedMs } of infos) {
      const question = questionOf('get', key);
      const told = this.#told.get(question);
      if (!told || !isBefore(told, call) || told.state === `=${etag}`) continue;
      // The older state is answered no more, neither from memory nor from near by.
      this.#told.tell(question, { ...call, state: `=${etag}`, absent: false, etag, sizeBytes, modifiedMs });
      if (this.#contentHash(key) === undefined) await this.#near.drop('get', key);
    }
    const bytes = new TextEncoder().encode(canonicalJson(infos));
    await this.#near.keep('list', { ...call, question: prefix, bytes, etag: '', absent: false, modifiedMs: 0 }, true);
  }

  async #forget(key: string): Promise<void> {
    this.#told.forget(questionOf('get', key));
    await this.#near.drop('get', key);
  }
}

function blobOf({ absent, bytes, etag, modifiedMs }: StoredAnswer): StoredBlob | undefined {
  return absent ? undefined : { bytes, etag, modifiedMs };
}
