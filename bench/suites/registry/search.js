/** Searching many runs: ours in a folder and in Postgres against MLflow in SQLite and in the same Postgres. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { seededRandom } from '@fraudops/core';
import { startOurs } from '../../harness/contestant.js';
import { linePeersUp } from '../../harness/line-up.js';
import { SPREAD_COLUMNS, ratio, spread, takeTurns } from '../../harness/rounds.js';
import { casePostgres } from './places.js';

const fileHere = (name) => fileURLToPath(new URL(name, import.meta.url));
const SEED = 7;
const FOLDER = 'fraudops, folder';
const POSTGRES = 'fraudops, Postgres';
const ALGORITHMS = ['boosting', 'forest', 'logistic'];
/** What both give unless they are asked for fewer. */
const DEFAULT_LIMIT = 1_000;

const SEARCHES = [
  {
    title: 'filter on a metric and a parameter, order by the metric',
    filter: "metrics.averagePrecision > 0.6 and params.algorithm = 'boosting'",
    order: 'metrics.averagePrecision DESC',
    limit: 100,
  },
  {
    title: 'the same, as many runs as both give unless they are asked for fewer',
    filter: "metrics.averagePrecision > 0.6 and params.algorithm = 'boosting'",
    order: 'metrics.averagePrecision DESC',
    limit: DEFAULT_LIMIT,
  },
  {
    title: 'filter that few runs pass, order by another metric',
    filter: 'metrics.m01 > 0.98 and metrics.m02 < 0.5',
    order: 'metrics.m03 ASC',
    limit: 100,
  },
];

/** @type {import('../../run.js').Case} */
export const search = {
  title: 'Searching runs',
  sizes: { runs: 10_000, metrics: 50, rounds: 7 },
  async run(context) {
    const { sizes, folder, say } = context;
    writeRuns(folder, sizes);
    const postgres = await casePostgres();
    const contestants = [];
    try {
      const places = [[FOLDER, path.join(folder, 'store')], ...(postgres.url ? [[POSTGRES, postgres.url]] : [])];
      for (const [name, address] of places) {
        say(`${name}: making the runs`);
        const contestant = startOurs(name, { script: fileHere('ours/search.js') });
        contestants.push(contestant);
        await contestant.ask('load', { address, folder });
      }
      const ours = [...contestants];
      const { peers, notMeasured } = await linePeersUp(peerEntries(folder, postgres.url), context);
      contestants.push(...peers);
      const first = [];
      for (const contestant of ours) first.push([contestant.name, await contestant.ask('first', wordsOf(SEARCHES[0]))]);
      const tables = [];
      for (const each of SEARCHES) tables.push(await measure(each, ours, contestants, context));
      tables.push({ title: 'The very first search, when no index was written yet', columns: ['', 'seconds'], rows: first });
      return {
        setting: setting(sizes),
        tables,
        checks: peers.map(({ name }) => `${name}: finds the same runs in the same order, with the same metrics`),
        notMeasured: [...notMeasured, ...(postgres.url ? [] : [`Postgres: ${postgres.missing}`])],
      };
    } finally {
      for (const contestant of contestants) await contestant.stop();
      await postgres.stop();
    }
  },
};

const setting = ({ runs, metrics }) =>
  `${runs.toLocaleString('en-US')} runs of one experiment with ${metrics} metrics and a parameter each, of which the first that are found come with all their metrics. Cold: a tracker that has read nothing yet, as in a new process. Warm: one that has searched before, as MLflow's client has. MLflow is called through MlflowClient with its store in the same process, without an HTTP server, after ANALYZE. \`times ours\` compares with ours, warm: MLflow in Postgres with ours in Postgres, the rest with ours in a folder. To be reached: 0.2 s in Postgres, 1.5 s in a folder.`;

const wordsOf = ({ filter, order, limit }) => ({ filter, order, limit });

/** What all contestants read: the names of the metrics, and the values run by run. */
function writeRuns(folder, { runs, metrics }) {
  const random = seededRandom(SEED);
  const names = ['averagePrecision', ...Array.from({ length: metrics - 1 }, (_, i) => `m${String(i + 1).padStart(2, '0')}`)];
  const values = Float64Array.from({ length: runs * metrics }, () => random.next());
  writeFileSync(path.join(folder, 'metrics.f64'), new Uint8Array(values.buffer));
  const facts = { metrics: names, algorithms: ALGORITHMS, startedMs: Date.UTC(2026, 0, 1) };
  writeFileSync(path.join(folder, 'runs.json'), JSON.stringify(facts));
}

function peerEntries(folder, postgresUrl) {
  const urls = [['MLflow, SQLite', `sqlite:///${path.join(folder, 'mlflow.db')}`]];
  if (postgresUrl) urls.push(['MLflow, Postgres', postgresUrl]);
  return urls.map(([name, url]) => ({ name, script: fileHere('peers/search_mlflow.py'), values: { url, folder } }));
}

async function measure(each, ours, contestants, { sizes, say }) {
  const words = wordsOf(each);
  for (const contestant of contestants) await contestant.ask('search', words);
  await requireSameRuns(contestants);
  const entries = [
    ...contestants.map((contestant) => ({ name: warmName(contestant, ours), contestant, command: 'search' })),
    ...ours.map((contestant) => ({ name: `${contestant.name}, cold`, contestant, command: 'searchCold' })),
  ];
  say(`${each.filter}: ${sizes.rounds} rounds of ${entries.length} contestants`);
  const seconds = await takeTurns(entries, sizes.rounds, ({ contestant, command }) => contestant.ask(command, words));
  const baseOf = (name) => {
    const base = name.includes('Postgres') && ours.some((one) => one.name === POSTGRES) ? POSTGRES : FOLDER;
    return seconds.get(`${base}, warm`);
  };
  return {
    title: `${each.title}: \`${each.filter}\`, \`${each.order}\`, the first ${each.limit}`,
    columns: ['seconds', ...SPREAD_COLUMNS, 'times ours'],
    rows: entries.map(({ name }) => [name, ...spread(seconds.get(name)), ratio(seconds.get(name), baseOf(name))]),
  };
}

const warmName = (contestant, ours) => (ours.includes(contestant) ? `${contestant.name}, warm` : contestant.name);

async function requireSameRuns([first, ...others]) {
  const expected = await first.ask('found');
  if (expected.length === 0) throw new Error('search: nothing was found');
  for (const other of others) {
    const found = await other.ask('found');
    const different = expected.findIndex((run, i) => JSON.stringify(sorted(run)) !== JSON.stringify(sorted(found[i])));
    if (different < 0 && found.length === expected.length) continue;
    throw new Error(
      `search: ${other.name} found ${found.length} runs, ${first.name} ${expected.length}; run ${different} differs`,
    );
  }
}

const sorted = (run) =>
  run && [run.name, Object.entries(run.metrics).toSorted(([a], [b]) => (a < b ? -1 : 1)), Object.entries(run.params)];
