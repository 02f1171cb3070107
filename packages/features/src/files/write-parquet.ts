/**
 * Tables as Parquet, a row group at a time: memory holds one encoded row group beside the tables it is made of.
 *
 * | kind | Parquet |
 * |---|---|
 * | number | DOUBLE |
 * | category | BYTE_ARRAY, UTF8, with a dictionary where that saves space |
 * | time | INT64, TIMESTAMP_MILLIS (an instant, UTC) |
 * | flag | BOOLEAN |
 *
 * Every column is OPTIONAL, so that tables with and without missing values have one schema. Pages are compressed with Snappy.
 */
import { type Column, MISSING_CODE, MISSING_FLAG, type Table } from '@fraudops/core';
import type { SchemaElement } from 'hyparquet';
import type { ColumnSource, ParquetWriter } from 'hyparquet-writer';
import { rowGroups, type Tables } from './table-parts.js';

/** Rows of a row group; what DuckDB writes, and few enough for any reader's memory. */
const ROWS_PER_GROUP = 122_880;

/**
 * The bytes of a Parquet file, in order: tables with the same columns, one below the other. The same rows give the same bytes.
 *
 * @param caller name for messages
 * @throws {FeatureError} as {@link rowGroups}
 */
export async function* parquetChunks(caller: string, tables: Tables): AsyncGenerator<Uint8Array> {
  const { ByteWriter, ParquetWriter } = await import('hyparquet-writer');
  const bytes = new ByteWriter();
  let writer: ParquetWriter | undefined;
  for await (const group of rowGroups(caller, tables, ROWS_PER_GROUP)) {
    writer ??= new ParquetWriter({ writer: bytes, schema: schemaOf(group[0]), createdBy: 'fraudops' });
    const rows = group.reduce((sum, { rowCount }) => sum + rowCount, 0);
    if (rows === 0) continue;
    await writer.write({ columnData: columnData(group), rowGroupSize: rows });
    yield takeBytes(bytes);
  }
  await writer!.finish();
  yield takeBytes(bytes);
}

function schemaOf(table: Table): SchemaElement[] {
  const columns = Object.entries(table.toColumns());
  return [{ name: 'root', num_children: columns.length }, ...columns.map(([name, column]) => schemaElement(name, column))];
}

function columnData(group: readonly [Table, ...Table[]]): ColumnSource[] {
  return group[0].columnNames.map((name) => {
    const data = group.flatMap((part) => cells(part.column(name)));
    // Looking for repeated numbers takes longer than all else, and hardly makes a file smaller.
    return group[0].column(name).kind === 'category' ? { name, data } : { name, data, encoding: 'PLAIN' };
  });
}

/** The bytes since the last call; the writer goes on at the start of its buffer, and keeps count of its place in the file. */
function takeBytes(writer: { index: number; getBytes(): Uint8Array }): Uint8Array {
  const taken = writer.getBytes().slice();
  writer.index = 0;
  return taken;
}

function schemaElement(name: string, { kind }: Column): SchemaElement {
  const repetition_type = 'OPTIONAL';
  switch (kind) {
    case 'category':
      return { name, type: 'BYTE_ARRAY', repetition_type, converted_type: 'UTF8', logical_type: { type: 'STRING' } };
    case 'time': {
      const logical_type = { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MILLIS' } as const;
      return { name, type: 'INT64', repetition_type, converted_type: 'TIMESTAMP_MILLIS', logical_type };
    }
    case 'flag':
      return { name, type: 'BOOLEAN', repetition_type };
    default:
      return { name, type: 'DOUBLE', repetition_type };
  }
}

/** Values as hyparquet-writer takes them; missing is null. */
function cells(column: Column): unknown[] {
  switch (column.kind) {
    case 'category':
      return Array.from(column.codes, (code) => (code === MISSING_CODE ? null : column.dictionary[code]!));
    case 'flag':
      return Array.from(column.values, (flag) => (flag === MISSING_FLAG ? null : flag === 1));
    default:
      return Array.from(column.values, (value) => (Number.isNaN(value) ? null : value));
  }
}
