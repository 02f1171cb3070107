import { type Column, type ColumnKind, DictionaryEncoder, MISSING_CODE, MISSING_FLAG } from './column.js';
import { TableError } from './errors.js';

/** A value of a row as a person writes it; null is missing. */
export type Cell = number | string | boolean | Date | null;

/** One row by column name. */
export type Row = Readonly<Record<string, Cell>>;

/**
 * What {@link columnFromCells} accepts for each kind:
 * number: a finite number or null; category: a string, a number (written in decimal) or null; time: a Date, epoch milliseconds,
 * or an ISO 8601 string (UTC when it names no zone); flag: boolean, 0, 1 or null. Undefined counts as null.
 *
 * @throws {TableError} INVALID_VALUE naming column, row and value
 */
export function columnFromCells(name: string, kind: ColumnKind, rows: readonly object[]): Column {
  if (kind === 'category') {
    const encoder = new DictionaryEncoder();
    const codes = Int32Array.from(rows, (row, i) => {
      const text = toCategory(cellOf(row, name), name, i);
      return text === null ? MISSING_CODE : encoder.encode(text);
    });
    return { kind, codes, dictionary: encoder.dictionary };
  }
  if (kind === 'flag') return { kind, values: Uint8Array.from(rows, (row, i) => toFlag(cellOf(row, name), name, i)) };
  const convert = kind === 'time' ? toEpochMs : toNumber;
  return { kind, values: Float64Array.from(rows, (row, i) => convert(cellOf(row, name), name, i)) };
}

/** A row's own member: a column may be called `constructor`. */
function cellOf(row: object, name: string): unknown {
  return Object.hasOwn(row, name) ? (row as Readonly<Record<string, unknown>>)[name] : undefined;
}

/** The cell of a column at a row, as a person reads it; times come back as Date. */
export function cellAt(column: Column, row: number): Cell {
  switch (column.kind) {
    case 'category': {
      const code = column.codes[row]!;
      return code === MISSING_CODE ? null : column.dictionary[code]!;
    }
    case 'flag': {
      const flag = column.values[row]!;
      return flag === MISSING_FLAG ? null : flag === 1;
    }
    case 'time': {
      const epochMs = column.values[row]!;
      return Number.isNaN(epochMs) ? null : new Date(epochMs);
    }
    default: {
      const value = column.values[row]!;
      return Number.isNaN(value) ? null : value;
    }
  }
}

/**
 * Epoch milliseconds of an ISO 8601 date or date-time (`2018-04-01`, `2018-04-01 00:00:31`, `2018-04-01T00:00:31.5Z`,
 * `...+02:00`). Without a zone it is UTC. NaN when it is none, such as the 31st of February.
 *
 * @example parseTime('2018-04-01 00:00:31'); // 1522540831000
 */
export function parseTime(text: string): number {
  const plain = plainTime(text);
  return plain === undefined ? anyTime(text) : plain;
}

const ZERO = 48;
const [SPACE, DASH, POINT, COLON, LETTER_T, LETTER_Z] = [32, 45, 46, 58, 84, 90];

/**
 * The spellings that programs write, `2018-04-01T00:00:31.500Z` with or without its milliseconds and its zone, read digit by digit, since
 * this is done for every event. Undefined for another spelling, and for what is no moment.
 */
function plainTime(text: string): number | undefined {
  const { length } = text;
  const hasZone = length === 20 || length === 24;
  const hasMilliseconds = length === 23 || length === 24;
  if (length !== 19 && !hasZone && !hasMilliseconds) return undefined;
  const between = text.charCodeAt(10);
  const isPlain =
    text.charCodeAt(4) === DASH &&
    text.charCodeAt(7) === DASH &&
    (between === LETTER_T || between === SPACE) &&
    text.charCodeAt(13) === COLON &&
    text.charCodeAt(16) === COLON &&
    (!hasMilliseconds || text.charCodeAt(19) === POINT) &&
    (!hasZone || text.charCodeAt(length - 1) === LETTER_Z);
  if (!isPlain) return undefined;
  const year = twoDigits(text, 0) * 100 + twoDigits(text, 2);
  const month = twoDigits(text, 5);
  const day = twoDigits(text, 8);
  const hour = twoDigits(text, 11);
  const minute = twoDigits(text, 14);
  const second = twoDigits(text, 17);
  const milliseconds = hasMilliseconds ? twoDigits(text, 20) * 10 + (twoDigits(text, 21) % 10) : 0;
  // What met a character that is no digit is NaN, and a comparison with NaN is false. Days 29 to 31 are left to the calendar.
  const isMoment = month >= 1 && month <= 12 && day >= 1 && day <= 28 && hour <= 23 && minute <= 59 && second <= 59;
  if (!(isMoment && year >= 0 && milliseconds >= 0)) return undefined;
  return (((daysBefore(year, month) + day - 1) * 24 + hour) * 60 + minute) * 60_000 + second * 1000 + milliseconds;
}

