/**
 * Cells of one event as numbers and keys, by the same rules by which a table takes them. A cell that breaks its rule is refused
 * before any state changes. Numbers are put into an array, since JavaScript allocates memory for most numbers that a function returns.
 */
import { type Row, parseTime } from '@fraudops/core';
import { FeatureError } from '../feature-error.js';
import type { TransactionsDefinition } from '../transactions/transactions.js';

/**
 * An event: its values by field name, in any of the forms in which a table takes them. What it has besides is ignored. Any object will
 * do, so that what a schema gave can be handed on; see `TransactionsDefinition.schema` for judging it first.
 */
export type TransactionEvent = object;

/**
 * An event whose cells can be looked at. Those of a plain object are looked at most quickly after this.
 *
 * @throws {FeatureError} INVALID_VALUE when it is no object
 */
export function cellsOf(event: TransactionEvent): Row {
  if (typeof event === 'object' && event !== null) {
    const prototype: unknown = Object.getPrototypeOf(event);
    plainEvent = prototype === everyObject || prototype === null ? event : undefined;
    return event as Row;
  }
  throw new FeatureError('INVALID_VALUE', `event: is ${String(event)}, expected an object with values by field name`);
}

/** What every object has, such as `constructor`. */
const everyObject = Object.prototype as unknown as Readonly<Record<string, unknown>>;

/** The event given last, when it has nothing but its own and what every object has. It is only compared with. */
let plainEvent: object | undefined;

/** A field of events, made once and read of every event. */
export interface EventField {
  readonly name: string;
  readonly required: boolean;
  readonly load: LoadCell;
}

/** Puts a cell that is a number into a place and returns {@link NUMBER}; returns another cell itself. */
type LoadCell = (event: Row, name: string, into: Float64Array, place: number) => unknown;

/** Stands for a number that was put into its place. */
const NUMBER = Symbol('number');

const loadAny: LoadCell = (event, name, into, place) =>
  putNumber(Object.hasOwn(event, name) ? event[name] : undefined, into, place);

/**
 * The same again and again. JavaScript engines learn at each place of the source which field of which objects is read there; where all
 * fields are read, they learn nothing, look each one up, and allocate memory for numbers. So fields take different ones of these.
 *
 * So they do for what every object has; with it, a plain event need not be asked what its own is, which no engine learns.
 */
const LOADS: readonly LoadCell[] = [
  (event, name, into, place) => putNumber(isOwn(event, name, everyObject[name]) ? event[name] : undefined, into, place),
  (event, name, into, place) => putNumber(isOwn(event, name, everyObject[name]) ? event[name] : undefined, into, place),
  (event, name, into, place) => putNumber(isOwn(event, name, everyObject[name]) ? event[name] : undefined, into, place),
  (event, name, into, place) => putNumber(isOwn(event, name, everyObject[name]) ? event[name] : undefined, into, place),
  (event, name, into, place) => putNumber(isOwn(event, name, everyObject[name]) ? event[name] : undefined, into, place),
  (event, name, into, place) => putNumber(isOwn(event, name, everyObject[name]) ? event[name] : undefined, into, place),
  (event, name, into, place) => putNumber(isOwn(event, name, everyObject[name]) ? event[name] : undefined, into, place),
  (event, name, into, place) => putNumber(isOwn(event, name, everyObject[name]) ? event[name] : undefined, into, place),
  (event, name, into, place) => putNumber(isOwn(event, name, everyObject[name]) ? event[name] : undefined, into, place),
  (event, name, into, place) => putNumber(isOwn(event, name, everyObject[name]) ? event[name] : undefined, into, place),
  (event, name, into, place) => putNumber(isOwn(event, name, everyObject[name]) ? event[name] : undefined, into, place),
  (event, name, into, place) => putNumber(isOwn(event, name, everyObject[name]) ? event[name] : undefined, into, place),
];

/**
 * Whether a cell is the event's own, or missing. A missing `constructor` or `toString` is not the one that every object has.
 *
 * @param inherited what every object has by that name
 */
function isOwn(event: Row, name: string, inherited: unknown): boolean {
  return (event === plainEvent && inherited === undefined) || Object.hasOwn(event, name);
}

