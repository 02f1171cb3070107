/** Ours in the forest case: `trainInWorker`, so that one thread and several go the same way. The threads are up before. */
import { writeFileSync } from 'node:fs';
import { startTrainingThreads, trainInWorker } from '@fraudops/train';
import { serveCommands, timed } from '../../../harness/serve-commands.js';
import { readFraudMatrix } from '../fraud-matrix.js';

let job;
let control;
let tested;
let model;

await serveCommands({
  async load({ folder, totalRows, rows, trees, threads }) {
    const training = readFraudMatrix(folder, { totalRows, start: 0, end: rows });
    job = { algorithm: 'forest', ...training, options: { trees } };
    control = { threads };
    await startTrainingThreads({ threads });
    tested = readFraudMatrix(folder, { totalRows, start: rows, end: totalRows });
  },
  async run() {
    const { seconds, result } = await timed(() => trainInWorker(job, control));
    model = result.model;
    return seconds;
  },
  save({ file }) {
    writeFileSync(file, model.scoreBatch(tested.matrix));
  },
});
