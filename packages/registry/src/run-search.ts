/**
 * Searches for runs: what there is now (see `run-listing.ts`), the rows for it out of the cache, the filter and the order in memory, and one
 * page of records.
 */
import { type BlobStore, type OptionKinds, canonicalJson, sha256Hex } from '@fraudops/core';
import { z } from 'zod';
import { requireShape } from './bounded-fields.js';
import { requireName } from './entity-name.js';
import { ExperimentListing } from './experiment.js';
import { firstInOrder } from './first-in-order.js';
import { requireOptions } from './known-options.js';
import { RegistryError } from './registry-error.js';
import { RunCache, rowsByTable } from './run-cache.js';
import { RunListing } from './run-listing.js';
import { type RowMatcher, rowMatcher, rowOrderValue } from './run-matcher.js';
import type { RunRecord } from './run-record.js';
import { statusAt } from './run-status.js';
import type { RowReader, RunTable } from './run-table.js';
import { type Comparison, filterText, parseFilter } from './search-filter.js';
import { type OrderClause, type OrderValue, compareValues, orderText, parseOrder } from './search-order.js';

/** What to search for. */
export interface RunQuery {
  /** Names of experiments, at most 1,000; default: all that aren't deleted. Names that don't exist have no runs. */
  readonly experiments?: readonly string[];
  /**
   * A filter in MLflow's language, such as `metrics.averagePrecision > 0.6 and params.algorithm = 'boosting'`; default: all runs. Parameters
   * are compared as text. A status is written in small or capital letters, and may be `crashed`.
   */
  readonly filter?: string;
  /**
   * Fields, each with ASC (default) or DESC, such as `metrics.averagePrecision DESC`. Runs that are equal are in order of their start, the
   * latest first, and of their ids. Metrics that aren't defined come behind all numbers, whatever is missing last.
   */
  readonly orderBy?: readonly string[];
  /** 1 to 50,000. Default 1,000. */
  readonly maxResults?: number;
  /** As a former page of the same query gave it. Runs that were added since are no reason for a run to come twice or not at all. */
  readonly pageToken?: string;
  /** Which runs: those that aren't deleted (`active`, the default), those that are, or all. A deleted experiment's runs are deleted. */
  readonly view?: 'active' | 'deleted' | 'all';
}

const QUERY_OPTIONS: OptionKinds<RunQuery> = {
  experiments: 'checked',
  filter: 'checked',
  orderBy: 'checked',
  maxResults: 'checked',
  pageToken: 'checked',
  view: 'checked',
};

/** One page of what a search found. */
export interface RunPage {
  readonly runs: readonly RunRecord[];
  /** How many runs the filter takes, on all pages. */
  readonly total: number;
  /** Gives the next page; undefined when there is none. */
  readonly nextPageToken?: string;
}

/** Runs that one search may look at. */
export const MAX_SEARCHED_RUNS = 500_000;
const MAX_PAGE_TOKEN = 1_000_000;

const querySchema = z.object({
  experiments: z.array(z.string()).max(1_000, { error: 'at most 1,000 experiments may be named' }).exactOptional(),
  filter: z.string().default(''),
  orderBy: z.array(z.string()).default([]),
  maxResults: z.number().int().min(1).max(50_000).default(1_000),
  pageToken: z.string().max(MAX_PAGE_TOKEN).exactOptional(),
  view: z.enum(['active', 'deleted', 'all']).default('active'),
});

interface ParsedQuery {
  readonly experiments: readonly string[] | undefined;
  readonly filter: readonly Comparison[];
  readonly order: readonly OrderClause[];
  readonly view: 'active' | 'deleted' | 'all';
}

/** A run that was found: a row of a table, and what it is ordered by. */
interface FoundRun {
  readonly row: number;
  readonly table: RunTable;
  /** Of each clause of the order, for any row of the table. */
  readonly valuesOf: readonly RowReader<OrderValue>[];
  /** Of the first clause, by which most are told apart. */
  readonly first: OrderValue;
}

/** The searches of one tracker. */
export class RunSearch {
  readonly #listing: RunListing;
  readonly #experiments: ExperimentListing;
  readonly #cache: RunCache;
  readonly #now: () => number;

  constructor(store: BlobStore, now: () => number, writeIndex: boolean) {
    this.#listing = new RunListing(store);
    this.#experiments = new ExperimentListing(store);
    this.#cache = new RunCache(store, writeIndex);
    this.#now = now;
  }

