/**
 * Scoring rows with boosted trees, one row a call and ten thousand, on one thread: ours against LightGBM, XGBoost and ONNX Runtime. All
 * score the same trees, which ours trained.
 */
import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { startOurs } from '../../harness/contestant.js';
import { fraudMatrix, writeFraudMatrix } from '../../harness/fraud-matrix.js';
import { linePeersUp, waysTable } from '../../harness/line-up.js';
import { SPREAD_COLUMNS, median, ratio, spread, takeTurns } from '../../harness/rounds.js';

const fileHere = (name) => fileURLToPath(new URL(name, import.meta.url));
const SEED = 7;
const TREES = 100;
const LEAVES = 31;

/** Probabilities of others may differ by this much: XGBoost and ONNX Runtime add leaves up in float32. */
const TOLERANCE = 1e-6;

/** @type {import('../../run.js').Case} */
export const trees = {
  title: `Scoring with ${TREES} trees of ${LEAVES} leaves`,
  sizes: { train: 100_000, rows: 10_000, calls: 20_000, rounds: 9 },
  async run(context) {
    const { sizes, folder, say } = context;
    writeFraudMatrix(folder, 'train', fraudMatrix(sizes.train, SEED));
    writeFraudMatrix(folder, 'scored', fraudMatrix(sizes.rows, SEED + 1));
    const ours = startOurs('fraudops', { script: fileHere('ours/trees.js') });
    const onnxRuntime = startOurs('ONNX Runtime from Node.js', { script: fileHere('ours/onnx-runtime.js') });
    const contestants = [ours];
    try {
      say('training the model');
      await ours.ask('train', { folder, trees: TREES, leaves: LEAVES });
      const { tablesMs } = await ours.ask('load', { folder });
      const { peers, notMeasured } = await linePeersUp(peerEntries(folder), context);
      contestants.push(...peers);
      await joinIn(onnxRuntime, { folder, contestants, notMeasured });
      const checks = await compareScores(contestants, folder);
      const { batches, single } = await measure(contestants, sizes, say);
      const garbage = await ours.ask('garbage', { calls: sizes.calls });
      return {
        setting: setting(sizes),
        tables: [
          singleTable(contestants, single),
          batchTable(contestants, batches, sizes.rows),
          costTable(tablesMs, garbage),
          ...waysTable(peers),
        ],
        checks,
        notMeasured,
      };
    } finally {
      for (const contestant of new Set([...contestants, onnxRuntime])) await contestant.stop();
    }
  },
};

const peerEntries = (folder) =>
  [
    { name: 'LightGBM, 1 thread', script: fileHere('peers/lightgbm_trees.py') },
    { name: 'XGBoost, 1 thread', script: fileHere('peers/xgboost_trees.py') },
  ].map((entry) => ({ ...entry, environment: { OMP_NUM_THREADS: '1' }, values: { folder } }));

/** It comes from npm, but may not be had for this machine. */
async function joinIn(contestant, { folder, contestants, notMeasured }) {
  try {
    await contestant.ask('load', { folder });
    contestants.push(contestant);
  } catch (error) {
    notMeasured.push(`${contestant.name}: ${error.message.split('\n')[1] ?? error.message}`);
  }
}

/** Every contestant's score of every row must be ours; this also warms them up. */
async function compareScores([ours, ...others], folder) {
  const expected = await savedScores(ours, folder);
  const checks = [];
  for (const other of others) {
    const found = await savedScores(other, folder);
    let largest = 0;
    for (let i = 0; i < expected.length; i++) largest = Math.max(largest, Math.abs(found[i] - expected[i]));
    if (!(found.length === expected.length && largest <= TOLERANCE)) {
      throw new Error(`trees: ${other.name} differs from ours by ${largest}, over ${found.length} rows`);
    }
    checks.push(`${other.name}: probabilities of all rows are ours within ${largest.toExponential(1)}`);
  }
  return [...checks, 'fraudops: one row at a time gives the same bits as the batch'];
}

async function savedScores(contestant, folder) {
  const file = path.join(folder, 'scores.f64');
  await contestant.ask('save', { file });
  const scores = new Float64Array(Uint8Array.from(readFileSync(file)).buffer);
  rmSync(file);
  return scores;
}

/** Seconds a batch and latencies of single rows, by contestant and round. */
async function measure(contestants, { calls, rounds }, say) {
  say(`${rounds} rounds of ${contestants.length} contestants, batches`);
  const batches = await takeTurns(contestants, rounds, (contestant) => contestant.ask('batch'));
  say(`${rounds} rounds of ${contestants.length} contestants, one row a call`);
  const single = new Map(contestants.map(({ name }) => [name, []]));
  await takeTurns(contestants, rounds, async (contestant) => {
    const latencies = await contestant.ask('single', { calls });
    single.get(contestant.name).push(latencies);
    return latencies[0];
  });
  return { batches, single };
}

function singleTable(contestants, single) {
  const p50 = (name) => single.get(name).map(([first]) => first);
  const base = p50(contestants[0].name);
  return {
    title: 'One row a call, us; medians over the rounds',
    columns: ['', 'p50', 'p90', 'p99', 'times ours'],
    rows: contestants.map(({ name }) => [
      name,
      ...[0, 1, 2].map((i) => median(single.get(name).map((latencies) => latencies[i]))),
      ratio(p50(name), base),
    ]),
  };
}

function batchTable(contestants, batches, rowCount) {
  const base = batches.get(contestants[0].name);
  return {
    title: `Batches of ${rowCount.toLocaleString('en-US')} rows, rows a second`,
    columns: ['', ...SPREAD_COLUMNS, "times ours' time"],
    rows: contestants.map(({ name }) => [
      name,
      ...spread(batches.get(name).map((seconds) => rowCount / seconds)),
      ratio(batches.get(name), base),
    ]),
  };
}

function costTable(tablesMs, garbage) {
  return {
    title: 'What ours takes besides',
    columns: ['', 'amount'],
    rows: [
      ['ms until tables are made, the first time in a process', tablesMs],
      ['bytes allocated on the heap a row, one row a call; a number takes up to 16', garbage.heapBytesPerCall],
    ],
  };
}

const setting = ({ train, rows, calls }) =>
  `${TREES} trees of ${LEAVES} leaves over 30 float32 features, four of them with missing values, trained on ${train.toLocaleString('en-US')} rows by ours. A score is the probability of fraud. One row a call: ${calls.toLocaleString('en-US')} calls a round, going through ${rows.toLocaleString('en-US')} rows; ours and ONNX Runtime are called from Node.js, the others from Python with a row of numpy; each latency holds one reading of the clock. Batches: ten a turn; ours takes columns, the others rows one after the other. Everybody has one thread.`;
