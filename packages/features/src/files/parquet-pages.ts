/**
 * The pages of a column chunk of a Parquet file, decoded one after the other (Parquet format, README.md and Encodings.md).
 *
 * hyparquet reads the headers and the encodings of values; levels and dictionary indexes are read here, where the number of values
 * a page may have is known: a damaged count must not make gigabytes out of a few bytes. A chunk needs memory for its compressed
 * bytes and for one decoded page.
 */
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import type { ColumnMetaData, Compressors, DecodedArray, Encoding, SchemaElement } from 'hyparquet';
import type { PageHeader } from 'hyparquet/src/types.js';
import type { ParquetColumn } from './parquet-column.js';
import { readHybridRuns } from './parquet-runs.js';
import type { ValueColumnBuilder } from './value-column.js';
import { inflateZstdFrame } from './zstd-frame.js';

/** Most bytes of a page once decompressed; writers make pages of about a megabyte. */
const MAX_PAGE_BYTES = 256 * 1024 * 1024;

/** Reads column chunks; see {@link loadPageReader}. */
export interface PageReader {
  /**
   * Appends the values of a column chunk to a builder.
   * @throws {Error} of any kind when the bytes aren't such a chunk
   */
  readChunk(bytes: ArrayBuffer, meta: ColumnMetaData, rowCount: number, column: ParquetColumn, builder: ValueColumnBuilder): void;
}

/** Loads the decoders, which nobody needs who reads no Parquet. */
export async function loadPageReader(): Promise<PageReader> {
  const [{ parquetHeader }, { decompressPage }, { readPlain }, delta, { byteStreamSplit }, codecs] = await Promise.all([
    import('hyparquet/src/column.js'),
    import('hyparquet/src/datapage.js'),
    import('hyparquet/src/plain.js'),
    import('hyparquet/src/delta.js'),
    import('hyparquet/src/encoding.js'),
    import('hyparquet-compressors'),
  ]);
  const compressors: Compressors = {
    ...codecs.compressors,
    GZIP: (input, length) => gunzipSync(input, { maxOutputLength: Math.max(1, length) }),
    BROTLI: (input, length) => brotliDecompressSync(input, { maxOutputLength: Math.max(1, length) }),
    ZSTD: (input, length) => inflateZstdFrame(codecs.decompressZstd, input, length),
  };

  const decompressed = (bytes: Uint8Array, size: number, codec: ColumnMetaData['codec']): Uint8Array => {
    if (!(size >= 0 && size <= MAX_PAGE_BYTES)) throw new Error(`a page of ${size} bytes, at most ${MAX_PAGE_BYTES} are read`);
    return size === 0 ? new Uint8Array(0) : decompressPage(bytes, size, codec, compressors);
  };

  const valuesOf = (bytes: Uint8Array, encoding: Encoding, count: number, { type, type_length }: SchemaElement): DecodedArray => {
    const reader = { view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), offset: 0 };
    if (count === 0) return [];
    switch (encoding) {
      case 'PLAIN':
        return readPlain(reader, type!, count, type_length);
      case 'BYTE_STREAM_SPLIT':
        return byteStreamSplit(reader, count, type!, type_length);
      case 'DELTA_BINARY_PACKED': {
        const values = type === 'INT32' ? new Int32Array(count) : new BigInt64Array(count);
        delta.deltaBinaryUnpack(reader, count, values);
        return values;
      }
      case 'DELTA_LENGTH_BYTE_ARRAY':
      case 'DELTA_BYTE_ARRAY': {
        const values = new Array<Uint8Array>(count);
        if (encoding === 'DELTA_BYTE_ARRAY') delta.deltaByteArray(reader, count, values);
        else delta.deltaLengthByteArray(reader, count, values);
        return values;
      }
      default:
        throw new Error(`values in the encoding ${encoding}, which isn't known`);
    }
  };

  return {
    readChunk(bytes, meta, rowCount, column, builder) {
      const reader = { view: new DataView(bytes), offset: 0 };
      let dictionary: ArrayLike<unknown> | undefined;
      let rows = 0;
      while (rows < rowCount) {
        const header = parquetHeader(reader);
        const size = header.compressed_page_size;
        if (!(size >= 0 && reader.offset + size <= bytes.byteLength)) throw new Error('a page ends behind its column');
        const compressed = new Uint8Array(bytes, reader.offset, size);
        reader.offset += size;
        if (header.dictionary_page_header) {
          const page = decompressed(compressed, header.uncompressed_page_size, meta.codec);
          const count = header.dictionary_page_header.num_values;
          if (!(count >= 0 && count <= 8 * page.length)) throw new Error(`a dictionary of ${count} values`);
          dictionary = column.decode(valuesOf(page, 'PLAIN', count, column.element), builder.texts);
        } else {
          const page = dataPage(header, compressed, column.element, (part, length) => decompressed(part, length, meta.codec));
          if (!(page.rowCount >= 0 && rows + page.rowCount <= rowCount)) throw new Error('more values than rows');
          appendPage(page, column, dictionary, builder, valuesOf);
          rows += page.rowCount;
        }
      }
    },
  };
}

