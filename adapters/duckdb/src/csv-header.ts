/**
 * What a CSV file is, found out before DuckDB reads it: its compression by its first bytes, its columns by its first line.
 *
 * DuckDB's own detection drops lines that don't suit its guess, so nothing is left to it. The file is read through once: its lines are
 * counted, since DuckDB leaves out a last one that ends within quotes, and a gzip file's checksum is compared.
 */
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { PassThrough, type Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { FeatureError } from '@fraudops/features';

/** A CSV file and the columns that it names, in its order. */
export interface CsvFile {
  readonly path: string;
  readonly compression: 'none' | 'gzip';
  readonly names: readonly string[];
  /** Lines behind the first that aren't empty; line ends within quotes end none. */
  readonly rowCount: number;
}

/** Longest first line, in bytes. */
const MAX_HEADER_BYTES = 1_048_576;

/** @throws {FeatureError} INVALID_FILE without a usable first line, or for a damaged gzip file; the file system's own error */
export async function readCsvHeader(path: string): Promise<CsvFile> {
  const compression = await compressionOf(path);
  const { line, rowCount } = await scan(path, compression);
  return { path, compression, names: headerNames(path, line), rowCount };
}

async function compressionOf(path: string): Promise<CsvFile['compression']> {
  const handle = await open(path);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(2), 0, 2, 0);
    return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b ? 'gzip' : 'none';
  } finally {
    await handle.close();
  }
}

/** The first line without its end, and how many follow. */
async function scan(path: string, compression: CsvFile['compression']): Promise<{ line: Buffer; rowCount: number }> {
  const isGzip = compression === 'gzip';
  const finder = new LineScanner();
  const file = createReadStream(path, { highWaterMark: 1_048_576 });
  const transform: Transform = isGzip ? createGunzip() : new PassThrough();
  try {
    await pipeline(file, transform, async (chunks: AsyncIterable<Buffer>) => {
      for await (const chunk of chunks) finder.add(chunk);
    });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    if (!isGzip) throw error;
    throw invalidFile(path, `is a damaged gzip file (${reason}); fetch it again`, error);
  }
  const line = finder.finish();
  if (line === undefined)
    throw invalidFile(path, `has a first line of more than ${MAX_HEADER_BYTES} bytes, expected column names`);
  if (finder.isQuoted)
    throw invalidFile(path, 'ends within quotes, or has a quote in the middle of a cell; fetch it again, or double the quote');
  return { line, rowCount: finder.rowCount };
}

const [LINE_FEED, QUOTE, CARRIAGE_RETURN] = [10, 34, 13];

/** Finds the first line and counts the others; a line doesn't end within quotes. */
class LineScanner {
  readonly #parts: Buffer[] = [];
  #length = 0;
  #isDone = false;
  #isEmpty = true;
  #lines = 0;
  isQuoted = false;

  add(chunk: Buffer): void {
    let start = 0;
    if (!this.#isDone) start = this.#addToFirst(chunk);
    let [isQuoted, isEmpty, lines] = [this.isQuoted, this.#isEmpty, 0];
    for (let i = start; i < chunk.length; i++) {
      const byte = chunk[i]!;
      if (byte === LINE_FEED && !isQuoted) {
        if (!isEmpty) lines++;
        isEmpty = true;
      } else if (byte !== CARRIAGE_RETURN) {
        isEmpty = false;
        if (byte === QUOTE) isQuoted = !isQuoted;
      }
    }
    this.isQuoted = isQuoted;
    this.#isEmpty = isEmpty;
    this.#lines += lines;
  }

  get rowCount(): number {
    return this.#lines + (this.#isEmpty ? 0 : 1);
  }

  /** Where the first line has ended. */
  #addToFirst(chunk: Buffer): number {
    let end = 0;
    for (; end < chunk.length && !this.#isDone; end++) {
      if (chunk[end] === QUOTE) this.isQuoted = !this.isQuoted;
      else if (chunk[end] === LINE_FEED && !this.isQuoted) this.#isDone = true;
    }
    if (this.#length <= MAX_HEADER_BYTES) this.#parts.push(chunk.subarray(0, this.#isDone ? end - 1 : end));
    this.#length += end;
    return end;
  }

  /** Undefined for a line that is too long. */
  finish(): Buffer | undefined {
    if (this.#length > MAX_HEADER_BYTES) return undefined;
    const line = Buffer.concat(this.#parts);
    return line.at(-1) === CARRIAGE_RETURN ? line.subarray(0, -1) : line;
  }
}

/** A cell of the first line: quoted, or without quotes and line ends. */
const CELL = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|$)/y;

function headerNames(path: string, line: Buffer): string[] {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(line);
  } catch (error) {
    throw invalidFile(path, 'has a first line that is not UTF-8, expected column names', error);
  }
  if (text === '') throw invalidFile(path, 'has an empty first line, expected column names');
  const names: string[] = [];
  const cell = new RegExp(CELL);
  for (let isLast = false; !isLast; ) {
    const match = cell.exec(text);
    if (match === null) {
      throw invalidFile(
        path,
        `has the first line ${JSON.stringify(text.slice(0, 100))}, expected column names with commas between them`,
      );
    }
    names.push(match[1]?.replaceAll('""', '"') ?? match[2]!);
    isLast = match[3] === '';
  }
  const repeated = names.find((name, i) => name !== '' && names.indexOf(name) !== i);
  if (repeated !== undefined) throw invalidFile(path, `names the column ${repeated} twice; rename one`);
  return names;
}

function invalidFile(path: string, problem: string, cause?: unknown): FeatureError {
  return new FeatureError('INVALID_FILE', `${path}: the file ${problem}`, { path }, cause);
}
