/**
 * An object from a file of another library, read member by member. Nothing about it is trusted: a member is looked up among the object's
 * own, its type and length are checked, and an error names its place in the file.
 */
import { ModelError } from '../model-error.js';
import { showValue } from '@fraudops/core';
import { parseDecimal } from './decimal-number.js';

/** Numbers in a row, whatever array holds them. */
export type NumberList = ArrayLike<number>;

export class ForeignObject {
  readonly #members: object;

  /**
   * @param place where the file holds it, such as `learner.objective`; empty for the whole file
   * @throws {ModelError} INVALID_MODEL unless the value is an object
   */
  constructor(
    readonly place: string,
    value: unknown,
  ) {
    if (typeof value !== 'object' || value === null || Array.isArray(value) || ArrayBuffer.isView(value)) {
      throw invalid(place === '' ? 'file' : place, `${describeValue(value)}, expected an object`);
    }
    this.#members = value;
  }

  /** The place of a member, for messages. */
  placeOf(name: string): string {
    return this.place === '' ? name : `${this.place}.${name}`;
  }

  /** The member; undefined when it is absent or null. */
  get(name: string): unknown {
    if (!Object.hasOwn(this.#members, name)) return undefined;
    return (this.#members as Record<string, unknown>)[name] ?? undefined;
  }

  has(name: string): boolean {
    return this.get(name) !== undefined;
  }

  object(name: string): ForeignObject {
    return new ForeignObject(this.placeOf(name), this.get(name));
  }

  optionalObject(name: string): ForeignObject | undefined {
    return this.has(name) ? this.object(name) : undefined;
  }

  text(name: string): string {
    const value = this.get(name);
    if (typeof value !== 'string') throw invalid(this.placeOf(name), `${describeValue(value)}, expected a string`);
    return value;
  }

  /** A finite number, written as one or as a string. */
  number(name: string): number {
    const value = this.get(name);
    const number = typeof value === 'string' ? parseDecimal(value) : value;
    if (typeof number !== 'number' || !Number.isFinite(number)) {
      throw invalid(this.placeOf(name), `${describeValue(value)}, expected a finite number`);
    }
    return number;
  }

  /** A whole number of 0 or more, written as one or as a string. */
  count(name: string): number {
    const number = this.number(name);
    if (!Number.isSafeInteger(number) || number < 0) {
      throw invalid(this.placeOf(name), `${number}, expected a whole number of 0 or more`);
    }
    return number;
  }

  /** An array of anything. */
  list(name: string): readonly unknown[] {
    const value = this.get(name);
    if (!Array.isArray(value)) throw invalid(this.placeOf(name), `${describeValue(value)}, expected an array`);
    return value;
  }

  /** An array of strings; a typed array of length 0 counts, since binary files write an empty array of anything so. */
  texts(name: string): readonly string[] {
    const value = this.get(name);
    if (isTypedArray(value) && value.length === 0) return [];
    return this.list(name).map((text, i) => {
      if (typeof text !== 'string') throw invalid(`${this.placeOf(name)}[${i}]`, `${describeValue(text)}, expected a string`);
      return text;
    });
  }

  /** An array of numbers; true and false count as 1 and 0. NaN and infinities pass. */
  numbers(name: string, length?: number): NumberList {
    const value = this.get(name);
    if (!Array.isArray(value) && !isTypedArray(value)) {
      throw invalid(this.placeOf(name), `${describeValue(value)}, expected an array of numbers`);
    }
    if (length !== undefined && value.length !== length) {
      throw invalid(this.placeOf(name), `${value.length} entries, expected ${length}`);
    }
    if (Array.isArray(value)) requireNumberEntries(this.placeOf(name), value);
    return value as NumberList;
  }

  /** An array of whole numbers from low to high. */
  wholeNumbers(name: string, low: number, high: number, length?: number): NumberList {
    const numbers = this.numbers(name, length);
    for (let i = 0; i < numbers.length; i++) {
      // Number() is for the true and false of old files.
      const number = Number(numbers[i]);
      if (!(Number.isInteger(number) && number >= low && number <= high)) {
        throw invalid(`${this.placeOf(name)}[${i}]`, `${number}, expected a whole number from ${low} to ${high}`);
      }
    }
    return numbers;
  }
}

function requireNumberEntries(place: string, values: readonly unknown[]): void {
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (typeof value !== 'number' && typeof value !== 'boolean') {
      throw invalid(`${place}[${i}]`, `${describeValue(value)}, expected a number`);
    }
  }
}

function isTypedArray(value: unknown): value is Exclude<NodeJS.TypedArray, BigInt64Array | BigUint64Array> {
  return (
    ArrayBuffer.isView(value) &&
    !(value instanceof DataView) &&
    !(value instanceof BigInt64Array) &&
    !(value instanceof BigUint64Array)
  );
}

/** A foreign value as a message shows it: short, whatever it is. */
export function describeValue(value: unknown): string {
  return value === undefined ? 'absent' : showValue(value);
}

function invalid(place: string, rule: string): ModelError {
  return new ModelError('INVALID_MODEL', `${place}: ${rule}`, { details: { place } });
}
