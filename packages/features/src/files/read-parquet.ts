/**
 * Parquet files, read column by column and row group by row group: beside the table, memory holds the footer, the compressed bytes
 * of one column of one row group, and one decoded page of it.
 */
import { Table } from '@fraudops/core';
import type { AsyncBuffer, FileMetaData, RowGroup } from 'hyparquet';
import { FeatureError } from '../feature-error.js';
import { type ParquetColumn, parquetColumns } from './parquet-column.js';
import { loadPageReader, type PageReader } from './parquet-pages.js';
import { ValueColumnBuilder } from './value-column.js';
import type { ChooseColumns } from './wanted-columns.js';

/** What {@link readParquet} takes. */
export interface ParquetInput {
  /** Name for messages. */
  readonly name: string;
  readonly byteLength: number;
  /** The bytes [start, end), which lie inside the file. */
  read(start: number, end: number): Promise<ArrayBuffer>;
}

/** Bounds and company of {@link readParquet}. */
export interface ReadParquetOptions {
  readonly maxRows: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The chosen columns of a Parquet file as a table.
 *
 * @throws {FeatureError} INVALID_FILE when the bytes are no Parquet file or a damaged one, INVALID_VALUE naming column, row and rule,
 * WRONG_KIND, TOO_LARGE, and what `choose` throws; the reason of an aborted signal; what `input.read` throws
 */
export async function readParquet(input: ParquetInput, choose: ChooseColumns, options: ReadParquetOptions): Promise<Table> {
  const { name } = input;
  const [{ parquetMetadataAsync, parquetSchema }, pageReader] = await Promise.all([import('hyparquet'), loadPageReader()]);
  const metadata = await decoding(name, () => parquetMetadataAsync(boundedBuffer(input), { geoparquet: false }));
  const columns = await decoding(name, () => parquetColumns(parquetSchema(metadata)));
  await decoding(name, () => requireFewRows(name, metadata, options.maxRows));
  const kinds = choose(name, columns);
  const builders = Object.entries(kinds).map(([columnName, kind]) => {
    const column = columns.find((candidate) => candidate.name === columnName)!;
    return { column, builder: new ValueColumnBuilder(name, column, kind) };
  });
  for (const group of metadata.row_groups) {
    for (const { column, builder } of builders) {
      options.signal?.throwIfAborted();
      await readColumnChunk(input, pageReader, group, column, builder);
    }
  }
  return Table.fromColumns(Object.fromEntries(builders.map(({ column, builder }) => [column.name, builder.finish()])));
}

function requireFewRows(file: string, { num_rows: rows, row_groups: groups }: FileMetaData, maxRows: number): void {
  let sum = 0n;
  for (const group of groups) {
    if (group.num_rows < 0n) throw new Error(`a row group of ${group.num_rows} rows`);
    sum += BigInt(group.num_rows);
  }
  if (sum !== BigInt(rows)) throw new Error(`${rows} rows, its row groups have ${sum}`);
  if (sum <= BigInt(maxRows)) return;
  const message = `${file}: ${sum} rows, more than ${maxRows}; split the file or raise maxRows`;
  throw new FeatureError('TOO_LARGE', message, { file, rows: Number(sum), maxRows });
}

async function readColumnChunk(
  input: ParquetInput,
  pageReader: PageReader,
  group: RowGroup,
  column: ParquetColumn,
  builder: ValueColumnBuilder,
): Promise<void> {
  const rowCount = Number(group.num_rows);
  if (rowCount === 0) return;
  const { start, end, meta } = await decoding(input.name, () => chunkOf(group, column, input.byteLength));
  const bytes = await input.read(start, end);
  await decoding(input.name, () => {
    if (column.type === 'nothing') builder.appendMissing(rowCount);
    else pageReader.readChunk(bytes, meta, rowCount, column, builder);
  });
}

/** Where the bytes of a column in a row group are. */
function chunkOf(group: RowGroup, { name }: ParquetColumn, byteLength: number) {
  const chunk = group.columns.find((candidate) => {
    const path = candidate.meta_data?.path_in_schema;
    return path?.length === 1 && path[0] === name;
  });
  const meta = chunk?.meta_data;
  if (!chunk || !meta || chunk.file_path) throw new Error(`a row group without the column ${name}`);
  const start = Number(meta.dictionary_page_offset || meta.data_page_offset);
  const end = start + Number(meta.total_compressed_size);
  if (!(start >= 0 && end >= start && end <= byteLength)) throw new Error(`column ${name} lies outside the file`);
  return { start, end, meta };
}

/** The footer's reader asks for what the footer says, which may lie. */
function boundedBuffer(input: ParquetInput): AsyncBuffer {
  return {
    byteLength: input.byteLength,
    slice: (start, end = input.byteLength) => {
      if (!(start >= 0 && end >= start && end <= input.byteLength))
        throw new Error(`bytes ${start} to ${end} of ${input.byteLength}`);
      return input.read(start, end);
    },
  };
}

/** Whatever decoding throws that isn't ours means that the bytes are no such file; failures of the file system stay what they are. */
async function decoding<Result>(file: string, decode: () => Result | Promise<Result>): Promise<Result> {
  try {
    return await decode();
  } catch (error) {
    const isSystemFailure = (error as { syscall?: unknown } | null)?.syscall !== undefined;
    throw error instanceof FeatureError || isSystemFailure ? error : damagedParquet(file, error);
  }
}

function damagedParquet(file: string, cause: unknown): FeatureError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const message = `${file}: not a Parquet file, or a damaged one (${reason}); copy or write the file again`;
  return new FeatureError('INVALID_FILE', message, { file, reason }, cause);
}
