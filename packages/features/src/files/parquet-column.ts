/**
 * What the columns of a Parquet file hold, and how the bits of their pages become the values that a table's columns are made from.
 *
 * Parquet has few physical types; an annotation says what one stands for (Parquet format, LogicalTypes.md). Timestamps with and without
 * a zone are both read as UTC. Byte arrays without annotation are taken for text, as older writers mean them.
 */
import type { DecodedArray, SchemaElement, SchemaTree } from 'hyparquet';
import type { ByteDictionary } from './byte-dictionary.js';
import type { FileColumn } from './file-column.js';
import {
  bigIntOfBytes,
  decimalNumber,
  epochMs,
  epochMsOfInt64,
  fromInt64,
  numberOrBigInt,
  type UnitsPerSecond,
} from './whole-numbers.js';

/** A column of a Parquet file, and the way to its values. */
export interface ParquetColumn extends FileColumn {
  readonly element: SchemaElement;
  /** From physical values of a page or a dictionary to values of the column's {@link FileColumn.type}. */
  readonly decode: (physical: DecodedArray, texts: ByteDictionary) => ArrayLike<unknown>;
}

/** The top-level columns of a file, in its order. */
export function parquetColumns(schema: SchemaTree): ParquetColumn[] {
  return schema.children.map(({ element, children }) => {
    if (typeof element.name !== 'string') throw new Error('a column without a name');
    const isFlat = children.length === 0 && element.repetition_type !== 'REPEATED';
    const { type, typeName, decode } = isFlat ? columnType(element) : unsupported('nested');
    return { name: element.name, element, type, typeName, decode };
  });
}

type ColumnType = Pick<ParquetColumn, 'type' | 'typeName' | 'decode'>;

function columnType(element: SchemaElement): ColumnType {
  const { type, logical_type: logical } = element;
  if (logical?.type === 'NULL') return { type: 'nothing', typeName: 'no', decode: (values) => values };
  if (isDecimal(element)) return decimals(element);
  switch (type) {
    case 'BOOLEAN':
      return { type: 'boolean', typeName: 'boolean', decode: (values) => values };
    case 'INT32':
      return int32(element);
    case 'INT64':
      return int64(element);
    case 'INT96':
      return {
        type: 'time',
        typeName: 'timestamp',
        decode: (values) => mapped(values, (value: bigint) => epochMs(int96Nanoseconds(value), NANOSECONDS)),
      };
    case 'FLOAT':
    case 'DOUBLE':
      return { type: 'number', typeName: 'number', decode: (values) => values };
    case 'BYTE_ARRAY':
      return byteArray(element);
    default:
      return fixedBytes(element);
  }
}

function unsupported(typeName: string): ColumnType {
  return { type: undefined, typeName, decode: (values) => values };
}

function isDecimal({ converted_type: converted, logical_type: logical }: SchemaElement): boolean {
  return converted === 'DECIMAL' || logical?.type === 'DECIMAL';
}

function decimals({ scale: given, logical_type: logical }: SchemaElement): ColumnType {
  const scale = logical?.type === 'DECIMAL' ? logical.scale : (given ?? 0);
  const decode = (value: number | bigint | Uint8Array) =>
    decimalOf(value instanceof Uint8Array ? bigIntOfBytes(value) : value, scale);
  return { type: 'number', typeName: 'decimal', decode: (values) => mapped(values, decode) };
}

/** Whole decimals keep every digit, as 64-bit integers do: they may be ids. Others become the nearest number. */
export function decimalOf(unscaled: number | bigint, scale: number): number | bigint {
  return scale === 0 ? numberOrBigInt(BigInt(unscaled)) : decimalNumber(unscaled, scale);
}

function int32({ converted_type: converted, logical_type: logical }: SchemaElement): ColumnType {
  if (converted === 'DATE' || logical?.type === 'DATE') {
    return { type: 'time', typeName: 'date', decode: (values) => mapped(values, (day: number) => day * DAY_MS) };
  }
  if (converted === 'TIME_MILLIS' || logical?.type === 'TIME') return unsupported('time-of-day');
  const isUnsigned = converted === 'UINT_32' || (logical?.type === 'INTEGER' && logical.bitWidth === 32 && !logical.isSigned);
  return {
    type: 'number',
    typeName: 'whole-number',
    decode: isUnsigned ? (values) => mapped(values, (value: number) => value >>> 0) : (values) => values,
  };
}

