import { type BlobInfo, type BlobStore, type StoredBlob, readBlobs } from '@fraudops/core';
import { eachBounded } from './each-bounded.js';
import { KeptListing, isSame } from './kept-listing.js';
import { RUNS_PREFIX, runOfKey, runsPrefix } from './run-record.js';

/** A record as it was listed. */
export interface FoundRecord {
  readonly key: string;
  readonly experiment: string;
  readonly id: string;
  readonly etag: string;
  readonly sizeBytes: number;
}

/** Records by experiment, in the order of the runs' starts. */
export type FoundRecords = ReadonlyMap<string, readonly FoundRecord[]>;

/** Experiments listed at once. */
const PARALLEL_EXPERIMENTS = 4;

/** All listings that a tracker keeps hold as many records together; those used last stay. */
export interface ListingLimits {
  readonly keptRecords: number;
  readonly keptListings: number;
}

/** The bounds of a tracker's listings. */
export const LISTING_LIMITS: ListingLimits = { keptRecords: 500_000, keptListings: 2_000 };

interface Kept {
  readonly listing: KeptListing<FoundRecord>;
  /** What the records were when they were grouped last. */
  grouped: { readonly items: readonly FoundRecord[]; readonly groups: FoundRecords };
}

/**
 * Where the records of a store are listed. Listings are kept, so that the next one asks only what changed. As long as the records of an
 * experiment are the same, so is their array.
 */
export class RunListing {
  readonly #store: BlobStore;
  readonly #limits: ListingLimits;
  /** By experiment, undefined for all; those used last are last. */
  readonly #kept = new Map<string | undefined, Kept>();

  constructor(store: BlobStore, limits = LISTING_LIMITS) {
    this.#store = store;
    this.#limits = limits;
  }

  /**
   * The records of some experiments; undefined: of all.
   *
   * @param most of an experiment; one more is a sign that there are too many
   */
  async list(experiments: readonly string[] | undefined, most: number): Promise<FoundRecords> {
    const scopes = experiments === undefined ? [undefined] : [...new Set(experiments)];
    const all = await eachBounded(scopes, PARALLEL_EXPERIMENTS, async (experiment) => {
      const kept = this.#keptOf(experiment, most);
      return groupsOf(kept, await kept.listing.items());
    });
    this.#forgetOldest();
    return new Map(all.flatMap((groups) => [...groups]));
  }

  #keptOf(experiment: string | undefined, most: number): Kept {
    const prefix = experiment === undefined ? RUNS_PREFIX : runsPrefix(experiment);
    const kept = this.#kept.get(experiment) ?? {
      listing: new KeptListing(this.#store, prefix, (info) => foundRecord(info, experiment), most),
      grouped: { items: [], groups: new Map() },
    };
    this.#kept.delete(experiment);
    this.#kept.set(experiment, kept);
    return kept;
  }

  #forgetOldest(): void {
    let records = 0;
    for (const { listing } of this.#kept.values()) records += listing.size;
    for (const [experiment, { listing }] of this.#kept) {
      if (records <= this.#limits.keptRecords && this.#kept.size <= this.#limits.keptListings) return;
      records -= listing.size;
      this.#kept.delete(experiment);
    }
  }
}

/** The records of one experiment or of all, in the order of their starts, as a fresh listing gives them. They are held in memory at once. */
export async function listRecords(store: BlobStore, experiment: string | undefined): Promise<FoundRecord[]> {
  const found: FoundRecord[] = [];
  for await (const info of store.list(experiment === undefined ? RUNS_PREFIX : runsPrefix(experiment))) {
    const record = foundRecord(info, experiment);
    if (record) found.push(record);
  }
  return inOrder(found);
}

/** The records' objects in their order, undefined for what is gone, some at a time. */
export async function* readRecords(store: BlobStore, found: readonly FoundRecord[]): AsyncGenerator<(StoredBlob | undefined)[]> {
  const keys = found.map(({ key }) => key);
  for await (const batch of readBlobs(store, keys)) yield batch.map(({ blob }) => blob);
}

function foundRecord({ key, etag, sizeBytes }: BlobInfo, experiment: string | undefined): FoundRecord | undefined {
  const run = runOfKey(key, experiment);
  return run && { key, experiment: run.experiment, id: run.id, etag, sizeBytes };
}

function groupsOf(kept: Kept, items: readonly FoundRecord[]): FoundRecords {
  const before = kept.grouped;
  if (before.items === items) return before.groups;
  const byExperiment = new Map<string, FoundRecord[]>();
  for (const record of items) {
    const others = byExperiment.get(record.experiment);
    if (others) others.push(record);
    else byExperiment.set(record.experiment, [record]);
  }
  const groups = new Map([...byExperiment].map(([name, found]) => [name, asBefore(inOrder(found), before.groups.get(name))]));
  kept.grouped = { items, groups };
  return groups;
}

function asBefore(found: readonly FoundRecord[], before: readonly FoundRecord[] | undefined): readonly FoundRecord[] {
  return before && isSame(found, before) ? before : found;
}

/** Keys are in order as a rule, and so are their ids, unless one id is the beginning of another. */
function inOrder(found: FoundRecord[]): FoundRecord[] {
  return found.every(({ id }, i) => i === 0 || found[i - 1]!.id < id) ? found : found.toSorted((a, b) => (a.id < b.id ? -1 : 1));
}
