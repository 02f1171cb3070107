import { TableError } from './errors.js';

/**
 * The four kinds of column, and how each marks a missing value:
 *
 * | kind | held as | missing |
 * |---|---|---|
 * | number | Float64Array | NaN |
 * | category | Int32Array of codes into a dictionary of strings | -1 |
 * | time | Float64Array of epoch milliseconds, UTC | NaN |
 * | flag | Uint8Array of 0 and 1 | 255 |
 */
export type ColumnKind = 'number' | 'category' | 'time' | 'flag';

/** Missing value of a category column. */
export const MISSING_CODE = -1;
/** Missing value of a flag column. */
export const MISSING_FLAG = 255;

/** Numbers; NaN is missing. */
export interface NumberColumn {
  readonly kind: 'number';
  readonly values: Float64Array;
}
/** Strings from a dictionary; code -1 is missing. Dictionary entries are distinct; unused ones are allowed. */
export interface CategoryColumn {
  readonly kind: 'category';
  readonly codes: Int32Array;
  readonly dictionary: readonly string[];
}
/** Moments in epoch milliseconds UTC; NaN is missing. */
export interface TimeColumn {
  readonly kind: 'time';
  readonly values: Float64Array;
}
/** Yes or no; 255 is missing. */
export interface FlagColumn {
  readonly kind: 'flag';
  readonly values: Uint8Array;
}
/** A column of any kind. Its arrays belong to the table and are never written to. */
export type Column = NumberColumn | CategoryColumn | TimeColumn | FlagColumn;

/** Number of rows of a column. */
export function columnLength(column: Column): number {
  return column.kind === 'category' ? column.codes.length : column.values.length;
}

/** A number column over the given values; plain arrays are copied, a Float64Array is taken as it is. */
export function numberColumn(values: ArrayLike<number>): NumberColumn {
  return { kind: 'number', values: values instanceof Float64Array ? values : Float64Array.from(values) };
}

/** A time column over epoch milliseconds; plain arrays are copied, a Float64Array is taken as it is. */
export function timeColumn(epochMs: ArrayLike<number>): TimeColumn {
  return { kind: 'time', values: epochMs instanceof Float64Array ? epochMs : Float64Array.from(epochMs) };
}

/**
 * A flag column over booleans, 0 and 1; null and undefined are missing. A Uint8Array is taken as it is.
 * @throws {TableError} INVALID_VALUE naming the row
 */
export function flagColumn(values: Uint8Array | ReadonlyArray<boolean | 0 | 1 | null | undefined>): FlagColumn {
  if (values instanceof Uint8Array) return { kind: 'flag', values };
  const flags = Uint8Array.from(values, (value, row) => {
    if (value == null) return MISSING_FLAG;
    if (value === true || value === 1) return 1;
    if (value === false || value === 0) return 0;
    throw new TableError('INVALID_VALUE', `flagColumn: row ${row} is ${String(value)}, expected true, false, 0, 1 or null`, {
      row,
    });
  });
  return { kind: 'flag', values: flags };
}

/**
 * A category column over strings; null and undefined are missing. The dictionary holds the strings in order of first appearance.
 *
 * @example categoryColumn(['eu', 'us', null, 'eu']); // codes 0 1 -1 0, dictionary eu us
 */
export function categoryColumn(values: ReadonlyArray<string | null | undefined>): CategoryColumn {
  const encoder = new DictionaryEncoder();
  const codes = new Int32Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    codes[i] = value == null ? MISSING_CODE : encoder.encode(value);
  }
  return { kind: 'category', codes, dictionary: encoder.dictionary };
}

/** Gives each distinct string the next code, in order of first appearance. */
export class DictionaryEncoder {
  readonly #codes = new Map<string, number>();
  /** The strings so far, by code. */
  readonly dictionary: string[] = [];

  /** The string's code; a new string gets the next free one. */
  encode(value: string): number {
    let code = this.#codes.get(value);
    if (code === undefined) {
      code = this.dictionary.length;
      this.#codes.set(value, code);
      this.dictionary.push(value);
    }
    return code;
  }
}

/** The rows of a column at the given positions, in that order. Positions are trusted to be in range. */
export function takeFromColumn(column: Column, positions: ArrayLike<number>): Column {
  switch (column.kind) {
    case 'category':
      return {
        kind: 'category',
        codes: gather(column.codes, new Int32Array(positions.length), positions),
        dictionary: column.dictionary,
      };
    case 'flag':
      return { kind: 'flag', values: gather(column.values, new Uint8Array(positions.length), positions) };
    default:
      return { kind: column.kind, values: gather(column.values, new Float64Array(positions.length), positions) };
  }
}