function int64({ converted_type: converted, logical_type: logical }: SchemaElement): ColumnType {
  const unit = timestampUnit(converted, logical);
  if (unit !== undefined) {
    return { type: 'time', typeName: 'timestamp', decode: (values) => epochMsOfInt64(values as BigInt64Array, unit) };
  }
  if (converted === 'TIME_MICROS' || logical?.type === 'TIME') return unsupported('time-of-day');
  const isUnsigned = converted === 'UINT_64' || (logical?.type === 'INTEGER' && !logical.isSigned);
  return {
    type: 'number',
    typeName: 'whole-number',
    decode: isUnsigned
      ? (values) => mapped(values, (value: bigint) => numberOrBigInt(BigInt.asUintN(64, value)))
      : (values) => fromInt64(values as BigInt64Array),
  };
}

const NANOSECONDS = 1_000_000_000;
const UNITS: Readonly<Record<string, UnitsPerSecond>> = { MILLIS: 1_000, MICROS: 1_000_000, NANOS: NANOSECONDS };

function timestampUnit(
  converted: SchemaElement['converted_type'],
  logical: SchemaElement['logical_type'],
): UnitsPerSecond | undefined {
  if (logical?.type === 'TIMESTAMP') return UNITS[logical.unit];
  if (converted === 'TIMESTAMP_MILLIS') return UNITS['MILLIS'];
  return converted === 'TIMESTAMP_MICROS' ? UNITS['MICROS'] : undefined;
}

function byteArray({ converted_type: converted, logical_type: logical }: SchemaElement): ColumnType {
  if (converted === 'BSON' || logical?.type === 'BSON') return unsupported('BSON');
  if (logical?.type === 'GEOMETRY' || logical?.type === 'GEOGRAPHY') return unsupported('geometry');
  return {
    type: 'text',
    typeName: 'text',
    decode: (values, texts) => mapped(values, (bytes: Uint8Array) => texts.encode(bytes, 0, bytes.length)),
  };
}

function fixedBytes({ type_length: length, logical_type: logical }: SchemaElement): ColumnType {
  if (logical?.type === 'FLOAT16' && length === 2) {
    return { type: 'number', typeName: 'number', decode: (values) => mapped(values, float16) };
  }
  if (logical?.type === 'UUID' && length === 16) {
    return {
      type: 'text',
      typeName: 'UUID',
      decode: (values, texts) =>
        mapped(values, (bytes: Uint8Array) => {
          const text = Buffer.from(
            Buffer.from(bytes)
              .toString('hex')
              .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-'),
          );
          return texts.encode(text, 0, text.length);
        }),
    };
  }
  return unsupported('fixed-length byte');
}

const DAY_MS = 86_400_000;
const EPOCH_JULIAN_DAY = 2_440_588n;
const DAY_NANOSECONDS = 86_400_000_000_000n;

/** The old timestamp of Impala and Spark: nanoseconds of the day in the low 64 bits, the Julian day above them. */
function int96Nanoseconds(value: bigint): bigint {
  return ((value >> 64n) - EPOCH_JULIAN_DAY) * DAY_NANOSECONDS + BigInt.asUintN(64, value);
}

/** IEEE 754 binary16, least significant byte first. */
function float16(bytes: Uint8Array): number {
  const bits = bytes[0]! | (bytes[1]! << 8);
  const sign = bits >> 15 === 0 ? 1 : -1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = (bits & 0x3ff) / 1024;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return exponent === 0 ? sign * fraction * 2 ** -14 : sign * (1 + fraction) * 2 ** (exponent - 15);
}

/** Converts values one by one; the file's type says what they are. */
function mapped(values: ArrayLike<unknown>, convert: (value: never) => number | bigint): unknown[] {
  const converted = new Array<unknown>(values.length);
  for (let i = 0; i < values.length; i++) converted[i] = convert(values[i] as never);
  return converted;
}
