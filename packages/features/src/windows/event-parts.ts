/**
 * What an event is to an entity: its key, what it adds to running totals, and the values kept of it. An event online and a row of a
 * table are read by the same rules.
 */
import type { CategoryColumn, Row, Table } from '@fraudops/core';
import { type MinorUnits, canBeSummed, summedRule, unitsOrZero } from '../definitions/minor-units.js';
import { FeatureError } from '../feature-error.js';
import type { TransactionsDefinition } from '../transactions/transactions.js';
import { categoryHash } from './category-hash.js';
import { type EntityEvent, NO_ID } from './entity-history.js';
import { type EventField, categoryCell, eventField, readNumber } from './event-cell.js';
import type { EntityPlan, KeptValue, RunningTotal } from './feature-plan.js';
import { highPart, lowPart } from './feature-value.js';

/** An event as one entity sees it. */
export interface EntityParts extends EntityEvent {
  /** The entity's key; undefined when the event has none. */
  key: string | undefined;
}

/** Room for the parts of one event; `at` is where its time is, which all its entities share. */
export function emptyParts(plan: EntityPlan, at: Float64Array): EntityParts {
  return {
    at,
    key: undefined,
    parts: new Float64Array(plan.totals.length),
    values: new Float64Array(plan.values.length),
    idHash: NO_ID,
  };
}

/** The fields of an event that an entity looks at. */
export interface EntityFields {
  readonly keys: readonly EventField[];
  /** Of each total; undefined for one that needs no field. */
  readonly totals: readonly (EventField | undefined)[];
  readonly values: readonly EventField[];
}

/** The fields that a plan looks at. */
export function entityFields({ per, totals, values }: EntityPlan, transactions: TransactionsDefinition): EntityFields {
  return {
    keys: per.map((name) => eventField(transactions, name)),
    totals: totals.map(({ of, field }) =>
      of === 'frauds' || of === 'transactions' ? undefined : eventField(transactions, field),
    ),
    values: values.map(({ field }) => eventField(transactions, field)),
  };
}

/** The key of an event's entity; undefined when it has none. @throws {FeatureError} MISSING_VALUE or INVALID_VALUE, naming the field */
export function eventKey({ keys }: EntityFields, event: Row): string | undefined {
  const first = categoryCell(event, keys[0]!);
  return keys.length === 1 ? first : pairKey(first, categoryCell(event, keys[1]!));
}

/** Reads an event; frauds count 0, as its label isn't known yet. @throws {FeatureError} MISSING_VALUE or INVALID_VALUE, naming the field */
export function readEventParts({ totals, values }: EntityPlan, fields: EntityFields, event: Row, into: EntityParts): void {
  into.key = eventKey(fields, event);
  for (let slot = 0; slot < totals.length; slot++) {
    const total = totals[slot]!;
    if (total.of === 'frauds') into.parts[slot] = 0;
    else if (total.of === 'transactions') into.parts[slot] = 1;
    else {
      readNumber(event, fields.totals[slot]!, into.parts, slot);
      toPart(total, into.parts, slot);
    }
  }
  for (let slot = 0; slot < values.length; slot++) {
    if (values[slot]!.of === 'category') {
      const text = categoryCell(event, fields.values[slot]!);
      into.values[slot] = text === undefined ? Number.NaN : categoryHash(text);
    } else readNumber(event, fields.values[slot]!, into.values, slot);
  }
}

/** Puts what a row adds to a total at the total's slot. */
type PartReader = (row: number, parts: Float64Array, slot: number) => void;

/** A reader of the rows of a table; frauds count that were known when the last row arrived. */
export function rowPartsReader(
  plan: EntityPlan,
  transactions: TransactionsDefinition,
  table: Table,
  into: EntityParts,
): (row: number) => void {
  const { label, id } = transactions;
  const readKey = keyReader(plan, table);
  const totals = plan.totals.map((total) =>
    total.of === 'frauds' ? fraudReader(total.field, transactions, table) : totalReader(total, table),
  );
  const values = plan.values.map((value) => valueReader(value, table));
  const readId = plan.fraudSlot >= 0 && label !== undefined && id !== undefined ? idReader(table, id) : () => NO_ID;
  return (row) => {
    into.key = readKey(row);
    for (let slot = 0; slot < totals.length; slot++) totals[slot]!(row, into.parts, slot);
    for (let slot = 0; slot < values.length; slot++) into.values[slot] = values[slot]!(row);
    into.idHash = readId(row);
  };
}

