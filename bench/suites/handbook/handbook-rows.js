/**
 * The rows of the handbook's chapter 3: train on 2018-07-25 to 07-31, a week until labels are known, test on 2018-08-08 to 08-14, without
 * cards already known as compromised. Parameters are tuned on earlier blocks of the same shape that end with the training days, so the test
 * days are seen once.
 */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { takeRows, toFeatureMatrix } from '@fraudops/core';
import { handbookFeatures, readTransactions } from '@fraudops/features';
import { prequentialFolds, splitByTime } from '@fraudops/train';

const bookFolder = fileURLToPath(new URL('../../../../shared/data/handbook/', import.meta.url));
const transactionsFile = `${bookFolder}transactions.csv.gz`;
const featuresFile = `${bookFolder}features_2018-07-25_2018-08-14.csv.gz`;

const TRAIN_START_MS = Date.UTC(2018, 6, 25);
const TRAIN_END_MS = Date.UTC(2018, 7, 1);

/** Whether the book's transactions stand beside the repository. */
export const hasBook = existsSync(transactionsFile) && existsSync(featuresFile);

/**
 * Labelled rows with their features.
 * @typedef {{ matrix: import('@fraudops/core').FeatureMatrix, labels: Uint8Array, times: Float64Array, entityCodes: Int32Array }} Rows
 */

/**
 * @param {{ folds: number, say: (text: string) => void }} options
 * @returns {Promise<{ train: Rows, test: Rows, folds: { train: Rows, test: Rows }[], book: { rows: number, differing: number } }>} `book`:
 *   rows for which the book has features of its own, and of how many ours differ
 */
export async function handbookRows({ folds, say }) {
  say('reading transactions, computing features');
  const table = await readTransactions(transactionsFile);
  const matrix = toFeatureMatrix(handbookFeatures.compute(table), handbookFeatures.names);
  const truth = {
    times: table.time('TX_DATETIME'),
    labels: table.flag('TX_FRAUD'),
    entityCodes: table.category('CUSTOMER_ID').codes,
  };
  const take = (positions) => ({
    matrix: takeRows(matrix, positions),
    labels: Uint8Array.from(positions, (row) => truth.labels[row]),
    times: Float64Array.from(positions, (row) => truth.times[row]),
    entityCodes: Int32Array.from(positions, (row) => truth.entityCodes[row]),
  });
  const takeBoth = ({ train, test }) => ({ train: take(train), test: take(test) });
  return {
    ...takeBoth(splitByTime({ ...truth, trainStartMs: TRAIN_START_MS })),
    folds: prequentialFolds({ ...truth, endMs: TRAIN_END_MS, folds }).map(takeBoth),
    book: compareWithBook(matrix, table.number('TRANSACTION_ID')),
  };
}

/** How far our features may lie from the book's own, relative to their size: what rounding to float32 does. */
const ROUNDING = 1e-6;

/** Counts the book's rows, and those of which one of our features differs from the book's. */
function compareWithBook(matrix, ids) {
  const rowOfId = new Map(Array.from(ids, (id, row) => [id, row]));
  const [head, ...lines] = gunzipSync(readFileSync(featuresFile)).toString('latin1').trimEnd().split('\n');
  const columns = head.split(',');
  const places = matrix.names.map((name) => columns.indexOf(name));
  const idPlace = columns.indexOf('TRANSACTION_ID');
  const differs = (line) => {
    const cells = line.split(',');
    const row = rowOfId.get(Number(cells[idPlace]));
    return matrix.columns.some((column, feature) => {
      const booked = Number(cells[places[feature]]);
      return !(Math.abs(column[row] - booked) <= ROUNDING * Math.max(1, Math.abs(booked)));
    });
  };
  return { rows: lines.length, differing: lines.filter(differs).length };
}
