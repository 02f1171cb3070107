/** Which columns of a table of versions have which role. */
import type { ColumnKind, Table } from '@fraudops/core';
import { FeatureError } from '../feature-error.js';

/** Columns by role, and their kinds. */
export interface AttributeLayout {
  readonly key: string;
  readonly validFrom: string;
  readonly knownAt: string | undefined;
  readonly attributes: readonly string[];
  /** Kind of each of these columns, in this order. */
  readonly kinds: Readonly<Record<string, ColumnKind>>;
}

/** The roles as one gives them. */
interface Roles {
  readonly key: string;
  readonly validFrom: string;
  readonly knownAt?: string;
  readonly attributes?: readonly string[];
}

/** @throws {FeatureError} MISSING_COLUMN, WRONG_KIND, DUPLICATE_NAME, or INVALID_OPTION when no attribute is left */
export function attributeLayout(table: Table, { key, validFrom, knownAt, attributes }: Roles): AttributeLayout {
  const roles = [key, validFrom, ...(knownAt === undefined ? [] : [knownAt])];
  const chosen = attributes ?? table.columnNames.filter((name) => !roles.includes(name));
  const names = [...roles, ...chosen];
  for (const [i, name] of names.entries()) {
    if (!table.has(name)) {
      const message = `attributeHistory: the table lacks the column ${name}; it has ${table.columnNames.join(', ')}`;
      throw new FeatureError('MISSING_COLUMN', message, { column: name });
    }
    if (names.indexOf(name) !== i) {
      const message = `attributeHistory: column ${name} is named twice among key, validFrom, knownAt and attributes; name each once`;
      throw new FeatureError('DUPLICATE_NAME', message, { column: name });
    }
    const { kind } = table.column(name);
    const expected = i === 0 ? 'category' : i < roles.length ? 'time' : kind;
    if (kind !== expected) {
      throw new FeatureError('WRONG_KIND', `attributeHistory: column ${name} is a ${kind}, expected a ${expected}`, {
        column: name,
      });
    }
  }
  if (chosen.length === 0) {
    throw new FeatureError('INVALID_OPTION', 'attributeHistory: there are no attributes; name at least one more column');
  }
  return {
    key,
    validFrom,
    knownAt,
    attributes: [...chosen],
    kinds: Object.fromEntries(names.map((name) => [name, table.column(name).kind])),
  };
}

/** Epoch milliseconds of a time column without gaps. @param where who asks, for the message @throws {FeatureError} MISSING_VALUE */
export function requireTimes(where: string, table: Table, name: string): Float64Array {
  const times = table.time(name);
  const row = times.findIndex((epochMs) => Number.isNaN(epochMs));
  if (row < 0) return times;
  throw new FeatureError('MISSING_VALUE', `${where}: column ${name} is missing at row ${row}, expected a time`, {
    column: name,
    row,
  });
}
