/**
 * What changed in the table since a mark.
 *
 * Each row holds the number of the transaction that wrote it. Numbers are given when a transaction begins to write, and it can be seen only
 * once it is committed, so a lower number may be seen later than a higher one. A mark is therefore the lowest number that was still under
 * way: all below it are done, and what they did can be seen. Whatever is seen later has that number or a higher one. So a transaction that
 * stays open, anywhere on the server, makes marks old and answers longer, never wrong. Deletions leave a row in a table of their own; the
 * oldest are forgotten after {@link REMEMBERED_TRANSACTIONS}, and marks as old as that are not believed.
 *
 * Numbers mean something only where they were given. So a mark names the place: when the server was started, the database, the file of the
 * table (a new one when it is emptied or made anew), and the trigger. A restart, another server, a restored copy, which all may count
 * differently, are other places, and cost a list. Rows that come from elsewhere and have numbers that were not given yet are left out. A
 * standby tells nothing: a list may come from another one, that is behind.
 */
import { type BlobInfo, MAX_CHANGES, type StoreChanges } from '@fraudops/core';
import { type BlobRow, type InfoRow, infoOf } from './blob-row.js';
import { REMEMBERED_TRANSACTIONS } from './blob-tables.js';

/** A row of the answer: where and when it was given, and at most one change; of a deletion only the key. */
export interface ChangeRow extends Partial<{ [Column in keyof BlobRow]: BlobRow[Column] | null }> {
  readonly place: string;
  readonly seen: string;
}

/** What a mark says: a place, and the number of a transaction. */
export interface PlaceInTime {
  readonly place: string;
  readonly seen: string;
}

/** No mark, and nothing known. */
export const NOTHING_TOLD: StoreChanges = { mark: undefined, changes: undefined };

const MARK = /^([\d-]{1,100}):(\d{1,18})$/;

/** What a mark says; undefined for one that is none of this package's. */
export function readMark(mark: string | undefined): PlaceInTime | undefined {
  const [, place, seen] = MARK.exec(mark ?? '') ?? [];
  return place === undefined || seen === undefined ? undefined : { place, seen };
}

/** The answer, by its rows. @param since the mark that was asked with */
export function storeChanges(rows: readonly ChangeRow[], since: PlaceInTime | undefined): StoreChanges {
  const [here] = rows;
  if (!here) return NOTHING_TOLD;
  const mark = `${here.place}:${here.seen}`;
  const changed = rows.filter((row): row is ChangeRow & { key: string } => typeof row.key === 'string');
  if (!since || !isBelieved(since, here) || changed.length > MAX_CHANGES) return { mark, changes: undefined };
  const put: BlobInfo[] = [];
  const deleted = new Set<string>();
  for (const row of changed) {
    if (row.etag === null) deleted.add(row.key);
    else put.push(infoOf(row as InfoRow));
  }
  return { mark, changes: { put, deleted: [...deleted] } };
}

function isBelieved(since: PlaceInTime, here: PlaceInTime): boolean {
  if (since.place !== here.place) return false;
  const transactions = BigInt(here.seen) - BigInt(since.seen);
  return transactions >= 0n && transactions <= BigInt(REMEMBERED_TRANSACTIONS);
}
