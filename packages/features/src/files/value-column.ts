/**
 * Columns of a table from the values of a typed file, such as Parquet and Arrow IPC. What may be read as what stands in file-column.ts.
 *
 * A file says of its columns whether they hold numbers, text, times or booleans; a table says of its columns which kind they are. The
 * two needn't agree: numbers may be ids (category), text may be times. Readers bring values into the few forms of {@link ValueType}
 * first, so the rules are here and nowhere else.
 */
import { type Column, type ColumnKind, FLAG_SPELLINGS, MISSING_CODE, MISSING_FLAG, parseFlag, parseTime } from '@fraudops/core';
import { FeatureError } from '../feature-error.js';
import { ByteDictionary } from './byte-dictionary.js';
import { type FileColumn, requireReadable, type ValueType } from './file-column.js';

/** What a Date can hold (ECMA-262, 21.4.1.1). */
const MAX_DATE_MS = 8.64e15;
const FIRST_CAPACITY = 1024;
const RULES: Readonly<Record<ColumnKind, string>> = {
  number:
    'a finite number; whole numbers are at most 9007199254740991 either way, since a number column is float64: read ids as category',
  category: 'UTF-8 text or a finite number',
  time: 'a time: a timestamp, a date, epoch milliseconds or ISO 8601 text, within what a Date holds',
  flag: FLAG_SPELLINGS,
};

/** Makes one column of a table from values of one type, some at a time. Memory: the column, and its distinct texts. */
export class ValueColumnBuilder {
  /** Where readers get the codes of texts from. */
  readonly texts = new ByteDictionary();
  readonly #file: string;
  readonly #name: string;
  readonly #type: ValueType;
  readonly #kind: ColumnKind;
  readonly #convert: (value: unknown) => number;
  readonly #distinct = new Map<unknown, number>();
  /** Strings by code; those of a text column come from `texts` in the end. */
  readonly #strings: string[] = [];
  #cells: Float64Array | Int32Array | Uint8Array;
  #length = 0;

  /** @throws {FeatureError} WRONG_KIND when values of the column can't be read as this kind */
  constructor(file: string, column: FileColumn, kind: ColumnKind) {
    this.#file = file;
    this.#name = column.name;
    this.#type = requireReadable(file, column, kind);
    this.#kind = kind;
    this.#convert = this.#conversion(this.#type, kind);
    this.#cells = new ARRAY_OF_KIND[kind](FIRST_CAPACITY);
  }

