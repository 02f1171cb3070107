/**
 * What the windows of one entity, or of a pair of entities, need to know of a table's rows, as plain arrays that threads can share.
 *
 * Rows stand in places. When event times never go back, a row's place is its number, and nothing is moved: windows are ranges of the
 * table itself. Else rows are grouped, see {@link groupRows}.
 */
import { type Table } from '@fraudops/core';
import { type MinorUnits, unitsOrZero } from '../definitions/minor-units.js';
import type { TransactionsDefinition } from '../transactions/transactions.js';
import { type CategoryCodes, categoryCodes } from './category-codes.js';
import type { EntityPlan, KeptValue, RunningTotal } from './feature-plan.js';
import { highPart, lowPart } from './feature-value.js';
import { groupRows, neverGoesBack, valuesOfRows } from './group-rows.js';
import type { LabelTimes } from './known-frauds.js';
import { canPack, mostRowsOfEntity, packedWeight } from './packed-totals.js';
import { type RowCodes, pairCodes } from './pair-codes.js';

/** See the module's comment. */
export interface EntityRows {
  readonly plan: EntityPlan;
  /** Rows of the table. */
  readonly rowCount: number;
  /** Row by place; undefined when each row stands in its own place. */
  readonly rows: Int32Array | undefined;
  /** Entity by place. */
  readonly entities: RowCodes;
  /** Event time by place, floored to tiles. */
  readonly times: Float64Array;
  /** Place where each run begins, and where the last one ends. */
  readonly runs: Int32Array;
  /** Place where each entity with late transactions begins, and where the last one ends. */
  readonly lateGroups: Int32Array;
  /** For each of the plan's totals what each place adds; undefined where that is always 1. */
  readonly totals: readonly (Float64Array | undefined)[];
  /** For each of the plan's totals its weight in `PackedTotals`; undefined where it can't be packed, or no window would. */
  readonly packedWeights: readonly (number | undefined)[];
  /** For each of the plan's values the values by place. */
  readonly values: readonly KeptColumn[];
  /** Absent when a label is always known before a window can hold its transaction. */
  readonly labels: LabelTimes | undefined;
}

/** Numbers by place, or categories, which are also coded together with the entity. */
export type KeptColumn =
  | { readonly kind: 'number'; readonly numbers: Float64Array }
  | { readonly kind: 'category'; readonly categories: CategoryCodes; readonly pairs: RowCodes };

/** Gets columns of a table ready for windows; what several entities need is made once. */
export class EntityRowsSource {
  readonly #table: Table;
  readonly #transactions: TransactionsDefinition;
  readonly #parts = new Map<string, Float64Array>();
  readonly #categories = new Map<string, CategoryCodes>();
  #labels: LabelTimes | undefined;

  /** @param table one that keeps the rules of `requireHistory` */
  constructor(table: Table, transactions: TransactionsDefinition) {
    this.#table = table;
    this.#transactions = transactions;
  }

