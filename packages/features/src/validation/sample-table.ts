/**
 * A table from rows whose kinds nobody has declared, such as parsed JSON or the lines of a CSV file.
 *
 * A column gets the first of these kinds that all its values fit: flag (true and false, or both words of one of the other ways of writing
 * yes and no that `parseFlag` takes, such as 0 and 1, or Y and N), number (also as text, but not with leading zeros or more than 15 digits,
 * which are codes), time (Date, ISO 8601 text, or epoch milliseconds from 2001 on in a column whose name says time), category. In a column
 * whose name says label one of the two words will do, since a sample may hold no fraud. Whole numbers that repeat in a column whose name
 * says that it is an id are categories. Null, undefined and empty text are missing.
 */
import { type ColumnKind, FLAG_WORDS, Table, parseFlag, parseTime } from '@fraudops/core';
import { FeatureError } from '../feature-error.js';
import { MAX_FIELDS } from '../transactions/transactions.js';
import { saysMeasured } from './counted-numbers.js';

/** A row of unknown kinds. */
export type UntypedRow = Readonly<Record<string, unknown>>;

/** Names that say what a column is. */
export const NAME_HINTS = {
  id: /(^|[_\W])(id|uuid|key|no|number|nr)$|[a-z](Id|ID|Uuid|Key|No|Nr)$/,
  time: /time|date|timestamp|(^|[_\W])(at|on|ts)$|[a-z](At|On|Ts)$/i,
  label: /fraud|label|class$|chargeback|target|is_?bad/i,
  amount: /amount|amt|price|value|sum|total|betrag/i,
  entity:
    /customer|client|card|account|acct|iban|user|merchant|terminal|shop|store|device|ip(_|$)|email|phone|payer|payee|sender|beneficiar|fingerprint|(^|[_\W])(pan|token|hash|msisdn|imei)([_\W]|$)/i,
  group: /(^|[_\W])(mcc|zip|city|state|bin)([_\W]|$)|categor|country|currency|postal|postcode|region|segment|version/i,
} as const;

/** Whether a column's name says that it is an id: `CUSTOMER_ID`, `customerId`, `id`. */
export const saysId = (name: string) => NAME_HINTS.id.test(name) || NAME_HINTS.id.test(name.toLowerCase());

/**
 * The rows as a table.
 *
 * @throws {FeatureError} TOO_LARGE beyond 1,000 columns, INVALID_VALUE for a value that no column holds, such as an object
 */
export function sampleTable(rows: readonly UntypedRow[]): Table {
  const names = new Set<string>();
  for (const row of rows) for (const name of Object.keys(row)) names.add(name);
  if (names.size > MAX_FIELDS)
    throw new FeatureError('TOO_LARGE', `inferTransactions: ${names.size} columns, expected at most ${MAX_FIELDS}; drop some`);
  const kinds: Record<string, ColumnKind> = {};
  const cells: Record<string, unknown>[] = rows.map(() => ({}));
  for (const name of names) {
    const values = rows.map((row, i) => plainCell(Object.hasOwn(row, name) ? row[name] : null, name, i));
    const kind = kindOf(name, values);
    kinds[name] = kind;
    for (const [i, value] of values.entries()) cells[i]![name] = toKind(value, kind);
  }
  return Table.fromRows(cells, kinds);
}

type PlainCell = string | number | boolean | Date | null;

function plainCell(value: unknown, name: string, row: number): PlainCell {
  if (value == null || value === '' || (typeof value === 'number' && Number.isNaN(value))) return null;
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' || value instanceof Date) return value;
  const message = `inferTransactions: column ${name}, row ${row} is a ${typeof value}, expected text, a number, true, false, a Date or null; flatten it first`;
  throw new FeatureError('INVALID_VALUE', message, { column: name, row });
}

function kindOf(name: string, cells: readonly PlainCell[]): ColumnKind {
  const values = cells.filter((cell) => cell !== null);
  if (values.length === 0) return 'category';
  const distinct = new Set(values.map(String));
  if (isFlag(name, distinct)) return 'flag';
  if (values.every((value) => typeof value !== 'boolean' && !(value instanceof Date) && isNumeric(value))) {
    const numbers = values.map(Number);
    if (NAME_HINTS.time.test(name) && numbers.every((value) => value >= 1e12 && value < 1e13)) return 'time';
    const isCode = saysId(name) && distinct.size < values.length && numbers.every(Number.isSafeInteger);
    return isCode ? 'category' : 'number';
  }
  return values.every((value) => value instanceof Date || (typeof value === 'string' && !Number.isNaN(parseTime(value))))
    ? 'time'
    : 'category';
}

/** Whether a column says yes and no. One word alone may be a count of 0 or the country of Norway, unless it is true or false. */
function isFlag(name: string, distinct: ReadonlySet<string>): boolean {
  // Each word in up to 2^5 mixtures of capitals.
  if (distinct.size > 64) return false;
  const words = new Set([...distinct].map((text) => text.toLowerCase()));
  const way = FLAG_WORDS.find((both) => [...words].every((word) => both.includes(word)));
  if (way === undefined) return false;
  return words.size === 2 || way[1] === 'true' || (NAME_HINTS.label.test(name) && !saysMeasured(name));
}

function isNumeric(value: string | number | null): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  if (value === null || !/^-?\d+(\.\d+)?([eE][+-]?\d{1,3})?$/.test(value)) return false;
  return (
    !/^-?0\d/.test(value) && value.replace(/[eE].*/, '').replaceAll(/\D/g, '').length <= 15 && Number.isFinite(Number(value))
  );
}

function toKind(value: PlainCell, kind: ColumnKind): PlainCell {
  if (value === null) return null;
  switch (kind) {
    case 'flag':
      return parseFlag(String(value))!;
    case 'number':
      return Number(value);
    case 'time':
      return typeof value === 'string' && isNumeric(value) ? Number(value) : value;
    default:
      return value instanceof Date ? value.toISOString() : String(value);
  }
}
