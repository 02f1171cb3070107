import {
  type Column,
  type ColumnKind,
  DictionaryEncoder,
  FLAG_SPELLINGS,
  MISSING_CODE,
  MISSING_FLAG,
  parseFlag,
  parseTime,
} from '@fraudops/core';
import { FeatureError } from '@fraudops/features';
import type { DuckDBVector } from '@duckdb/node-api';
import { forEachValue, type ValueType } from './duckdb-values.js';

/** Which kinds values can be read as; the first one is what they are when nobody says. */
const KINDS_OF_TYPE: Readonly<Record<ValueType, readonly ColumnKind[]>> = {
  number: ['number', 'category', 'flag', 'time'],
  text: ['category', 'time', 'flag'],
  time: ['time'],
  boolean: ['flag'],
};

const KINDS: readonly ColumnKind[] = ['number', 'category', 'time', 'flag'];

const RULES: Readonly<Record<ColumnKind, string>> = {
  number: 'a number that float64 holds; whole numbers are at most 9007199254740991 either way: read ids as category',
  category: 'text or a finite number',
  time: 'a time: a timestamp, a date, epoch milliseconds or ISO 8601 text, within what a Date holds',
  flag: FLAG_SPELLINGS,
};

/** Rules of CSV cells, which are those of `readTransactions`. */
const CSV_RULES: Readonly<Record<ColumnKind, string>> = {
  number: 'a decimal number such as 57.16',
  category: 'UTF-8 text',
  time: 'a time such as 2018-04-01 00:00:31, UTC unless it names a zone',
  flag: FLAG_SPELLINGS,
};

/** What a result says of a column. */
export interface ResultColumnType {
  /** Where it comes from, for messages. */
  readonly source: string;
  readonly name: string;
  /** Undefined when a table can't hold such values. */
  readonly type: ValueType | undefined;
  /** DuckDB's own name for the type. */
  readonly typeName: string;
  /** Whether its texts are cells of a CSV file. */
  readonly isCsv: boolean;
}

/** Makes a column of a table from the vectors of a result, one after the other. */
export class ResultColumn {
  readonly #column: ResultColumnType;
  readonly #kind: ColumnKind;
  readonly #convert: (value: Value) => number | undefined;
  readonly #encoder = new DictionaryEncoder();
  #cells: Float64Array | Int32Array | Uint8Array;
  #length = 0;

  /** @param kind default: the one that fits. @throws {FeatureError} WRONG_KIND when the values can't be read as this kind */
  constructor(column: ResultColumnType, kind?: ColumnKind) {
    const { source, name, type, typeName, isCsv } = column;
    const kinds = isCsv ? KINDS : type === undefined ? [] : KINDS_OF_TYPE[type];
    const chosen = kind ?? kinds[0];
    if (chosen === undefined || !kinds.includes(chosen)) {
      const message = `${source}: column ${name} is ${typeName}, which can't be read as ${kind ?? 'number, category, time or flag'}; cast it, or leave it out`;
      throw new FeatureError('WRONG_KIND', message, { column: name, type: typeName, kind });
    }
    this.#column = column;
    this.#kind = chosen;
    this.#convert = chosen === 'category' ? (value) => this.#toCode(value) : (isCsv ? CSV_CONVERSIONS : CONVERSIONS)[chosen];
    this.#cells = new ARRAY_OF_KIND[chosen](FIRST_CAPACITY);
  }

  /** @throws {FeatureError} INVALID_VALUE naming column, row and rule */
  append(vector: DuckDBVector, rowCount: number): void {
    this.#makeRoom(rowCount);
    const [cells, convert, missing] = [this.#cells, this.#convert, MISSING_OF_KIND[this.#kind]];
    let row = this.#length;
    forEachValue(vector, rowCount, this.#kind === 'category', (value) => {
      const cell = value === null ? missing : convert(value);
      if (cell === undefined) throw this.#badValue(row, value);
      cells[row++] = cell;
    });
    this.#length = row;
  }

  finish(): Column {
    const cells = this.#cells.slice(0, this.#length);
    if (this.#kind !== 'category') return { kind: this.#kind, values: cells } as Column;
    return { kind: 'category', codes: cells as Int32Array, dictionary: this.#encoder.dictionary };
  }

  #toCode(value: Value): number | undefined {
    if (typeof value === 'number' && !Number.isFinite(value)) return Number.isNaN(value) ? MISSING_CODE : undefined;
    // The negative zero is the same id as zero.
    return this.#encoder.encode(Object.is(value, -0) ? '0' : String(value));
  }

  #makeRoom(count: number): void {
    const needed = this.#length + count;
    if (needed <= this.#cells.length) return;
    const grown = new ARRAY_OF_KIND[this.#kind](Math.max(needed, this.#cells.length * 2));
    grown.set(this.#cells.subarray(0, this.#length));
    this.#cells = grown;
  }

  #badValue(row: number, value: unknown): FeatureError {
    const { source, name, isCsv } = this.#column;
    const rule = (isCsv ? CSV_RULES : RULES)[this.#kind];
    const shown = typeof value === 'string' ? JSON.stringify(value.slice(0, 100)) : String(value);
    const message = `${source}, row ${row}, column ${name}: ${shown} is not ${rule}`;
    return new FeatureError(isCsv ? 'INVALID_FILE' : 'INVALID_VALUE', message, { column: name, row, value: shown, rule });
  }
}

type Value = number | bigint | string | boolean;

const FIRST_CAPACITY = 2048;
const ARRAY_OF_KIND = { number: Float64Array, time: Float64Array, flag: Uint8Array, category: Int32Array } as const;
const MISSING_OF_KIND = { number: Number.NaN, time: Number.NaN, flag: MISSING_FLAG, category: MISSING_CODE } as const;

/** What a Date can hold (ECMA-262, 21.4.1.1). */
const MAX_DATE_MS = 8.64e15;

/** From values to cells; undefined for what breaks the kind's rule. */
const CONVERSIONS: Readonly<Record<Exclude<ColumnKind, 'category'>, (value: Value) => number | undefined>> = {
  number: (value) => (typeof value === 'number' ? value : undefined),
  flag: (value) => {
    if (typeof value === 'string') return flagOfText(value);
    if (value === true || value === 1) return 1;
    if (value === false || value === 0) return 0;
    return Number.isNaN(value) ? MISSING_FLAG : undefined;
  },
  time: (value) => {
    const epochMs = typeof value === 'string' ? parseTime(value) : Number(value);
    if (Number.isNaN(epochMs)) return typeof value === 'string' && value !== '' ? undefined : epochMs;
    return Math.abs(epochMs) <= MAX_DATE_MS ? epochMs : undefined;
  },
};

const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/** From CSV cells to cells, as `readTransactions` does. A quoted empty cell is missing. */
const CSV_CONVERSIONS: typeof CONVERSIONS = {
  number: (text) => {
    if (text === '') return Number.NaN;
    const value = DECIMAL.test(text as string) ? Number(text) : Number.NaN;
    return Number.isFinite(value) ? value : undefined;
  },
  flag: flagOfText,
  time: (text) => {
    const epochMs = parseTime(text as string);
    if (Number.isNaN(epochMs)) return text === '' ? epochMs : undefined;
    return epochMs;
  },
};

function flagOfText(value: Value): number | undefined {
  const text = String(value);
  const flag = parseFlag(text);
  return flag === undefined ? (text === '' ? MISSING_FLAG : undefined) : Number(flag);
}
