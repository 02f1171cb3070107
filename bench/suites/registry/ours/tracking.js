/** Ours in the tracking case. */
import { tracker } from '@fraudops/registry';
import { serveCommands, timed } from '../../../harness/serve-commands.js';
import { openPlace } from '../places.js';

const EXPERIMENT = 'bench';
/** Runs that are made at once. */
const LANES = 16;

let place;
let runs;
/** The run that a job logs to. */
let run;
let number = 0;

const newRun = () => runs.startRun({ experiment: EXPERIMENT, name: `run-${number++}` });

async function createInTurn(count) {
  for (let i = 0; i < count; i++) await newRun();
}

async function createAtOnce(count) {
  let left = count;
  const lane = async () => {
    while (left-- > 0) await newRun();
  };
  await Promise.all(Array.from({ length: LANES }, lane));
}

async function logInTurn(count) {
  for (let step = 0; step < count; step++) await run.logMetrics({ loss: 1 / (step + 1) }, { step });
}

async function logBuffered(count) {
  for (let step = 0; step < count; step++) {
    if (!run.bufferMetrics({ loss: 1 / (step + 1) }, { step })) await run.flush();
  }
  await run.flush();
}

/** Two steps of half as many metrics. */
async function logAtOnce(count) {
  const step = (parity) =>
    Object.fromEntries(Array.from({ length: count / 2 }, (_, i) => [`loss${i}`, 1 / (2 * i + parity + 1)]));
  await Promise.all([run.logMetrics(step(0), { step: 0 }), run.logMetrics(step(1), { step: 1 })]);
}

const JOBS = {
  'create in turn': createInTurn,
  create: createAtOnce,
  'log in turn': logInTurn,
  log: logBuffered,
  'log at once': logAtOnce,
};

await serveCommands({
  async open({ address }) {
    place = await openPlace(address);
    runs = tracker(place.store);
  },
  async run({ job, count }) {
    run = await newRun();
    return (await timed(() => JOBS[job](count))).seconds;
  },
  async points({ metric }) {
    return (await runs.metricHistory(run.id, metric)).length;
  },
});
await place?.close();
