import { type FileHandle, open } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { type Progress, type ProgressTask, silentProgress, Table } from '@fraudops/core';
import { type ColumnBuilder, columnBuilder } from './csv-columns.js';
import { type CsvRecord, CsvRecords, PLAIN, QUOTED_WITH_QUOTES } from './csv-records.js';
import { FeatureError } from '../feature-error.js';
import { handbookTransactions } from '../handbook.js';
import type { TransactionsDefinition } from '../transactions/transactions.js';

/** Options of {@link readTransactions}. */
export interface ReadTransactionsOptions {
  /** Hears of the bytes read, compressed ones for a gzip file. Default: silent. */
  readonly progress?: Progress;
  /** Most rows the file may have; a longer one is refused rather than cut. Default 50,000,000. */
  readonly maxRows?: number;
  /** Longest line that is accepted, in bytes. Default 1,048,576. */
  readonly maxLineBytes?: number;
  /** Stops reading when it aborts. */
  readonly signal?: AbortSignal;
}

/**
 * Transactions from a CSV file, plain or gzip (told by its first bytes), read as a stream: memory holds the table and a few
 * megabytes beside it.
 *
 * The first line names the columns; they may come in any order, and those the definition doesn't know are ignored. The table's
 * columns come in the definition's order. A column whose field isn't required may be absent, and is then absent from the table too. An empty cell is missing; `""` in a category is the empty string, elsewhere missing. Cells are read by the kind of
 * their column: decimal numbers, correctly rounded; times as `parseTime` of `@fraudops/core` takes them; flags 0, 1, true, false;
 * categories UTF-8. Empty lines are skipped, unless the file has one column. Lines end with LF or CRLF. Quoting, line ends and byte order mark are as RFC 4180
 * and Excel write them.
 *
 * Cells are only read here, not judged: see {@link validateTransactions}.
 *
 * @param path of the file
 * @param definition the columns to read. Default: {@link handbookTransactions}
 * @throws {FeatureError} INVALID_FILE (no header, a repeated column, a row with too many or too few cells, a bad quote, a damaged gzip
 * stream), MISSING_COLUMN, INVALID_VALUE (a cell that isn't of its kind: names file, line, column, value and rule), TOO_LARGE (a limit
 * of the options), ABORTED; the file system's own error when the file can't be opened
 * @example const table = await readTransactions('transactions.csv.gz');
 */
export async function readTransactions(
  path: string,
  definition: TransactionsDefinition = handbookTransactions,
  options: ReadTransactionsOptions = {},
): Promise<Table> {
  const { progress = silentProgress, maxRows = 50_000_000, maxLineBytes = 1_048_576, signal } = options;
  const reader = new TransactionsReader(path, definition, maxRows);
  const records = new CsvRecords(path, maxLineBytes, (record) => reader.take(record));
  const handle = await open(path);
  const task = progress.task('Reading transactions', { total: (await handle.stat()).size, unit: 'bytes' });
  try {
    await readChunks(handle, task, signal, (chunk) => records.push(chunk));
    records.end();
    const table = reader.finish();
    task.done(`${table.rowCount} transactions`);
    return table;
  } catch (error) {
    task.fail();
    if (signal?.aborted)
      throw new FeatureError('ABORTED', `${path}: reading was aborted by the caller's signal`, { file: path }, error);
    throw isGzipError(error) ? damagedGzip(path, error) : error;
  } finally {
    await handle.close();
  }
}

/** Big chunks cost fewer trips between the thread that inflates and this one. */
const CHUNK_BYTES = 1 << 20;

async function readChunks(
  handle: FileHandle,
  task: ProgressTask,
  signal: AbortSignal | undefined,
  onChunk: (chunk: Uint8Array) => void,
): Promise<void> {
  const { buffer: magic, bytesRead } = await handle.read(Buffer.alloc(2), 0, 2, 0);
  const isGzip = bytesRead === 2 && magic[0] === 0x1f && magic[1] === 0x8b;
  const source = handle.createReadStream({ start: 0, highWaterMark: CHUNK_BYTES, autoClose: false });
  const counted = async function* (chunks: AsyncIterable<Buffer>) {
    for await (const chunk of chunks) {
      task.advance(chunk.length);
      yield chunk;
    }
  };
  const consume = async (chunks: AsyncIterable<Buffer>) => {
    for await (const chunk of chunks) onChunk(chunk);
  };
  const whenAborted = signal ? { signal } : {};
  if (isGzip) await pipeline(source, counted, createGunzip({ chunkSize: CHUNK_BYTES }), consume, whenAborted);
  else await pipeline(source, counted, consume, whenAborted);
}

/** Turns records into columns: the first record is the header, every other one a row. */
class TransactionsReader {
  readonly #file: string;
  readonly #definition: TransactionsDefinition;
  readonly #maxRows: number;
  #rowCount = 0;
  #header: readonly string[] | undefined;
  /** By position in the file; undefined where the column is ignored. */
  #builders: readonly (ColumnBuilder | undefined)[] = [];

  constructor(file: string, definition: TransactionsDefinition, maxRows: number) {
    this.#file = file;
    this.#definition = definition;
    this.#maxRows = maxRows;
  }

