/** Count and sum over trailing windows of each card's payments: `compute` against polars and DuckDB, on one thread and on two. */
import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { startOurs } from '../../harness/contestant.js';
import { linePeersUp, waysTable } from '../../harness/line-up.js';
import { SPREAD_COLUMNS, ratio, spread, takeTurns } from '../../harness/rounds.js';
import { WINDOW_DAYS, cardEvents, writeCardEvents } from './card-events.js';

const fileHere = (name) => fileURLToPath(new URL(name, import.meta.url));
const SEED = 7;
const OURS = 'fraudops compute, 1 thread';
const OURS_IN_WORKERS = 'fraudops computeInWorkers, 2 threads';

/** @type {import('../../run.js').Case} */
export const windows = {
  title: 'Trailing windows over history',
  sizes: { rows: 1_000_000, rounds: 9 },
  async run(context) {
    const { sizes, folder, say } = context;
    const { rows, rounds } = sizes;
    const events = cardEvents(rows, SEED);
    writeCardEvents(folder, events);
    const ours = startOurs(OURS, { script: fileHere('ours/windows.js') });
    const oursInWorkers = startOurs(OURS_IN_WORKERS, { script: fileHere('ours/windows.js') });
    const { peers, notMeasured } = await linePeersUp(peerEntries(folder), context);
    const contestants = [ours, oursInWorkers, ...peers];
    try {
      await ours.ask('load', { folder, cardCount: events.cardCount, threads: 1 });
      await oursInWorkers.ask('load', { folder, cardCount: events.cardCount, threads: 2 });
      const checks = await compareResults(contestants, folder, rows);
      say(`${rounds} rounds of ${contestants.length} contestants`);
      const seconds = await takeTurns(contestants, rounds, (contestant) => contestant.ask('run'));
      return {
        setting: setting(rows, events),
        tables: [
          { columns: ['seconds', ...SPREAD_COLUMNS, 'times ours', 'way'], rows: contestants.map((each) => row(each, seconds)) },
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

function peerEntries(folder) {
  return [1, 2].flatMap((threads) => {
    const named = `${threads} thread${threads > 1 ? 's' : ''}`;
    return [
      {
        name: `polars, ${named}`,
        script: fileHere('peers/windows_polars.py'),
        environment: { POLARS_MAX_THREADS: String(threads) },
        values: { folder, days: WINDOW_DAYS, threads },
      },
      {
        name: `DuckDB, ${named}`,
        script: fileHere('peers/windows_duckdb.py'),
        values: { folder, days: WINDOW_DAYS, threads },
      },
    ];
  });
}

function row({ name, loaded }, seconds) {
  const own = seconds.get(name);
  return [name, ...spread(own), ratio(own, seconds.get(OURS)), loaded?.variant ?? ''];
}

/** One run of each, which also warms it up; every value of every row must be the same as ours. */
async function compareResults([ours, ...peers], folder, rows) {
  const expected = await savedResult(ours, folder, rows);
  const checks = [];
  for (const peer of peers) {
    const found = await savedResult(peer, folder, rows);
    const different = found.findIndex((value, i) => value !== expected[i]);
    if (different >= 0) {
      const where = `row ${different % rows} of column ${Math.floor(different / rows)}`;
      throw new Error(`windows: ${peer.name} has ${found[different]} at ${where}, ours has ${expected[different]}`);
    }
    checks.push(`${peer.name}: all ${found.length.toLocaleString('en-US')} values equal ours`);
  }
  return checks;
}

async function savedResult(contestant, folder, rows) {
  const file = path.join(folder, 'result.f64');
  await contestant.ask('run');
  await contestant.ask('save', { file });
  const bytes = readFileSync(file);
  rmSync(file);
  const values = new Float64Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 8);
  const expected = rows * WINDOW_DAYS.length * 2;
  if (values.length !== expected)
    throw new Error(`windows: ${contestant.name} has ${values.length} values, expected ${expected}`);
  return values;
}

function setting(rows, { cardCount, hottest }) {
  const number = (value) => value.toLocaleString('en-US');
  return `${number(rows)} payments of ${number(cardCount)} cards over 90 days, the hottest with ${number(hottest)}; for each payment the count and the sum of cents of its card over the last ${WINDOW_DAYS.join(', ')} days. The clock starts with the columns in memory, the card as a number, and stops with the result in memory. Ours comes in the order of the rows; a peer's may come in any.`;
}
