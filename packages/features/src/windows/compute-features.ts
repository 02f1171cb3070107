/**
 * Features over history. Rows are grouped by entity with a counting sort, which keeps each entity's rows in order of time; then each
 * window is two pointers that only move forward over an entity's rows, and its sum gains what enters and loses what leaves. No total
 * runs over more than one window, so however much a history holds, only what stands in one window has to be exact. Time and memory
 * grow linearly with the rows, however long the windows are.
 */
import {
  type CategoryColumn,
  type Column,
  MISSING_CODE,
  MISSING_FLAG,
  type Progress,
  Table,
  numberColumn,
  silentProgress,
} from '@fraudops/core';
import type { TimeFeature } from '../definitions/feature-definition.js';
import { FeatureError } from '../feature-error.js';
import type { FeaturePlan, RunningTotal, WindowPlan, WindowRead } from './feature-plan.js';
import { timeValue, windowValue } from './feature-value.js';
import { canBeSummed, summedRule, unitsOrZero } from '../definitions/minor-units.js';
import type { TransactionsDefinition } from '../transactions/transactions.js';

/** Computes a plan's features; see `FeatureSet.compute`. */
export function computeFeatures(
  plan: FeaturePlan,
  transactions: TransactionsDefinition,
  table: Table,
  progress: Progress = silentProgress,
): Table {
  requireColumns(plan, transactions, table);
  const times = table.time(transactions.time);
  requireTimeOrder(transactions.time, times);
  requireSummableValues(plan, table);
  const task = progress.task('Computing features', { total: plan.names.length, unit: 'features' });
  const columns: Float64Array[] = [];
  for (const { index, field } of plan.fieldFeatures) columns[index] = fieldValues(table, field);
  for (const { index, definition } of plan.timeFeatures) columns[index] = timeValues(definition, times);
  task.advance(plan.fieldFeatures.length + plan.timeFeatures.length);
  for (const entity of plan.entities) {
    const grouping = groupRows(table.category(entity.entity));
    const groupedTimes = groupTimes(times, grouping);
    const parts = entity.totals.map((total) => groupedParts(total, table, grouping));
    for (const window of entity.windows) {
      const bounds = windowBounds(window, grouping, groupedTimes);
      for (const read of window.reads) columns[read.index] = readWindow(read, bounds, entity.totals, parts, grouping);
      task.advance(window.reads.length);
    }
  }
  task.done(`${plan.names.length} features of ${table.rowCount} transactions`);
  return Table.fromColumns(Object.fromEntries(plan.names.map((name, i) => [name, numberColumn(columns[i]!)])));
}

/** Refuses a table that lacks a column the plan uses, or has another kind in it, or a gap where a value is required. */
export function requireColumns(
  plan: FeaturePlan,
  { time, fields }: TransactionsDefinition,
  table: Table,
  alsoUsed: readonly string[] = [],
): void {
  const used = [time, ...alsoUsed, ...plan.fieldFeatures.map(({ field }) => field)];
  for (const { entity, totals } of plan.entities) used.push(entity, ...totals.map(({ field }) => field));
  for (const name of new Set(used)) {
    if (!table.has(name)) {
      const message = `compute: the features use the column ${name}, which the table lacks; it has ${table.columnNames.join(', ')}`;
      throw new FeatureError('MISSING_COLUMN', message, { column: name });
    }
    const { kind, required } = fields[name]!;
    const column = table.column(name);
    if (column.kind !== kind) {
      const message = `compute: column ${name} is a ${column.kind}, but the transactions declare a ${kind}`;
      throw new FeatureError('WRONG_KIND', message, { column: name, kind: column.kind, expected: kind });
    }
    if (!required) continue;
    const row = firstMissing(column);
    if (row >= 0) {
      const message = `compute: column ${name} is missing at row ${row}, but the transactions require it; put such rows aside with validateTransactions`;
      throw new FeatureError('MISSING_VALUE', message, { column: name, row });
    }
  }
}

