/**
 * Tables as CSV, some thousand rows at a time: memory holds a table and the text of one chunk. How cells are written is said at
 * {@link writeTransactions}.
 */
import { type Column, MISSING_CODE, MISSING_FLAG, type Table } from '@fraudops/core';
import { type Tables, tableParts } from './table-parts.js';
import { requireWritable, unwritable } from './writable-values.js';

const ROWS_PER_CHUNK = 4096;

/**
 * The text of a CSV file, in order: tables with the same columns, one below the other.
 *
 * @param caller name for messages
 * @throws {FeatureError} as {@link tableParts}, and INVALID_VALUE for what couldn't be read back
 */
export async function* csvChunks(caller: string, tables: Tables): AsyncGenerator<string> {
  let header = true;
  for await (const { table, firstRow } of tableParts(caller, tables)) {
    if (header) yield `${table.columnNames.map(csvText).join(',')}\n`;
    header = false;
    yield* csvRows(caller, table, firstRow);
  }
}

function* csvRows(caller: string, table: Table, firstRow: number): Generator<string> {
  const columns = Object.entries(table.toColumns());
  const writers = columns.map(([name, column]) => cellWriter({ caller, name, firstRow }, column));
  for (let start = 0; start < table.rowCount; start += ROWS_PER_CHUNK) {
    const end = Math.min(start + ROWS_PER_CHUNK, table.rowCount);
    let chunk = '';
    for (let row = start; row < end; row++) {
      for (let column = 0; column < writers.length; column++) {
        if (column > 0) chunk += ',';
        chunk += writers[column]!(row);
      }
      chunk += '\n';
    }
    yield chunk;
  }
}

/** What messages say of where a value is. */
interface Place {
  readonly caller: string;
  readonly name: string;
  readonly firstRow: number;
}

/** A function from a row to the text of its cell. */
function cellWriter(place: Place, column: Column): (row: number) => string {
  switch (column.kind) {
    case 'category': {
      requireWritable(place.caller, place.name, column);
      const texts = column.dictionary.map(csvText);
      return (row) => (column.codes[row] === MISSING_CODE ? '' : texts[column.codes[row]!]!);
    }
    case 'flag':
      return (row) => (column.values[row] === MISSING_FLAG ? '' : String(column.values[row]));
    case 'time':
      return timeWriter(place, column.values);
    default:
      return (row) => {
        const value = column.values[row]!;
        if (Math.abs(value) === Number.POSITIVE_INFINITY) throw unwritableCell(place, row, value, 'a finite number');
        return Number.isNaN(value) ? '' : numberText(value);
      };
  }
}

const NEEDS_QUOTES = /[",\r\n]|^$|^\uFEFF/;

function csvText(text: string): string {
  return NEEDS_QUOTES.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function numberText(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}

const DAY_MS = 86_400_000;
const FIRST_MS = Date.parse('0100-01-01T00:00:00Z');
const LAST_MS = Date.parse('9999-12-31T23:59:59.999Z');

function timeWriter(place: Place, epochMs: Float64Array): (row: number) => string {
  // Rows in time order repeat their date, so the text of the last one is kept.
  let lastDay = Number.NaN;
  let date = '';
  return (row) => {
    const moment = epochMs[row]!;
    if (Number.isNaN(moment)) return '';
    if (!(moment >= FIRST_MS && moment <= LAST_MS && Number.isInteger(moment))) {
      throw unwritableCell(place, row, moment, 'a whole millisecond of the years 100 to 9999');
    }
    const day = Math.floor(moment / DAY_MS);
    if (day !== lastDay) {
      date = new Date(day * DAY_MS).toISOString().slice(0, 10);
      lastDay = day;
    }
    const milliseconds = moment - day * DAY_MS;
    const seconds = Math.floor(milliseconds / 1000);
    const time = `${twoDigits(Math.floor(seconds / 3600))}:${twoDigits(Math.floor(seconds / 60) % 60)}:${twoDigits(seconds % 60)}`;
    const fraction = milliseconds - seconds * 1000;
    return fraction === 0 ? `${date} ${time}` : `${date} ${time}.${String(fraction).padStart(3, '0')}`;
  };
}

function twoDigits(value: number): string {
  return value < 10 ? `0${value}` : String(value);
}

function unwritableCell({ caller, name, firstRow }: Place, row: number, value: number, rule: string): Error {
  return unwritable(caller, name, `row ${firstRow + row}`, value, rule);
}
