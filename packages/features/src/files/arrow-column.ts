/**
 * What the columns of Arrow data hold, and how their buffers become the values that a table's columns are made from (Arrow columnar
 * format 1.5). Buffers are read directly, with their bounds checked: flechette trusts lengths that a damaged file may have wrong.
 */
import type { Batch, Column, DataType } from '@uwdata/flechette';
import type { ByteDictionary } from './byte-dictionary.js';
import { decimalOf } from './parquet-column.js';
import type { FileColumn, ValueType } from './file-column.js';
import { epochMsOfInt64, fromInt64, numberOrBigInt, type UnitsPerSecond } from './whole-numbers.js';

/** Type numbers of the Arrow format (Schema.fbs, union Type; -1 is flechette's for dictionaries). */
const [DICTIONARY, NULL, INT, FLOAT, BINARY, UTF8, BOOL, DECIMAL, DATE, TIMESTAMP] = [-1, 1, 2, 3, 4, 5, 6, 7, 8, 10];
const [LARGE_BINARY, LARGE_UTF8, RUN_END_ENCODED, BINARY_VIEW, UTF8_VIEW] = [19, 20, 22, 23, 24];

const TYPES: ReadonlyMap<number, readonly [type: ValueType, typeName: string]> = new Map([
  [NULL, ['nothing', 'no']],
  [INT, ['number', 'whole-number']],
  [FLOAT, ['number', 'number']],
  [BINARY, ['text', 'binary']],
  [UTF8, ['text', 'text']],
  [BOOL, ['boolean', 'boolean']],
  [DECIMAL, ['number', 'decimal']],
  [DATE, ['time', 'date']],
  [TIMESTAMP, ['time', 'timestamp']],
  [LARGE_BINARY, ['text', 'binary']],
  [LARGE_UTF8, ['text', 'text']],
  [BINARY_VIEW, ['text', 'binary']],
  [UTF8_VIEW, ['text', 'text']],
]);

/** A column as the schema describes it. Binary is taken for text; lists, structs, intervals and times of day can't be read. */
export function arrowColumn(name: string, type: DataType): FileColumn {
  if (type.typeId === DICTIONARY) return arrowColumn(name, (type as DictionaryType).dictionary);
  if (type.typeId === RUN_END_ENCODED) return arrowColumn(name, (type as RunEndType).children[1].type);
  const [valueType, typeName] = TYPES.get(type.typeId) ?? [undefined, 'nested, interval or time-of-day'];
  return { name, type: valueType, typeName };
}

type DictionaryType = Extract<DataType, { typeId: -1 }>;
type RunEndType = Extract<DataType, { typeId: 22 }>;

/** flechette's batches, with what it keeps in those of some types. */
type AnyBatch = Batch<unknown> & {
  readonly dictionary?: Column<unknown>;
  readonly view?: (index: number) => Uint8Array;
};

/** Dictionaries converted so far: batches of a column share theirs. */
export type ConvertedDictionaries = Map<Column<unknown>, ArrayLike<unknown>>;

/**
 * The values of a batch, missing ones null.
 * @throws {Error} of any kind when the buffers are shorter than the batch
 */
export function batchValues(batch: AnyBatch, texts: ByteDictionary, dictionaries: ConvertedDictionaries): ArrayLike<unknown> {
  const { length, nullCount, validity } = batch;
  if (batch.type.typeId === NULL) return { length };
  const values = presentValues(batch, texts, dictionaries);
  if (values.length < length) throw new Error(`a batch of ${length} rows has ${values.length} values`);
  if (!nullCount || !validity || validity.length === 0) return values;
  if (validity.length * 8 < length) throw new Error('a validity map is too short');
  const cells = new Array<unknown>(length);
  for (let i = 0; i < length; i++) cells[i] = ((validity[i >> 3]! >> (i & 7)) & 1) === 1 ? values[i] : null;
  return cells;
}

