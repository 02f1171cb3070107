/**
 * Boosted trees: ours on one thread and on two against LightGBM, LightGBM with quantised gradients, and XGBoost. Each contestant trains
 * once before it is measured, so that its threads are up; ours on two threads is measured in new processes as well, where they are not.
 */
import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { averagePrecision, rocAuc } from '@fraudops/train';
import { startOurs } from '../../harness/contestant.js';
import { linePeersUp } from '../../harness/line-up.js';
import { SPREAD_COLUMNS, ratio, spread, takeTurns } from '../../harness/rounds.js';
import { fraudMatrix, writeFraudMatrix } from './fraud-matrix.js';

const fileHere = (name) => fileURLToPath(new URL(name, import.meta.url));
const SEED = 7;
const OURS = 'fraudops trainBoosting, 1 thread';
const OURS_IN_TWO = 'fraudops trainInWorker, 2 threads already up';
const OURS_FROM_NOTHING = 'fraudops trainInWorker, 2 threads started within';
const LIGHTGBM = 'LightGBM, 1 thread';

/** @param {string} title @param {number} rows of a full run @returns {import('../../run.js').Case} */
export const boostingCase = (title, rows) => ({
  title,
  sizes: { rows, rounds: 5, slices: 6, sliceRows: 100_000, testRows: 200_000 },
  async run(context) {
    const { sizes, folder, say } = context;
    const totalRows = Math.max(sizes.rows, sizes.slices * sizes.sliceRows) + sizes.testRows;
    say(`making ${totalRows} rows`);
    const data = fraudMatrix(totalRows, SEED);
    writeFraudMatrix(folder, data);
    const values = { folder, totalRows, rows: sizes.rows, testRows: sizes.testRows };
    const ours = [1, 2].map((threads) => ({
      threads,
      contestant: startOurs(threads === 1 ? OURS : OURS_IN_TWO, { script: fileHere('ours/boosting.js') }),
    }));
    const { peers, notMeasured } = await linePeersUp(peerEntries(values), context);
    const contestants = [...ours.map(({ contestant }) => contestant), firstTrainings({ ...values, threads: 2 }), ...peers];
    try {
      for (const { threads, contestant } of ours) await contestant.ask('load', { ...values, threads, threadsUp: threads > 1 });
      // Warms up, and peaks its memory.
      const megabytes = new Map();
      for (const contestant of contestants) {
        await contestant.ask('run');
        megabytes.set(contestant.name, (await contestant.ask('peak_memory')) / 2 ** 20);
      }
      say(`${sizes.rounds} rounds of ${contestants.length} contestants`);
      const seconds = await takeTurns(contestants, sizes.rounds, (contestant) => contestant.ask('run'));
      const testLabels = data.labels.subarray(totalRows - sizes.testRows);
      const judged = await judge(contestants, { ...sizes, folder, testLabels, say });
      return {
        setting: setting(sizes),
        tables: [
          {
            columns: ['seconds', ...SPREAD_COLUMNS, 'times ours', 'times LightGBM', 'peak MB'],
            rows: contestants.map(({ name }) => timeRow(name, seconds, megabytes)),
          },
          accuracyTable(judged, sizes),
        ],
        checks: [`${OURS}, and ${OURS_IN_TWO}: the same scores on all test rows, to the bit`],
        notMeasured,
      };
    } finally {
      for (const contestant of contestants) await contestant.stop();
    }
  },
});

/** A contestant whose every training is the first one of a process: nothing is started, loaded or compiled yet. */
function firstTrainings(values) {
  let peakMemory = 0;
  return {
    name: OURS_FROM_NOTHING,
    async ask(command) {
      if (command === 'peak_memory') return peakMemory;
      const child = startOurs(OURS_FROM_NOTHING, { script: fileHere('ours/boosting.js') });
      try {
        await child.ask('load', { ...values, threadsUp: false });
        const seconds = await child.ask('run');
        peakMemory = Math.max(peakMemory, await child.ask('peak_memory'));
        return seconds;
      } finally {
        await child.stop();
      }
    },
    async stop() {},
  };
}

const named = (threads) => `${threads} thread${threads > 1 ? 's' : ''}`;