function firstMissing(column: Column): number {
  const values: ArrayLike<number> = column.kind === 'category' ? column.codes : column.values;
  const length = values.length;
  for (let row = 0; row < length; row++) {
    const value = values[row]!;
    const isMissing =
      column.kind === 'category' ? value === MISSING_CODE : column.kind === 'flag' ? value === MISSING_FLAG : value !== value;
    if (isMissing) return row;
  }
  return -1;
}

/** Refuses times that go back. */
export function requireTimeOrder(name: string, times: Float64Array): void {
  for (let row = 1; row < times.length; row++) {
    if (times[row]! < times[row - 1]!) {
      const message = `compute: row ${row} of column ${name} is earlier than the row before; sort first with table.sortByTime('${name}')`;
      throw new FeatureError('NOT_SORTED', message, { column: name, row });
    }
  }
}

/** Refuses a value that is too large to be added up. */
export function requireSummableValues({ entities }: FeaturePlan, table: Table): void {
  const summed = entities.flatMap(({ totals }) => totals.flatMap((total) => (total.of === 'units' ? [total] : [])));
  // The same field may be summed per card and per shop.
  for (const { field, units } of new Map(summed.map((total) => [total.field, total])).values()) {
    const values = table.number(field);
    for (let row = 0; row < values.length; row++) {
      const value = values[row]!;
      if (canBeSummed(value, units)) continue;
      const message = `compute: ${field} is ${value} at row ${row}, expected a number ${summedRule(units)}; put such rows aside, or declare a coarser multipleOf`;
      throw new FeatureError('INVALID_VALUE', message, { column: field, row, value });
    }
  }
}

function fieldValues(table: Table, field: string): Float64Array {
  const column = table.column(field);
  if (column.kind !== 'flag') return table.number(field);
  const values = new Float64Array(column.values.length);
  for (let row = 0; row < values.length; row++)
    values[row] = column.values[row] === MISSING_FLAG ? Number.NaN : column.values[row]!;
  return values;
}

function timeValues(definition: TimeFeature, times: Float64Array): Float64Array {
  const values = new Float64Array(times.length);
  for (let row = 0; row < values.length; row++) values[row] = timeValue(definition, times[row]!);
  return values;
}

/**
 * The rows standing by entity, and for each entity in order of time: entity e's at the places `starts[e]` to `starts[e + 1] - 1`. Row r
 * stands at `places[r]` (-1 without an entity), and place i holds the row `rows[i]`. Both directions are kept, since scattering in
 * either direction is several times faster than gathering in the other.
 */
interface Grouping {
  readonly starts: Int32Array;
  readonly places: Int32Array;
  readonly rows: Int32Array;
}

/** A counting sort by code. */
function groupRows({ codes, dictionary }: CategoryColumn): Grouping {
  const starts = new Int32Array(dictionary.length + 1);
  for (let row = 0; row < codes.length; row++) if (codes[row]! >= 0) starts[codes[row]! + 1]!++;
  for (let code = 0; code < dictionary.length; code++) starts[code + 1]! += starts[code]!;
  const next = starts.slice();
  const places = new Int32Array(codes.length);
  for (let row = 0; row < codes.length; row++) places[row] = codes[row]! < 0 ? -1 : next[codes[row]!]!++;
  const rows = new Int32Array(starts.at(-1)!);
  for (let row = 0; row < codes.length; row++) if (places[row]! >= 0) rows[places[row]!] = row;
  return { starts, places, rows };
}

function groupTimes(times: Float64Array, { places, rows }: Grouping): Float64Array {
  const grouped = new Float64Array(rows.length);
  for (let row = 0; row < places.length; row++) if (places[row]! >= 0) grouped[places[row]!] = times[row]!;
  return grouped;
}

