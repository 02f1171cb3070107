import { type BlobStore, MAX_KEYS_AT_ONCE, type StoredBlob } from '@fraudops/core';
import { eachBounded } from './each-bounded.js';
import { RUNS_PREFIX, runKey, runOfKey, runsPrefix } from './run-record.js';

/** A record as it was listed. */
export interface FoundRecord {
  readonly experiment: string;
  readonly id: string;
  readonly etag: string;
  readonly sizeBytes: number;
}

/** Records read at once from a store that has no `getMany`, and calls of it at once where it has. */
const PARALLEL_GETS = 16;
const PARALLEL_CALLS = 2;
/** Records asked for in one `getMany`; at some kilobytes each far from what a store gives at once. */
const KEYS_AT_ONCE = Math.min(MAX_KEYS_AT_ONCE, 500);

/** Where the records of a store are listed and read. */
export class RunListing {
  readonly #store: BlobStore;

  constructor(store: BlobStore) {
    this.#store = store;
  }

  /** The records of one experiment or of all, in the order of their starts. Their ids are held in memory at once. */
  async inOrder(experiment: string | undefined): Promise<FoundRecord[]> {
    const found: FoundRecord[] = [];
    for await (const record of this.#list(experiment === undefined ? RUNS_PREFIX : runsPrefix(experiment))) found.push(record);
    return found.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  }

  /** The records' objects, undefined for what is gone. */
  async read(found: readonly Pick<FoundRecord, 'experiment' | 'id'>[]): Promise<(StoredBlob | undefined)[]> {
    const keys = found.map(({ experiment, id }) => runKey(experiment, id));
    if (!this.#store.getMany) return eachBounded(keys, PARALLEL_GETS, (key) => this.#store.get(key));
    const parts = Array.from({ length: Math.ceil(keys.length / KEYS_AT_ONCE) }, (_, i) =>
      keys.slice(i * KEYS_AT_ONCE, (i + 1) * KEYS_AT_ONCE),
    );
    return (await eachBounded(parts, PARALLEL_CALLS, (part) => this.#store.getMany!(part))).flat();
  }

  async *#list(prefix: string): AsyncGenerator<FoundRecord> {
    for await (const { key, etag, sizeBytes } of this.#store.list(prefix)) {
      const run = runOfKey(key);
      if (run) yield { ...run, etag, sizeBytes };
    }
  }
}
