import type { FileHandle } from 'node:fs/promises';
import type { ProgressTask, Table } from '@fraudops/core';
import type { TransactionsDefinition } from '../transactions/transactions.js';
import { readCsvBytes } from './csv-bytes.js';
import { CsvRecords } from './csv-records.js';
import { CsvTransactions } from './csv-transactions.js';

/** What {@link readCsv} takes beside the file. */
export interface ReadCsvOptions {
  readonly maxRows: number;
  readonly maxLineBytes: number;
  readonly signal?: AbortSignal | undefined;
  /** Hears of the bytes read, compressed ones for a gzip file. */
  readonly task: ProgressTask;
}

/**
 * Transactions from a CSV file, plain or gzip (told by its first bytes), read as a stream: memory holds the table and a few megabytes
 * beside it.
 *
 * @throws {FeatureError} as `readTransactions`, but for an aborted signal, whose reason is thrown
 */
export async function readCsv(
  path: string,
  handle: FileHandle,
  definition: TransactionsDefinition,
  { maxRows, maxLineBytes, signal, task }: ReadCsvOptions,
): Promise<Table> {
  const transactions = new CsvTransactions(path, definition, maxRows);
  const records = new CsvRecords(path, maxLineBytes, (record) => transactions.take(record));
  await readCsvBytes(path, handle, (chunk) => records.push(chunk), { signal, onRead: (bytes) => task.advance(bytes) });
  records.end();
  return transactions.finish();
}