  /** One page of the runs that a query takes. @throws {RegistryError} INVALID_FILTER, INVALID_ARGUMENT, INVALID_NAME or LIMIT_EXCEEDED */
  async search(query: RunQuery): Promise<RunPage> {
    requireOptions('searchRuns', query, QUERY_OPTIONS, 'query');
    const given = Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined));
    const { maxResults, pageToken, ...checked } = requireShape('searchRuns', querySchema, given);
    const { experiments, view } = checked;
    for (const name of experiments ?? []) requireName('experiment', name);
    const parsed = { experiments, view, filter: parseFilter(checked.filter), order: parseOrder(checked.orderBy) };
    const after = pageToken === undefined ? undefined : readPageToken(pageToken, parsed);
    const nowMs = this.#now();
    const found = await this.#find(parsed, nowMs);
    const left = after ? found.filter((run) => compareValueLists(valuesOf(run), after, parsed.order) > 0) : found;
    const page = firstInOrder(left, maxResults, (a, b) => compareRuns(a, b, parsed.order));
    const runs = page.map(({ table, row }) => readAt(table.record(row), nowMs));
    const isLast = left.length <= maxResults;
    return { runs, total: found.length, ...(isLast ? {} : { nextPageToken: pageTokenOf(parsed, valuesOf(page.at(-1)!)) }) };
  }

  /** The active runs of an experiment that have a run as their parent, those started first coming first. */
  async childrenOf(experiment: string, parentRunId: string): Promise<RunRecord[]> {
    const field = { kind: 'attribute', key: 'parent_run_id' } as const;
    const filter: Comparison[] = [{ field, comparator: '=', text: parentRunId }];
    const nowMs = this.#now();
    const order = parseOrder(['run_id']);
    const found = await this.#find({ experiments: [experiment], view: 'active', filter, order }, nowMs);
    const inOrder = found.toSorted((a, b) => compareRuns(a, b, order));
    return inOrder.map(({ table, row }) => readAt(table.record(row), nowMs));
  }

  async #find({ experiments, view, filter, order }: ParsedQuery, nowMs: number): Promise<FoundRun[]> {
    const [known, listed] = await Promise.all([this.#experiments.list(), this.#listing.list(experiments, MAX_SEARCHED_RUNS)]);
    requireSearchable([...listed.values()].reduce((sum, { length }) => sum + length, 0));
    const found: FoundRun[] = [];
    for (const [experiment, records] of listed) {
      const isDeleted = known.get(experiment)?.deleted === true;
      if (isDeleted && view === 'active') continue;
      for (const [table, rows] of rowsByTable(await this.#cache.rowsOf(experiment, records))) {
        const matches = rowMatcher(table, filter, nowMs);
        const readers = order.map(({ field }) => rowOrderValue(table, field, nowMs));
        const isWanted = viewMatcher(table, view, isDeleted);
        for (const row of rows) {
          if (isWanted(row) && matches(row)) found.push({ row, table, valuesOf: readers, first: readers[0]!(row) });
        }
      }
    }
    return found;
  }
}

function requireSearchable(count: number): void {
  if (count <= MAX_SEARCHED_RUNS) return;
  const message = `searchRuns: there are more than ${MAX_SEARCHED_RUNS} runs; name fewer experiments`;
  throw new RegistryError('LIMIT_EXCEEDED', message, { details: { most: MAX_SEARCHED_RUNS } });
}

function readAt(record: RunRecord, nowMs: number): RunRecord {
  return { ...record, status: statusAt(record, nowMs) };
}

function viewMatcher(table: RunTable, view: ParsedQuery['view'], isExperimentDeleted: boolean): RowMatcher {
  if (view === 'all') return () => true;
  return (row) => (isExperimentDeleted || table.isDeleted(row)) === (view === 'deleted');
}

function valuesOf({ valuesOf: readers, row }: FoundRun): OrderValue[] {
  return readers.map((valueOf) => valueOf(row));
}

function compareRuns(a: FoundRun, b: FoundRun, order: readonly OrderClause[]): number {
  const difference = compareValues(a.first, b.first, order[0]!.descending);
  if (difference !== 0) return difference;
  for (let i = 1; i < order.length; i++) {
    const next = compareValues(a.valuesOf[i]!(a.row), b.valuesOf[i]!(b.row), order[i]!.descending);
    if (next !== 0) return next;
  }
  return 0;
}

function compareValueLists(a: readonly OrderValue[], b: readonly OrderValue[], order: readonly OrderClause[]): number {
  for (const [i, { descending }] of order.entries()) {
    const difference = compareValues(a[i], b[i], descending);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** A page goes on behind the values of the last run of the page before it, which no other run has: the id is one of them. */
const tokenShape = z.object({
  query: z.string(),
  after: z.array(z.union([z.number(), z.string(), z.null(), z.tuple([])])),
});

function pageTokenOf(query: ParsedQuery, values: readonly OrderValue[]): string {
  // JSON has nothing for what is missing, so that is an empty list.
  const after = values.map((value) => (value === undefined ? [] : value));
  return Buffer.from(JSON.stringify({ query: signOf(query), after })).toString('base64url');
}

function readPageToken(token: string, query: ParsedQuery): OrderValue[] {
  const read = tokenShape.safeParse(parseToken(token));
  const isOfQuery = read.success && read.data.query === signOf(query) && read.data.after.length === query.order.length;
  if (isOfQuery) return read.data.after.map((value) => (Array.isArray(value) ? undefined : value));
  const message = 'searchRuns: pageToken: it is not one that a page of this query gave; begin without a token';
  throw new RegistryError('INVALID_ARGUMENT', message, { details: { field: 'pageToken' } });
}

function parseToken(token: string): unknown {
  try {
    return JSON.parse(Buffer.from(token, 'base64url').toString()) as unknown;
  } catch {
    return undefined;
  }
}

function signOf({ experiments, view, filter, order }: ParsedQuery): string {
  const names = experiments ? [...new Set(experiments)].toSorted() : null;
  return sha256Hex(canonicalJson([names, view, filterText(filter), order.map(orderText)])).slice(0, 16);
}
