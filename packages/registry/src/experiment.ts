/**
 * Experiments: `experiments/<name>/experiment.json` says what one is about, `experiments/<name>/deleted` is there while it is deleted. So
 * one listing gives the names of all, and which are deleted.
 */
import { type BlobStore, sha256Hex } from '@fraudops/core';
import { z } from 'zod';
import { countField, descriptionField, tagsField } from './bounded-fields.js';
import { isConflict } from './conflict.js';
import { type KeptItem, KeptListing } from './kept-listing.js';
import { putAndLook } from './put-and-look.js';
import { RegistryError } from './registry-error.js';
import { openSealedJson, sealJson } from './sealed-json.js';

/** What is known of an experiment. */
export interface Experiment {
  readonly name: string;
  readonly createdMs: number;
  readonly description?: string;
  readonly tags: Readonly<Record<string, string>>;
  /** Whether it is deleted; it and its runs can be restored. */
  readonly deleted: boolean;
}

const experimentSchema = z.object({
  name: z.string(),
  createdMs: countField,
  description: descriptionField.exactOptional(),
  tags: tagsField,
});

type ExperimentRecord = z.output<typeof experimentSchema>;

/** Times a record is read again because another writer replaced it. */
const MAX_ATTEMPTS = 20;
/** Objects of experiments that a listing keeps; if there are more it is made anew each time. */
const MOST_KEPT = 20_000;
const PREFIX = 'experiments/';
const recordKey = (name: string) => `${PREFIX}${name}/experiment.json`;
const deletedKey = (name: string) => `${PREFIX}${name}/deleted`;

/** Experiments by name, in order, and whether they are deleted. */
export type ListedExperiments = ReadonlyMap<string, { readonly deleted: boolean }>;

/** All experiments, or those whose names begin with a prefix. One listing. */
export async function listExperiments(store: BlobStore, prefix = ''): Promise<ListedExperiments> {
  const keys: string[] = [];
  for await (const { key } of store.list(`${PREFIX}${prefix}`)) keys.push(key);
  return experimentsOf(keys);
}

/** All experiments, for whoever asks for them again and again. Their listing is kept, see {@link KeptListing}. */
export class ExperimentListing {
  readonly #store: BlobStore;
  readonly #listing: KeptListing<KeptItem>;
  #listed: { readonly items: readonly KeptItem[]; readonly experiments: ListedExperiments } = {
    items: [],
    experiments: new Map(),
  };

  constructor(store: BlobStore) {
    this.#store = store;
    this.#listing = new KeptListing(store, PREFIX, ({ key, etag, sizeBytes }) => ({ key, etag, sizeBytes }), MOST_KEPT);
  }

  async list(): Promise<ListedExperiments> {
    const items = await this.#listing.items();
    if (items.length > MOST_KEPT) return listExperiments(this.#store);
    if (this.#listed.items !== items) this.#listed = { items, experiments: experimentsOf(items.map(({ key }) => key)) };
    return this.#listed.experiments;
  }
}

function experimentsOf(keys: readonly string[]): ListedExperiments {
  const experiments = new Map<string, { deleted: boolean }>();
  for (const key of keys) {
    const name = key.split('/')[1]!;
    const deleted = key === deletedKey(name) || experiments.get(name)?.deleted === true;
    experiments.set(name, { deleted });
  }
  return new Map([...experiments].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** What is known of an experiment, if it exists. @throws {RegistryError} CORRUPT_RUN for a damaged record */
export async function readExperiment(store: BlobStore, name: string): Promise<Experiment | undefined> {
  const [stored, deleted] = await Promise.all([store.get(recordKey(name)), store.get(deletedKey(name))]);
  return stored && { ...decode(name, stored.bytes), deleted: deleted !== undefined };
}

/** Replaces an experiment's record, made anew if there is none. @throws {RegistryError} CONTENTION */
export async function changeExperiment(
  store: BlobStore,
  name: string,
  nowMs: number,
  change: (record: ExperimentRecord) => ExperimentRecord,
): Promise<void> {
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
    const stored = await store.get(recordKey(name));
    const before = stored ? decode(name, stored.bytes) : { name, createdMs: nowMs, tags: {} };
    const bytes = encode(change(before));
    const when = stored ? { ifMatch: stored.etag } : ({ ifNoneMatch: '*' } as const);
    const isOwn = (found: Uint8Array) => sha256Hex(found) === sha256Hex(bytes);
    if ((await putAndLook(store, recordKey(name), bytes, when, isOwn)).own) return;
  }
  const message = `experiment ${name}: ${MAX_ATTEMPTS} tries lost against other writers; try again`;
  throw new RegistryError('CONTENTION', message, { details: { experiment: name } });
}

/** Marks an experiment as deleted. @throws {RegistryError} NOT_FOUND */
export async function markDeleted(store: BlobStore, name: string): Promise<void> {
  await requireExperiment(store, 'deleteExperiment', name);
  await store.put(deletedKey(name), new Uint8Array());
}

/** Takes the mark away. @throws {RegistryError} NOT_FOUND */
export async function unmarkDeleted(store: BlobStore, name: string): Promise<void> {
  await requireExperiment(store, 'restoreExperiment', name);
  await store.delete(deletedKey(name));
}

async function requireExperiment(store: BlobStore, call: string, name: string): Promise<void> {
  if (await store.get(recordKey(name))) return;
  throw new RegistryError('NOT_FOUND', `${call}: there is no experiment ${name}`, { details: { experiment: name } });
}

/** Makes an experiment, unless somebody else made it just now. */
export async function createExperiment(store: BlobStore, record: ExperimentRecord): Promise<void> {
  try {
    await store.put(recordKey(record.name), encode(record), { ifNoneMatch: '*' });
  } catch (error) {
    // Somebody else made it just now.
    if (!isConflict(error)) throw error;
  }
}

function encode(record: ExperimentRecord): Uint8Array {
  return sealJson({ ...record, format: 1 });
}

function decode(name: string, bytes: Uint8Array): ExperimentRecord {
  const opened = openSealedJson(bytes);
  const parsed = 'damage' in opened ? undefined : experimentSchema.safeParse(opened.content);
  if (parsed?.success && parsed.data.name === name) return parsed.data;
  const reason = 'damage' in opened ? opened.damage : 'it is no record of this experiment';
  const message = `experiment ${name}: ${recordKey(name)}: ${reason}; it was changed or damaged, restore it from a backup`;
  throw new RegistryError('CORRUPT_RUN', message, { details: { experiment: name, reason } });
}
