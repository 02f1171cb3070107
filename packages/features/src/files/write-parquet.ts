/**
 * Tables as Parquet, a row group at a time: memory holds one encoded row group beside the table.
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
import type { ColumnSource } from 'hyparquet-writer';
import { requireWritable } from './writable-values.js';

/** Rows of a row group; what DuckDB writes, and few enough for any reader's memory. */
const ROWS_PER_GROUP = 122_880;

/**
 * The bytes of a Parquet file, in order. The same table gives the same bytes.
 *
 * @param caller name for messages
 * @throws {FeatureError} INVALID_VALUE, see {@link requireWritable}; before the first byte
 */
export async function* parquetChunks(caller: string, table: Table): AsyncGenerator<Uint8Array> {
  const columns = Object.entries(table.toColumns());
  for (const [name, column] of columns) requireWritable(caller, name, column);
  const { ByteWriter, ParquetWriter } = await import('hyparquet-writer');
  const bytes = new ByteWriter();
  const root: SchemaElement = { name: 'root', num_children: columns.length };
  const schema = [root, ...columns.map(([name, column]) => schemaElement(name, column))];
  const writer = new ParquetWriter({ writer: bytes, schema, createdBy: 'fraudops' });
  for (let start = 0; start < table.rowCount; start += ROWS_PER_GROUP) {
    const end = Math.min(start + ROWS_PER_GROUP, table.rowCount);
    const columnData = columns.map(([name, column]): ColumnSource => {
      const data = cells(column, start, end);
      // Looking for repeated numbers takes longer than all else, and hardly makes a file smaller.
      return column.kind === 'category' ? { name, data } : { name, data, encoding: 'PLAIN' };
    });
    await writer.write({ columnData, rowGroupSize: end - start });
    yield takeBytes(bytes);
  }
  await writer.finish();
  yield takeBytes(bytes);
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

/** Rows [start, end) as hyparquet-writer takes them; missing is null. */
function cells(column: Column, start: number, end: number): unknown[] {
  const taken = new Array<unknown>(end - start);
  switch (column.kind) {
    case 'category':
      for (let row = start; row < end; row++) {
        const code = column.codes[row]!;
        taken[row - start] = code === MISSING_CODE ? null : column.dictionary[code]!;
      }
      return taken;
    case 'flag':
      for (let row = start; row < end; row++) {
        const flag = column.values[row]!;
        taken[row - start] = flag === MISSING_FLAG ? null : flag === 1;
      }
      return taken;
    default:
      for (let row = start; row < end; row++) {
        const value = column.values[row]!;
        taken[row - start] = Number.isNaN(value) ? null : value;
      }
      return taken;
  }
}
