/**
 * The gate that asks whether the service sees what training saw: rows that were scored online are held against the features and scores that are
 * computed offline for the same transactions. A window that ends a moment earlier online, or a missing value that is 0 on one side, makes a
 * good model a bad one, and no metric of offline rows shows it.
 */
import type { OptionKinds } from '@fraudops/core';
import { isPlainObject, showValue } from '@fraudops/core';
import type { Gate, GateResult } from '../gate.js';
import type { ModelVersion } from '../model-version.js';
import { requireColumn, unfit } from './evaluated-rows.js';
import { counted, figure, quoted, recorded } from './figures.js';
import {
  COUNT,
  type NamedGateOptions,
  SHARE,
  requireFunction,
  requireGateName,
  requireGateOptions,
  requireNumber,
} from './gate-options.js';

/** Rows as one side computed them, each with its features and, if there are any, its score. */
export interface ReplayedRows {
  /** Names each transaction, once. */
  readonly rowIds: readonly string[];
  /** Such as a FeatureMatrix of `@fraudops/core`; NaN is missing. Features are float32, so give both sides as such. */
  readonly features: { readonly names: readonly string[]; readonly columns: readonly ArrayLike<number>[] };
  readonly scores?: ArrayLike<number>;
}

/** Rows for a version. @param signal aborted when the gate's time is up */
export type ReplayRows = (version: ModelVersion, signal: AbortSignal) => ReplayedRows | Promise<ReplayedRows>;

/** Options of {@link skewReplay}. */
export interface SkewReplayOptions extends NamedGateOptions {
  /** What the service computed when the transactions came, or would compute with this version. */
  readonly online: ReplayRows;
  /** What training computes for the same transactions. */
  readonly offline: ReplayRows;
  /** Two values a and b are the same when |a - b| is at most tolerance * max(1, |a|, |b|); default 0, the same bits. At most 1. */
  readonly tolerance?: number;
  /** Rows that there must be at least; default 100. */
  readonly minimumRows?: number;
}

const OPTIONS: OptionKinds<SkewReplayOptions> = {
  online: 'function',
  offline: 'function',
  tolerance: 'checked',
  minimumRows: 'checked',
  name: 'checked',
};

/** Features that a reason names, and those that are recorded. */
const MAX_NAMED = 5;
const MAX_RECORDED = 20;
/** What the score is called among features. */
const SCORE = 'score';

/**
 * Every row must have the same features, and the same score where there are scores, online and offline. The features that differ are named, the
 * one that differs in most rows first. NaN is the same as NaN only; 0 and -0 are the same, for no model tells them apart.
 *
 * Rows are matched by their ids, in whatever order they come. Refused are also rows that one side lacks, features that one side lacks, and
 * fewer rows than asked for.
 *
 * @throws {RegistryError} INVALID_ARGUMENT when the gate is made
 * @example skewReplay({ online: () => servedLastWeek(), offline: () => computedAgain(), tolerance: 1e-6 });
 */
export function skewReplay(options: SkewReplayOptions): Gate {
  const call = 'skewReplay';
  requireGateOptions(call, options, OPTIONS);
  requireFunction(call, 'online', options.online);
  requireFunction(call, 'offline', options.offline);
  const gate = requireGateName(call, options, 'same online and offline');
  const tolerance = requireNumber(call, 'tolerance', options.tolerance, SHARE, 0);
  const minimumRows = requireNumber(call, 'minimumRows', options.minimumRows, COUNT, 100);
  return {
    name: gate,
    check: async ({ candidate, signal }) => {
      const online = requireReplayed('online', await options.online(candidate, signal));
      const offline = requireReplayed('offline', await options.offline(candidate, signal));
      signal.throwIfAborted();
      const result = compare(online, offline, { tolerance, minimumRows });
      return { gate, ...result, values: { ...result.values, tolerance, minimumRows } };
    },
  };
}

/** Rows that were checked, with all values by name. */
interface Replayed {
  readonly rowOf: ReadonlyMap<string, number>;
  readonly columns: ReadonlyMap<string, ArrayLike<number>>;
}

/** @throws {RegistryError} GATE_ERROR naming what is wrong */
function requireReplayed(side: 'online' | 'offline', rows: unknown): Replayed {
  const expected = 'expected an object with rowIds and features';
  if (!isPlainObject(rows) || !isPlainObject(rows['features']))
    throw unfit(`options.${side} gave ${showValue(rows)}, ${expected}`);
  const { rowIds, features, scores } = rows;
  const { names, columns } = features;
  if (!Array.isArray(names) || !Array.isArray(columns) || names.length !== columns.length) {
    throw unfit(
      `${side}: features has ${showValue(names)} as names and ${showValue(columns)} as columns, expected one column a name`,
    );
  }
  const isText = (value: unknown) => typeof value === 'string';
  requireColumn(side, 'names', names, { expected: 'a text', allows: isText });
  const rowCount = requireColumn(side, 'rowIds', rowIds, { expected: 'a text', allows: isText });
  const rowOf = new Map(Array.from(rowIds as ArrayLike<string>, (id, row) => [id, row]));
  if (rowOf.size < rowCount) throw unfit(`${side}: ${rowCount - rowOf.size} of ${rowCount} row ids come twice`);
  const byName = new Map<string, ArrayLike<number>>();
  const given = scores === undefined ? [] : [[SCORE, scores] as const];
  for (const [name, values] of [...names.map((feature, i) => [`feature ${feature}`, columns[i]] as const), ...given]) {
    requireColumn(side, name, values, { rowCount, expected: 'a number', allows: (value) => typeof value === 'number' });
    if (byName.has(name)) throw unfit(`${side}: ${name} comes twice`);
    byName.set(name, values as ArrayLike<number>);
  }
  if (byName.size === 0) throw unfit(`${side}: there are no features and no scores, so there is nothing to compare`);
  return { rowOf, columns: byName };
}

