/** How our training time and memory grow with the rows. */
import { fileURLToPath } from 'node:url';
import { startOurs } from '../../harness/contestant.js';
import { SPREAD_COLUMNS, ratio, spread, takeTurns } from '../../harness/rounds.js';
import { fraudMatrix, writeFraudMatrix } from './fraud-matrix.js';

const SEED = 7;
const PARTS = [1, 4];

/** @type {import('../../run.js').Case} */
export const scaling = {
  title: 'Boosted trees by rows',
  sizes: { rows: 1_000_000, rounds: 3 },
  async run({ sizes: { rows, rounds }, folder, say }) {
    const totalRows = rows * Math.max(...PARTS);
    say(`making ${totalRows} rows`);
    writeFraudMatrix(folder, fraudMatrix(totalRows, SEED));
    const contestants = PARTS.map((part) =>
      startOurs(`${(part * rows).toLocaleString('en-US')} rows`, {
        script: fileURLToPath(new URL('ours/boosting.js', import.meta.url)),
      }),
    );
    try {
      const megabytes = [];
      for (const [i, contestant] of contestants.entries()) {
        await contestant.ask('load', { folder, totalRows, rows: PARTS[i] * rows, testRows: 0, threads: 1 });
        await contestant.ask('run');
        megabytes.push(Math.round((await contestant.ask('peak_memory')) / 2 ** 20));
      }
      const seconds = await takeTurns(contestants, rounds, (contestant) => contestant.ask('run'));
      const base = seconds.get(contestants[0].name);
      return {
        setting: '100 trees of 31 leaves on 30 features, one thread; sizes and peak memory include the matrix itself.',
        tables: [
          {
            columns: ['seconds', ...SPREAD_COLUMNS, 'times the first', 'peak MB'],
            rows: contestants.map(({ name }, i) => [
              name,
              ...spread(seconds.get(name)),
              ratio(seconds.get(name), base),
              megabytes[i],
            ]),
          },
        ],
        checks: [],
        notMeasured: [],
      };
    } finally {
      for (const contestant of contestants) await contestant.stop();
    }
  },
};
