/** Whether time grows no faster than the rows: `compute` over simulated histories of growing length, and their simulation. */
import { fileURLToPath } from 'node:url';
import { startOurs } from '../../harness/contestant.js';
import { SPREAD_COLUMNS, spread, takeTurns } from '../../harness/rounds.js';

const MIB = 2 ** 20;
/** Lengths in parts of the longest. */
const PARTS = [0.1, 0.2, 0.4, 1];

const start = (name) => startOurs(name, { script: fileURLToPath(new URL('ours/scaling.js', import.meta.url)) });

/** @type {import('../../run.js').Case} */
export const scaling = {
  title: 'Time and memory by rows',
  sizes: { rows: 10_000_000, rounds: 5 },
  async run({ sizes, say }) {
    const lengths = PARTS.map((part) => Math.max(1, Math.round(part * sizes.rows)));
    const streamed = await streamTable(lengths, say);
    return {
      setting:
        "The handbook's 15 features over simulated transactions of 90 days, with as many customers and terminals as suit the rows. Each length has a process of its own; rounds go from one to the next.",
      tables: [...(await computeTables(lengths, sizes.rounds, say)), ...streamed.tables],
      checks: [],
      notMeasured: streamed.notMeasured,
    };
  },
};

async function computeTables(lengths, rounds, say) {
  const contestants = lengths.map((rows) => start(rows.toLocaleString('en-US')));
  try {
    const simulated = [];
    for (const [i, contestant] of contestants.entries()) {
      say(`simulating ${contestant.name} rows`);
      simulated.push(await contestant.ask('load', { rows: lengths[i] }));
      await contestant.ask('run');
    }
    say(`${rounds} rounds of computing`);
    const seconds = await takeTurns(contestants, rounds, (contestant) => contestant.ask('run'));
    const rows = [];
    for (const [i, contestant] of contestants.entries()) {
      const [median, ...ends] = spread(seconds.get(contestant.name));
      const peakBytes = await contestant.ask('peakBytes');
      const perRow = [(median / lengths[i]) * 1e9, peakBytes / lengths[i]];
      rows.push([contestant.name, median, ...ends, ...perRow, peakBytes / MIB, simulated[i]]);
    }
    const columns = ['rows', ...SPREAD_COLUMNS, 'ns a row', 'peak bytes a row', 'peak MiB', 'simulateTransactions, once'];
    return [{ title: 'compute, 1 thread, in seconds', columns, rows }];
  } finally {
    for (const contestant of contestants) await contestant.stop();
  }
}

/** A fresh process for each length, since a process's peak never goes down. */
async function streamTable(lengths, say) {
  const rows = [];
  for (const length of lengths) {
    const contestant = start('streamTransactions');
    try {
      if (!(await contestant.ask('streams'))) {
        return { tables: [], notMeasured: ['simulation as a stream: these packages export no streamTransactions'] };
      }
      say(`streaming ${length} rows`);
      const seconds = await contestant.ask('stream', { rows: length });
      rows.push([length.toLocaleString('en-US'), seconds, length / seconds, (await contestant.ask('peakBytes')) / MIB]);
    } finally {
      await contestant.stop();
    }
  }
  return {
    tables: [{ title: 'streamTransactions, once', columns: ['rows', 'seconds', 'rows a second', 'peak MiB'], rows }],
    notMeasured: [],
  };
}
