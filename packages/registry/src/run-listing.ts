import { type BlobStore, type StoredBlob, readBlobs } from '@fraudops/core';
import { RUNS_PREFIX, runKey, runOfKey, runsPrefix } from './run-record.js';

/** A record as it was listed. */
export interface FoundRecord {
  readonly experiment: string;
  readonly id: string;
  readonly etag: string;
  readonly sizeBytes: number;
}

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

  /** The records' objects in their order, undefined for what is gone, some at a time. */
  async *read(found: readonly Pick<FoundRecord, 'experiment' | 'id'>[]): AsyncGenerator<(StoredBlob | undefined)[]> {
    const keys = found.map(({ experiment, id }) => runKey(experiment, id));
    for await (const batch of readBlobs(this.#store, keys)) yield batch.map(({ blob }) => blob);
  }

  async *#list(prefix: string): AsyncGenerator<FoundRecord> {
    for await (const { key, etag, sizeBytes } of this.#store.list(prefix)) {
      const run = runOfKey(key);
      if (run) yield { ...run, etag, sizeBytes };
    }
  }
}
