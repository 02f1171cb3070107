import { writeFile } from 'node:fs/promises';
import { days, readTransactions } from '@fraudops/features';
import { takeTrainingRows, trainingSet } from '@fraudops/pipeline';
import {
  type EvaluationReport,
  calibrate,
  chooseThreshold,
  evaluationHtml,
  evaluationReport,
  sliceByTime,
  trainBoosting,
} from '@fraudops/train';
import { costs, features, payments, reviewsPerDay, sliceDays } from './payments.js';

/**
 * Trains on a CSV file, and judges on its last days what would be used: the model, calibrated, with the policy that says what is reviewed.
 * Everything that is fitted or chosen has rows of its own; those before the first of them only fill the features' windows.
 *
 * @param csvPath transactions with the columns of `payments`; read `.csv` or `.csv.gz`
 * @param pagePath where the evaluation is written
 */
export async function trainOnCsv(csvPath: string, pagePath: string): Promise<EvaluationReport> {
  const transactions = (await readTransactions(csvPath, payments)).sortByTime(payments.time);
  const all = trainingSet(transactions, features.compute(transactions), features);
  const startMs = Math.ceil(all.times[0]! / days(1)) * days(1) + days(7);
  const { times, labels, entityCodes } = all;
  const slices = sliceByTime({ times, labels, entityCodes, startMs, days: sliceDays, delayDays: 7, delays: 'last' });
  const amounts = transactions.number('TX_AMOUNT');
  const slice = (name: keyof typeof slices) => {
    const { rows } = slices[name];
    return { ...takeTrainingRows(all, rows), amounts: Float64Array.from(rows, (row) => amounts[row]!) };
  };

  const [train, stopping, calibration] = [slice('train'), slice('stopping'), slice('calibration')];
  const [threshold, test] = [slice('threshold'), slice('test')];
  const validation = { matrix: stopping.matrix, labels: stopping.labels };
  const trained = trainBoosting(train.matrix, train.labels, { trees: 500, depth: 3, validation });
  const { model } = calibrate(trained, calibration.matrix, calibration.labels);
  const { policy } = chooseThreshold({ ...threshold, scores: model.scoreBatch(threshold.matrix) }, { costs, reviewsPerDay });
  const report = evaluationReport(model, test.matrix, test, { name: 'boosted trees', policy });
  await writeFile(pagePath, evaluationHtml(report));
  return report;
}
