/** The handbook's transactions: reading the gzipped CSV file, against polars and DuckDB, and computing the book's 15 features. */
import { fileURLToPath } from 'node:url';
import { startOurs } from '../../harness/contestant.js';
import { linePeersUp, waysTable } from '../../harness/line-up.js';
import { SPREAD_COLUMNS, ratio, spread, takeTurns } from '../../harness/rounds.js';
import { HANDBOOK_ROWS, handbookFile } from './handbook-file.js';

const fileHere = (name) => fileURLToPath(new URL(name, import.meta.url));
const OURS = 'fraudops readTransactions';

/** @type {import('../../run.js').Case} */
export const handbook = {
  title: 'The handbook: reading and 15 features',
  sizes: { rows: HANDBOOK_ROWS, rounds: 7 },
  async run(context) {
    const { sizes, folder, say } = context;
    const { rows, rounds } = sizes;
    const { file, description } = await handbookFile(rows, folder);
    const ours = startOurs(OURS, { script: fileHere('ours/handbook.js') });
    const { peers, notMeasured } = await linePeersUp(peerEntries(file), context);
    const contestants = [ours, ...peers];
    try {
      await ours.ask('load', { file });
      const checks = await compareReadings(contestants);
      say(`${rounds} rounds of reading by ${contestants.length} contestants`);
      const reading = await takeTurns(contestants, rounds, (contestant) => contestant.ask('run'));
      say(`${rounds} rounds of computing`);
      await ours.ask('compute');
      const computing = await takeTurns([ours], rounds, (contestant) => contestant.ask('compute'));
      const computeSeconds = computing.get(OURS);
      return {
        setting: `Over ${description}. Reading starts at a gzipped CSV file that the operating system has in memory, and stops with a table of 7 columns; everybody uses as many threads as it likes. Computing starts with that table and stops with 15 columns of features.`,
        tables: [
          {
            title: 'Reading',
            columns: ['seconds', ...SPREAD_COLUMNS, 'times ours', 'way'],
            rows: contestants.map(({ name, loaded }) => readingRow(name, loaded, reading)),
          },
          {
            title: 'Computing the 15 features',
            columns: ['seconds', ...SPREAD_COLUMNS, 'ns a row'],
            rows: [['fraudops compute, 1 thread', ...spread(computeSeconds), (spread(computeSeconds)[0] / rows) * 1e9]],
          },
          ...waysTable(peers),
        ],
        checks,
        notMeasured,
      };
    } finally {
      for (const contestant of contestants) await contestant.stop();
    }
  },
};

const peerEntries = (file) => [
  { name: 'polars', script: fileHere('peers/reading_polars.py'), values: { file } },
  { name: 'DuckDB', script: fileHere('peers/reading_duckdb.py'), values: { file } },
];

function readingRow(name, loaded, seconds) {
  const own = seconds.get(name);
  return [name, ...spread(own), ratio(own, seconds.get(OURS)), loaded?.variant ?? 'ids as text'];
}

/** One reading of each, which also warms it up; what they read must be the same. */
async function compareReadings([ours, ...peers]) {
  await ours.ask('run');
  const expected = await ours.ask('facts');
  const checks = [];
  for (const peer of peers) {
    await peer.ask('run');
    const found = await peer.ask('facts');
    for (const [fact, value] of Object.entries(expected)) {
      if (found[fact] !== value) throw new Error(`handbook: ${peer.name} read ${fact} ${found[fact]}, ours read ${value}`);
    }
    checks.push(`${peer.name}: ${Object.keys(expected).join(', ')} equal ours`);
  }
  return checks;
}