/** What each grouped row adds to a total. */
function groupedParts(total: RunningTotal, table: Table, { places, rows }: Grouping): Float64Array {
  const parts = new Float64Array(rows.length);
  if (total.of === 'frauds') {
    const labels = table.flag(total.field);
    for (let row = 0; row < places.length; row++) if (places[row]! >= 0) parts[places[row]!] = labels[row] === 1 ? 1 : 0;
  } else if (total.of === 'presence') {
    const values = table.number(total.field);
    for (let row = 0; row < places.length; row++) if (places[row]! >= 0) parts[places[row]!] = Number.isNaN(values[row]!) ? 0 : 1;
  } else {
    const values = table.number(total.field);
    for (let row = 0; row < places.length; row++)
      if (places[row]! >= 0) parts[places[row]!] = unitsOrZero(values[row]!, total.units);
  }
  return parts;
}

/** For each place, the places of its window: `from[i]` to `to[i] - 1`. */
interface WindowBounds {
  readonly from: Int32Array;
  readonly to: Int32Array;
}

function windowBounds({ windowMs, delayMs }: WindowPlan, { starts, rows }: Grouping, times: Float64Array): WindowBounds {
  const from = new Int32Array(rows.length);
  const to = new Int32Array(rows.length);
  for (let group = 0; group + 1 < starts.length; group++) {
    const end = starts[group + 1]!;
    let first = starts[group]!;
    let last = first;
    for (let i = first; i < end; i++) {
      const untilMs = times[i]! - delayMs;
      const afterMs = untilMs - windowMs;
      // Without delay the window ends at the row itself: later rows of the same moment haven't arrived yet.
      if (delayMs === 0) last = i + 1;
      else while (times[last]! <= untilMs) last++;
      while (first < last && times[first]! <= afterMs) first++;
      from[i] = first;
      to[i] = last;
    }
  }
  return { from, to };
}

function readWindow(
  { aggregate, units, totalSlot, countSlot }: WindowRead,
  bounds: WindowBounds,
  totals: readonly RunningTotal[],
  parts: readonly Float64Array[],
  { places, rows }: Grouping,
): Float64Array {
  const { from, to } = bounds;
  const sums = totalSlot < 0 ? undefined : windowSums(totals[totalSlot]!.field, parts[totalSlot]!, bounds, rows);
  const counts = countSlot < 0 ? undefined : windowSums(totals[countSlot]!.field, parts[countSlot]!, bounds, rows);
  const column = new Float64Array(places.length);
  // Rows without an entity have no place, and stay so.
  if (rows.length < places.length) column.fill(Number.NaN);
  for (let i = 0; i < rows.length; i++) {
    const count = counts === undefined ? to[i]! - from[i]! : counts[i]!;
    column[rows[i]!] = windowValue(aggregate, count, sums === undefined ? 0 : sums[i]!, units);
  }
  return column;
}

/** Sum of the parts in each place's window: both its ends only move forward, over all entities, which stand one after the other. */
function windowSums(field: string, parts: Float64Array, { from, to }: WindowBounds, rows: Int32Array): Float64Array {
  const sums = new Float64Array(from.length);
  let first = 0;
  let last = 0;
  let sum = 0;
  for (let i = 0; i < sums.length; i++) {
    if (from[i]! >= last) {
      // Nothing stays of the window before, nor of the entity before.
      first = from[i]!;
      last = first;
      sum = 0;
    }
    const begin = from[i]!;
    const end = to[i]!;
    for (; first < begin; first++) {
      sum -= parts[first]!;
      if (!(Math.abs(sum) <= Number.MAX_SAFE_INTEGER)) throw tooLarge(field, rows[i]!);
    }
    for (; last < end; last++) {
      sum += parts[last]!;
      if (!(Math.abs(sum) <= Number.MAX_SAFE_INTEGER)) throw tooLarge(field, rows[i]!);
    }
    sums[i] = sum;
  }
  return sums;
}

/** Takes more than 65,536 transactions of the largest amount in one window. */
function tooLarge(field: string, row: number): FeatureError {
  const message = `compute: the values of column ${field} in a window of row ${row} add up to more than 2^53 of its smallest units; declare a coarser multipleOf, or a shorter window`;
  return new FeatureError('INVALID_VALUE', message, { column: field, row });
}
