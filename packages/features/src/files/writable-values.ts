/** What every file format of this package can hold and give back; tables may hold a little more. */
import type { Column } from '@fraudops/core';
import { FeatureError } from '../feature-error.js';

/** What a Date can hold (ECMA-262, 21.4.1.1). */
const MAX_DATE_MS = 8.64e15;

/**
 * @param caller name for messages
 * @param firstRow number of the column's first row in messages
 * @throws {FeatureError} INVALID_VALUE for an infinite number, a time that is no whole millisecond within what a Date holds, or text
 * with half a surrogate pair, which is no Unicode
 */
export function requireWritable(caller: string, name: string, column: Column, firstRow = 0): void {
  if (column.kind === 'category') {
    const bad = column.dictionary.findIndex((text) => !isWellFormed(text));
    if (bad >= 0)
      throw unwritable(caller, name, `dictionary entry ${bad}`, JSON.stringify(column.dictionary[bad]), 'Unicode text');
  } else if (column.kind !== 'flag') {
    const isTime = column.kind === 'time';
    const isBad = (value: number) =>
      isTime ? !(Number.isInteger(value) && Math.abs(value) <= MAX_DATE_MS) : Math.abs(value) === Number.POSITIVE_INFINITY;
    const bad = column.values.findIndex((value) => !Number.isNaN(value) && isBad(value));
    if (bad >= 0)
      throw unwritable(
        caller,
        name,
        `row ${firstRow + bad}`,
        column.values[bad]!,
        isTime ? 'a whole millisecond of a Date' : 'a finite number',
      );
  }
}

/** `String.prototype.isWellFormed`, which TypeScript's library for this target doesn't know. */
function isWellFormed(text: string): boolean {
  return !/\p{Surrogate}/u.test(text);
}

/** The error for a value that a file couldn't give back. */
export function unwritable(caller: string, column: string, place: string, value: number | string, rule: string): FeatureError {
  const message = `${caller}: column ${column}, ${place}: ${value} is not ${rule}; mark it as missing (NaN) or correct it`;
  return new FeatureError('INVALID_VALUE', message, { column, place, value, rule });
}
