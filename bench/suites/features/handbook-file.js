/**
 * The transactions of the Fraud Detection Handbook as a CSV file: the book's own where it stands beside the repository, else
 * simulated ones by the book's story, as many as asked.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { simulateTransactions, writeTransactions } from '@fraudops/features';

/** Rows of the book's own file. */
export const HANDBOOK_ROWS = 1_754_155;

const HANDBOOK_DAYS = 183;
const SEED = 7;
const bookFile = fileURLToPath(new URL('../../../../shared/data/handbook/transactions.csv.gz', import.meta.url));

/**
 * @param {number} rows the book's file is taken only when all of its rows are asked for
 * @param {string} folder where a simulated file goes
 * @returns {Promise<{ file: string, description: string }>}
 */
export async function handbookFile(rows, folder) {
  const number = rows.toLocaleString('en-US');
  if (rows === HANDBOOK_ROWS && existsSync(bookFile)) {
    return { file: bookFile, description: `the ${number} transactions of the Fraud Detection Handbook` };
  }
  const file = path.join(folder, 'transactions.csv.gz');
  await writeTransactions(file, simulateTransactions({ rows, seed: SEED, days: HANDBOOK_DAYS }));
  return {
    file,
    description: `${number} simulated transactions over ${HANDBOOK_DAYS} days (simulateTransactions, seed ${SEED})`,
  };
}
