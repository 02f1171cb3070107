import { type CategoryColumn, type Column, type ColumnKind, flagColumn, numberColumn, Table, timeColumn } from '@fraudops/core';
import fc from 'fast-check';

const anyNumber = fc.oneof(fc.constant(Number.NaN), fc.double({ noDefaultInfinity: true }), fc.integer());
const anyTime = fc.oneof(
  fc.constant(Number.NaN),
  fc.integer({ min: -8.64e15, max: 8.64e15 }),
  fc.integer({ min: 1.5e12, max: 1.6e12 }),
);
const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('', '\uFEFF', '\uFEFFa', '\0', '😀', 'e\u0301', 'é', 'a,"b"\r\n'),
);

/** A category column whose dictionary may have entries that no row has, in any order. */
function anyCategory(rows: number): fc.Arbitrary<CategoryColumn> {
  return fc
    .uniqueArray(anyText, { maxLength: 6 })
    .chain((dictionary) =>
      fc
        .array(fc.integer({ min: -1, max: dictionary.length - 1 }), { minLength: rows, maxLength: rows })
        .map((codes) => ({ kind: 'category', codes: Int32Array.from(codes), dictionary })),
    );
}

function anyColumn(kind: ColumnKind, rows: number): fc.Arbitrary<Column> {
  const values = <Value>(value: fc.Arbitrary<Value>) => fc.array(value, { minLength: rows, maxLength: rows });
  switch (kind) {
    case 'number':
      return values(anyNumber).map(numberColumn);
    case 'time':
      return values(anyTime).map(timeColumn);
    case 'flag':
      return values(fc.constantFrom(true, false, null)).map(flagColumn);
    default:
      return anyCategory(rows);
  }
}

/** Tables of up to 40 rows and 8 columns with any values that every format can hold; also empty ones. */
export const anyTable: fc.Arbitrary<Table> = fc.nat(40).chain((rows) => {
  const kind = fc.constantFrom<ColumnKind>('number', 'time', 'flag', 'category');
  const name = fc
    .string({ unit: fc.constantFrom('a', 'B', '.', ' ', 'ß', '"', '7'), minLength: 1, maxLength: 5 })
    .filter((text) => !/^\d+$/.test(text));
  const column = fc.tuple(
    name,
    kind.chain((ofKind) => anyColumn(ofKind, rows)),
  );
  return fc
    .uniqueArray(column, { selector: ([columnName]) => columnName, maxLength: 8 })
    .map((columns) => Table.fromColumns(Object.fromEntries(columns)));
});

/** What is the same in equal tables: names and kinds in order, and the values, with -0 and 0 told apart. */
export function contentOf(table: Table): unknown {
  return {
    kinds: Object.entries(table.toColumns()).map(([name, { kind }]) => [name, kind]),
    rows: table.toRows().map((row) => Object.values(row)),
  };
}
