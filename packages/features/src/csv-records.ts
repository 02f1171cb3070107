import { FeatureError } from './feature-error.js';

/** The cells of one record, as positions in its bytes. */
export interface CsvRecord {
  bytes: Uint8Array;
  /** Line on which the record begins, counted from 1 as editors do. */
  line: number;
  cellCount: number;
  /** Cell i is bytes [starts[i], ends[i]), surrounding quotes left out. */
  starts: Int32Array;
  ends: Int32Array;
  /** How cell i is written: {@link PLAIN}, {@link QUOTED}, or {@link QUOTED_WITH_QUOTES}, whose `""` each stand for one quote. */
  quoting: Uint8Array;
}

export const PLAIN = 0;
const QUOTED = 1;
export const QUOTED_WITH_QUOTES = 2;

const QUOTE = 34;
const COMMA = 44;
const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
const NO_BYTES = new Uint8Array(0);

/**
 * Splits a stream of CSV bytes into records of cells (RFC 4180), without making strings.
 *
 * - Cells are separated by commas, records by LF or CRLF; the last one may lack its line end. A UTF-8 byte order mark is skipped.
 * - A cell that begins with a quote ends with the next single quote; inside, commas and line ends are data and `""` is one quote.
 *   Quotes elsewhere are data.
 * - Chunks may be cut anywhere: bytes of a record whose end isn't there yet wait for the next chunk.
 *
 * A record is scanned whole before anybody sees it, so a reader of records never has to step back.
 */
export class CsvRecords {
  readonly #file: string;
  readonly #maxLineBytes: number;
  readonly #onRecord: (record: CsvRecord) => void;
  readonly #record: CsvRecord = {
    bytes: NO_BYTES,
    line: 1,
    cellCount: 0,
    starts: new Int32Array(64),
    ends: new Int32Array(64),
    quoting: new Uint8Array(64),
  };
  /** Beginning of a record whose end hasn't come yet. */
  #waiting: Uint8Array = NO_BYTES;
  /** Line ends met inside quotes by the scan under way. */
  #quotedLineEnds = 0;

  /**
   * @param file name for messages
   * @param maxLineBytes longest record that is accepted
   * @param onRecord called for each record; the next one overwrites it
   */
  constructor(file: string, maxLineBytes: number, onRecord: (record: CsvRecord) => void) {
    this.#file = file;
    this.#maxLineBytes = maxLineBytes;
    this.#onRecord = onRecord;
  }

  /**
   * Takes the next bytes of the file and reports the records that end in them.
   * @throws {FeatureError} INVALID_FILE for text after a closing quote, TOO_LARGE for a record above the limit
   */
  push(chunk: Uint8Array): void {
    const bytes = this.#waiting.length === 0 ? chunk : Buffer.concat([this.#waiting, chunk]);
    let position = 0;
    for (let next = this.#scan(bytes, position); next >= 0; next = this.#scan(bytes, position)) {
      this.#requireShort(next - 1 - position);
      this.#onRecord(this.#record);
      this.#record.line += 1 + this.#quotedLineEnds;
      position = next;
    }
    this.#requireShort(bytes.length - position);
    this.#waiting = position === bytes.length ? NO_BYTES : Buffer.from(bytes.subarray(position));
  }

  /**
   * Reports the last record if it has no line end of its own.
   * @throws {FeatureError} INVALID_FILE for a quote that is never closed, and as {@link CsvRecords.push}
   */
  end(): void {
    if (this.#waiting.length === 0 || (this.#waiting.length === 3 && startsWithByteOrderMark(this.#waiting))) return;
    this.push(Buffer.of(LINE_FEED));
    if (this.#waiting.length > 0) throw this.#invalid('a quote is opened and never closed');
  }

  /** Finds the cells of the record at `position`; returns where the next record begins, -1 when this one's end isn't there yet. */
  #scan(bytes: Uint8Array, position: number): number {
    const record = this.#record;
    record.bytes = bytes;
    this.#quotedLineEnds = 0;
    let start = record.line === 1 && startsWithByteOrderMark(bytes) ? 3 : position;
    for (let cell = 0; ; cell++) {
      if (cell === record.starts.length) this.#makeRoom();
      const after = bytes[start] === QUOTE ? this.#scanQuoted(bytes, start + 1, cell) : this.#scanPlain(bytes, start, cell);
      if (after < 0 || after >= bytes.length) return -1;
      start = after + 1;
      if (bytes[after] === LINE_FEED) {
        record.cellCount = cell + 1;
        return start;
      }
    }
  }

  /** Notes a cell without quotes; returns where its comma or line feed is, the end of the bytes when there is none yet. */
  #scanPlain(bytes: Uint8Array, start: number, cell: number): number {
    const { length } = bytes;
    let end = start;
    for (; end < length; end++) {
      const byte = bytes[end]!;
      if (byte <= COMMA && (byte === COMMA || byte === LINE_FEED)) break;
    }
    this.#record.starts[cell] = start;
    this.#record.ends[cell] = bytes[end] === LINE_FEED && end > start && bytes[end - 1] === CARRIAGE_RETURN ? end - 1 : end;
    this.#record.quoting[cell] = PLAIN;
    return end;
  }

  /** Notes a cell whose opening quote is just before `start`; returns as {@link #scanPlain}, or -1 when more bytes are needed. */
  #scanQuoted(bytes: Uint8Array, start: number, cell: number): number {
    let quoting = QUOTED;
    let end = start;
    // What a quote means depends on the byte after it, so the last byte has to wait.
    for (; end < bytes.length - 1; end++) {
      if (bytes[end] === LINE_FEED) this.#quotedLineEnds++;
      if (bytes[end] !== QUOTE) continue;
      if (bytes[end + 1] !== QUOTE) break;
      quoting = QUOTED_WITH_QUOTES;
      end++;
    }
    if (end >= bytes.length - 1) return -1;
    this.#record.starts[cell] = start;
    this.#record.ends[cell] = end;
    this.#record.quoting[cell] = quoting;
    const after = bytes[end + 1] === CARRIAGE_RETURN ? end + 2 : end + 1;
    const follows = bytes[after];
    if (follows === undefined || follows === LINE_FEED || (follows === COMMA && after === end + 1)) return after;
    throw this.#invalid(`cell ${cell + 1} goes on after its closing quote; write a quote inside a quoted cell as ""`);
  }

  #makeRoom(): void {
    const { starts, ends, quoting } = this.#record;
    this.#record.starts = grownCopy(starts, Int32Array);
    this.#record.ends = grownCopy(ends, Int32Array);
    this.#record.quoting = grownCopy(quoting, Uint8Array);
  }

  #requireShort(recordBytes: number): void {
    if (recordBytes <= this.#maxLineBytes) return;
    const line = this.#record.line;
    throw new FeatureError(
      'TOO_LARGE',
      `${this.#file}, line ${line}: longer than ${this.#maxLineBytes} bytes; look for a quote that isn't closed, or raise maxLineBytes`,
      { file: this.#file, line, maxLineBytes: this.#maxLineBytes },
    );
  }

  #invalid(rule: string): FeatureError {
    const { line } = this.#record;
    return new FeatureError('INVALID_FILE', `${this.#file}, line ${line}: ${rule}`, { file: this.#file, line, rule });
  }
}

function grownCopy<Values extends Int32Array | Uint8Array>(values: Values, ArrayType: new (length: number) => Values): Values {
  const grown = new ArrayType(values.length * 2);
  grown.set(values);
  return grown;
}

function startsWithByteOrderMark(bytes: Uint8Array): boolean {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
}
