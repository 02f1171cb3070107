/** What a table must be for features to be computed from it. All is checked before any work is done. */
import { type Column, MISSING_CODE, MISSING_FLAG, type Table } from '@fraudops/core';
import { MAX_SUMMED_UNITS, type MinorUnits, canBeSummed, summedRule } from '../definitions/minor-units.js';
import { FeatureError } from '../feature-error.js';
import { rowFields } from '../rows/row-feature.js';
import type { TransactionsDefinition } from '../transactions/transactions.js';
import type { FeaturePlan } from './feature-plan.js';

/**
 * Refuses a table that lacks a column the plan uses, has another kind in it or a gap where a value is required, isn't in order of arrival,
 * has a time with a fraction of a millisecond, or a value too large to be added up.
 *
 * @param alsoUsed further columns that must be there
 * @throws {FeatureError} MISSING_COLUMN, WRONG_KIND, MISSING_VALUE, NOT_SORTED or INVALID_VALUE, naming column and row
 */
export function requireHistory(
  plan: FeaturePlan,
  transactions: TransactionsDefinition,
  table: Table,
  alsoUsed: readonly string[] = [],
): void {
  const used = new Set([...usedFields(plan, transactions), ...alsoUsed]);
  for (const name of used) requireColumn(name, transactions, table);
  const { time, arrival = time } = transactions;
  // One look at the arrivals instead of three, if all is well with them.
  const inOrder = areWholeInOrder(table.time(arrival));
  const unproven = [...used].filter((name) => !(inOrder && name === arrival));
  for (const name of unproven) requireValues(name, transactions, table);
  for (const name of unproven) if (transactions.fields[name]!.kind === 'time') requireWholeTimes(name, table.time(name));
  if (!inOrder) requireTimeOrder(arrival, table.time(arrival));
  requireSummableValues(plan, table);
}

/** The fields that a plan's features look at. */
function usedFields(plan: FeaturePlan, transactions: TransactionsDefinition): string[] {
  const { time, arrival = time, label } = transactions;
  const used = [time, arrival];
  for (const { definition } of plan.rows) used.push(...rowFields(definition, transactions));
  for (const { per, totals, values, fraudSlot } of plan.entities) {
    used.push(...per);
    for (const { of, field } of totals) if (of !== 'transactions') used.push(field);
    for (const { field } of values) used.push(field);
    if (fraudSlot >= 0 && label?.knownAt !== undefined) used.push(label.knownAt);
  }
  return used;
}

function requireColumn(name: string, { fields }: TransactionsDefinition, table: Table): void {
  if (!table.has(name)) {
    const message = `compute: the features use the column ${name}, which the table lacks; it has ${table.columnNames.join(', ')}`;
    throw new FeatureError('MISSING_COLUMN', message, { column: name });
  }
  const { kind } = fields[name]!;
  const column = table.column(name);
  if (column.kind === kind) return;
  const message = `compute: column ${name} is a ${column.kind}, but the transactions declare a ${kind}`;
  throw new FeatureError('WRONG_KIND', message, { column: name, kind: column.kind, expected: kind });
}

/** Whether times are there, whole, finite, and never go back. */
function areWholeInOrder(times: Float64Array): boolean {
  let before = -Number.MAX_VALUE;
  for (let row = 0; row < times.length; row++) {
    const epochMs = times[row]!;
    // Nor is NaN at or after anything.
    if (!(epochMs >= before) || Math.floor(epochMs) !== epochMs) return false;
    before = epochMs;
  }
  return before < Infinity;
}

function requireValues(name: string, { fields }: TransactionsDefinition, table: Table): void {
  const row = fields[name]!.required ? firstMissing(table.column(name)) : -1;
  if (row < 0) return;
  const message = `compute: column ${name} is missing at row ${row}, but the transactions require it; put such rows aside with validateTransactions`;
  throw new FeatureError('MISSING_VALUE', message, { column: name, row });
}

function firstMissing(column: Column): number {
  if (column.kind === 'category') return column.codes.indexOf(MISSING_CODE);
  if (column.kind === 'flag') return column.values.indexOf(MISSING_FLAG);
  const { values } = column;
  for (let row = 0; row < values.length; row++) if (Number.isNaN(values[row]!)) return row;
  return -1;
}

function requireWholeTimes(name: string, times: Float64Array): void {
  for (let row = 0; row < times.length; row++) {
    const epochMs = times[row]!;
    if (Number.isInteger(epochMs) || Number.isNaN(epochMs)) continue;
    const message = `compute: ${name} is ${epochMs} at row ${row}, expected whole milliseconds; round it`;
    throw new FeatureError('INVALID_VALUE', message, { column: name, row, value: epochMs });
  }
}

function requireTimeOrder(name: string, times: Float64Array): void {
  for (let row = 1; row < times.length; row++) {
    if (times[row]! >= times[row - 1]!) continue;
    const message = `compute: row ${row} of column ${name} is earlier than the row before; sort first with table.sortByTime('${name}')`;
    throw new FeatureError('NOT_SORTED', message, { column: name, row });
  }
}

function requireSummableValues({ entities }: FeaturePlan, table: Table): void {
  // The same field may be summed per card and per shop.
  const units = new Map<string, MinorUnits>();
  for (const { totals } of entities) for (const total of totals) if (total.of === 'units') units.set(total.field, total.units);
  for (const [field, unit] of units) {
    const values = table.number(field);
    // Only what is near the limit has to be rounded to units to tell.
    const surelySmall = (0.99 * MAX_SUMMED_UNITS * unit.numerator) / unit.denominator;
    for (let row = 0; row < values.length; row++) {
      const value = values[row]!;
      if (Math.abs(value) <= surelySmall || canBeSummed(value, unit)) continue;
      const message = `compute: ${field} is ${value} at row ${row}, expected a number ${summedRule(unit)}; put such rows aside, or declare a coarser multipleOf`;
      throw new FeatureError('INVALID_VALUE', message, { column: field, row, value });
    }
  }
}
