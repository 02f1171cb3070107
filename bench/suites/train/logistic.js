/** Logistic regression of raw features: `trainLogistic` against scikit-learn, with its preparation and without. */
import { fileURLToPath } from 'node:url';
import { startOurs } from '../../harness/contestant.js';
import { linePeersUp } from '../../harness/line-up.js';
import { SPREAD_COLUMNS, ratio, spread, takeTurns } from '../../harness/rounds.js';
import { fraudMatrix, writeFraudMatrix } from './fraud-matrix.js';
import { rankedScores } from './ranked-scores.js';

const fileHere = (name) => fileURLToPath(new URL(name, import.meta.url));
const SEED = 7;
const TEST_ROWS = 100_000;
const OURS = 'fraudops trainLogistic, 1 thread';
/** Largest difference of a score. scikit-learn stops early: at its default tolerance scores are off by about a hundredth. */
const SCORE_TOLERANCE = 0.05;

/** @type {import('../../run.js').Case} */
export const logistic = {
  title: 'Logistic regression',
  sizes: { rows: 1_000_000, rounds: 7 },
  async run(context) {
    const { sizes, folder, say } = context;
    const totalRows = sizes.rows + TEST_ROWS;
    const data = fraudMatrix(totalRows, SEED);
    writeFraudMatrix(folder, data);
    const testLabels = data.labels.subarray(sizes.rows);
    const files = { folder, totalRows, rows: sizes.rows };
    const ours = startOurs(OURS, { script: fileHere('ours/logistic.js') });
    await ours.ask('load', files);
    const { peers, notMeasured } = await linePeersUp(peerEntries(files), context);
    const contestants = [ours, ...peers];
    try {
      const ranked = await rankAll(contestants, folder, testLabels);
      say(`${sizes.rounds} rounds of ${contestants.length} contestants`);
      const seconds = await takeTurns(contestants, sizes.rounds, (contestant) => contestant.ask('run'));
      return {
        setting: `${sizes.rows.toLocaleString('en-US')} rows of 30 float32 features in memory, four with missing values, 1 % frauds; an L2 penalty of 1 on standardised features. Ours fills missing values and standardises inside the clock. scikit-learn stops at its default tolerance; ours goes on to about 1e-6 of the solution.`,
        tables: [
          {
            columns: ['seconds', ...SPREAD_COLUMNS, 'times ours', 'ROC AUC', 'average precision'],
            rows: contestants.map(({ name }) => [
              name,
              ...spread(seconds.get(name)),
              ratio(seconds.get(name), seconds.get(OURS)),
              ranked.get(name).rocAuc,
              ranked.get(name).averagePrecision,
            ]),
          },
        ],
        checks: peers.map(
          ({ name }) => `${name}: all ${TEST_ROWS.toLocaleString('en-US')} scores within ${SCORE_TOLERANCE} of ours`,
        ),
        notMeasured,
      };
    } finally {
      for (const contestant of contestants) await contestant.stop();
    }
  },
};

function peerEntries({ folder, totalRows, rows }) {
  return [1, 2].flatMap((threads) =>
    [false, true].map((prepared) => ({
      name: `scikit-learn, ${prepared ? 'rows prepared before' : 'with imputer and scaler'}, ${threads} thread${threads > 1 ? 's' : ''}`,
      script: fileHere('peers/logistic_sklearn.py'),
      environment: { OMP_NUM_THREADS: String(threads), OPENBLAS_NUM_THREADS: String(threads) },
      values: { folder, total_rows: totalRows, rows, prepared },
    })),
  );
}

/** One run of each, which also warms it up; scores must be nearly ours. */
async function rankAll([ours, ...peers], folder, labels) {
  await ours.ask('run');
  const expected = await rankedScores(ours, folder, labels);
  const ranked = new Map([[ours.name, expected]]);
  for (const peer of peers) {
    await peer.ask('run');
    const found = await rankedScores(peer, folder, labels);
    const different = found.scores.findIndex((score, i) => !(Math.abs(score - expected.scores[i]) <= SCORE_TOLERANCE));
    if (different >= 0) {
      throw new Error(
        `logistic: ${peer.name} scores row ${different} ${found.scores[different]}, ours ${expected.scores[different]}`,
      );
    }
    ranked.set(peer.name, found);
  }
  return ranked;
}
