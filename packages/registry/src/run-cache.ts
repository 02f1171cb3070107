/**
 * What searches have read of the runs of experiments, so that they read again only what changed.
 *
 * A record in the cache counts only for the etag and the size that a fresh listing shows for its key; anything else is read. So the answer
 * is right whatever the cache holds, and the cache can be lost, damaged or out of date at any time.
 *
 * Beside the memory of the process there is an index in the store: shards `run-index/<experiment>/<first id>`, each a {@link RunTable} of
 * the runs whose ids lie between its name and the next one's. A search that had to read many records of a shard writes it anew, on the
 * condition that nobody else did; who comes second lets it be. A store that can't be written is searched all the same.
 */
import { type BlobStore, readBlobs } from '@fraudops/core';
import { isConflict } from './conflict.js';
import { oneAtATime } from './one-at-a-time.js';
import { type FoundRecord, readRecords } from './run-listing.js';
import { decodeRun } from './run-record.js';
import { type RunTable, type TableRun, decodeRunTable, encodeRunTable } from './run-table.js';

/** Bounds of the cache. */
export interface CacheLimits {
  /** Bytes kept in memory between searches; the experiments searched last stay. */
  readonly keptBytes: number;
  /** Runs of one shard; a larger one is split. */
  readonly shardRuns: number;
  /** Records decoded at once before they are packed. */
  readonly recordsAtOnce: number;
  /** Tables of an experiment that are no shard. */
  readonly looseTables: number;
}

/** The bounds of a tracker's cache. */
export const CACHE_LIMITS: CacheLimits = { keptBytes: 256 * 2 ** 20, shardRuns: 20_000, recordsAtOnce: 2_500, looseTables: 8 };

/** A shard is written anew when more of its runs than this were not in it: a tenth, at least 20 and at most 200. */
const staleAllowed = (runs: number) => Math.max(20, Math.min(200, runs / 10));

/** What a row that is kept takes, besides its table. */
const FOUND_ROW_BYTES = 64;

/** A run found in a table. */
export interface FoundRow {
  readonly table: RunTable;
  readonly row: number;
}

/** Places of rows, the last one excluded. */
interface Range {
  readonly from: number;
  readonly to: number;
}

interface Shard {
  readonly firstId: string;
  /** Undefined for one that is not in the store yet. */
  readonly etag: string | undefined;
  /** Undefined for one that can't be read. */
  readonly table: RunTable | undefined;
}

interface Cached {
  readonly inTurn: ReturnType<typeof oneAtATime>;
  shards: readonly Shard[] | undefined;
  /** What was read since; the newest last. */
  loose: readonly RunTable[];
  /** The rows that were given last, and what for. */
  last: { readonly found: readonly FoundRecord[]; readonly rows: readonly FoundRow[] } | undefined;
}

/** The runs that one tracker's searches have read. */
export class RunCache {
  readonly #store: BlobStore;
  readonly #cached = new Map<string, Cached>();
  readonly #limits: CacheLimits;
  #mayWrite: boolean;

  constructor(store: BlobStore, writeIndex: boolean, limits = CACHE_LIMITS) {
    this.#limits = limits;
    this.#store = store;
    this.#mayWrite = writeIndex;
  }

  /**
   * Rows for the runs of an experiment as they were just listed, in the order of their ids, which is kept; those that are gone are left out.
   * For the same array of records as the last time it is the same array of rows.
   */
  rowsOf(experiment: string, found: readonly FoundRecord[]): Promise<readonly FoundRow[]> {
    const cached = this.#cached.get(experiment) ?? { inTurn: oneAtATime(), shards: undefined, loose: [], last: undefined };
    this.#cached.delete(experiment);
    this.#cached.set(experiment, cached);
    return cached.inTurn(async () => {
      if (cached.last?.found === found) return cached.last.rows;
      // So few are read about as fast without the index.
      if (found.length > staleAllowed(0)) cached.shards ??= await this.#readShards(experiment);
      const tables = tablesOf(cached);
      const rows = found.map((record) => findRow(tables, record));
      await this.#readMissing(cached, found, rows);
      const present = rows.filter((row) => row !== undefined);
      await this.#tidy(experiment, cached, present);
      // What was gone when it was read is looked for again.
      cached.last = present.length === found.length ? { found, rows: present } : undefined;
      this.#forgetOldest();
      return present;
    });
  }