/** The values of a batch; where one is missing, anything. */
function presentValues(batch: AnyBatch, texts: ByteDictionary, dictionaries: ConvertedDictionaries): ArrayLike<unknown> {
  const { type, length } = batch;
  const { values } = batch;
  switch (type.typeId) {
    case INT:
      return wholeNumbers(values, length);
    case FLOAT:
      return values instanceof Uint16Array ? indexed(length, (i) => batch.value(i)) : values;
    case DECIMAL: {
      const { scale, bitWidth } = type as Extract<DataType, { typeId: 7 }>;
      if (values.byteLength < (length * bitWidth) / 8) throw new Error('a buffer of decimals is too short');
      return indexed(length, (i) => decimalOf(batch.value(i) as number | bigint, scale));
    }
    case BOOL:
      if (values.byteLength * 8 < length) throw new Error('a buffer of booleans is too short');
      return indexed(length, (i) => batch.value(i));
    case DATE:
      return values instanceof Int32Array
        ? indexed(Math.min(length, values.length), (i) => values[i]! * DAY_MS)
        : fromInt64(values as BigInt64Array);
    case TIMESTAMP:
      return epochMsOfInt64(
        (values as BigInt64Array).subarray(0, length),
        UNITS[(type as Extract<DataType, { typeId: 10 }>).unit]!,
      );
    case DICTIONARY:
      return lookedUp(values, length, dictionaryValues(batch.dictionary!, texts, dictionaries));
    case RUN_END_ENCODED:
      return runEndValues(batch, texts, dictionaries);
    case UTF8_VIEW:
    case BINARY_VIEW:
      if (values.byteLength < length * 16) throw new Error('a buffer of views is too short');
      return indexed(length, (i) => (isValid(batch, i) ? encoded(texts, batch.view!(i)) : null));
    default:
      return textValues(batch, texts);
  }
}

const DAY_MS = 86_400_000;
const UNITS: readonly UnitsPerSecond[] = [1, 1_000, 1_000_000, 1_000_000_000];

function isValid({ validity, nullCount }: AnyBatch, index: number): boolean {
  return !nullCount || !validity || validity.length === 0 || ((validity[index >> 3]! >> (index & 7)) & 1) === 1;
}

function indexed(length: number, value: (index: number) => unknown): unknown[] {
  const values = new Array<unknown>(length);
  for (let i = 0; i < length; i++) values[i] = value(i);
  return values;
}

function wholeNumbers(values: ArrayLike<number | bigint>, length: number): ArrayLike<unknown> {
  if (values instanceof BigInt64Array) return fromInt64(values.subarray(0, length));
  return values instanceof BigUint64Array ? Array.from(values.subarray(0, length), numberOrBigInt) : values;
}

function textValues({ values, offsets, length }: AnyBatch, texts: ByteDictionary): unknown[] {
  const bytes = values as Uint8Array;
  if (length > 0 && offsets.length <= length) throw new Error('offsets of texts are too few');
  return indexed(length, (i) => {
    const [start, end] = [Number(offsets[i]), Number(offsets[i + 1])];
    if (!(start >= 0 && end >= start && end <= bytes.length)) throw new Error('a text lies outside its buffer');
    return texts.encode(bytes, start, end);
  });
}

function encoded(texts: ByteDictionary, bytes: Uint8Array): number {
  return texts.encode(bytes, 0, bytes.length);
}

function dictionaryValues(
  dictionary: Column<unknown>,
  texts: ByteDictionary,
  dictionaries: ConvertedDictionaries,
): ArrayLike<unknown> {
  let converted = dictionaries.get(dictionary);
  if (!converted) {
    converted = dictionary.data.flatMap((batch) =>
      Array.from({ length: batch.length }, valueAt(batchValues(batch, texts, dictionaries))),
    );
    dictionaries.set(dictionary, converted);
  }
  return converted;
}

function valueAt(values: ArrayLike<unknown>): (_: unknown, index: number) => unknown {
  return (_, index) => values[index];
}

function lookedUp(indexes: ArrayLike<number | bigint>, length: number, dictionary: ArrayLike<unknown>): unknown[] {
  if (indexes.length < length) throw new Error('a buffer of dictionary indexes is too short');
  // An index where the value is missing may be anything, so one outside is only noticed as a value that isn't there.
  return indexed(length, (i) => {
    const index = Number(indexes[i]);
    return index >= 0 && index < dictionary.length ? dictionary[index] : OUTSIDE;
  });
}

/** In place of a value for an index outside its dictionary; no conversion takes it. */
const OUTSIDE = Symbol('an index outside its dictionary');

function runEndValues(batch: AnyBatch, texts: ByteDictionary, dictionaries: ConvertedDictionaries): unknown[] {
  const [ends, runs] = batch.children as [AnyBatch, AnyBatch];
  const values = batchValues(runs, texts, dictionaries);
  let run = 0;
  return indexed(batch.length, (i) => {
    while (run < ends.length && Number(ends.values[run]) <= i) run++;
    if (run >= runs.length) throw new Error('runs end before their batch');
    return values[run];
  });
}
