import type { Table } from '@fraudops/core';
import { OptionRules } from './option-rules.js';
import { completeSettings, type SimulateTransactionsOptions } from './simulation-settings.js';
import { TransactionSource } from './transaction-source.js';

/** Options of {@link streamTransactions}. */
export interface StreamTransactionsOptions extends SimulateTransactionsOptions {
  /** Rows of each table, 1 to 20,000,000; the last one may have fewer. Default 100,000. */
  readonly batchRows?: number;
}

const MAX_STREAMED_ROWS = 1_000_000_000;
const MAX_BATCH_ROWS = 20_000_000;

/**
 * The transactions of {@link simulateTransactions} in tables of `batchRows`, one after the other: the same rows, whatever the tables' size.
 * Rows are in order of time within and across tables, and their ids run on.
 *
 * Memory holds the population, the open frauds and one table, however many rows there are; time grows in proportion to them. The tables
 * share their dictionaries of names.
 *
 * @throws {FeatureError} INVALID_OPTION, at once
 * @example for (const table of streamTransactions({ rows: 100_000_000, seed: 7 })) score(table);
 */
export function streamTransactions(options: StreamTransactionsOptions): IterableIterator<Table> {
  const { batchRows = 100_000 } = options;
  const settings = completeSettings('streamTransactions', options, MAX_STREAMED_ROWS);
  new OptionRules('streamTransactions').integer('batchRows', batchRows, 1, MAX_BATCH_ROWS);
  return tables(new TransactionSource(settings), batchRows);
}

function* tables(source: TransactionSource, batchRows: number): IterableIterator<Table> {
  for (;;) {
    const table = source.next(batchRows);
    if (table.rowCount > 0) yield table;
    if (table.rowCount < batchRows) return;
  }
}