function putNumber(cell: unknown, into: Float64Array, place: number): unknown {
  if (typeof cell !== 'number') return cell;
  into[place] = cell;
  return NUMBER;
}

/** How many of {@link LOADS} were taken. */
let loadsTaken = 0;

const fieldsOf = new WeakMap<TransactionsDefinition, Map<string, EventField>>();

/** A declared field of transactions, the same one at every call. */
export function eventField(transactions: TransactionsDefinition, name: string): EventField {
  const fields = fieldsOf.get(transactions) ?? new Map<string, EventField>();
  fieldsOf.set(transactions, fields);
  const found = fields.get(name);
  if (found !== undefined) return found;
  const made = { name, required: transactions.fields[name]!.required, load: LOADS[loadsTaken++ % LOADS.length]! };
  fields.set(name, made);
  return made;
}

/** Some field of events that need not be declared. */
export function anyField(name: string, required: boolean): EventField {
  return { name, required, load: loadAny };
}

/** Largest time of a Date, epoch milliseconds. */
const MAX_DATE_MS = 8.64e15;

/**
 * Puts whole epoch milliseconds of a Date, a number or ISO 8601 text (UTC when it names no zone) into the first place.
 *
 * @throws {FeatureError} MISSING_VALUE or INVALID_VALUE
 */
export function readTime(event: Row, field: EventField, into: Float64Array): void {
  const cell = field.load(event, field.name, into, 0);
  if (typeof cell === 'string') into[0] = parseTime(cell);
  else if (cell !== NUMBER) into[0] = cell instanceof Date ? cell.getTime() : Number.NaN;
  if (Number.isInteger(into[0]) && Math.abs(into[0]!) <= MAX_DATE_MS) return;
  throw refused(event, field, 'a valid Date, whole epoch milliseconds or an ISO 8601 string');
}

const one = new Float64Array(1);

/** Text of a category, or undefined when it is missing. @throws {FeatureError} MISSING_VALUE or INVALID_VALUE */
export function categoryCell(event: Row, field: EventField): string | undefined {
  const cell = field.load(event, field.name, one, 0);
  if (typeof cell === 'string') return cell;
  if (cell === NUMBER && Number.isFinite(one[0])) return String(one[0]);
  if (cell == null && !field.required) return undefined;
  throw refused(event, field, 'a string or a finite number');
}

/** Puts a number into a place, NaN when it is missing. @throws {FeatureError} MISSING_VALUE or INVALID_VALUE */
export function readNumber(event: Row, field: EventField, into: Float64Array, place: number): void {
  const cell = field.load(event, field.name, into, place);
  if (cell === NUMBER && Number.isFinite(into[place])) return;
  if (!(cell == null && !field.required)) throw refused(event, field, 'a finite number');
  into[place] = Number.NaN;
}

/** 1 for true, 0 for false, NaN when it is missing. @throws {FeatureError} MISSING_VALUE or INVALID_VALUE */
export function flagCell(event: Row, field: EventField): number {
  const cell = field.load(event, field.name, one, 0);
  if (cell === true || (cell === NUMBER && one[0] === 1)) return 1;
  if (cell === false || (cell === NUMBER && one[0] === 0)) return 0;
  if (cell == null && !field.required) return Number.NaN;
  throw refused(event, field, 'true, false, 0 or 1');
}

/** A cell as text; of an object, which may have any `toString`, only that it is one. */
function shownCell(cell: unknown): string {
  if (typeof cell === 'string') return JSON.stringify(cell.slice(0, 100));
  if (typeof cell === 'number' || typeof cell === 'boolean' || cell instanceof Date) return String(cell);
  return typeof cell === 'object' ? 'an object' : `a ${typeof cell}`;
}

function refused(event: Row, { name }: EventField, expected: string): FeatureError {
  const cell = Object.hasOwn(event, name) ? event[name] : undefined;
  if (cell == null) return new FeatureError('MISSING_VALUE', `event: ${name} is missing, expected ${expected}`, { field: name });
  const shown = shownCell(cell);
  return new FeatureError('INVALID_VALUE', `event: ${name} is ${shown}, expected ${expected}`, { field: name, value: shown });
}
