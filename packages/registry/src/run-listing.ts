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

  /**
   * The records of one experiment or of all, in the order of their starts. Their ids are held in memory at once.
   *
   * @param most after one more the listing ends, so that the caller sees that there are too many
   */
  async inOrder(experiment: string | undefined, most = Number.POSITIVE_INFINITY): Promise<FoundRecord[]> {
    const found: FoundRecord[] = [];
    let isInOrder = true;
    for await (const { key, etag, sizeBytes } of this.#store.list(
      experiment === undefined ? RUNS_PREFIX : runsPrefix(experiment),
    )) {
      const run = runOfKey(key, experiment);
      if (!run) continue;
      const record = { experiment: run.experiment, id: run.id, etag, sizeBytes };
      isInOrder &&= found.length === 0 || found.at(-1)!.id < run.id;
      found.push(record);
      if (found.length > most) break;
    }
    // Keys are in order as a rule, and so are their ids, unless one id is the beginning of another.
    return isInOrder ? found : found.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  }

  /** The records' objects in their order, undefined for what is gone, some at a time. */
  async *read(found: readonly Pick<FoundRecord, 'experiment' | 'id'>[]): AsyncGenerator<(StoredBlob | undefined)[]> {
    const keys = found.map(({ experiment, id }) => runKey(experiment, id));
    for await (const batch of readBlobs(this.#store, keys)) yield batch.map(({ blob }) => blob);
  }
}