/** The number made of two digits; NaN when they are none. */
function twoDigits(text: string, at: number): number {
  const tens = text.charCodeAt(at) - ZERO;
  const ones = text.charCodeAt(at + 1) - ZERO;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN;
}

/** Days from 1970-01-01 to the first of a month of the Gregorian calendar; years begin in March here, so that leap days end them. */
function daysBefore(year: number, month: number): number {
  const years = month > 2 ? year : year - 1;
  const months = month > 2 ? month - 3 : month + 9;
  const leapDays = Math.floor(years / 4) - Math.floor(years / 100) + Math.floor(years / 400);
  return years * 365 + leapDays + Math.floor((months * 153 + 2) / 5) - 719_468;
}

/** Any spelling of ISO 8601 that is taken. */
function anyTime(text: string): number {
  const match = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?)?(Z|[+-]\d\d:?\d\d)?$/.exec(text);
  if (!match) return Number.NaN;
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '', zone = 'Z'] = match;
  if (+hour > 23 || +minute > 59 || +second > 59) return Number.NaN;
  if (zone !== 'Z' && (+zone.slice(1, 3) > 23 || +zone.slice(-2) > 59)) return Number.NaN;
  // Not Date.UTC, which takes the years 0 to 99 for 1900 to 1999.
  const date = new Date(0).setUTCFullYear(+year!, +month! - 1, +day!);
  // It rolls over: February 31 would silently become March 3.
  if (new Date(date).getUTCDate() !== +day! || new Date(date).getUTCMonth() + 1 !== +month!) return Number.NaN;
  const milliseconds = +fraction.padEnd(3, '0').slice(0, 3);
  return date + ((+hour * 60 + +minute) * 60 + +second) * 1000 + milliseconds - zoneOffsetMs(zone);
}

function zoneOffsetMs(zone: string): number {
  if (zone === 'Z') return 0;
  const minutes = +zone.slice(1, 3) * 60 + +zone.slice(-2);
  return (zone.startsWith('-') ? -minutes : minutes) * 60_000;
}

/** What a Date can hold (ECMA-262, 21.4.1.1). */
const MAX_DATE_MS = 8.64e15;

function toNumber(cell: unknown, name: string, row: number): number {
  if (cell == null) return Number.NaN;
  if (typeof cell === 'number' && Number.isFinite(cell)) return cell;
  throw invalid(name, row, cell, 'a finite number or null');
}

function toCategory(cell: unknown, name: string, row: number): string | null {
  if (cell == null) return null;
  if (typeof cell === 'string') return cell;
  if (typeof cell === 'number' && Number.isFinite(cell)) return String(cell);
  throw invalid(name, row, cell, 'a string, a finite number or null');
}

function toFlag(cell: unknown, name: string, row: number): number {
  if (cell == null) return MISSING_FLAG;
  if (cell === true || cell === 1) return 1;
  if (cell === false || cell === 0) return 0;
  throw invalid(name, row, cell, 'true, false, 0, 1 or null');
}

function toEpochMs(cell: unknown, name: string, row: number): number {
  if (cell == null) return Number.NaN;
  const epochMs = cell instanceof Date ? cell.getTime() : typeof cell === 'string' ? parseTime(cell) : cell;
  if (typeof epochMs === 'number' && Math.abs(epochMs) <= MAX_DATE_MS) return epochMs;
  throw invalid(name, row, cell, 'a valid Date, epoch milliseconds, an ISO 8601 string or null');
}

function invalid(name: string, row: number, cell: unknown, expected: string): TableError {
  const shown = typeof cell === 'string' ? JSON.stringify(cell.slice(0, 100)) : String(cell);
  return new TableError('INVALID_VALUE', `column ${name}, row ${row}: ${shown} is not ${expected}`, { name, row, value: shown });
}
