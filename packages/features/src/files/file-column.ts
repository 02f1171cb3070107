/** What the columns of a typed file, such as Parquet and Arrow IPC, hold, and as which kinds a table may take them. */
import type { ColumnKind } from '@fraudops/core';
import { FeatureError } from '../feature-error.js';

/**
 * What a column of a file holds, and as what a reader hands it over; null and undefined are missing in all of them.
 *
 * | type | values |
 * |---|---|
 * | number | numbers, and bigints where a number would not be exact; NaN is missing |
 * | text | codes from the `texts` of its `ValueColumnBuilder` |
 * | time | epoch milliseconds |
 * | boolean | booleans |
 * | nothing | missing values only |
 */
export type ValueType = 'number' | 'text' | 'time' | 'boolean' | 'nothing';

/** A column as the file describes it. */
export interface FileColumn {
  readonly name: string;
  /** Undefined when a table can't hold such values. */
  readonly type: ValueType | undefined;
  /** The file's own name for the type, for messages. */
  readonly typeName: string;
}

/** Which kinds each type can be read as; the first one is what it is when nobody says. */
const KINDS_OF_TYPE: Readonly<Record<ValueType, readonly ColumnKind[]>> = {
  number: ['number', 'category', 'flag', 'time'],
  text: ['category', 'time', 'flag'],
  time: ['time'],
  boolean: ['flag'],
  nothing: ['category', 'number', 'time', 'flag'],
};

/** The kind of a column of which nobody said a kind. @throws {FeatureError} WRONG_KIND when no kind can hold it */
export function inferredKind(file: string, column: FileColumn): ColumnKind {
  if (column.type === undefined) throw unreadable(file, column, 'number, category, time or flag');
  return KINDS_OF_TYPE[column.type][0]!;
}

/** @throws {FeatureError} WRONG_KIND unless the column can be read as this kind */
export function requireReadable(file: string, column: FileColumn, kind: ColumnKind): ValueType {
  if (column.type !== undefined && KINDS_OF_TYPE[column.type].includes(kind)) return column.type;
  throw unreadable(file, column, kind);
}

function unreadable(file: string, { name, typeName }: FileColumn, kind: string): FeatureError {
  const message = `${file}: column ${name} holds ${typeName} values, which can't be read as ${kind}; convert it before, or leave it out`;
  return new FeatureError('WRONG_KIND', message, { file, column: name, type: typeName, kind });
}