  take(record: CsvRecord): void {
    if (!this.#header) {
      this.#readHeader(record);
      return;
    }
    const builders = this.#builders;
    const { bytes, cellCount, starts, ends, quoting } = record;
    if (cellCount !== builders.length) {
      if (cellCount === 1 && starts[0] === ends[0] && quoting[0] === PLAIN) return;
      throw this.#invalid(
        record.line,
        `${cellCount} cells, the header has ${builders.length}; the row is cut off or a comma isn't quoted`,
      );
    }
    if (++this.#rowCount > this.#maxRows) throw this.#tooManyRows(record.line);
    for (let cell = 0; cell < cellCount; cell++) {
      const builder = builders[cell];
      if (builder === undefined) continue;
      const start = starts[cell]!;
      const end = ends[cell]!;
      if (quoting[cell] !== PLAIN) this.#takeQuoted(builder, record, cell);
      else if (start === end) builder.appendMissing();
      else if (!builder.append(bytes, start, end)) throw this.#badCell(record, cell, bytes.subarray(start, end));
    }
  }

  finish(): Table {
    if (!this.#header) throw this.#invalid(1, 'the file is empty; its first line must name the columns');
    const header = this.#header;
    const names = Object.keys(this.#definition.kinds).filter((name) => header.includes(name));
    return Table.fromColumns(Object.fromEntries(names.map((name) => [name, this.#builders[header.indexOf(name)]!.finish()])));
  }

  #readHeader(record: CsvRecord): void {
    const { kinds } = this.#definition;
    if (hasBareCarriageReturn(record)) {
      throw this.#invalid(record.line, 'a carriage return stands inside the header; save the file with LF or CRLF line ends');
    }
    const header = Array.from({ length: record.cellCount }, (_, cell) => Buffer.from(cellBytes(record, cell)).toString('utf8'));
    for (const name of Object.keys(kinds)) {
      const first = header.indexOf(name);
      if (first < 0 && this.#definition.fields[name]!.required) {
        const message = `${this.#file}, line ${record.line}: no column ${name}; the first line names ${shorten(header.join(', '))}`;
        throw new FeatureError('MISSING_COLUMN', message, { file: this.#file, line: record.line, column: name });
      }
      if (first !== header.lastIndexOf(name)) throw this.#invalid(record.line, `column ${name} comes twice`);
    }
    this.#header = header;
    this.#builders = header.map((name) => (Object.hasOwn(kinds, name) ? columnBuilder(kinds[name]!) : undefined));
  }

  #takeQuoted(builder: ColumnBuilder, record: CsvRecord, cell: number): void {
    const bytes = cellBytes(record, cell);
    if (bytes.length === 0 && !this.#isCategory(cell)) builder.appendMissing();
    else if (!builder.append(bytes, 0, bytes.length)) throw this.#badCell(record, cell, bytes);
  }

  #isCategory(cell: number): boolean {
    return this.#definition.kinds[this.#header![cell]!] === 'category';
  }

  #badCell(record: CsvRecord, cell: number, bytes: Uint8Array): FeatureError {
    const { line } = record;
    const column = this.#header![cell]!;
    const { rule } = this.#builders[cell]!;
    const value = shorten(Buffer.from(bytes).toString('utf8'));
    return new FeatureError(
      'INVALID_VALUE',
      `${this.#file}, line ${line}, column ${column}: ${JSON.stringify(value)} is not ${rule}; leave the cell empty if the value is missing`,
      { file: this.#file, line, column, value, rule },
    );
  }

  #tooManyRows(line: number): FeatureError {
    const [file, maxRows] = [this.#file, this.#maxRows];
    return new FeatureError('TOO_LARGE', `${file}, line ${line}: more than ${maxRows} rows; split the file or raise maxRows`, {
      file,
      line,
      maxRows,
    });
  }

  #invalid(line: number, rule: string): FeatureError {
    return new FeatureError('INVALID_FILE', `${this.#file}, line ${line}: ${rule}`, { file: this.#file, line, rule });
  }
}

const CARRIAGE_RETURN = 13;

/** Whether an unquoted cell has a carriage return: a file whose lines end with CR alone is one long line here. */
function hasBareCarriageReturn({ bytes, cellCount, starts, ends, quoting }: CsvRecord): boolean {
  for (let cell = 0; cell < cellCount; cell++) {
    if (quoting[cell] === PLAIN && bytes.subarray(starts[cell], ends[cell]).includes(CARRIAGE_RETURN)) return true;
  }
  return false;
}

const QUOTE = 34;

/** The bytes a cell stands for: a view of the record, or a copy in which each `""` became one quote. */
function cellBytes(record: CsvRecord, cell: number): Uint8Array {
  const bytes = record.bytes.subarray(record.starts[cell], record.ends[cell]);
  if (record.quoting[cell] !== QUOTED_WITH_QUOTES) return bytes;
  // Quotes come in pairs here, so dropping every quote that follows a kept one leaves one of each pair.
  let keptQuote = false;
  return Uint8Array.from(bytes).filter((byte) => {
    keptQuote = byte === QUOTE && !keptQuote;
    return byte !== QUOTE || keptQuote;
  });
}

function shorten(text: string): string {
  return text.length > 100 ? `${text.slice(0, 100)}...` : text;
}

function isGzipError(error: unknown): boolean {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' && code.startsWith('Z_');
}

function damagedGzip(path: string, cause: unknown): FeatureError {
  const reason = (cause as Error).message;
  return new FeatureError(
    'INVALID_FILE',
    `${path}: the gzip stream is damaged or ends early (${reason}); copy or download the file again`,
    { file: path, reason },
    cause,
  );
}