function gather<Values extends Float64Array | Int32Array | Uint8Array>(
  from: Values,
  to: Values,
  positions: ArrayLike<number>,
): Values {
  for (let i = 0; i < positions.length; i++) to[i] = from[positions[i]!]!;
  return to;
}

/** The rows [start, end) of a column, sharing memory with it. */
export function sliceColumn(column: Column, start: number, end: number): Column {
  if (column.kind === 'category') {
    return { kind: 'category', codes: column.codes.subarray(start, end), dictionary: column.dictionary };
  }
  if (column.kind === 'flag') return { kind: 'flag', values: column.values.subarray(start, end) };
  return { kind: column.kind, values: column.values.subarray(start, end) };
}

/**
 * Columns of one kind, one after the other. Dictionaries are merged in order of first appearance.
 *
 * @param name for messages
 * @throws {TableError} WRONG_KIND when the kinds differ
 */
export function concatColumns(name: string, columns: readonly [Column, ...Column[]]): Column {
  const [{ kind }] = columns;
  const length = columns.reduce((sum, column) => sum + columnLength(column), 0);
  for (const column of columns) {
    if (column.kind !== kind) {
      throw new TableError('WRONG_KIND', `concat: column ${name} is ${kind} in one table and ${column.kind} in another`, {
        name,
      });
    }
  }
  if (kind === 'category') return concatCategories(columns as readonly CategoryColumn[], length);
  const values = kind === 'flag' ? new Uint8Array(length) : new Float64Array(length);
  let offset = 0;
  for (const column of columns as readonly (NumberColumn | TimeColumn | FlagColumn)[]) {
    values.set(column.values, offset);
    offset += column.values.length;
  }
  return { kind, values } as Column;
}

function concatCategories(columns: readonly CategoryColumn[], length: number): CategoryColumn {
  const encoder = new DictionaryEncoder();
  const codes = new Int32Array(length);
  let offset = 0;
  for (const column of columns) {
    const mapped = Int32Array.from(column.dictionary, (value) => encoder.encode(value));
    for (const code of column.codes) codes[offset++] = code < 0 ? MISSING_CODE : mapped[code]!;
  }
  return { kind: 'category', codes, dictionary: encoder.dictionary };
}

const ARRAY_OF_KIND = { number: Float64Array, time: Float64Array, flag: Uint8Array, category: Int32Array } as const;

/** Throws unless a column given from outside keeps its kind's rules; see {@link ColumnKind}. */
export function requireValidColumn(name: string, column: Column): void {
  const array = Object.hasOwn(ARRAY_OF_KIND, column.kind) ? ARRAY_OF_KIND[column.kind] : undefined;
  if (!array) throw invalidColumn(name, `kind ${String(column.kind)}, expected number, category, time or flag`);
  const values = column.kind === 'category' ? column.codes : column.values;
  if (!(values instanceof array)) throw invalidColumn(name, `its values are no ${array.name}`);
  if (column.kind === 'category') requireValidCodes(name, column);
  if (column.kind === 'flag') {
    const bad = column.values.findIndex((flag) => flag > 1 && flag !== MISSING_FLAG);
    if (bad >= 0) throw invalidColumn(name, `flag ${column.values[bad]} at row ${bad}, expected 0, 1 or 255`);
  }
}

/** Dictionaries without repetition, by their length when they were looked at: many tables of a stream share one. */
const checkedLengths = new WeakMap<readonly string[], number>();

function requireValidCodes(name: string, { codes, dictionary }: CategoryColumn): void {
  const bad = codes.findIndex((code) => code < MISSING_CODE || code >= dictionary.length);
  if (bad >= 0) throw invalidColumn(name, `code ${codes[bad]} at row ${bad} is outside the dictionary of ${dictionary.length}`);
  if (checkedLengths.get(dictionary) === dictionary.length) return;
  if (new Set(dictionary).size === dictionary.length) {
    checkedLengths.set(dictionary, dictionary.length);
    return;
  }
  const twice = dictionary.find((entry, code) => dictionary.indexOf(entry) !== code);
  throw invalidColumn(name, `the dictionary holds ${JSON.stringify(twice)} twice`);
}

function invalidColumn(name: string, reason: string): TableError {
  return new TableError('INVALID_VALUE', `column ${name}: ${reason}`, { name });
}
