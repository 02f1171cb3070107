import { FeatureError } from '../feature-error.js';

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
/** What other programs write between cells, and how messages call it. */
const OTHER_SEPARATORS: ReadonlyMap<number, string> = new Map([
  [9, 'a tab'],
  [59, 'a semicolon'],
]);
const NO_BYTES = new Uint8Array(0);

/**
 * Splits a stream of CSV bytes into records of cells (RFC 4180), without making strings.
 *
 * - Cells are separated by commas, records by LF or CRLF; the last one may lack its line end. A UTF-8 byte order mark is skipped.
 * - A cell that begins with a quote ends with the next single quote; inside, commas and line ends are data and `""` is one quote.
 *   Quotes elsewhere are data.
 * - Chunks may be cut anywhere: bytes of a record whose end isn't there yet wait for the next chunk, and the scan goes on where it
 *   stopped, so a record of many chunks costs no more than many records.
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
  /** Holds the beginning of a record whose end hasn't come yet, and room for what comes. */
  #store: Uint8Array = NO_BYTES;
  /** How many bytes of the store are such a beginning. */
  #waitingBytes = 0;
  /** Where the scan of that beginning stopped; undefined when it has to start at the record. */
  #stopped: { cell: number; start: number; from: number } | undefined;
  /** Line ends met inside quotes by the scan under way. */
  #quotedLineEnds = 0;
  /** Where the scan of a quoted cell stopped for want of bytes. */
  #quotedFrom = 0;

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
   * @throws {FeatureError} INVALID_FILE for text after a closing quote or a header without commas, TOO_LARGE for a record above the limit
   */
  push(chunk: Uint8Array): void {
    const bytes = this.#waitingBytes === 0 ? chunk : this.#append(chunk);
    let position = 0;
    for (let next = this.#scan(bytes, position); next >= 0; next = this.#scan(bytes, position)) {
      this.#requireShort(next - 1 - position);
      if (this.#record.line === 1) this.#requireCommas();
      this.#onRecord(this.#record);
      this.#record.line += 1 + this.#quotedLineEnds;
      position = next;
    }
    this.#requireShort(bytes.length - position);
    this.#keepFrom(bytes, position);
  }

  /** Puts a chunk behind the waiting bytes; returns them all. */
  #append(chunk: Uint8Array): Uint8Array {
    const length = this.#waitingBytes + chunk.length;
    if (length > this.#store.length) {
      const larger = new Uint8Array(Math.max(length, 2 * this.#store.length));
      larger.set(this.#store.subarray(0, this.#waitingBytes));
      this.#store = larger;
    }
    this.#store.set(chunk, this.#waitingBytes);
    return this.#store.subarray(0, length);
  }

  /** Keeps the bytes from a position on, and what is known of them, for the next chunk. */
  #keepFrom(bytes: Uint8Array, position: number): void {
    const isStored = bytes.buffer === this.#store.buffer;
    this.#waitingBytes = 0;
    if (!isStored) this.#append(bytes.subarray(position));
    else if (position > 0) this.#store.copyWithin(0, position, bytes.length);
    this.#waitingBytes = bytes.length - position;
    if (this.#stopped === undefined || position === 0) return;
    const { starts, ends } = this.#record;
    for (let cell = 0; cell < this.#stopped.cell; cell++) {
      starts[cell]! -= position;
      ends[cell]! -= position;
    }
    this.#stopped.start -= position;
    this.#stopped.from -= position;
  }

  /**
   * Reports the last record if it has no line end of its own.
   * @throws {FeatureError} INVALID_FILE for a quote that is never closed, and as {@link CsvRecords.push}
   */
  end(): void {
    if (this.#waitingBytes === 0 || (this.#waitingBytes === 3 && startsWithByteOrderMark(this.#store))) return;
    this.push(Uint8Array.of(LINE_FEED));
    if (this.#waitingBytes > 0) throw this.#invalid('a quote is opened and never closed');
  }

  /** Finds the cells of the record at `position`; returns where the next record begins, -1 when this one's end isn't there yet. */
  #scan(bytes: Uint8Array, position: number): number {
    const record = this.#record;
    record.bytes = bytes;
    if (record.line === 1 && isPartOfByteOrderMark(bytes)) return -1;
    const stopped = this.#stopped;
    this.#stopped = undefined;
    if (!stopped) {
      this.#quotedLineEnds = 0;
      const next = record.line === 1 ? -1 : this.#scanWithoutQuotes(bytes, position);
      if (next >= 0) return next;
    }
    let start = stopped?.start ?? (record.line === 1 && startsWithByteOrderMark(bytes) ? 3 : position);
    let from = stopped?.from ?? start;
    for (let cell = stopped?.cell ?? 0; ; cell++) {
      if (cell === record.starts.length) this.#makeRoom();
      const isQuoted = bytes[start] === QUOTE;
      const after = isQuoted ? this.#scanQuoted(bytes, start + 1, from, cell) : this.#scanPlain(bytes, start, from, cell);
      if (after < 0 || after >= bytes.length) {
        this.#stopped = { cell, start, from: isQuoted ? this.#quotedFrom : bytes.length };
        return -1;
      }
      start = after + 1;
      from = start;
      if (bytes[after] === LINE_FEED) {
        record.cellCount = cell + 1;
        return start;
      }
    }
  }

  /**
   * What {@link #scan} does, for a record that has no quotes, is there as a whole and has no more cells than there is room for: most
   * records are such, and one loop over local variables reads them twice as fast. Returns where the next record begins, -1 when the
   * record is another one.
   */
  #scanWithoutQuotes(bytes: Uint8Array, position: number): number {
    const { starts, ends, quoting } = this.#record;
    const { length } = bytes;
    const room = starts.length;
    let cell = 0;
    let start = position;
    for (let end = position; end < length; end++) {
      const byte = bytes[end]!;
      if (byte > COMMA) continue;
      if (byte === COMMA) {
        starts[cell] = start;
        ends[cell] = end;
        quoting[cell] = PLAIN;
        start = end + 1;
        if (++cell === room) return -1;
      } else if (byte === LINE_FEED) {
        starts[cell] = start;
        ends[cell] = end > start && bytes[end - 1] === CARRIAGE_RETURN ? end - 1 : end;
        quoting[cell] = PLAIN;
        this.#record.cellCount = cell + 1;
        return end + 1;
      } else if (byte === QUOTE && end === start) return -1;
    }
    return -1;
  }

  /**
   * Notes a cell without quotes; returns where its comma or line feed is, the end of the bytes when there is none yet. Bytes before
   * `from` are known to be neither.
   */
  #scanPlain(bytes: Uint8Array, start: number, from: number, cell: number): number {
    const { length } = bytes;
    let end = from;
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
  #scanQuoted(bytes: Uint8Array, start: number, from: number, cell: number): number {
    let quoting = from > start ? this.#record.quoting[cell]! : QUOTED;
    let end = Math.max(start, from);
    // What a quote means depends on the byte after it, so the last byte has to wait.
    for (; end < bytes.length - 1; end++) {
      if (bytes[end] === LINE_FEED) this.#quotedLineEnds++;
      if (bytes[end] !== QUOTE) continue;
      if (bytes[end + 1] !== QUOTE) break;
      quoting = QUOTED_WITH_QUOTES;
      end++;
    }
    this.#record.quoting[cell] = quoting;
    this.#quotedFrom = end;
    if (end >= bytes.length - 1) return -1;
    this.#record.starts[cell] = start;
    this.#record.ends[cell] = end;
    const after = bytes[end + 1] === CARRIAGE_RETURN ? end + 2 : end + 1;
    const follows = bytes[after];
    if (follows === undefined || follows === LINE_FEED || (follows === COMMA && after === end + 1)) return after;
    if (this.#record.line === 1 && cell === 0 && OTHER_SEPARATORS.has(follows)) throw this.#notCommas(follows);
    throw this.#invalid(`cell ${cell + 1} goes on after its closing quote; write a quote inside a quoted cell as ""`);
  }

  /** Refuses a header of one cell that holds what other programs put between cells. */
  #requireCommas(): void {
    const { bytes, cellCount, starts, ends, quoting } = this.#record;
    if (cellCount !== 1 || quoting[0] !== PLAIN) return;
    const other = bytes.subarray(starts[0], ends[0]).find((byte) => OTHER_SEPARATORS.has(byte));
    if (other !== undefined) throw this.#notCommas(other);
  }

  #notCommas(separator: number): FeatureError {
    return this.#invalid(
      `the header is one cell with ${OTHER_SEPARATORS.get(separator)!} in it, but only commas separate cells here; save the file with commas`,
    );
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
      `${this.#file}, line ${line}: longer than ${this.#maxLineBytes} bytes; look for a quote that isn't closed or lines that end with CR alone, or raise maxLineBytes`,
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

function isPartOfByteOrderMark(bytes: Uint8Array): boolean {
  return bytes.length < 3 && (bytes.length < 1 || bytes[0] === 0xef) && (bytes.length < 2 || bytes[1] === 0xbb);
}

function startsWithByteOrderMark(bytes: Uint8Array): boolean {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
}
