/** Tables as Arrow IPC bytes in memory; for files, see {@link readTransactions} and {@link writeTransactions}. */
import { type CategoryColumn, type Column, type ColumnKind, MISSING_CODE, MISSING_FLAG, type Table } from '@fraudops/core';
import type * as Flechette from '@uwdata/flechette';
import { MAX_ROWS } from './max-rows.js';
import { readArrow } from './read-arrow.js';
import { columnsOfKinds } from './wanted-columns.js';
import { requireWritable } from './writable-values.js';

/**
 * A table as Arrow IPC bytes in the file format (Feather version 2), uncompressed: numbers as float64, categories as dictionaries of
 * UTF-8 strings, times as timestamps in milliseconds UTC, flags as booleans, each nullable. {@link tableFromArrow} gives an equal table.
 * The same table gives the same bytes.
 *
 * @throws {FeatureError} INVALID_VALUE for an infinite number, a time that is no whole millisecond, or text that is no Unicode
 * @example await writeFile('features.arrow', await tableToArrow(features.compute(table)));
 */
export function tableToArrow(table: Table): Promise<Uint8Array> {
  return arrowBytes('tableToArrow', table);
}

/** As {@link tableToArrow}, with the caller's name in messages. */
export async function arrowBytes(caller: string, table: Table): Promise<Uint8Array> {
  const columns = Object.entries(table.toColumns());
  for (const [name, column] of columns) requireWritable(caller, name, column);
  const flechette = await import('@uwdata/flechette');
  const arrowColumns = columns.map(([name, column]): [string, Flechette.Column<unknown>] => [
    name,
    column.kind === 'category' ? dictionaryColumn(flechette, column) : plainColumn(flechette, column),
  ]);
  return flechette.tableToIPC(flechette.tableFromColumns(arrowColumns), { format: 'file' })!;
}

/**
 * The table in Arrow IPC bytes, whoever wrote them: the file format (Feather version 2) or the stream format, plain or compressed with
 * LZ4 or Zstandard.
 *
 * @param kinds as for {@link tableFromParquet}
 * @throws {FeatureError} INVALID_FILE (no Arrow, or damaged), MISSING_COLUMN, WRONG_KIND, INVALID_VALUE, TOO_LARGE, as
 * {@link tableFromParquet}
 * @example const table = await tableFromArrow(await readFile('cards.feather'));
 */
export function tableFromArrow(bytes: Uint8Array, kinds?: Readonly<Record<string, ColumnKind>>): Promise<Table> {
  return readArrow({ name: 'tableFromArrow', bytes }, columnsOfKinds(kinds), { maxRows: MAX_ROWS });
}

function plainColumn(flechette: typeof Flechette, column: Exclude<Column, CategoryColumn>): Flechette.Column<unknown> {
  const { values } = column;
  switch (column.kind) {
    case 'flag': {
      const { validity, nullCount } = validityOf(values.length, (row) => values[row] !== MISSING_FLAG);
      const bits = validityOf(values.length, (row) => values[row] === 1).validity;
      return columnOf(flechette, flechette.bool(), { length: values.length, nullCount, validity, values: bits });
    }
    case 'time': {
      const { validity, nullCount } = validityOf(values.length, (row) => !Number.isNaN(values[row]));
      const epochMs = new BigInt64Array(values.length);
      for (let row = 0; row < values.length; row++) if (!Number.isNaN(values[row])) epochMs[row] = BigInt(values[row]!);
      const type = flechette.timestamp(flechette.TimeUnit.MILLISECOND, 'UTC');
      return columnOf(flechette, type, { length: values.length, nullCount, validity, values: epochMs });
    }
    default: {
      const { validity, nullCount } = validityOf(values.length, (row) => !Number.isNaN(values[row]));
      return columnOf(flechette, flechette.float64(), {
        length: values.length,
        nullCount,
        validity,
        values,
      });
    }
  }
}

function dictionaryColumn(flechette: typeof Flechette, { codes, dictionary }: CategoryColumn): Flechette.Column<unknown> {
  const { validity, nullCount } = validityOf(codes.length, (row) => codes[row] !== MISSING_CODE);
  const strings = utf8Column(flechette, dictionary);
  // flechette finds the dictionary of a column by the identity of its type.
  const type = flechette.dictionary(strings.type, flechette.int32());
  const values = codes.map((code) => Math.max(code, 0));
  return columnOf(flechette, type, { length: codes.length, nullCount, validity, values }, (batch) => {
    (batch as unknown as { setDictionary(strings: Flechette.Column<string>): void }).setDictionary(strings);
  });
}

/** flechette's own builder makes no batch for an empty dictionary, which readers need. */
function utf8Column(flechette: typeof Flechette, strings: readonly string[]): Flechette.Column<string> {
  const texts = strings.map((text) => Buffer.from(text));
  const offsets = new Int32Array(texts.length + 1);
  texts.forEach((text, i) => (offsets[i + 1] = offsets[i]! + text.length));
  const fields = {
    length: texts.length,
    nullCount: 0,
    validity: new Uint8Array(0),
    offsets,
    values: new Uint8Array(Buffer.concat(texts)),
  };
  return columnOf(flechette, flechette.utf8(), fields) as Flechette.Column<string>;
}

type BatchFields = Omit<ConstructorParameters<typeof Flechette.Batch>[0], 'type'>;

function columnOf(
  flechette: typeof Flechette,
  type: Flechette.DataType,
  fields: BatchFields,
  complete: (batch: Flechette.Batch<unknown>) => void = () => {},
): Flechette.Column<unknown> {
  const BatchOfType = flechette.batchType(type) as unknown as new (
    options: BatchFields & { type: Flechette.DataType },
  ) => Flechette.Batch<unknown>;
  const batch = new BatchOfType({ ...fields, type });
  complete(batch);
  return new flechette.Column([batch], type);
}

/** A bit for each row, lowest first, and how many rows have none. */
function validityOf(length: number, isValid: (row: number) => boolean): { validity: Uint8Array; nullCount: number } {
  const validity = new Uint8Array(Math.ceil(length / 8));
  let nullCount = 0;
  for (let row = 0; row < length; row++) {
    if (isValid(row)) validity[row >> 3]! |= 1 << (row & 7);
    else nullCount++;
  }
  return { validity, nullCount };
}