/** A feature that differs. */
interface Difference {
  readonly name: string;
  rows: number;
  /** The first row that differs, in the order of the online rows. */
  readonly firstRow: string;
  readonly online: number;
  readonly offline: number;
}

interface Rule {
  readonly tolerance: number;
  readonly minimumRows: number;
}

function compare(online: Replayed, offline: Replayed, { tolerance, minimumRows }: Rule): Omit<GateResult, 'gate'> {
  const rows = online.rowOf.size;
  const values = { rows, features: online.columns.size };
  const refused = (reason: string) => ({ passed: false, reason, values });
  if (rows < minimumRows) return refused(`${counted(rows, 'row')} replayed, ${minimumRows} are needed`);
  const gap = lacking('row', online.rowOf, offline.rowOf) ?? lacking('column', online.columns, offline.columns);
  if (gap !== undefined) return refused(gap);
  const differing = new Set<number>();
  const found: Difference[] = [];
  const pairs = [...online.rowOf].map(([id, row]) => ({ id, row, other: offline.rowOf.get(id)! }));
  for (const [name, ours] of online.columns) {
    const theirs = offline.columns.get(name)!;
    let difference: Difference | undefined;
    for (const { id, row, other } of pairs) {
      if (isSame(ours[row]!, theirs[other]!, tolerance)) continue;
      differing.add(row);
      difference ??= { name, rows: 0, firstRow: id, online: ours[row]!, offline: theirs[other]! };
      difference.rows++;
    }
    if (difference) found.push(difference);
  }
  found.sort((a, b) => b.rows - a.rows || (a.name < b.name ? -1 : 1));
  const all = `${counted(rows, 'row')} in ${counted(online.columns.size, 'column')}`;
  const named = found.slice(0, MAX_NAMED).map((difference) => described(difference, rows));
  const more = found.length > MAX_NAMED ? `, and ${found.length - MAX_NAMED} more columns` : '';
  return {
    passed: found.length === 0,
    reason:
      found.length === 0
        ? `online and offline agree on ${all}`
        : `${counted(differing.size, 'row')} of ${all} differ: ${named.join(', ')}${more}`,
    values: {
      ...values,
      differingRows: differing.size,
      differingColumns: found.length,
      ...Object.assign(
        {},
        ...found.slice(0, MAX_RECORDED).map((difference, i) => recordedDifference(difference, `difference ${i + 1}`)),
      ),
    },
  };
}

function isSame(a: number, b: number, tolerance: number): boolean {
  if (a === b || (Number.isNaN(a) && Number.isNaN(b))) return true;
  return (
    tolerance > 0 &&
    Math.abs(a - b) <= tolerance * Math.max(1, Math.abs(a), Math.abs(b)) &&
    Number.isFinite(a) &&
    Number.isFinite(b)
  );
}

/** What one side lacks of the other; undefined when both have the same. */
function lacking(what: string, online: ReadonlyMap<string, unknown>, offline: ReadonlyMap<string, unknown>): string | undefined {
  const notIn = (own: ReadonlyMap<string, unknown>, other: ReadonlyMap<string, unknown>) =>
    [...own.keys()].filter((key) => !other.has(key));
  for (const [side, names] of [
    ['offline', notIn(online, offline)],
    ['online', notIn(offline, online)],
  ] as const) {
    if (names.length === 0) continue;
    const shown = names.slice(0, MAX_NAMED).map(quoted).join(', ');
    return `${counted(names.length, what)} ${names.length === 1 ? 'is' : 'are'} missing ${side}, such as ${shown}`;
  }
  return undefined;
}

function described({ name, rows, firstRow, online, offline }: Difference, total: number): string {
  const first = `${figure(online, offline)} online, ${figure(offline, online)} offline in row ${quoted(firstRow)}`;
  return `${quoted(name)} in ${rows} of ${total} (${first})`;
}

function recordedDifference({ name, rows, firstRow, online, offline }: Difference, key: string) {
  return {
    [key]: name.slice(0, 250),
    [`${key} rows`]: rows,
    [`${key} row`]: firstRow.slice(0, 250),
    [`${key} online`]: recorded(online),
    [`${key} offline`]: recorded(offline),
  };
}