  /** @throws {FeatureError} INVALID_VALUE naming file, column, row (from 0), value and rule */
  append(values: ArrayLike<unknown>, count = values.length): void {
    this.#makeRoom(count);
    const [cells, start, convert] = [this.#cells, this.#length, this.#convert];
    const missing = MISSING_OF_KIND[this.#kind];
    for (let i = 0; i < count; i++) {
      const value = values[i];
      if (value === null || value === undefined) {
        cells[start + i] = missing;
        continue;
      }
      const cell = convert(value);
      if (cell === INVALID) throw this.#badValue(start + i, value);
      cells[start + i] = cell;
    }
    this.#length = start + count;
  }

  /** As {@link append} with this many missing values. */
  appendMissing(count: number): void {
    this.#makeRoom(count);
    this.#cells.fill(MISSING_OF_KIND[this.#kind], this.#length, this.#length + count);
    this.#length += count;
  }

  /** The column of all values so far. A dictionary lists strings in order of first appearance. */
  finish(): Column {
    const cells = this.#cells.slice(0, this.#length);
    if (this.#kind === 'category') return { kind: 'category', codes: cells as Int32Array, dictionary: this.#strings };
    return { kind: this.#kind, values: cells } as Column;
  }

  #conversion(type: ValueType, kind: ColumnKind): (value: unknown) => number {
    if (kind === 'number') return toNumber;
    if (kind === 'flag') return type === 'text' ? (code) => this.#cellOfText(code as number, flagOfText) : toFlag;
    if (kind === 'time') return type === 'text' ? (code) => this.#cellOfText(code as number, timeOfText) : toEpochMs;
    return type === 'text' ? (code) => this.#codeOfText(code as number) : (value) => this.#codeOfNumber(value);
  }

  /** A file may list texts in another order, and some that no row has. */
  #codeOfText(textCode: number): number {
    if (textCode < 0) return INVALID;
    let code = this.#distinct.get(textCode);
    if (code === undefined) {
      code = this.#strings.length;
      this.#strings.push(this.texts.dictionary[textCode]!);
      this.#distinct.set(textCode, code);
    }
    return code;
  }

  #codeOfNumber(value: unknown): number {
    let code = this.#distinct.get(value);
    if (code !== undefined) return code;
    if (typeof value === 'number' && Number.isNaN(value)) return MISSING_CODE;
    if (typeof value === 'number' ? !Number.isFinite(value) : typeof value !== 'bigint') return INVALID;
    // A number and a bigint of one value are one id.
    const text = String(value);
    code = this.#distinct.get(text) ?? this.#strings.length;
    if (code === this.#strings.length) this.#strings.push(text);
    this.#distinct.set(text, code).set(value, code);
    return code;
  }

  /** Each text is parsed once. */
  #cellOfText(textCode: number, parse: (text: string) => number): number {
    let cell = this.#distinct.get(textCode);
    if (cell === undefined) {
      const text = this.texts.dictionary[textCode];
      cell = text === undefined ? INVALID : text === '' ? MISSING_OF_KIND[this.#kind] : parse(text);
      this.#distinct.set(textCode, cell);
    }
    return cell;
  }

  #makeRoom(count: number): void {
    const needed = this.#length + count;
    if (needed <= this.#cells.length) return;
    const grown = new ARRAY_OF_KIND[this.#kind](Math.max(needed, this.#cells.length * 2));
    grown.set(this.#cells.subarray(0, this.#length));
    this.#cells = grown;
  }

  #badValue(row: number, value: unknown): FeatureError {
    const [file, column, rule] = [this.#file, this.#name, RULES[this.#kind]];
    const shown = this.#shown(value);
    const message = `${file}, row ${row}, column ${column}: ${shown} is not ${rule}`;
    return new FeatureError('INVALID_VALUE', message, { file, row, column, value: shown, rule });
  }

  #shown(value: unknown): string {
    if (this.#type !== 'text') return String(value).slice(0, 100);
    const text = this.texts.dictionary[value as number];
    return text === undefined ? 'a cell of bytes that are no UTF-8' : JSON.stringify(text.slice(0, 100));
  }
}

const ARRAY_OF_KIND = { number: Float64Array, time: Float64Array, flag: Uint8Array, category: Int32Array } as const;
const MISSING_OF_KIND = { number: Number.NaN, time: Number.NaN, flag: MISSING_FLAG, category: MISSING_CODE } as const;
/** No column holds it: a number column refuses infinities. */
const INVALID = Number.NEGATIVE_INFINITY;

function timeOfText(text: string): number {
  const epochMs = parseTime(text);
  return Number.isNaN(epochMs) ? INVALID : epochMs;
}

function flagOfText(text: string): number {
  const flag = parseFlag(text);
  return flag === undefined ? INVALID : Number(flag);
}

function toNumber(value: unknown): number {
  if (typeof value === 'number') return Math.abs(value) === Number.POSITIVE_INFINITY ? INVALID : value;
  if (typeof value !== 'bigint') return INVALID;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : INVALID;
}

function toFlag(value: unknown): number {
  if (value === true || value === 1 || value === 1n) return 1;
  if (value === false || value === 0 || value === 0n) return 0;
  return Number.isNaN(value) ? MISSING_FLAG : INVALID;
}

function toEpochMs(value: unknown): number {
  const epochMs = typeof value === 'bigint' ? Number(value) : (value as number);
  if (Number.isNaN(epochMs)) return epochMs;
  return Math.abs(epochMs) <= MAX_DATE_MS ? epochMs : INVALID;
}
