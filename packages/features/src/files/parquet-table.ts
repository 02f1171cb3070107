/** Tables as Parquet bytes in memory; for files, see {@link readTransactions} and {@link writeTransactions}. */
import type { ColumnKind, Table } from '@fraudops/core';
import { MAX_ROWS } from './max-rows.js';
import { columnsOfKinds } from './wanted-columns.js';

/**
 * A table as the bytes of a Parquet file: numbers as DOUBLE, categories as UTF-8 strings, times as timestamps in milliseconds UTC, flags
 * as BOOLEAN, each nullable. {@link tableFromParquet} gives an equal table. The same table gives the same bytes.
 *
 * @throws {FeatureError} INVALID_VALUE for an infinite number, a time that is no whole millisecond, or text that is no Unicode
 * @example await writeFile('features.parquet', await tableToParquet(features.compute(table)));
 */
export async function tableToParquet(table: Table): Promise<Uint8Array> {
  const { parquetChunks } = await import('./write-parquet.js');
  const chunks: Uint8Array[] = [];
  for await (const chunk of parquetChunks('tableToParquet', [table])) chunks.push(chunk);
  const [only] = chunks;
  return chunks.length === 1 ? only! : Uint8Array.from(Buffer.concat(chunks));
}

/**
 * The table in the bytes of a Parquet file, whoever wrote it: any compression but LZO, any encoding of flat columns.
 *
 * @param kinds the columns to read, in this order, and as what. Default: all columns; numbers, decimals and whole numbers become number,
 * strings and UUIDs category, timestamps and dates time, booleans flag, and columns of nothing category. A number column can also be
 * read as category (ids: exact also beyond 2^53), as flag (0 and 1) or as time (epoch milliseconds), a string column as time (ISO 8601) or
 * flag (what `parseFlag` takes)
 * @throws {FeatureError} INVALID_FILE (no Parquet, or damaged), MISSING_COLUMN, WRONG_KIND (a type that can't be read as this kind, such
 * as lists), INVALID_VALUE naming column, row and rule (an infinite number; a whole number beyond 2^53 - 1 as number), TOO_LARGE
 * above 50,000,000 rows
 * @example const table = await tableFromParquet(await readFile('cards.parquet'), { card: 'category', limit: 'number' });
 */
export async function tableFromParquet(bytes: Uint8Array, kinds?: Readonly<Record<string, ColumnKind>>): Promise<Table> {
  const { readParquet } = await import('./read-parquet.js');
  const input = {
    name: 'tableFromParquet',
    byteLength: bytes.byteLength,
    read: (start: number, end: number) => Promise.resolve(Uint8Array.from(bytes.subarray(start, end)).buffer),
  };
  return readParquet(input, columnsOfKinds(kinds), { maxRows: MAX_ROWS });
}
