/**
 * What a garbage collection tells everybody else: one object `garbage/collection.json`, sealed JSON that collectors replace on the condition
 * that nobody else did. It is written before anything is deleted, and never deleted itself; why that makes collecting safe says
 * `garbage-collection.ts`.
 */
import type { BlobStore } from '@fraudops/core';
import { z } from 'zod';
import { countField } from './bounded-fields.js';
import { putAndLook } from './put-and-look.js';
import { RegistryError } from './registry-error.js';
import { openSealedJson, sealJson } from './sealed-json.js';

/** Where the record is. */
export const COLLECTION_KEY = 'garbage/collection.json';

/** Keys that a collector may delete at any moment, also long after it was thought dead. */
export interface Condemned {
  /** The collection's number. */
  readonly collection: number;
  /** When it began, epoch milliseconds. */
  readonly atMs: number;
  readonly keys: readonly string[];
}

/** The record, and the etag to replace it with. */
export interface CollectionRecord {
  /** Undefined when there was no collection yet. */
  readonly etag: string | undefined;
  /** When the record was written, by the store's clock; 0 when there is none. */
  readonly modifiedMs: number;
  /** Tells records of two collectors apart that say the same otherwise. */
  readonly id: string;
  /** Number of the last collection that began; 0 when there was none. Each has its own. */
  readonly collection: number;
  /** Whether that collection has not ended. */
  readonly open: boolean;
  /** When that collection was last heard of, by the store's clock, where somebody else wrote the record since. */
  readonly heardMs?: number;
  /** What the last collection, and those before it that did not end well, may still delete. */
  readonly condemned: readonly Condemned[];
}

/** What a collector writes. */
type CollectionState = Pick<CollectionRecord, 'id' | 'collection' | 'open' | 'heardMs' | 'condemned'>;

const recordSchema = z.object({
  format: z.literal(1),
  id: z.string(),
  collection: countField,
  open: z.boolean(),
  heardMs: z.number().optional(),
  condemned: z.array(z.object({ collection: countField, atMs: countField, keys: z.array(z.string()) })),
});

const NO_COLLECTION: CollectionRecord = { etag: undefined, modifiedMs: 0, id: '', collection: 0, open: false, condemned: [] };

/** Reads the record. @throws {RegistryError} CORRUPT_COLLECTION */
export async function readCollection(store: BlobStore): Promise<CollectionRecord> {
  const stored = await store.get(COLLECTION_KEY);
  if (!stored) return NO_COLLECTION;
  const { etag, modifiedMs } = stored;
  return { etag, modifiedMs, ...decodeCollection(stored.bytes) };
}

/** What a record says. @throws {RegistryError} CORRUPT_COLLECTION */
function decodeCollection(bytes: Uint8Array): CollectionState {
  const opened = openSealedJson(bytes);
  if ('damage' in opened) throw corruptCollection(opened.damage);
  const parsed = recordSchema.safeParse(opened.content);
  if (!parsed.success) throw corruptCollection(parsed.error.issues[0]!.message);
  const { heardMs, ...state } = parsed.data;
  return { ...state, ...(heardMs === undefined ? {} : { heardMs }) };
}

/** Replaces the record that was read, unless another collector did so first. */
export async function replaceCollection(store: BlobStore, read: CollectionRecord, next: CollectionState): Promise<boolean> {
  const { id, collection, open, heardMs, condemned } = next;
  const bytes = sealJson({ format: 1, id, collection, open, ...(heardMs === undefined ? {} : { heardMs }), condemned });
  const when = read.etag === undefined ? { ifNoneMatch: '*' as const } : { ifMatch: read.etag };
  const put = await putAndLook(store, COLLECTION_KEY, bytes, when, (found) => Buffer.from(found).equals(bytes));
  return put.own;
}

function corruptCollection(reason: string): RegistryError {
  const message = `${COLLECTION_KEY}: ${reason}; it was changed or damaged, restore it from a backup`;
  return new RegistryError('CORRUPT_COLLECTION', message, { details: { key: COLLECTION_KEY, reason } });
}
