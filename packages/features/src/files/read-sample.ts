/**
 * A sample of a file that nobody has declared yet: rows spread evenly over all of it, so that rare labels and gaps come up, and in their
 * order. It is what `inferTransactions` is for.
 */
import { open, readFile } from 'node:fs/promises';
import type { Table } from '@fraudops/core';
import { FeatureError } from '../feature-error.js';
import { type UntypedRow, sampleTable } from '../validation/sample-table.js';
import { tableFromArrow } from './arrow-table.js';
import { readCsvBytes } from './csv-bytes.js';
import { type CsvRecord, CsvRecords, PLAIN, QUOTED_WITH_QUOTES } from './csv-records.js';
import { tableFromParquet } from './parquet-table.js';
import { type TransactionsFormat, requireFormat } from './transactions-format.js';

/** Options of {@link readSample}. */
export interface ReadSampleOptions {
  /** Most rows of the sample, 20 to 1,000,000. Default 20,000. */
  readonly rows?: number;
  /** What the file is. Default: what its name says, as for {@link readTransactions}. */
  readonly format?: TransactionsFormat;
  /** Stops reading when it aborts. */
  readonly signal?: AbortSignal;
}

/**
 * Rows spread evenly over a file, every one of a small file, as a table of the kinds that the values suggest.
 *
 * CSV files are read as a stream, and the sample is all that memory holds; Parquet and Arrow files are read whole, up to 2 GiB.
 *
 * @returns at most `rows` rows, and at least half as many of a file that has more; the same file gives the same sample
 * @throws {FeatureError} INVALID_FILE, TOO_LARGE, INVALID_OPTION, ABORTED; the file system's own error when the file can't be read
 * @example console.log(inferTransactions(await readSample('payments.csv.gz')).toSource());
 */
export async function readSample(path: string, options: ReadSampleOptions = {}): Promise<Table> {
  const { rows = 20_000, signal } = options;
  if (!(Number.isInteger(rows) && rows >= 20 && rows <= 1_000_000))
    throw new FeatureError('INVALID_OPTION', `readSample: rows is ${rows}, expected a whole number from 20 to 1000000`, { rows });
  const format = requireFormat('readSample', path, options.format);
  try {
    if (format === 'csv') return sampleTable(await csvSample(path, rows, signal));
    const bytes = await readFile(path, signal ? { signal } : {});
    const table = await (format === 'parquet' ? tableFromParquet(bytes) : tableFromArrow(bytes));
    const stride = Math.ceil(table.rowCount / rows) || 1;
    return sampleTable(table.filter((row) => row % stride === 0).toRows());
  } catch (error) {
    if (signal?.aborted)
      throw new FeatureError('ABORTED', `${path}: reading was aborted by the caller's signal`, { file: path }, error);
    throw error;
  }
}

const MAX_LINE_BYTES = 1 << 20;

async function csvSample(path: string, rows: number, signal: AbortSignal | undefined): Promise<UntypedRow[]> {
  const sample = new EvenSample(path, rows);
  const records = new CsvRecords(path, MAX_LINE_BYTES, (record) => sample.take(record));
  const handle = await open(path);
  try {
    await readCsvBytes(path, handle, (chunk) => records.push(chunk), { signal });
  } finally {
    await handle.close();
  }
  records.end();
  return sample.finish();
}

/** Every row at first; whenever there are too many, every other one is let go, and from then on half as many are taken. */
class EvenSample {
  readonly #file: string;
  readonly #most: number;
  #header: readonly string[] | undefined;
  #rows: UntypedRow[] = [];
  #seen = 0;
  #stride = 1;

  constructor(file: string, most: number) {
    this.#file = file;
    this.#most = most;
  }

  take(record: CsvRecord): void {
    const { cellCount, line } = record;
    if (!this.#header) {
      this.#header = textsOf(record);
      const twice = this.#header.find((name, i, all) => all.indexOf(name) !== i);
      if (twice !== undefined) throw this.#invalid(line, `column ${twice} comes twice`);
      return;
    }
    const header = this.#header;
    if (cellCount !== header.length) {
      if (cellCount === 1 && record.starts[0] === record.ends[0] && record.quoting[0] === PLAIN) return;
      throw this.#invalid(
        line,
        `${cellCount} cells, the header has ${header.length}; the row is cut off or a comma isn't quoted`,
      );
    }
    if (this.#seen++ % this.#stride !== 0) return;
    if (this.#rows.length === this.#most) {
      this.#rows = this.#rows.filter((_, i) => i % 2 === 0);
      this.#stride *= 2;
      if ((this.#seen - 1) % this.#stride !== 0) return;
    }
    const texts = textsOf(record);
    this.#rows.push(Object.fromEntries(header.map((name, i) => [name, texts[i]])));
  }

  finish(): UntypedRow[] {
    if (!this.#header) throw this.#invalid(1, 'the file is empty; its first line must name the columns');
    return this.#rows;
  }

  #invalid(line: number, rule: string): FeatureError {
    return new FeatureError('INVALID_FILE', `${this.#file}, line ${line}: ${rule}`, { file: this.#file, line, rule });
  }
}

function textsOf({ bytes, cellCount, starts, ends, quoting }: CsvRecord): string[] {
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  return Array.from({ length: cellCount }, (_, cell) => {
    const text = all.toString('utf8', starts[cell], ends[cell]);
    return quoting[cell] === QUOTED_WITH_QUOTES ? text.replaceAll('""', '"') : text;
  });
}
