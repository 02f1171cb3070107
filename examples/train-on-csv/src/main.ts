/** `node dist/main.js [payments.csv] [evaluation.html]`: without a file, a hundred days of payments are simulated, in the columns as they are here. */
import { simulateTransactions, writeTransactions } from '@fraudops/features';
import { trainOnCsv } from './train-on-csv.js';

const [givenPath, pagePath = 'evaluation.html'] = process.argv.slice(2);
const csvPath = givenPath ?? 'payments.csv';
try {
  if (givenPath === undefined) await writeTransactions(csvPath, simulateTransactions({ rows: 250_000, days: 100, seed: 7 }));
  const { candidate, prevalence, policy } = await trainOnCsv(csvPath, pagePath);
  console.log(`Average precision ${candidate.averagePrecision.value?.toFixed(3)}, by chance ${prevalence.toFixed(3)}.`);
  if (policy) {
    const { reviewsPerDay, recall, savedPerDay } = policy.outcome;
    console.log(
      `${reviewsPerDay.toFixed(1)} reviews a day find ${((recall ?? 0) * 100).toFixed(0)} % of the frauds and save ${savedPerDay?.toFixed(0)} a day.`,
    );
  }
  console.log(`The whole evaluation: ${pagePath}`);
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
