import {
  type CategoryColumn,
  type Column,
  type ColumnKind,
  FLAG_SPELLINGS,
  type FlagColumn,
  MISSING_CODE,
  MISSING_FLAG,
  type NumberColumn,
  type TimeColumn,
  parseFlag,
} from '@fraudops/core';
import { ByteDictionary, NOT_UTF8 } from './byte-dictionary.js';
import { parseNumberBytes } from './csv-number.js';
import { TimeParser } from './csv-time.js';

/** Makes one column of a table from cells of a CSV file, one after the other. */
export interface ColumnBuilder {
  /** What a cell must be, for messages: `a decimal number`. */
  readonly rule: string;
  /** Takes the cell at bytes [start, end); false when it breaks the rule, and then nothing is added. */
  append(bytes: Uint8Array, start: number, end: number): boolean;
  /** Takes a missing cell. */
  appendMissing(): void;
  /** The column of all cells so far. */
  finish(): Column;
}

/** An empty builder for a kind of column. */
export function columnBuilder(kind: ColumnKind): ColumnBuilder {
  switch (kind) {
    case 'number':
      return new NumberBuilder();
    case 'category':
      return new CategoryBuilder();
    case 'time':
      return new TimeBuilder();
    default:
      return new FlagBuilder();
  }
}

const FIRST_CAPACITY = 4096;

class NumberBuilder implements ColumnBuilder {
  readonly rule = 'a decimal number such as 57.16';
  #values = new Float64Array(FIRST_CAPACITY);
  #length = 0;

  append(bytes: Uint8Array, start: number, end: number): boolean {
    const value = parseNumberBytes(bytes, start, end);
    if (Number.isNaN(value)) return false;
    this.#add(value);
    return true;
  }

  appendMissing(): void {
    this.#add(Number.NaN);
  }

  finish(): NumberColumn {
    return { kind: 'number', values: this.#values.slice(0, this.#length) };
  }

  #add(value: number): void {
    if (this.#length === this.#values.length) this.#values = copyInto(this.#values, new Float64Array(this.#length * 2));
    this.#values[this.#length++] = value;
  }
}

class TimeBuilder implements ColumnBuilder {
  readonly rule = 'a time such as 2018-04-01 00:00:31, UTC unless it names a zone';
  readonly #parser = new TimeParser();
  #values = new Float64Array(FIRST_CAPACITY);
  #length = 0;

  append(bytes: Uint8Array, start: number, end: number): boolean {
    const epochMs = this.#parser.parse(bytes, start, end);
    if (Number.isNaN(epochMs)) return false;
    this.#add(epochMs);
    return true;
  }

  appendMissing(): void {
    this.#add(Number.NaN);
  }

  finish(): TimeColumn {
    return { kind: 'time', values: this.#values.slice(0, this.#length) };
  }

  #add(epochMs: number): void {
    if (this.#length === this.#values.length) this.#values = copyInto(this.#values, new Float64Array(this.#length * 2));
    this.#values[this.#length++] = epochMs;
  }
}

class CategoryBuilder implements ColumnBuilder {
  readonly rule = 'UTF-8 text';
  readonly #dictionary = new ByteDictionary();
  #codes = new Int32Array(FIRST_CAPACITY);
  #length = 0;

  append(bytes: Uint8Array, start: number, end: number): boolean {
    const code = this.#dictionary.encode(bytes, start, end);
    if (code === NOT_UTF8) return false;
    this.#add(code);
    return true;
  }

  appendMissing(): void {
    this.#add(MISSING_CODE);
  }

  finish(): CategoryColumn {
    return { kind: 'category', codes: this.#codes.slice(0, this.#length), dictionary: this.#dictionary.dictionary };
  }

  #add(code: number): void {
    if (this.#length === this.#codes.length) this.#codes = copyInto(this.#codes, new Int32Array(this.#length * 2));
    this.#codes[this.#length++] = code;
  }
}

class FlagBuilder implements ColumnBuilder {
  readonly rule = FLAG_SPELLINGS;
  #values = new Uint8Array(FIRST_CAPACITY);
  #length = 0;

  append(bytes: Uint8Array, start: number, end: number): boolean {
    const flag = flagOf(bytes, start, end);
    if (flag < 0) return false;
    this.#add(flag);
    return true;
  }

  appendMissing(): void {
    this.#add(MISSING_FLAG);
  }

  finish(): FlagColumn {
    return { kind: 'flag', values: this.#values.slice(0, this.#length) };
  }

  #add(flag: number): void {
    if (this.#length === this.#values.length) this.#values = copyInto(this.#values, new Uint8Array(this.#length * 2));
    this.#values[this.#length++] = flag;
  }
}

const ZERO = 48;

/** 0 or 1; -1 when the cell is neither. */
function flagOf(bytes: Uint8Array, start: number, end: number): number {
  const digit = bytes[start]! - ZERO;
  if (end - start === 1 && (digit === 0 || digit === 1)) return digit;
  // None is longer than 5 letters, and a cell may be a megabyte.
  const flag = end - start > 5 ? undefined : parseFlag(String.fromCharCode(...bytes.subarray(start, end)));
  return flag === undefined ? -1 : Number(flag);
}

function copyInto<Values extends Float64Array | Int32Array | Uint8Array>(from: Values, to: Values): Values {
  to.set(from);
  return to;
}
