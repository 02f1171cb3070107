/** Attributes as versions hold them, from and to columns and rows. */
import {
  type Cell,
  type Column,
  type ColumnKind,
  MISSING_CODE,
  MISSING_FLAG,
  categoryColumn,
  flagColumn,
  numberColumn,
  timeColumn,
} from '@fraudops/core';
import type { AttributeVersion } from './attribute-versions.js';

type AttributeCell = AttributeVersion['cells'][number];

/** Reads a column's cells as versions hold them. */
export function cellReader(column: Column): (row: number) => AttributeCell {
  if (column.kind === 'category') {
    const { codes, dictionary } = column;
    return (row) => (codes[row] === MISSING_CODE ? undefined : dictionary[codes[row]!]);
  }
  const { values, kind } = column;
  if (kind === 'flag') return (row) => (values[row] === MISSING_FLAG ? undefined : values[row]);
  return (row) => (Number.isNaN(values[row]) ? undefined : values[row]);
}

/** A column of one attribute: row i is that of version i, missing without one. */
export function columnOfVersions(
  kind: ColumnKind,
  versions: readonly (AttributeVersion | undefined)[],
  attribute: number,
): Column {
  if (kind === 'category') return categoryColumn(versions.map((version) => version?.cells[attribute] as string | undefined));
  if (kind === 'flag') return flagColumn(numbers(versions, attribute, new Uint8Array(versions.length), MISSING_FLAG));
  const values = numbers(versions, attribute, new Float64Array(versions.length), Number.NaN);
  return kind === 'time' ? timeColumn(values) : numberColumn(values);
}

function numbers<Values extends Float64Array | Uint8Array>(
  versions: readonly (AttributeVersion | undefined)[],
  attribute: number,
  into: Values,
  missing: number,
): Values {
  for (let row = 0; row < into.length; row++) into[row] = (versions[row]?.cells[attribute] as number | undefined) ?? missing;
  return into;
}

/** An attribute as a row holds it: times as Date, flags as booleans, missing as null. */
export function rowCell(kind: ColumnKind, cell: AttributeCell): Cell {
  if (cell === undefined) return null;
  if (kind === 'time') return new Date(cell);
  return kind === 'flag' ? cell === 1 : cell;
}
