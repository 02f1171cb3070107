/** Exact TreeSHAP of a boosted model, one row at a time and in batches, against XGBoost, LightGBM and shap on one thread. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { startOurs, startPeer } from '../../harness/contestant.js';
import { FRAUD_FEATURES, fraudMatrix, writeFraudMatrix } from '../../harness/fraud-matrix.js';
import { linePeersUp } from '../../harness/line-up.js';
import { SPREAD_COLUMNS, median, ratio, spread, takeTurns } from '../../harness/rounds.js';
import { dumpByChance } from './lightgbm-dump.js';

const fileHere = (name) => fileURLToPath(new URL(name, import.meta.url));
const SEED = 7;
const FEATURE_COUNT = FRAUD_FEATURES.length;
const TREES = 100;
const LEAVES = 31;
const OURS = 'fraudops explain';
/** Largest difference, as a share of a row's largest figure: XGBoost adds up in float32. */
const TOLERANCE = 1e-6;

/** @type {import('../../run.js').Case} */
export const oneRow = {
  title: 'Exact TreeSHAP of one row',
  sizes: { training: 100_000, rows: 2_000, rounds: 7 },
  async run(context) {
    const tables = [];
    const p99 = new Map();
    const measured = await measure(context, async (contestants) => {
      const seconds = await takeTurns(contestants, context.sizes.rounds, async (contestant) => {
        const times = (await contestant.ask('one')).sort((a, b) => a - b);
        const slow = p99.get(contestant.name) ?? [];
        p99.set(contestant.name, [...slow, times[Math.floor(times.length * 0.99)]]);
        return median(times);
      });
      tables.push({
        columns: ['microseconds', 'p50', 'least p50', 'most p50', 'p99', 'p50 times ours'],
        rows: contestants.map(({ name }) => [
          name,
          ...spread(seconds.get(name)),
          median(p99.get(name)),
          ratio(seconds.get(name), seconds.get(OURS)),
        ]),
      });
    });
    const { rows } = context.sizes;
    const clock = `Each of ${number(rows)} rows is explained by itself, with a reading of the clock before and after; p50 and p99 are those of a round, of which the table shows medians.`;
    return { ...measured, setting: `${measured.setting} ${clock}`, tables };
  },
};

/** @type {import('../../run.js').Case} */
export const batch = {
  title: 'Exact TreeSHAP of many rows',
  sizes: { training: 100_000, rows: 5_000, rounds: 7 },
  async run(context) {
    const tables = [];
    const measured = await measure(context, async (contestants) => {
      const seconds = await takeTurns(contestants, context.sizes.rounds, (contestant) => contestant.ask('run'));
      const microsecondsARow = (name) => seconds.get(name).map((value) => (value / context.sizes.rows) * 1e6);
      tables.push({
        columns: ['microseconds a row', ...SPREAD_COLUMNS, 'times ours'],
        rows: contestants.map(({ name }) => [
          name,
          ...spread(microsecondsARow(name)),
          ratio(seconds.get(name), seconds.get(OURS)),
        ]),
      });
    });
    const clock = `${number(context.sizes.rows)} rows; peers get them at once, ours one after the other.`;
    return { ...measured, setting: `${measured.setting} ${clock}`, tables };
  },
};

/** Makes data and model, lets everybody load them, compares what they give, and measures. */
async function measure(context, rounds) {
  const { sizes, folder, say } = context;
  const training = fraudMatrix(sizes.training, SEED);
  writeFraudMatrix(folder, 'training', training);
  writeFraudMatrix(folder, 'explained', fraudMatrix(sizes.rows, SEED + 1));
  const model = await makeModel(context, training);
  const ours = startOurs(OURS, { script: fileHere('ours/explain.js') });
  const { peers, notMeasured } = await linePeersUp(peerEntries(folder), context);
  const contestants = [ours, ...peers];
  try {
    await ours.ask('load', { folder });
    const checks = await compareResults(contestants, folder, sizes.rows);
    say(`${sizes.rounds} rounds of ${contestants.length} contestants`);
    await rounds(contestants);
    const setting = `${TREES} trees of at most ${LEAVES} leaves over ${FEATURE_COUNT} features, ${model}. Everybody explains the same trees on one thread, with exact path-dependent contributions to the log-odds of float32 rows; the result is in memory when the clock stops.`;
    return { setting, checks, notMeasured };
  } finally {
    for (const contestant of contestants) await contestant.stop();
  }
}

/** @returns {Promise<string>} where the model comes from */
async function makeModel({ folder, sizes, peers: { python }, say }, training) {
  const rowCount = number(sizes.training);
  if (python === undefined) {
    const dump = dumpByChance(training, { trees: TREES, leaves: LEAVES, seed: SEED });
    writeFileSync(path.join(folder, 'model.json'), JSON.stringify(dump));
    return `split at the values of ${rowCount} rows by chance, since there is no LightGBM to train it`;
  }
  say('LightGBM: training the model');
  const trainer = startPeer('LightGBM', { python, script: fileHere('peers/train_lightgbm.py') });
  try {
    await trainer.ask('load', { folder, trees: TREES, leaves: LEAVES });
  } finally {
    await trainer.stop();
  }
  return `trained by LightGBM on ${rowCount} rows`;
}

function peerEntries(folder) {
  const values = { folder };
  const environment = { OMP_NUM_THREADS: '1' };
  return [
    { name: 'XGBoost pred_contribs', script: fileHere('peers/explain_xgboost.py'), environment, values },
    { name: 'LightGBM pred_contrib', script: fileHere('peers/explain_lightgbm.py'), environment, values },
    { name: 'shap TreeExplainer', script: fileHere('peers/explain_shap.py'), environment, values },
  ];
}

/** Every contribution of every row, and the base, must be the same as ours; alone and in batches, which also warms everybody up. */
async function compareResults([ours, ...peers], folder, rows) {
  const expected = await savedResult(ours, 'run', folder, rows);
  const checks = [];
  for (const each of [ours, ...peers]) {
    let largest = 0;
    for (const command of ['one', 'run']) {
      const found = await savedResult(each, command, folder, rows);
      largest = Math.max(largest, largestDifference(found, expected));
    }
    if (!(largest <= TOLERANCE))
      throw new Error(`explain: ${each.name} differs from ours by ${largest}, expected ${TOLERANCE} at most`);
    if (each !== ours)
      checks.push(
        `${each.name}: ${number(expected.length)} contributions and bases equal ours to ${largest.toExponential(1)} of the row's largest`,
      );
  }
  return checks;
}

function largestDifference(found, expected) {
  const width = FEATURE_COUNT + 1;
  let largest = 0;
  for (let begin = 0; begin < expected.length; begin += width) {
    const scale = Math.max(...expected.subarray(begin, begin + width).map(Math.abs));
    for (let i = begin; i < begin + width; i++) largest = Math.max(largest, Math.abs(found[i] - expected[i]) / scale);
  }
  return largest;
}

async function savedResult(contestant, command, folder, rows) {
  const file = path.join(folder, 'result.f64');
  await contestant.ask(command);
  await contestant.ask('save', { file });
  const bytes = readFileSync(file);
  rmSync(file);
  const values = new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
  const expected = rows * (FEATURE_COUNT + 1);
  if (values.length !== expected)
    throw new Error(`explain: ${contestant.name} has ${values.length} values, expected ${expected}`);
  return values;
}

const number = (value) => value.toLocaleString('en-US');
