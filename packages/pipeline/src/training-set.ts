import { type FeatureMatrix, MISSING_FLAG, type Table, flagColumn, sha256Hex, takeRows, toFeatureMatrix } from '@fraudops/core';
import type { FeatureSet, TransactionsDefinition } from '@fraudops/features';
import type { DatasetInput } from '@fraudops/registry';
import { PipelineError } from './pipeline-error.js';

/** Features with what is known about each row, ready to train on and to judge with. All arrays have one entry a row. */
export interface TrainingSet {
  /** Before any scaling. */
  readonly matrix: FeatureMatrix;
  /** 0 or 1; 255 where the label is not known. */
  readonly labels: Uint8Array;
  /** Event times, epoch milliseconds. */
  readonly times: Float64Array;
  /** Card or customer of each row, as a code; -1 is missing. */
  readonly entityCodes: Int32Array;
}

/**
 * Transactions and their features as a training set.
 *
 * @param transactions with time, label and entity columns
 * @param features as `FeatureSet.compute` gives them, row by row
 * @param entity field of the card or customer; default: the definition's first entity
 * @throws {PipelineError} INVALID_OPTION when the definition has no label or no entity, or rows differ
 */
export function trainingSet(transactions: Table, features: Table, featureSet: FeatureSet, entity?: string): TrainingSet {
  const { label, time, entities } = featureSet.transactions;
  const entityField = entity ?? entities[0];
  if (!label || entityField === undefined) {
    throw new PipelineError(
      'INVALID_OPTION',
      'trainingSet: the transactions have no label or no entity; name them in defineTransactions',
    );
  }
  if (transactions.rowCount !== features.rowCount) {
    const counts = `${transactions.rowCount} transactions, ${features.rowCount} rows of features`;
    throw new PipelineError('INVALID_OPTION', `trainingSet: ${counts}; expected the same rows in both`);
  }
  return {
    matrix: toFeatureMatrix(features, featureSet.names),
    labels: transactions.flag(label.field),
    times: transactions.time(time),
    entityCodes: transactions.category(entityField).codes,
  };
}

/** The rows of a training set at the given positions. */
export function takeTrainingRows(set: TrainingSet, positions: Uint32Array): TrainingSet {
  return {
    matrix: takeRows(set.matrix, positions),
    labels: Uint8Array.from(positions, (position) => set.labels[position]!),
    times: Float64Array.from(positions, (position) => set.times[position]!),
    entityCodes: Int32Array.from(positions, (position) => set.entityCodes[position]!),
  };
}

/**
 * The transactions as they were known at a moment: labels whose knowledge time (event time + delay) is later are missing.
 *
 * @throws {PipelineError} INVALID_OPTION when the definition has no label
 */
export function labelsKnownAt(transactions: Table, definition: TransactionsDefinition, atMs: number): Table {
  const { label, time } = definition;
  if (!label) throw new PipelineError('INVALID_OPTION', 'labelsKnownAt: the transactions have no label');
  const times = transactions.time(time);
  const known = transactions.flag(label.field).map((flag, row) => (times[row]! + label.delayMs <= atMs ? flag : MISSING_FLAG));
  return transactions.with(label.field, flagColumn(known));
}

/** SHA-256 over names, features, labels and times: two sets with the same fingerprint train the same model. */
export function fingerprint(set: TrainingSet): string {
  const parts = [set.labels, set.times, ...set.matrix.columns].map((values) =>
    sha256Hex(new Uint8Array(values.buffer, values.byteOffset, values.byteLength)),
  );
  return sha256Hex(JSON.stringify([set.matrix.names, parts]));
}

/** How a run names a training set that it reads. @param context what it is read for, such as `training` @param source where it comes from */
export function datasetInput(set: TrainingSet, context: string, source: string): DatasetInput {
  const sorted = set.times.toSorted();
  const [fromMs, toMs] = [sorted.at(0), sorted.at(-1)];
  return {
    name: 'transactions',
    context,
    fingerprint: fingerprint(set),
    rows: set.labels.length,
    ...(Number.isInteger(fromMs) && Number.isInteger(toMs) ? { fromMs: fromMs!, toMs: toMs! } : {}),
    ...(source === '' ? {} : { source: source.slice(0, 250) }),
  };
}
