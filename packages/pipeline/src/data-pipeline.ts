import type { Table } from '@fraudops/core';
import {
  type FeatureSet,
  type SimulateTransactionsOptions,
  type ValidationReport,
  readTransactions,
  simulateTransactions,
  validateTransactions,
} from '@fraudops/features';
import { type Dag, defineDag } from './dag.js';
import { PipelineError } from './pipeline-error.js';

/** Where transactions come from: a CSV(.gz) file, the simulator (handbook columns), or a table at hand. */
export type TransactionSource =
  | { readonly file: string }
  | { readonly simulate: SimulateTransactionsOptions }
  | { readonly table: Table };

/** Options of {@link dataPipeline}. */
export interface DataPipelineOptions {
  readonly source: TransactionSource;
  /** What to compute; its definition also says how to read and judge the transactions. */
  readonly features: FeatureSet;
  /** Share of rows that may break a rule of the schema and are left out; above it the pipeline fails. 0 to 1, default 0.01. */
  readonly maxRejectedShare?: number;
}

/** What {@link dataPipeline} gives. */
export interface PreparedData {
  /** Valid transactions in order of time. */
  readonly transactions: Table;
  /** Their features, row by row. */
  readonly features: Table;
  /** What validation found. */
  readonly validation: Pick<ValidationReport, 'rowCount' | 'validCount' | 'issues' | 'brokenRules'>;
}

/**
 * The data pipeline: `read` -> `validate` -> `features`.
 *
 * @throws {PipelineError} (when it runs) TOO_MANY_REJECTED naming the broken rules; what reading and computing throw
 * @example const { output } = await runDag(dataPipeline({ source: { file: 'transactions.csv.gz' }, features: handbookFeatures }));
 */
export function dataPipeline({ source, features, maxRejectedShare = 0.01 }: DataPipelineOptions): Dag<PreparedData> {
  if (!(maxRejectedShare >= 0 && maxRejectedShare <= 1)) {
    throw new PipelineError('INVALID_OPTION', `dataPipeline: maxRejectedShare is ${maxRejectedShare}, expected 0 to 1`);
  }
  return defineDag('data', (task) => {
    const read = task('read', [], async (_, { progress, signal }) => {
      if ('table' in source) return source.table;
      if ('file' in source) return readTransactions(source.file, features.transactions, { progress, signal });
      const simulating = progress.task('Simulating transactions', { unit: 'rows' });
      const table = simulateTransactions(source.simulate);
      simulating.done(`${table.rowCount.toLocaleString('en-US')} rows`);
      return table;
    });
    const validate = task('validate', [read], ([table], { progress }) => {
      const validating = progress.task('Validating transactions', { unit: 'rows' });
      const { valid, quarantined, ...validation } = validateTransactions(table, features.transactions);
      if (quarantined.rowCount > maxRejectedShare * table.rowCount) {
        validating.fail('too many rows break rules');
        throw tooManyRejected(validation, maxRejectedShare);
      }
      validating.done(
        quarantined.rowCount === 0 ? 'all rows valid' : `${quarantined.rowCount.toLocaleString('en-US')} rows left out`,
      );
      return { transactions: valid.sortByTime(features.transactions.time), validation };
    });
    return task('features', [validate], ([{ transactions, validation }], { progress }) => ({
      transactions,
      features: features.compute(transactions, { progress }),
      validation,
    }));
  });
}

function tooManyRejected(
  { rowCount, validCount, brokenRules }: PreparedData['validation'],
  maxRejectedShare: number,
): PipelineError {
  const rules = brokenRules.slice(0, 5).map(({ column, rule, count }) => `${column || 'row'}: ${rule} (${count} times)`);
  return new PipelineError(
    'TOO_MANY_REJECTED',
    `${rowCount - validCount} of ${rowCount} rows break rules, at most ${maxRejectedShare * 100} % may; mend the data or the schema: ${rules.join('; ')}`,
    { details: { rowCount, validCount, brokenRules } },
  );
}
