/**
 * The record of a run under way, and the one way to change it. Changes that come while an earlier one is being written are written
 * together. Each is a function of the record, so when somebody else replaced the record meanwhile (a tag set from another process), the
 * changes are made again on theirs, and nothing is lost.
 */
import { type BlobStore, sha256Hex } from '@fraudops/core';
import { coalesced } from './coalesced.js';
import { type PutResult, isUnknownOutcome, putAndLook } from './put-and-look.js';
import { RegistryError } from './registry-error.js';
import { type RunRecord, type StoredRun, encodeRun, readRunOf, runKey } from './run-record.js';

/** Makes a record of one; throws to refuse. */
export type RunChange = (record: RunRecord) => RunRecord;

/** Times a record is read again because another writer replaced it. */
const MAX_UPDATE_ATTEMPTS = 100;
/** Puts of unknown outcome that are remembered. */
const MAX_DOUBTFUL = 1_000;
/** Longest wait before another try, in milliseconds. */
const MAX_WAIT_MS = 50;

interface QueuedChange {
  readonly change: RunChange;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** The writer of one run's record. */
export class RunWriter {
  readonly #store: BlobStore;
  readonly #stamp: RunChange;
  readonly #flush = coalesced(() => this.#writeQueue());
  #queue: QueuedChange[] = [];
  #stored: StoredRun;
  /** SHA-256 of records whose put had an unknown outcome since the last one that was kept: any of them may arrive late. */
  readonly #doubtful = new Set<string>();

  /** @param stamp what every write adds, such as its time */
  constructor(store: BlobStore, stored: StoredRun, stamp: RunChange) {
    this.#store = store;
    this.#stored = stored;
    this.#stamp = stamp;
  }

  /** The record as it was last written or read. */
  get record(): RunRecord {
    return this.#stored.record;
  }

  /**
   * Changes the record. A change that throws is refused alone; the others are written.
   *
   * @throws {RegistryError} RUN_ENDED or RUN_DELETED when somebody else ended or deleted the run; CONTENTION; what the change throws
   */
  change(change: RunChange): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ change, resolve, reject });
      this.#flush().catch(() => {
        // Each change of the queue was told.
      });
    });
  }

  async #writeQueue(): Promise<void> {
    const queue = this.#queue;
    this.#queue = [];
    try {
      await this.#write(queue);
    } catch (error) {
      for (const { reject } of queue) reject(error);
    }
  }

  async #write(queue: QueuedChange[]): Promise<void> {
    for (let attempt = 1; attempt <= MAX_UPDATE_ATTEMPTS; attempt++) {
      const made = applyAll(this.#stored.record, queue);
      if (made.accepted.length === 0) return;
      const record = this.#stamp(made.record);
      const put = await this.#put(record);
      if (put.own) {
        this.#stored = { record, etag: put.etag };
        this.#doubtful.clear();
        for (const { resolve } of made.accepted) resolve();
        return;
      }
      await getOutOfTheWay(attempt);
      this.#stored = await readAgain(this.#store, record);
      // An end of the run's own that arrived late is no reason to refuse the same end now.
      const isOwn = put.found?.etag === this.#stored.etag && this.#doubtful.has(sha256Hex(put.found.bytes));
      if (!isOwn) requireWritable(this.#stored.record);
    }
    throw contention(this.#stored.record.id);
  }

  async #put(record: RunRecord): Promise<PutResult> {
    const bytes = encodeRun(record);
    const isOwn = (found: Uint8Array) => Buffer.from(found).equals(bytes);
    const key = runKey(record.experiment, record.id);
    try {
      return await putAndLook(this.#store, key, bytes, { ifMatch: this.#stored.etag }, isOwn);
    } catch (error) {
      if (isUnknownOutcome(error)) {
        const [oldest] = this.#doubtful;
        if (this.#doubtful.size >= MAX_DOUBTFUL) this.#doubtful.delete(oldest!);
        this.#doubtful.add(sha256Hex(bytes));
      }
      throw error;
    }
  }
}

/**
 * Changes the record of a run from outside, whoever may be writing it.
 *
 * @throws {RegistryError} CONTENTION; what the change throws
 */
export async function changeRun(store: BlobStore, stored: StoredRun, change: RunChange): Promise<StoredRun> {
  let present = stored;
  for (let attempt = 1; attempt <= MAX_UPDATE_ATTEMPTS; attempt++) {
    const record = change(present.record);
    const bytes = encodeRun(record);
    const key = runKey(record.experiment, record.id);
    const isOwn = (found: Uint8Array) => sha256Hex(found) === sha256Hex(bytes);
    const put = await putAndLook(store, key, bytes, { ifMatch: present.etag }, isOwn);
    if (put.own) return { record, etag: put.etag };
    await getOutOfTheWay(attempt);
    present = await readAgain(store, record);
  }
  throw contention(stored.record.id);
}

function applyAll(record: RunRecord, queue: readonly QueuedChange[]): { record: RunRecord; accepted: QueuedChange[] } {
  const accepted: QueuedChange[] = [];
  let changed = record;
  for (const item of queue) {
    try {
      changed = item.change(changed);
      accepted.push(item);
    } catch (error) {
      item.reject(error);
    }
  }
  return { record: changed, accepted };
}

/** Writers that wait for different times get out of each other's way. */
async function getOutOfTheWay(attempt: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, Math.random() * Math.min(attempt - 1, MAX_WAIT_MS)));
}

async function readAgain(store: BlobStore, { experiment, id }: RunRecord): Promise<StoredRun> {
  const stored = await readRunOf(store, experiment, id);
  if (stored) return stored;
  throw new RegistryError('CORRUPT_RUN', `run ${id}: its record was deleted`, { details: { id } });
}

function requireWritable({ id, status, deletedMs }: RunRecord): void {
  if (deletedMs !== undefined) {
    throw new RegistryError('RUN_DELETED', `run ${id} was deleted; restore it with restoreRun first`, { details: { id } });
  }
  if (status === 'running') return;
  throw new RegistryError('RUN_ENDED', `run ${id} was ended elsewhere as ${status}; start another run, or resume it`, {
    details: { id, status },
  });
}

function contention(id: string): RegistryError {
  const message = `run ${id}: ${MAX_UPDATE_ATTEMPTS} tries lost against other writers; try again`;
  return new RegistryError('CONTENTION', message, { details: { id } });
}
