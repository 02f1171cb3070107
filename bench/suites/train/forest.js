/** Random forests of deep trees: `trainForest` against scikit-learn, on one thread and on two. */
import { fileURLToPath } from 'node:url';
import { startOurs } from '../../harness/contestant.js';
import { linePeersUp } from '../../harness/line-up.js';
import { SPREAD_COLUMNS, ratio, spread, takeTurns } from '../../harness/rounds.js';
import { fraudMatrix, writeFraudMatrix } from './fraud-matrix.js';
import { rankedScores } from './ranked-scores.js';

const fileHere = (name) => fileURLToPath(new URL(name, import.meta.url));
const SEED = 7;
const TEST_ROWS = 100_000;
const named = (name, threads) => `${name}, ${threads} thread${threads > 1 ? 's' : ''}`;
const OURS = 'fraudops forest';

/** @type {import('../../run.js').Case} */
export const forest = {
  title: 'Random forest',
  sizes: { rows: 1_000_000, trees: 10, rounds: 5 },
  async run(context) {
    const { sizes, folder, say } = context;
    const { rows, trees, rounds } = sizes;
    const totalRows = rows + TEST_ROWS;
    const data = fraudMatrix(totalRows, SEED);
    writeFraudMatrix(folder, data);
    const testLabels = data.labels.subarray(rows);
    const files = { folder, totalRows, rows: rows };
    const ours = [1, 2].map((threads) => startOurs(named(OURS, threads), { script: fileHere('ours/forest.js') }));
    for (const [i, each] of ours.entries()) await each.ask('load', { ...files, trees, threads: i + 1 });
    const { peers, notMeasured } = await linePeersUp(peerEntries(files, trees), context);
    const contestants = [...ours, ...peers];
    try {
      say(`${rounds} rounds of ${contestants.length} contestants, after one to warm up`);
      for (const contestant of contestants) await contestant.ask('run');
      const ranked = new Map();
      for (const contestant of contestants) {
        ranked.set(contestant.name, await rankedScores(contestant, folder, testLabels));
      }
      const seconds = await takeTurns(contestants, rounds, (contestant) => contestant.ask('run'));
      const base = seconds.get(ours[0].name);
      return {
        setting: `${rows.toLocaleString('en-US')} rows of 30 float32 features in memory, four with missing values, 1 % frauds; ${trees} trees of unbounded depth, rows drawn with replacement, the square root of the features tried at each split.`,
        tables: [
          {
            columns: ['seconds', ...SPREAD_COLUMNS, 'times ours', 'ROC AUC', 'average precision'],
            rows: contestants.map(({ name }) => [
              name,
              ...spread(seconds.get(name)),
              ratio(seconds.get(name), base),
              ranked.get(name).rocAuc,
              ranked.get(name).averagePrecision,
            ]),
          },
        ],
        checks: [sameScores(ours, ranked)],
        notMeasured,
      };
    } finally {
      for (const contestant of contestants) await contestant.stop();
    }
  },
};

function peerEntries({ folder, totalRows, rows }, trees) {
  return [1, 2].map((threads) => ({
    name: named('scikit-learn', threads),
    script: fileHere('peers/forest_sklearn.py'),
    environment: { OMP_NUM_THREADS: String(threads) },
    values: { folder, total_rows: totalRows, rows, trees, threads },
  }));
}

function sameScores([one, two], ranked) {
  const expected = ranked.get(one.name).scores;
  const different = ranked.get(two.name).scores.findIndex((score, i) => score !== expected[i]);
  if (different >= 0) throw new Error(`forest: ${two.name} scores row ${different} otherwise than ${one.name}`);
  return 'ours gives the same scores on one thread and on two, bit for bit';
}
