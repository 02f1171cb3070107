import { writeFile } from 'node:fs/promises';
import { days, readTransactions } from '@fraudops/features';
import { takeTrainingRows, trainingSet } from '@fraudops/pipeline';
import { type EvaluationReport, evaluationHtml, evaluationReport, splitByTime, trainBoosting } from '@fraudops/train';
import { features, payments } from './payments.js';

/**
 * Trains on 28 days of a CSV file and judges on 14 later ones. Between them lies a week in which the labels of the training days become known,
 * and before them one that only fills the features' windows.
 *
 * @param csvPath transactions with the columns of `payments`; read `.csv` or `.csv.gz`
 * @param pagePath where the evaluation is written
 */
export async function trainOnCsv(csvPath: string, pagePath: string): Promise<EvaluationReport> {
  const transactions = (await readTransactions(csvPath, payments)).sortByTime(payments.time);
  const rows = trainingSet(transactions, features.compute(transactions), features);
  const split = splitByTime({ ...rows, trainStartMs: rows.times[0]! + days(7), trainDays: 28, delayDays: 7, testDays: 14 });
  const train = takeTrainingRows(rows, split.train);
  const model = trainBoosting(train.matrix, train.labels, { trees: 100, depth: 3 });
  const test = takeTrainingRows(rows, split.test);
  const report = evaluationReport(model, test.matrix, test, { name: 'boosted trees' });
  await writeFile(pagePath, evaluationHtml(report));
  return report;
}