function peerEntries(values) {
  return [1, 2].flatMap((threads) => [
    {
      name: `LightGBM, ${named(threads)}`,
      script: fileHere('peers/boosting_lightgbm.py'),
      values: { ...values, threads, quantised: false },
    },
    {
      name: `LightGBM use_quantized_grad, ${named(threads)}`,
      script: fileHere('peers/boosting_lightgbm.py'),
      values: { ...values, threads, quantised: true },
    },
    { name: `XGBoost hist, ${named(threads)}`, script: fileHere('peers/boosting_xgboost.py'), values: { ...values, threads } },
  ]);
}

function timeRow(name, seconds, megabytes) {
  const own = seconds.get(name);
  const lightgbm = seconds.get(LIGHTGBM);
  return [
    name,
    ...spread(own),
    ratio(own, seconds.get(OURS)),
    lightgbm ? ratio(own, lightgbm) : '',
    Math.round(megabytes.get(name)),
  ];
}

/** Trains each contestant on disjoint slices of the history, and judges its scores of the same later rows. Threads make no difference. */
async function judge(contestants, { slices, sliceRows, folder, testLabels, say }) {
  const judged = new Map();
  const [ours, oursInTwo] = contestants;
  for (const contestant of contestants.filter(({ name }) => name.endsWith('1 thread'))) {
    say(`${contestant.name}: ${slices} slices of ${sliceRows} rows`);
    const figures = [];
    for (let slice = 0; slice < slices; slice++) {
      const scores = await scoresOf(contestant, slice * sliceRows, sliceRows, folder);
      if (slice === 0 && contestant === ours) await requireSame(scores, oursInTwo, sliceRows, folder);
      figures.push({ rocAuc: rocAuc(scores, testLabels), averagePrecision: averagePrecision(scores, testLabels) });
    }
    judged.set(contestant.name, figures);
  }
  return judged;
}

async function requireSame(scores, contestant, sliceRows, folder) {
  const others = await scoresOf(contestant, 0, sliceRows, folder);
  const different = scores.findIndex((score, row) => score !== others[row]);
  if (different >= 0) {
    throw new Error(`boosting: ${contestant.name} scores row ${different} ${others[different]}, one thread ${scores[different]}`);
  }
}

async function scoresOf(contestant, start, rows, folder) {
  const file = path.join(folder, 'scores.f64');
  await contestant.ask('score', { start, rows, file });
  const bytes = readFileSync(file);
  rmSync(file);
  return new Float64Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 8);
}

/** Means over the slices, and differences to LightGBM slice by slice with their standard errors. */
function accuracyTable(judged, { slices, sliceRows }) {
  const base = judged.get(LIGHTGBM);
  const rows = [...judged].map(([name, figures]) => [
    name,
    ...['rocAuc', 'averagePrecision'].flatMap((metric) => {
      const values = figures.map((each) => each[metric]);
      if (!base || name === LIGHTGBM) return [mean(values), '', ''];
      const differences = values.map((value, slice) => value - base[slice][metric]);
      return [mean(values), mean(differences), standardError(differences)];
    }),
  ]);
  return {
    title: `Accuracy on later rows, trained on ${slices} disjoint slices of ${sliceRows.toLocaleString('en-US')} rows`,
    columns: [
      'contestant',
      'ROC AUC',
      'minus LightGBM',
      'standard error',
      'average precision',
      'minus LightGBM',
      'standard error',
    ],
    rows,
  };
}

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

function standardError(values) {
  const center = mean(values);
  const variance = values.reduce((sum, value) => sum + (value - center) ** 2, 0) / (values.length - 1);
  return Math.sqrt(variance / values.length);
}

const number = (value) => value.toLocaleString('en-US');

function setting({ rows, testRows }) {
  return `${number(rows)} rows of 30 float32 features, 1 % frauds; 100 trees of 31 leaves, leaf-wise (XGBoost: lossguide), 255 bins, rate .1, l2 1, least hessian 1. The clock starts with the matrix in memory and stops with the model, binning included. Every contestant has trained once before, so its threads are up, but for ours with threads "started within": there each training is the first of a new process, and the clock runs while threads start, load their modules and compile. Accuracy on ${number(testRows)} later rows.`;
}
