/** Arrow IPC data, files and streams, as a table. */
import { Table } from '@fraudops/core';
import type * as Flechette from '@uwdata/flechette';
import { FeatureError } from '../feature-error.js';
import { arrowColumn, batchValues, type ConvertedDictionaries } from './arrow-column.js';
import { arrowMessages } from './arrow-messages.js';
import { inflateLz4Frame } from './lz4-frame.js';
import { ValueColumnBuilder } from './value-column.js';
import type { ChooseColumns } from './wanted-columns.js';
import { inflateZstdFrame } from './zstd-frame.js';

/** What {@link readArrow} takes. */
export interface ArrowInput {
  /** Name for messages. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

/**
 * The chosen columns of Arrow IPC data as a table. Nothing of the table shares memory with the bytes.
 *
 * @throws {FeatureError} INVALID_FILE when the bytes are no Arrow IPC data or damaged, INVALID_VALUE naming column, row and rule,
 * WRONG_KIND, TOO_LARGE, and what `choose` throws
 */
export async function readArrow(
  { name, bytes }: ArrowInput,
  choose: ChooseColumns,
  { maxRows }: { readonly maxRows: number },
): Promise<Table> {
  const flechette = await loadFlechette();
  try {
    const arrow = flechette.tableFromIPC(arrowMessages(aligned(bytes)), {
      useBigInt: true,
      useBigIntTimestamp: true,
      useDecimalInt: true,
    });
    return tableOfArrow(name, arrow, choose, maxRows);
  } catch (error) {
    if (error instanceof FeatureError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    const message = `${name}: not Arrow IPC data, or damaged (${reason}); copy or write the file again`;
    throw new FeatureError('INVALID_FILE', message, { file: name, reason }, error);
  }
}

function tableOfArrow(name: string, arrow: Flechette.Table, choose: ChooseColumns, maxRows: number): Table {
  const columns = arrow.schema.fields.map((field) => arrowColumn(field.name, field.type));
  const kinds = choose(name, columns);
  const batchLengths = arrow.children[0]?.data.map(({ length }) => length) ?? [];
  const rows = batchLengths.reduce((sum, length) => sum + length, 0);
  if (!batchLengths.every((length) => length >= 0)) throw new Error('a batch of fewer than no rows');
  if (rows > maxRows) {
    const message = `${name}: ${rows} rows, more than ${maxRows}; split the file or raise maxRows`;
    throw new FeatureError('TOO_LARGE', message, { file: name, rows, maxRows });
  }
  const entries = Object.entries(kinds).map(([columnName, kind]) => {
    const position = columns.findIndex((column) => column.name === columnName);
    const builder = new ValueColumnBuilder(name, columns[position]!, kind);
    const dictionaries: ConvertedDictionaries = new Map();
    const { data } = arrow.children[position]!;
    if (data.length !== batchLengths.length) throw new Error('columns have different batches');
    data.forEach((batch, i) => {
      if (batch.length !== batchLengths[i]) throw new Error('columns of a batch have different lengths');
      builder.append(batchValues(batch, builder.texts, dictionaries), batch.length);
    });
    return [columnName, builder.finish()] as const;
  });
  return Table.fromColumns(Object.fromEntries(entries));
}

/** Loads flechette with the two compressions of the format, unless the program has registered its own. */
async function loadFlechette(): Promise<typeof Flechette> {
  const [flechette, { decompressZstd }] = await Promise.all([import('@uwdata/flechette'), import('hyparquet-compressors')]);
  const { CompressionType, getCompressionCodec, setCompressionCodec } = flechette;
  const encode = () => {
    throw new Error('compressing Arrow data is not supported');
  };
  if (!getCompressionCodec(CompressionType.LZ4_FRAME)) {
    setCompressionCodec(CompressionType.LZ4_FRAME, {
      encode,
      decode: (bytes, size) => inflateLz4Frame(bytes, requireSize(size)),
    });
  }
  if (!getCompressionCodec(CompressionType.ZSTD)) {
    setCompressionCodec(CompressionType.ZSTD, {
      encode,
      decode: (bytes, size) => inflateZstdFrame(decompressZstd, bytes, requireSize(size)).slice(),
    });
  }
  return flechette;
}

/** Most bytes of one buffer once decompressed. */
const MAX_BUFFER_BYTES = 2 ** 30;

function requireSize(size: number): number {
  if (size >= 0 && size <= MAX_BUFFER_BYTES) return size;
  throw new Error(`a buffer of ${size} bytes, at most ${MAX_BUFFER_BYTES} are read`);
}

/** Typed arrays over the buffers need them at multiples of 8 bytes; IPC data keeps that when it begins at one. */
function aligned(bytes: Uint8Array): Uint8Array {
  return bytes.byteOffset % 8 === 0 ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength) : Uint8Array.from(bytes);
}
