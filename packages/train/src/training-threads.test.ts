import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { goldenRowsWithGaps } from './golden-rows.js';
import { trainInWorker } from './train-in-worker.js';
import { closeTrainingThreads, startTrainingThreads, trainingThreads } from './training-threads.js';

const { matrix, labels } = goldenRowsWithGaps();
const train = () => trainInWorker({ algorithm: 'boosting', matrix, labels, options: { trees: 5 } });

afterEach(closeTrainingThreads);

describe('startTrainingThreads', () => {
  it('has threads up before the first training, which uses them', async () => {
    await startTrainingThreads({ threads: 2 });
    expect(trainingThreads.size).toBe(2);
    const { model } = await train();
    expect(trainingThreads.size).toBe(2);
    expect((await train()).model.toJson()).toEqual(model.toJson());
  });

  it.each([0, 1.5, 65])('refuses %d threads', async (threads) => {
    await expect(startTrainingThreads({ threads })).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      message: expect.stringContaining('startTrainingThreads: threads'),
    });
  });

  it('leaves a process free to end, while threads are idle', () => {
    const index = pathToFileURL(createRequire(import.meta.url).resolve('@fraudops/train')).href;
    const source = `
      import { startTrainingThreads, trainInWorker } from ${JSON.stringify(index)};
      await startTrainingThreads({ threads: 2 });
      const matrix = { names: ['x'], rowCount: 4, columns: [Float32Array.of(0, 1, 2, 3)] };
      const { model } = await trainInWorker({ algorithm: 'logistic', matrix, labels: Uint8Array.of(0, 1, 0, 1) });
      console.log(model.kind);`;
    // Kept threads never end by themselves: the process would not either.
    const printed = execFileSync(process.execPath, ['--input-type=module', '-e', source], { encoding: 'utf8', timeout: 20_000 });
    expect(printed.trim()).toBe('linear');
  });
});

describe('closeTrainingThreads', () => {
  it('ends idle threads at once, and a later training starts new ones', async () => {
    const { model } = await train();
    expect(trainingThreads.size).toBe(1);
    await closeTrainingThreads();
    expect(trainingThreads.size).toBe(0);
    expect((await train()).model.toJson()).toEqual(model.toJson());
  });
});
