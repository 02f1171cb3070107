/**
 * Making runs and logging metrics: ours in a folder and in Postgres against MLflow in SQLite and in the same Postgres. MLflow's store is in the
 * process of its client.
 */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { startOurs } from '../../harness/contestant.js';
import { linePeersUp, waysTable } from '../../harness/line-up.js';
import { SPREAD_COLUMNS, ratio, spread, takeTurns } from '../../harness/rounds.js';
import { casePostgres } from './places.js';

const fileHere = (name) => fileURLToPath(new URL(name, import.meta.url));
const FOLDER = 'fraudops, folder';
const POSTGRES = 'fraudops, Postgres';
/** Points a second that are buffered. */
const BUFFERED_BOUND = 20_000;

/** What is measured; `job` is the contestants' word for it. `logged`: a metric of the job, and its steps where that are not all points. */
const JOBS = [
  { job: 'create in turn', title: 'runs, each there before the next is begun' },
  { job: 'create', title: 'runs, all there in the end' },
  { job: 'log in turn', title: 'points, one a call, each kept before the next', logged: { metric: 'loss' } },
  { job: 'log', title: 'points, one a call, all kept in the end', logged: { metric: 'loss' } },
  {
    job: 'log at once',
    title: 'points, two steps of half as many metrics, in calls that take many',
    logged: { metric: 'loss0', steps: 2 },
  },
];

/** @type {import('../../run.js').Case} */
export const tracking = {
  title: 'Making runs and logging metrics',
  sizes: { runs: 1_000, points: 1_000, buffered: 200_000, rounds: 5 },
  async run(context) {
    const { sizes, folder } = context;
    const postgres = await casePostgres();
    const contestants = [];
    try {
      const places = [[FOLDER, path.join(folder, 'store')], ...(postgres.url ? [[POSTGRES, postgres.url]] : [])];
      for (const [name, address] of places) {
        const contestant = startOurs(name, { script: fileHere('ours/tracking.js') });
        contestants.push(contestant);
        await contestant.ask('open', { address });
      }
      const ours = [...contestants];
      const { peers, notMeasured } = await linePeersUp(peerEntries(folder, postgres.url, sizes), context);
      contestants.push(...peers);
      const tables = [];
      for (const job of JOBS) tables.push(await measure(job, contestants, context));
      tables.push(await bufferedTable(ours, sizes));
      return {
        setting: SETTING,
        tables: [...tables, ...waysTable(peers)],
        checks: contestants.map(({ name }) => `${name}: all points of the last run of each job are read back`),
        notMeasured: [...notMeasured, ...(postgres.url ? [] : [`Postgres: ${postgres.missing}`])],
      };
    } finally {
      for (const contestant of contestants) await contestant.stop();
      await postgres.stop();
    }
  },
};

const SETTING =
  'What is there or kept has reached the disk: the folder, SQLite and Postgres wait for it. MLflow is called through MlflowClient with its store in the same process, its fastest way, without an HTTP server. `times ours` compares MLflow in Postgres with ours in Postgres, the rest with ours in a folder. Where all must be kept in the end only, ours makes 16 runs at once and buffers points; MLflow takes the fastest of its ways. Two steps of half as many metrics are one log_batch of MLflow, and two logMetrics of ours that are awaited together.';

const sizeOf = (job, sizes) => (job.startsWith('create') ? sizes.runs : sizes.points);

function peerEntries(folder, postgresUrl, sizes) {
  const urls = [['MLflow, SQLite', `sqlite:///${path.join(folder, 'mlflow.db')}`]];
  if (postgresUrl) urls.push(['MLflow, Postgres', postgresUrl]);
  const bySize = Object.fromEntries(JOBS.map(({ job }) => [job, sizeOf(job, sizes)]));
  return urls.map(([name, url]) => ({
    name,
    script: fileHere('peers/tracking_mlflow.py'),
    values: { url, folder, sizes: bySize },
  }));
}

async function measure({ job, title, logged }, contestants, { sizes, say }) {
  const count = sizeOf(job, sizes);
  say(`${job}: ${sizes.rounds} rounds of ${contestants.length} contestants`);
  for (const contestant of contestants) await contestant.ask('run', { job, count });
  const seconds = await takeTurns(contestants, sizes.rounds, (contestant) => contestant.ask('run', { job, count }));
  if (logged) {
    const expected = logged.steps ?? count;
    for (const contestant of contestants) {
      const found = await contestant.ask('points', { metric: logged.metric });
      if (found !== expected) throw new Error(`tracking: ${contestant.name} has ${found} points of ${job}, expected ${expected}`);
    }
  }
  const baseOf = (name) => seconds.get(name.endsWith('Postgres') && seconds.has(POSTGRES) ? POSTGRES : FOLDER);
  return {
    title: `${count.toLocaleString('en-US')} ${title}`,
    columns: ['seconds', ...SPREAD_COLUMNS, 'times ours'],
    rows: contestants.map(({ name }) => [name, ...spread(seconds.get(name)), ratio(seconds.get(name), baseOf(name))]),
  };
}

/** Ours only: points that go into the buffer, with all writing in between and in the end. */
async function bufferedTable(ours, { buffered, rounds }) {
  const seconds = await takeTurns(ours, rounds, (contestant) => contestant.ask('run', { job: 'log', count: buffered }));
  return {
    title: `Points a second, of ${buffered.toLocaleString('en-US')} buffered and kept; to be reached: ${BUFFERED_BOUND.toLocaleString('en-US')}`,
    columns: ['', ...SPREAD_COLUMNS],
    rows: ours.map(({ name }) => [name, ...spread(seconds.get(name).map((each) => Math.round(buffered / each)))]),
  };
}
