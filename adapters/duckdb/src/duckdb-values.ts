/**
 * What a DuckDB vector holds, brought into the few forms that columns of a table are made from.
 *
 * Vectors of numbers and of moments keep their values in a typed array, `items`, which is several times faster to read than a value at
 * a time; the others are read by `getItem`.
 */
import { type DuckDBDecimalValue, DuckDBTypeId, type DuckDBVector } from '@duckdb/node-api';

/** What the values of a result's column are. Text, numbers and booleans are themselves, moments epoch milliseconds. */
export type ValueType = 'number' | 'text' | 'time' | 'boolean';

const TYPES: ReadonlyMap<DuckDBTypeId, ValueType> = new Map([
  [DuckDBTypeId.BOOLEAN, 'boolean'],
  [DuckDBTypeId.TINYINT, 'number'],
  [DuckDBTypeId.SMALLINT, 'number'],
  [DuckDBTypeId.INTEGER, 'number'],
  [DuckDBTypeId.BIGINT, 'number'],
  [DuckDBTypeId.HUGEINT, 'number'],
  [DuckDBTypeId.UTINYINT, 'number'],
  [DuckDBTypeId.USMALLINT, 'number'],
  [DuckDBTypeId.UINTEGER, 'number'],
  [DuckDBTypeId.UBIGINT, 'number'],
  [DuckDBTypeId.UHUGEINT, 'number'],
  [DuckDBTypeId.FLOAT, 'number'],
  [DuckDBTypeId.DOUBLE, 'number'],
  [DuckDBTypeId.DECIMAL, 'number'],
  [DuckDBTypeId.VARCHAR, 'text'],
  [DuckDBTypeId.ENUM, 'text'],
  [DuckDBTypeId.UUID, 'text'],
  [DuckDBTypeId.DATE, 'time'],
  [DuckDBTypeId.TIMESTAMP, 'time'],
  [DuckDBTypeId.TIMESTAMP_S, 'time'],
  [DuckDBTypeId.TIMESTAMP_MS, 'time'],
  [DuckDBTypeId.TIMESTAMP_NS, 'time'],
  [DuckDBTypeId.TIMESTAMP_TZ, 'time'],
]);

/** The type of a column's values; undefined when a table can't hold them, such as lists. */
export function valueType(typeId: DuckDBTypeId): ValueType | undefined {
  return TYPES.get(typeId);
}

/**
 * Calls back for each value of a vector: null when it is missing, a bigint where a number would not be exact.
 *
 * @param asText whether decimals come as text with all their digits, `1.10` as `1.1`; else as the nearest number
 */
export function forEachValue(
  vector: DuckDBVector,
  rowCount: number,
  asText: boolean,
  callback: (value: number | bigint | string | boolean | null) => void,
): void {
  const read = reader(vector, asText);
  for (let row = 0; row < rowCount; row++) callback(read(row));
}

type Read = (row: number) => number | bigint | string | boolean | null;

/** What vectors keep their values in; the library marks it private, and has kept it since its first release. */
interface Items {
  readonly items?: ArrayLike<number> | BigInt64Array | BigUint64Array;
  readonly validity: { itemValid(row: number): boolean; readonly data: BigUint64Array | null };
}

function reader(vector: DuckDBVector, asText: boolean): Read {
  const { typeId } = vector.type;
  const { items, validity } = vector as unknown as Items;
  const isPresent = validity.data === null ? () => true : (row: number) => validity.itemValid(row);
  const unitsPerMs = UNITS_PER_MS.get(typeId);
  if (unitsPerMs !== undefined) {
    const moments = items as BigInt64Array;
    return (row) => (isPresent(row) ? epochMs(moments[row]!, unitsPerMs) : null);
  }
  switch (typeId) {
    case DuckDBTypeId.DATE: {
      const days = items as ArrayLike<number>;
      return (row) => (isPresent(row) ? days[row]! * DAY_MS : null);
    }
    case DuckDBTypeId.BIGINT:
    case DuckDBTypeId.UBIGINT: {
      const whole = items as BigInt64Array;
      return (row) => (isPresent(row) ? exactNumber(whole[row]!) : null);
    }
    case DuckDBTypeId.HUGEINT:
    case DuckDBTypeId.UHUGEINT:
      return (row) => (isPresent(row) ? exactNumber(vector.getItem(row) as bigint) : null);
    case DuckDBTypeId.DECIMAL: {
      const text = (row: number) => (vector.getItem(row) as DuckDBDecimalValue).toString();
      if (asText) return (row) => (isPresent(row) ? withoutTrailingZeros(text(row)) : null);
      // Its text is exact, and reading text rounds once.
      return (row) => (isPresent(row) ? Number(text(row)) : null);
    }
    case DuckDBTypeId.UUID:
      return (row) => (isPresent(row) ? String(vector.getItem(row)) : null);
    case DuckDBTypeId.VARCHAR:
      return textReader(vector, isPresent);
    case DuckDBTypeId.ENUM:
    case DuckDBTypeId.BOOLEAN:
      return (row) => vector.getItem(row) as string | boolean | null;
    default: {
      const numbers = items as ArrayLike<number>;
      return (row) => (isPresent(row) ? numbers[row]! : null);
    }
  }
}

/** Bytes of a text in its vector: the length, then the text when it has at most 12 bytes, else its first 4 and where the rest is. */
const [TEXT_BYTES, SHORT_BYTES] = [16, 12];

/** The library decodes texts one by one, and takes a byte order mark at their beginning away. */
function textReader(vector: DuckDBVector, isPresent: (row: number) => boolean): Read {
  const { dataView } = vector as unknown as { readonly dataView: DataView };
  const bytes = Buffer.from(dataView.buffer, dataView.byteOffset, dataView.byteLength);
  return (row) => {
    if (!isPresent(row)) return null;
    const start = row * TEXT_BYTES + 4;
    const length = dataView.getUint32(start - 4, true);
    if (length <= SHORT_BYTES) return bytes.toString('utf8', start, start + length);
    const text = vector.getItem(row) as string;
    const hasMark = bytes[start] === 0xef && bytes[start + 1] === 0xbb && bytes[start + 2] === 0xbf;
    return hasMark && !text.startsWith('\uFEFF') ? `\uFEFF${text}` : text;
  };
}

const DAY_MS = 86_400_000;

/** How many units of a moment are a millisecond; seconds count as a thousandth. */
const UNITS_PER_MS: ReadonlyMap<DuckDBTypeId, number> = new Map([
  [DuckDBTypeId.TIMESTAMP_S, 0.001],
  [DuckDBTypeId.TIMESTAMP_MS, 1],
  [DuckDBTypeId.TIMESTAMP, 1000],
  [DuckDBTypeId.TIMESTAMP_TZ, 1000],
  [DuckDBTypeId.TIMESTAMP_NS, 1_000_000],
]);

/** Epoch milliseconds; what is finer is cut off towards the past. */
function epochMs(moment: bigint, unitsPerMs: number): number {
  if (unitsPerMs <= 1) return Number(moment) / unitsPerMs;
  const number = Number(moment);
  // Above it the quotient of a moment just before a whole millisecond would round up to it.
  if (Math.abs(number) < 2 ** 51) return Math.floor(number / unitsPerMs);
  const units = BigInt(unitsPerMs);
  const remainder = moment % units;
  return Number((moment - (remainder < 0n ? remainder + units : remainder)) / units);
}

function exactNumber(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/** The number in its shortest spelling, so that an id is the same whatever the scale of its column. */
function withoutTrailingZeros(decimal: string): string {
  return decimal.includes('.') ? decimal.replace(/\.?0+$/, '') : decimal;
}
