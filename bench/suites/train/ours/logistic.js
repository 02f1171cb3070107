/** Ours in the logistic case: `trainLogistic` from raw columns. */
import { writeFileSync } from 'node:fs';
import { trainLogistic } from '@fraudops/train';
import { serveCommands, timed } from '../../../harness/serve-commands.js';
import { readFraudMatrix } from '../fraud-matrix.js';

let training;
let tested;
let model;

await serveCommands({
  load({ folder, totalRows, rows }) {
    training = readFraudMatrix(folder, { totalRows, start: 0, end: rows });
    tested = readFraudMatrix(folder, { totalRows, start: rows, end: totalRows });
  },
  async run() {
    const { seconds, result } = await timed(() => trainLogistic(training.matrix, training.labels, { standardise: true }));
    model = result;
    return seconds;
  },
  save({ file }) {
    writeFileSync(file, model.scoreBatch(tested.matrix));
  },
});
