/** `node dist/main.js [payments.csv] [evaluation.html]`: without a file, two months of payments are simulated, in the columns as they are here. */
import { simulateTransactions, writeTransactions } from '@fraudops/features';
import { trainOnCsv } from './train-on-csv.js';

const [givenPath, pagePath = 'evaluation.html'] = process.argv.slice(2);
const csvPath = givenPath ?? 'payments.csv';
try {
  if (givenPath === undefined) await writeTransactions(csvPath, simulateTransactions({ rows: 60_000, days: 60, seed: 7 }));
  const { candidate, prevalence } = await trainOnCsv(csvPath, pagePath);
  console.log(`Average precision ${candidate.averagePrecision.value?.toFixed(3)}, by chance ${prevalence.toFixed(3)}.`);
  console.log(`The whole evaluation: ${pagePath}`);
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
