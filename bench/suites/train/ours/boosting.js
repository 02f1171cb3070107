/** Ours in the boosting cases: `trainBoosting` on one thread, `trainInWorker` on several, over shared columns. */
import { writeFileSync } from 'node:fs';
import { startTrainingThreads, trainBoosting, trainInWorker } from '@fraudops/train';
import { serveCommands, timed } from '../../../harness/serve-commands.js';
import { readFraudMatrix } from '../fraud-matrix.js';

const options = { trees: 100, maxLeaves: 31, depth: 64, learningRate: 0.1, l2: 1, minChildWeight: 1, bins: 255 };
let source = { folder: '', totalRows: 0, testRows: 0 };
let threads = 1;
let train;

async function trainOn({ matrix, labels }) {
  if (threads === 1) return trainBoosting(matrix, labels, options);
  const { model } = await trainInWorker({ algorithm: 'boosting', matrix, labels, options }, { threads });
  return model;
}

await serveCommands({
  /** `threadsUp`: whether threads start now, and stay for good, or within the first training. */
  async load({ rows, threads: count, threadsUp = false, ...files }) {
    source = files;
    threads = count;
    if (threadsUp) await startTrainingThreads({ threads });
    train = readFraudMatrix(source.folder, { totalRows: source.totalRows, start: 0, end: rows });
  },
  /** As the caller sees it: from the call to the model. */
  async run() {
    const { seconds } = await timed(() => trainOn(train));
    return seconds;
  },
  peak_memory: () => process.resourceUsage().maxRSS * 1024,
  async score({ start, rows, file }) {
    const { folder, totalRows, testRows } = source;
    const model = await trainOn(readFraudMatrix(folder, { totalRows, start, end: start + rows }));
    const test = readFraudMatrix(folder, { totalRows, start: totalRows - testRows, end: totalRows });
    writeFileSync(file, model.scoreBatch(test.matrix));
  },
});