/**
 * Makes of the value at a slot what it adds to a total of units, of parts of their squares, or of values present.
 *
 * @throws {FeatureError} INVALID_VALUE
 */
function toPart(total: RunningTotal, parts: Float64Array, slot: number): void {
  if (!('units' in total)) {
    parts[slot] = Number.isNaN(parts[slot]) ? 0 : 1;
    return;
  }
  const { of, field, units } = total;
  if (!canBeSummed(parts[slot]!, units)) throw tooLarge(parts[slot]!, field, units);
  parts[slot] = unitsOrZero(parts[slot]!, units);
  if (of !== 'units') parts[slot] = squarePart(of, parts[slot]);
}

function squarePart(of: 'highSquares' | 'crossProducts' | 'lowSquares', units: number): number {
  switch (of) {
    case 'highSquares':
      return highPart(units) * highPart(units);
    case 'crossProducts':
      return highPart(units) * lowPart(units);
    default:
      return lowPart(units) * lowPart(units);
  }
}

function tooLarge(value: number, field: string, units: MinorUnits): FeatureError {
  return new FeatureError('INVALID_VALUE', `event: ${field} is ${value}, expected a number ${summedRule(units)}`, {
    field,
    value,
  });
}

/** A pair as one key that no other pair has. */
function pairKey(first: string | undefined, second: string | undefined): string | undefined {
  return first === undefined || second === undefined ? undefined : `${first.length} ${first}${second}`;
}

function keyReader({ per }: EntityPlan, table: Table): (row: number) => string | undefined {
  const [first, second] = per.map((entity) => table.category(entity)) as [CategoryColumn, CategoryColumn | undefined];
  const firstKey = (row: number) => first.dictionary[first.codes[row]!];
  return second === undefined ? firstKey : (row) => pairKey(firstKey(row), second.dictionary[second.codes[row]!]);
}

function totalReader(total: RunningTotal, table: Table): PartReader {
  if (total.of === 'transactions') {
    return (_, parts, slot) => {
      parts[slot] = 1;
    };
  }
  const numbers = table.number(total.field);
  return (row, parts, slot) => {
    parts[slot] = numbers[row]!;
    toPart(total, parts, slot);
  };
}

/**
 * 1 for a fraud that was known when the last row arrived. Where labels are known by the event time alone, windows leave out those that
 * aren't known yet, so that all count.
 */
function fraudReader(field: string, { label, time, arrival = time }: TransactionsDefinition, table: Table): PartReader {
  const labels = table.flag(field);
  if (label!.knownAt === undefined && arrival === time) {
    return (row, parts, slot) => {
      parts[slot] = labels[row] === 1 ? 1 : 0;
    };
  }
  const times = table.time(time);
  const known = label!.knownAt === undefined ? undefined : table.time(label!.knownAt);
  const nowMs = table.time(arrival)[table.rowCount - 1] ?? 0;
  return (row, parts, slot) => {
    const knownMs = known === undefined || Number.isNaN(known[row]!) ? times[row]! + label!.delayMs : known[row]!;
    parts[slot] = labels[row] === 1 && knownMs <= nowMs ? 1 : 0;
  };
}

function valueReader({ of, field }: KeptValue, table: Table): (row: number) => number {
  if (of === 'category') {
    const { codes, dictionary } = table.category(field);
    const hashes = Float64Array.from(dictionary, categoryHash);
    return (row) => (codes[row]! < 0 ? Number.NaN : hashes[codes[row]!]!);
  }
  const numbers = table.number(field);
  return (row) => numbers[row]!;
}

function idReader(table: Table, id: string): (row: number) => number {
  const column = table.column(id);
  if (column.kind === 'category') {
    const hashes = column.dictionary.map(idHash);
    return (row) => (column.codes[row]! < 0 ? NO_ID : hashes[column.codes[row]!]!);
  }
  const numbers = table.number(id);
  return (row) => idHash(numbers[row]);
}

/**
 * A transaction's id in 32 bits, as a number with a sign; whole numbers below 2^32 - 1 stand for themselves. Ids are only compared between transactions of one
 * entity and one moment, of which two fall together with a chance of 1 in 4 billion.
 */
export function idHash(id: string | number | undefined): number {
  if (id === undefined || Number.isNaN(id)) return NO_ID;
  const hash = typeof id === 'string' ? categoryHash(id) | 0 : id ^ Math.imul(Math.floor(id / 0x1_0000_0000), 0x85ebca6b);
  return hash === NO_ID ? 0 : hash;
}
