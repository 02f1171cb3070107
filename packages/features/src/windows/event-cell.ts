/**
 * Cells of one event as numbers and keys, by the same rules by which a table takes them. A cell that breaks its rule is refused
 * before any state changes.
 */
import { type Row, parseTime } from '@fraudops/core';
import { FeatureError } from '../feature-error.js';

/**
 * An event: its values by field name, in any of the forms in which a table takes them. What it has besides is ignored. Any object will
 * do, so that what a schema gave can be handed on; see `TransactionsDefinition.schema` for judging it first.
 */
export type TransactionEvent = object;

/** An event whose cells can be looked at. @throws {FeatureError} INVALID_VALUE when it is no object */
export function cellsOf(event: TransactionEvent): Row {
  if (typeof event === 'object' && event !== null) return event as Row;
  throw new FeatureError('INVALID_VALUE', `event: is ${String(event)}, expected an object with values by field name`);
}

/** Largest time of a Date, epoch milliseconds. */
const MAX_DATE_MS = 8.64e15;

/** Whole epoch milliseconds of a Date, a number or ISO 8601 text (UTC when it names no zone). @throws {FeatureError} */
export function timeCell(event: Row, name: string): number {
  const cell = cellOf(event, name);
  const epochMs = cell instanceof Date ? cell.getTime() : typeof cell === 'string' ? parseTime(cell) : cell;
  if (typeof epochMs === 'number' && Number.isInteger(epochMs) && Math.abs(epochMs) <= MAX_DATE_MS) return epochMs;
  throw refused(event, name, 'a valid Date, whole epoch milliseconds or an ISO 8601 string');
}

/** Text of a category, or undefined when it is missing. @throws {FeatureError} */
export function categoryCell(event: Row, name: string, required: boolean): string | undefined {
  const cell = cellOf(event, name);
  if (typeof cell === 'string') return cell;
  if (typeof cell === 'number' && Number.isFinite(cell)) return String(cell);
  if (cell == null && !required) return undefined;
  throw refused(event, name, 'a string or a finite number');
}

/** A number, or NaN when it is missing. @throws {FeatureError} */
export function numberCell(event: Row, name: string, required: boolean): number {
  const cell = cellOf(event, name);
  if (typeof cell === 'number' && Number.isFinite(cell)) return cell;
  if (cell == null && !required) return Number.NaN;
  throw refused(event, name, 'a finite number');
}

/** 1 for true, 0 for false, NaN when it is missing. @throws {FeatureError} */
export function flagCell(event: Row, name: string, required: boolean): number {
  const cell = cellOf(event, name);
  if (cell === true || cell === 1) return 1;
  if (cell === false || cell === 0) return 0;
  if (cell == null && !required) return Number.NaN;
  throw refused(event, name, 'true, false, 0 or 1');
}

/** The event's own cell: a missing `constructor` or `toString` is not the one that every object has. */
function cellOf(event: Row, name: string): Row[string] | undefined {
  return Object.hasOwn(event, name) ? event[name] : undefined;
}

/** A cell as text; of an object, which may have any `toString`, only that it is one. */
function shownCell(cell: unknown): string {
  if (typeof cell === 'string') return JSON.stringify(cell.slice(0, 100));
  if (typeof cell === 'number' || typeof cell === 'boolean' || cell instanceof Date) return String(cell);
  return typeof cell === 'object' ? 'an object' : `a ${typeof cell}`;
}

function refused(event: Row, name: string, expected: string): FeatureError {
  const cell = cellOf(event, name);
  if (cell == null) return new FeatureError('MISSING_VALUE', `event: ${name} is missing, expected ${expected}`, { field: name });
  const shown = shownCell(cell);
  return new FeatureError('INVALID_VALUE', `event: ${name} is ${shown}, expected ${expected}`, { field: name, value: shown });
}
