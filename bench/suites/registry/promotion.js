/** Registering a version and promoting it: how long both take, and how much of it is waiting for the disk. */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { startOurs } from '../../harness/contestant.js';
import { median } from '../../harness/rounds.js';
import { casePostgres } from './places.js';

const fileHere = (name) => fileURLToPath(new URL(name, import.meta.url));
/** Files of a version: a model, its features, its profile, its signature. */
const FILE_BYTES = [200_000, 20_000, 60_000, 2_000];

/** @type {import('../../run.js').Case} */
export const promotion = {
  title: 'Register and promote',
  sizes: { versions: 100, rounds: 5 },
  async run({ sizes, folder, say }) {
    const postgres = await casePostgres();
    const places = [['folder', path.join(folder, 'store')], ...(postgres.url ? [['Postgres', postgres.url]] : [])];
    const contestants = places.map(([name]) => startOurs(name, { script: fileHere('ours/promotion.js') }));
    try {
      for (const [i, contestant] of contestants.entries()) await contestant.ask('open', { address: places[i][1] });
      /** @type {Map<string, any[]>} */
      const measured = new Map(contestants.map(({ name }) => [name, []]));
      for (let round = 1; round <= sizes.rounds; round++) {
        say(`round ${round} of ${sizes.rounds}`);
        for (const contestant of contestants) {
          const words = { versions: sizes.versions, fileBytes: FILE_BYTES, round };
          measured.get(contestant.name).push(await contestant.ask('run', words));
        }
      }
      const probe = await contestants[0].ask('probe', { folder });
      return {
        setting: `${sizes.versions} versions a round, each of ${FILE_BYTES.length} files, ${FILE_BYTES.reduce((sum, bytes) => sum + bytes, 0).toLocaleString('en-US')} bytes, none of which was there before; each is registered and then promoted to Production on the condition that the one before is there. A new registry for each round, which has read its log once. Both stores wait for the disk (fsync); here, writing and syncing a file of 4 kB takes ${probe.medianMs.toFixed(2)} ms (median). To be reached: at most 25 ms at the median, on disk.`,
        tables: contestants.map(({ name }) => latencyTable(name, measured.get(name))),
        checks: contestants.map(({ name }) => `${name}: the chain of each log verifies, and every version is there`),
        notMeasured: postgres.url ? [] : [`Postgres: ${postgres.missing}`],
      };
    } finally {
      for (const contestant of contestants) await contestant.stop();
      await postgres.stop();
    }
  },
};

/** The median over the rounds of each round's quantile. */
function latencyTable(name, rounds) {
  const quantilesOf = (call) => rounds[0][call].map((_, i) => median(rounds.map((each) => each[call][i])));
  return {
    title: `${name}, milliseconds, medians over the rounds`,
    columns: ['ms', 'p50', 'p90', 'p99', 'max'],
    rows: [
      ['register', ...quantilesOf('register')],
      ['promote', ...quantilesOf('promote')],
      ['both', ...quantilesOf('both')],
    ],
  };
}
