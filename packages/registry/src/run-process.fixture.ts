/**
 * A process for tests of runs: opens the file store that its first argument names, and does what its second one says.
 *
 * - `leave`: buffers points, and has nothing left to do
 * - `fail`: fails with points in the buffer
 * - `endless`: buffers and flushes without end, and tells its parent of each flush; to be killed
 * - `log ID NAME`: goes on with a run, logs 200 points of a metric of that name and of `both`, and sets tags
 */
import { fileStore } from '@fraudops/core';
import { tracker } from './index.js';

/** What the parent is told. */
export type Told = { run: string } | { flushed: number };

const [folder, work, id, name] = process.argv.slice(2) as [string, string, string, string];
const runs = tracker(fileStore(folder), { heartbeatMs: 100 });
const tell = (told: Told) => process.send!(told);

switch (work) {
  case 'leave': {
    const run = await runs.startRun({ experiment: 'fraud' });
    for (let step = 0; step < 100; step++) run.bufferMetrics({ loss: step }, { step });
    tell({ run: run.id });
    break;
  }
  case 'fail': {
    await runs
      .withRun({ experiment: 'fraud' }, async (run) => {
        for (let step = 0; step < 100; step++) run.bufferMetrics({ loss: step }, { step });
        tell({ run: run.id });
        throw new Error('on purpose');
      })
      .catch(() => {});
    break;
  }
  case 'endless': {
    const run = await runs.startRun({ experiment: 'fraud' });
    tell({ run: run.id });
    for (let step = 0; ; step++) {
      run.bufferMetrics({ loss: step }, { step });
      if (step % 50 < 49) continue;
      await run.flush();
      tell({ flushed: step + 1 });
    }
  }
  default: {
    const run = await runs.resumeRun(id);
    for (let step = 0; step < 200; step++) {
      await run.logMetrics({ [name]: step, both: step }, { step });
      if (step % 10 === 0) await run.setTags({ [`${name}${step}`]: 'x' });
    }
    tell({ run: run.id });
  }
}
process.disconnect();