  async #readShards(experiment: string): Promise<Shard[]> {
    const keys: string[] = [];
    for await (const { key } of this.#store.list(indexPrefix(experiment))) keys.push(key);
    const shards: Shard[] = [];
    for await (const batch of readBlobs(this.#store, keys)) {
      for (const { key, blob } of batch) {
        const firstId = key.slice(indexPrefix(experiment).length);
        const table = blob && decodeRunTable(blob.bytes);
        if (blob) shards.push({ firstId, etag: blob.etag, table: table?.experiment === experiment ? table : undefined });
      }
    }
    return shards;
  }

  /** Reads the records that no table has, packs them, and puts their rows in the places that are empty. */
  async #readMissing(cached: Cached, found: readonly FoundRecord[], rows: (FoundRow | undefined)[]): Promise<void> {
    const missing = found.flatMap((_, i) => (rows[i] ? [] : [i]));
    let next = 0;
    let runs: TableRun[] = [];
    let placed: number[] = [];
    const pack = () => {
      if (runs.length === 0) return;
      const table = packed(found[0]!.experiment, runs);
      for (const [row, place] of placed.entries()) rows[place] = { table, row };
      cached.loose = [...cached.loose, table];
      [runs, placed] = [[], []];
    };
    for await (const blobs of readRecords(
      this.#store,
      missing.map((place) => found[place]!),
    )) {
      for (const blob of blobs) {
        const place = missing[next++]!;
        if (!blob) continue;
        const { experiment, id } = found[place]!;
        runs.push({ ...decodeRun(blob, experiment, id), sizeBytes: blob.bytes.length });
        placed.push(place);
        if (runs.length === this.#limits.recordsAtOnce) pack();
      }
    }
    pack();
  }

  /** Writes shards anew that miss too much, and packs together what is left over. Rows are made to be of the new tables. */
  async #tidy(experiment: string, cached: Cached, rows: FoundRow[]): Promise<void> {
    const shards: Shard[] = [];
    for (const { shard, from, to } of cached.shards ? ranges(cached.shards, rows) : []) {
      const strangers = countStrangers(rows, from, to, shard.table);
      if (strangers <= staleAllowed(to - from)) shards.push(shard);
      else shards.push(...(await this.#repack(experiment, shard, rows, { from, to })));
    }
    if (cached.shards) cached.shards = shards;
    const inShards = new Set(shards.map(({ table }) => table));
    const isLoose = ({ table }: FoundRow) => !inShards.has(table);
    const used = new Set(rows.filter(isLoose).map(({ table }) => table));
    cached.loose = cached.loose.filter((table) => used.has(table));
    if (cached.loose.length <= this.#limits.looseTables) return;
    const places = rows.flatMap((row, i) => (isLoose(row) ? [i] : []));
    cached.loose = [replaceRows(experiment, rows, places)];
  }

  /** Packs a stretch of the rows into shards of the size that is allowed, and writes them. */
  async #repack(experiment: string, shard: Shard, rows: FoundRow[], range: Range): Promise<Shard[]> {
    const shards: Shard[] = [];
    for (const { from, to } of pieces(rows, range, shard.table, this.#limits)) {
      const isWhole = isWholeTable(rows, from) && rows[from]!.table.count === to - from;
      const places = Array.from({ length: to - from }, (_, i) => from + i);
      const table = isWhole ? rows[from]!.table : replaceRows(experiment, rows, places);
      const firstId = from === range.from ? shard.firstId : table.idOf(0);
      const etag = await this.#write(`${indexPrefix(experiment)}${firstId}`, table, from === range.from ? shard.etag : undefined);
      shards.push({ firstId, etag, table });
    }
    return shards;
  }

  async #write(key: string, table: RunTable, etag: string | undefined): Promise<string | undefined> {
    if (!this.#mayWrite) return etag;
    try {
      return (await this.#store.put(key, table.bytes, etag === undefined ? { ifNoneMatch: '*' } : { ifMatch: etag })).etag;
    } catch (error) {
      // Somebody else was faster: what is there now is theirs, and next time this one is conditional on it. Else the store can't be written.
      if (!isConflict(error)) this.#mayWrite = false;
      return (await this.#store.get(key).catch(() => undefined))?.etag;
    }
  }

  #forgetOldest(): void {
    const sizeOf = (cached: Cached) =>
      tablesOf(cached).reduce((sum, { bytes }) => sum + bytes.length, 0) + (cached.last?.rows.length ?? 0) * FOUND_ROW_BYTES;
    let total = [...this.#cached.values()].reduce((sum, cached) => sum + sizeOf(cached), 0);
    for (const [experiment, cached] of this.#cached) {
      if (total <= this.#limits.keptBytes) return;
      total -= sizeOf(cached);
      this.#cached.delete(experiment);
    }
  }
}

/** Numbers of rows by table, for rows that a cache gave. */
export function rowsByTable(rows: readonly FoundRow[]): ReadonlyMap<RunTable, readonly number[]> {
  const known = GROUPED.get(rows);
  if (known) return known;
  const byTable = new Map<RunTable, number[]>();
  for (const { table, row } of rows) {
    const others = byTable.get(table);
    if (others) others.push(row);
    else byTable.set(table, [row]);
  }
  GROUPED.set(rows, byTable);
  return byTable;
}

/** The same rows are given as long as nothing changed. */
const GROUPED = new WeakMap<readonly FoundRow[], ReadonlyMap<RunTable, readonly number[]>>();

function indexPrefix(experiment: string): string {
  return `run-index/${experiment}/`;
}

/** Tables in which a run is looked for, the newest first. */
function tablesOf({ shards, loose }: Cached): RunTable[] {
  return [...loose.toReversed(), ...(shards ?? []).flatMap(({ table }) => table ?? [])];
}

function findRow(tables: readonly RunTable[], { id, etag, sizeBytes }: FoundRecord): FoundRow | undefined {
  for (const table of tables) {
    const row = table.find(id, etag, sizeBytes);
    if (row !== undefined) return { table, row };
  }
  return undefined;
}

function packed(experiment: string, runs: readonly TableRun[]): RunTable {
  return decodeRunTable(encodeRunTable(experiment, runs))!;
}

/** Packs the rows at some places into one table, and puts its rows there. */
function replaceRows(experiment: string, rows: FoundRow[], places: readonly number[]): RunTable {
  const runs = places.map((place) => rows[place]!.table.run(rows[place]!.row));
  const table = packed(experiment, runs);
  for (const [row, place] of places.entries()) rows[place] = { table, row };
  return table;
}

/** Stretches of rows that become a shard each: large tables that were just read as they are, and what is between them in parts. */
function pieces(rows: readonly FoundRow[], { from, to }: Range, present: RunTable | undefined, limits: CacheLimits): Range[] {
  const all: Range[] = [];
  for (let begin = from; begin < to; ) {
    const isReady = (place: number) =>
      rows[place]!.table !== present && rows[place]!.table.count >= limits.recordsAtOnce && isWholeTable(rows, place);
    let end = isReady(begin) ? begin + rows[begin]!.table.count : begin + 1;
    if (!isReady(begin)) while (end < to && !isReady(end)) end++;
    all.push(...parts({ from: begin, to: end }, limits.shardRuns));
    begin = end;
  }
  return all;
}

/** A stretch in equal parts, if it is too long for one shard; they have room to grow. */
function parts({ from, to }: Range, most: number): Range[] {
  const count = to - from > most ? Math.ceil((to - from) / (most / 2)) : 1;
  const at = (part: number) => from + Math.floor(((to - from) * part) / count);
  return Array.from({ length: count }, (_, part) => ({ from: at(part), to: at(part + 1) }));
}

/** Whether the rows from a place on are those of one table, from its first to its last. */
function isWholeTable(rows: readonly FoundRow[], place: number): boolean {
  const { table, row } = rows[place]!;
  if (row !== 0) return false;
  const last = rows[place + table.count - 1];
  // Rows of a table are in order, and no row is there twice; what changed since it was read is a stranger in it.
  return last?.table === table && last.row === table.count - 1;
}

/** The rows of each shard: those from its first id on, up to the next one's; what is below all is the first one's. */
function ranges(shards: readonly Shard[], rows: readonly FoundRow[]): (Range & { shard: Shard })[] {
  const inOrder = shards.toSorted((a, b) => (a.firstId < b.firstId ? -1 : 1));
  const all = inOrder.length > 0 ? inOrder : [{ firstId: '0', etag: undefined, table: undefined }];
  const begins = all.map(({ firstId }, i) => (i === 0 ? 0 : firstPlace(rows, firstId)));
  return all.map((shard, i) => ({ shard, from: begins[i]!, to: begins[i + 1] ?? rows.length }));
}

/** The place of the first row whose id is not below an id. */
function firstPlace(rows: readonly FoundRow[], id: string): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const { table, row } = rows[middle]!;
    if (table.idOf(row) < id) low = middle + 1;
    else high = middle;
  }
  return low;
}

function countStrangers(rows: readonly FoundRow[], from: number, to: number, table: RunTable | undefined): number {
  let count = 0;
  for (let place = from; place < to; place++) if (rows[place]!.table !== table) count++;
  return count;
}