  /** The rows for one entity's windows. */
  rowsFor(plan: EntityPlan): EntityRows {
    const byRow = this.#entities(plan.per);
    const times = flooredTimes(this.#table.time(this.#transactions.time), plan.resolutionMs);
    const { time, arrival = time } = this.#transactions;
    // Rows are in order of arrival, so this is to be looked at only where that is another moment.
    const grouped = arrival === time || neverGoesBack(times) ? undefined : groupRows(byRow, times);
    const rows = grouped?.rows;
    const placed = <Values extends Float64Array | Int32Array>(values: Values) => (rows ? valuesOfRows(values, rows) : values);
    const entities = { codes: placed(byRow.codes), codeCount: byRow.codeCount };
    const totals = plan.totals.map((total) => (total.of === 'transactions' ? undefined : placed(this.#partsOf(total))));
    return {
      plan,
      rowCount: this.#table.rowCount,
      rows,
      entities,
      times: placed(times),
      runs: grouped?.runs ?? Int32Array.of(0, times.length),
      lateGroups: grouped?.lateGroups ?? Int32Array.of(times.length),
      totals,
      packedWeights: packedWeights(plan, entities, totals),
      values: plan.values.map((value) => this.#keptColumn(value, entities, placed)),
      labels: plan.fraudSlot < 0 ? undefined : this.#labelTimes(plan, placed),
    };
  }

  #entities(per: readonly string[]): RowCodes {
    const [first, second] = per.map((entity) => this.#table.category(entity));
    const codes = { codes: first!.codes, codeCount: first!.dictionary.length };
    return second === undefined ? codes : pairCodes(codes, { codes: second.codes, codeCount: second.dictionary.length });
  }

  #partsOf(total: Exclude<RunningTotal, { readonly of: 'transactions' }>): Float64Array {
    const key = `${total.of} ${total.field}`;
    const parts = this.#parts.get(key) ?? partsOf(total, this.#table);
    this.#parts.set(key, parts);
    return parts;
  }

  #keptColumn(
    { of, field }: KeptValue,
    entities: RowCodes,
    placed: <Values extends Float64Array | Int32Array>(values: Values) => Values,
  ): KeptColumn {
    if (of !== 'category') return { kind: 'number', numbers: placed(this.#table.number(field)) };
    const byRow = this.#categories.get(field) ?? categoryCodes(this.#table.category(field));
    this.#categories.set(field, byRow);
    const categories = { ...byRow, codes: placed(byRow.codes) };
    return { kind: 'category', categories, pairs: pairCodes(entities, categories) };
  }

  #labelTimes({ windows, fraudSlot }: EntityPlan, placed: (values: Float64Array) => Float64Array): LabelTimes | undefined {
    const { arrival, label } = this.#transactions;
    // Risks have at least the label's delay.
    if (arrival === undefined && label!.knownAt === undefined) return undefined;
    this.#labels ??= labelTimes(this.#table, this.#transactions);
    const { arrivals, knownAt, latestMs } = this.#labels;
    const readers = windows.filter(({ reads }) => reads.some(({ totalSlot }) => totalSlot === fraudSlot));
    if (readers.every(({ delayMs }) => delayMs >= latestMs)) return undefined;
    return { arrivals: placed(arrivals), knownAt: placed(knownAt), latestMs };
  }
}

function flooredTimes(times: Float64Array, resolutionMs: number): Float64Array {
  if (resolutionMs === 0) return times;
  const floored = new Float64Array(times.length);
  for (let row = 0; row < times.length; row++) floored[row] = Math.floor(times[row]! / resolutionMs) * resolutionMs;
  return floored;
}

/** What each row adds to a total: an array of its own, or the column itself where values are whole units. */
function partsOf(total: Exclude<RunningTotal, { readonly of: 'transactions' }>, table: Table): Float64Array {
  if (total.of === 'units' && areUnits(table.number(total.field), total.units)) return table.number(total.field);
  const parts = new Float64Array(table.rowCount);
  if (total.of === 'frauds') {
    const labels = table.flag(total.field);
    for (let row = 0; row < parts.length; row++) parts[row] = labels[row] === 1 ? 1 : 0;
    return parts;
  }
  const values = table.number(total.field);
  if (total.of === 'presence') {
    for (let row = 0; row < parts.length; row++) parts[row] = Number.isNaN(values[row]!) ? 0 : 1;
    return parts;
  }
  const { of, units } = total as Extract<RunningTotal, { readonly of: 'units' }>;
  for (let row = 0; row < parts.length; row++) parts[row] = unitsOrZero(values[row]!, units);
  if (of === 'units') return parts;
  for (let row = 0; row < parts.length; row++) {
    const high = highPart(parts[row]!);
    const low = lowPart(parts[row]!);
    parts[row] = of === 'highSquares' ? high * high : of === 'crossProducts' ? high * low : low * low;
  }
  return parts;
}

function packedWeights({ windows }: EntityPlan, entities: RowCodes, totals: EntityRows['totals']): EntityRows['packedWeights'] {
  const isPacked = windows.some((window) => canPack(window)) && totals.some((parts) => parts !== undefined);
  if (!isPacked) return totals.map(() => undefined);
  const mostRows = mostRowsOfEntity(entities);
  return totals.map((parts) => parts && packedWeight(mostRows, parts));
}

/** Whether values stand for themselves as units, all of them there. */
function areUnits(values: Float64Array, { numerator, denominator }: MinorUnits): boolean {
  if (numerator !== denominator) return false;
  for (let row = 0; row < values.length; row++) if (Math.floor(values[row]!) !== values[row]!) return false;
  return true;
}

/** When labels are known: as recorded, else the label's delay after the event. */
function labelTimes(table: Table, { time, arrival = time, label }: TransactionsDefinition): LabelTimes {
  const times = table.time(time);
  const arrivals = table.time(arrival);
  const { field, delayMs, knownAt: knownField } = label!;
  const recorded = knownField === undefined ? undefined : table.time(knownField);
  const frauds = table.flag(field);
  const knownAt = new Float64Array(times.length);
  let latestMs = delayMs;
  for (let row = 0; row < times.length; row++) {
    const recordedMs = recorded === undefined ? Number.NaN : recorded[row]!;
    knownAt[row] = Number.isNaN(recordedMs) ? times[row]! + delayMs : recordedMs;
    if (frauds[row] === 1) latestMs = Math.max(latestMs, knownAt[row]! - times[row]!);
    // A row that arrives before its event time may ask for less than its window holds.
    if (arrivals[row]! < times[row]!) latestMs = Infinity;
  }
  return { arrivals, knownAt, latestMs };
}
