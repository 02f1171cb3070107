/** Ours in the search case. */
import { open, readFile } from 'node:fs/promises';
import path from 'node:path';
import { manualClock } from '@fraudops/core';
import { tracker } from '@fraudops/registry';
import { serveCommands, timed } from '../../../harness/serve-commands.js';
import { openPlace } from '../places.js';

const EXPERIMENT = 'bench';
/** Runs that are made at once. */
const LANES = 16;

let place;
let runs;
let page;

/** Makes the runs through the tracker, without waiting for the disk. */
async function load({ address, folder }) {
  const { metrics: names, algorithms, startedMs } = JSON.parse(await readFile(path.join(folder, 'runs.json'), 'utf8'));
  const values = new Float64Array(Uint8Array.from(await readFile(path.join(folder, 'metrics.f64'))).buffer);
  const filling = await openPlace(address, { durable: false });
  await leaveFilesToTheSystem(folder, async () => {
    let next = 0;
    const lane = async () => {
      while (next < values.length / names.length) {
        const i = next++;
        const writer = tracker(filling.store, { clock: manualClock(startedMs + i) });
        const params = { algorithm: algorithms[i % algorithms.length] };
        const run = await writer.startRun({ experiment: EXPERIMENT, name: `run-${String(i).padStart(5, '0')}`, params });
        await run.logMetrics(Object.fromEntries(names.map((name, j) => [name, values[i * names.length + j]])));
        await run.finish();
      }
    };
    await Promise.all(Array.from({ length: LANES }, lane));
  });
  await filling.close();
  place = await openPlace(address);
  runs = tracker(place.store);
}

/** Files that are written meanwhile are not synced one by one. */
async function leaveFilesToTheSystem(folder, work) {
  const file = await open(path.join(folder, 'runs.json'));
  const prototype = Object.getPrototypeOf(file);
  await file.close();
  const { sync } = prototype;
  prototype.sync = async () => {};
  try {
    await work();
  } finally {
    prototype.sync = sync;
  }
}

async function search(searched, { filter, order, limit }) {
  const { seconds, result } = await timed(() =>
    searched.searchRuns({ experiments: [EXPERIMENT], filter, orderBy: [order], maxResults: limit }),
  );
  page = result.runs;
  return seconds;
}

await serveCommands({
  load,
  search: (words) => search(runs, words),
  /** Nothing is in memory, and no index was written: every record is read. */
  first: (words) => search(tracker(place.store), words),
  /** Nothing is in memory. */
  searchCold: (words) => search(tracker(place.store), words),
  found: () =>
    page.map(({ name, metrics, params }) => ({
      name,
      metrics: Object.fromEntries(Object.entries(metrics).map(([metric, { value }]) => [metric, value])),
      params,
    })),
});
await place?.close();