/** A data page of version 1 or 2, before its values are decoded. */
interface DataPage {
  readonly rowCount: number;
  readonly encoding: Encoding;
  /** 1 where there is a value, 0 where it is missing; undefined when the column may not miss any. */
  readonly levels: Int32Array | undefined;
  /** The encoded values that are there. */
  readonly body: Uint8Array;
}

function dataPage(
  header: PageHeader,
  compressed: Uint8Array,
  element: SchemaElement,
  decompressed: (bytes: Uint8Array, size: number) => Uint8Array,
): DataPage {
  const isOptional = element.repetition_type === 'OPTIONAL';
  if (header.data_page_header_v2) {
    const v2 = header.data_page_header_v2;
    const levelBytes = v2.repetition_levels_byte_length + v2.definition_levels_byte_length;
    if (!(v2.repetition_levels_byte_length === 0 && levelBytes >= 0 && levelBytes <= compressed.length))
      throw new Error('levels behind their page');
    const body = compressed.subarray(levelBytes);
    return {
      rowCount: v2.num_values,
      encoding: v2.encoding,
      levels: isOptional ? readLevels(compressed.subarray(0, levelBytes), v2.num_values) : undefined,
      body: v2.is_compressed === false ? body : decompressed(body, header.uncompressed_page_size - levelBytes),
    };
  }
  const v1 = header.data_page_header;
  if (!v1) throw new Error(`a page of the type ${header.type}, which isn't known`);
  const page = decompressed(compressed, header.uncompressed_page_size);
  if (!isOptional) return { rowCount: v1.num_values, encoding: v1.encoding, levels: undefined, body: page };
  const levelBytes = new DataView(page.buffer, page.byteOffset, page.byteLength).getUint32(0, true);
  if (4 + levelBytes > page.length) throw new Error('levels behind their page');
  const levels = readLevels(page.subarray(4, 4 + levelBytes), v1.num_values);
  return { rowCount: v1.num_values, encoding: v1.encoding, levels, body: page.subarray(4 + levelBytes) };
}

/** Most values of a page; a run of levels of a few bytes can stand for any number. */
const MAX_PAGE_VALUES = 50_000_000;

function readLevels(bytes: Uint8Array, count: number): Int32Array {
  if (!(count >= 0 && count <= MAX_PAGE_VALUES))
    throw new Error(`a page of ${count} values, at most ${MAX_PAGE_VALUES} are read`);
  return readHybridRuns(bytes, 1, count);
}

function appendPage(
  { rowCount, encoding, levels, body }: DataPage,
  column: ParquetColumn,
  dictionary: ArrayLike<unknown> | undefined,
  builder: ValueColumnBuilder,
  valuesOf: (bytes: Uint8Array, encoding: Encoding, count: number, element: SchemaElement) => DecodedArray,
): void {
  const count = levels ? levels.reduce((sum, level) => sum + level, 0) : rowCount;
  if (!(count <= MAX_PAGE_VALUES)) throw new Error(`a page of ${count} values, at most ${MAX_PAGE_VALUES} are read`);
  const values = pageValues(encoding, body, count, column, dictionary, builder, valuesOf);
  if (values.length !== count) throw new Error(`${values.length} values where there should be ${count}`);
  if (count === rowCount) return builder.append(values, count);
  const cells = new Array<unknown>(rowCount);
  for (let row = 0, value = 0; row < rowCount; row++) cells[row] = levels![row] === 1 ? values[value++] : null;
  builder.append(cells, rowCount);
}

function pageValues(
  encoding: Encoding,
  body: Uint8Array,
  count: number,
  column: ParquetColumn,
  dictionary: ArrayLike<unknown> | undefined,
  builder: ValueColumnBuilder,
  valuesOf: (bytes: Uint8Array, encoding: Encoding, count: number, element: SchemaElement) => DecodedArray,
): ArrayLike<unknown> {
  if (encoding === 'RLE') {
    // Booleans, behind their length in bytes.
    return Array.from(readHybridRuns(body.subarray(4), 1, count), (bit) => bit === 1);
  }
  if (encoding !== 'RLE_DICTIONARY' && encoding !== 'PLAIN_DICTIONARY') {
    return count === 0 ? [] : column.decode(valuesOf(body, encoding, count, column.element), builder.texts);
  }
  if (count === 0) return [];
  if (!dictionary) throw new Error('a page looks into a dictionary that is not there');
  const indexes = readHybridRuns(body.subarray(1), body[0]!, count);
  const values = new Array<unknown>(count);
  for (let i = 0; i < count; i++) {
    const index = indexes[i]!;
    if (index < 0 || index >= dictionary.length) throw new Error(`entry ${index} of a dictionary of ${dictionary.length}`);
    values[i] = dictionary[index];
  }
  return values;
}
