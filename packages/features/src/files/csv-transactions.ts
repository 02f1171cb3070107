import { Table } from '@fraudops/core';
import { FeatureError } from '../feature-error.js';
import type { TransactionsDefinition } from '../transactions/transactions.js';
import { type ColumnBuilder, columnBuilder } from './csv-columns.js';
import { type CsvRecord, PLAIN, QUOTED_WITH_QUOTES } from './csv-records.js';

/**
 * Turns the records of a CSV file into columns: the first record is the header, every other one a row.
 *
 * Columns are found by the names of the header, in any order; those that the definition does not know are ignored.
 */
export class CsvTransactions {
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
