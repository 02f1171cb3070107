import { type Progress, featureMatrix, seededRandom } from '@fraudops/core';
import { describe, expect, it, vi } from 'vitest';
import { goldenRowsWithGaps } from './golden-rows.js';
import { trainBoosting } from './boosting/train-boosting.js';
import { trainInWorker } from './train-in-worker.js';
import { trainLogistic } from './linear/train-logistic.js';

const { matrix, labels, weights } = goldenRowsWithGaps();

/** Enough work to be interrupted: minutes, if nobody stops it. */
function longJob() {
  const random = seededRandom(1);
  const columns = Array.from({ length: 20 }, () => Float32Array.from({ length: 50_000 }, () => random.next()));
  const noise = Uint8Array.from({ length: 50_000 }, () => Number(random.next() < 0.1));
  const names = columns.map((_, j) => `f${j}`);
  return {
    algorithm: 'boosting',
    matrix: featureMatrix(names, columns),
    labels: noise,
    options: { trees: 5000, minChildWeight: 0 },
  } as const;
}

describe('trainInWorker', () => {
  it('returns the model that the plain function returns, bit for bit', async () => {
    const boosted = await trainInWorker({ algorithm: 'boosting', matrix, labels, options: { trees: 5, weights } });
    expect(boosted.model.toJson()).toEqual(trainBoosting(matrix, labels, { trees: 5, weights }).toJson());
    expect(boosted.trainSeconds).toBeGreaterThan(0);
    const logistic = await trainInWorker({ algorithm: 'logistic', matrix, labels });
    expect(logistic.model.toJson()).toEqual(trainLogistic(matrix, labels).toJson());
  });

  it('takes columns that are views and columns in shared memory, and leaves them as they were', async () => {
    const shared = new Float32Array(new SharedArrayBuffer(4 * 60));
    shared.set(matrix.columns[0]!);
    const view = new Float32Array(64).fill(9);
    view.set(matrix.columns[1]!, 2);
    const mixed = featureMatrix(matrix.names, [shared, view.subarray(2, 62), matrix.columns[2]!]);
    const { model } = await trainInWorker({ algorithm: 'boosting', matrix: mixed, labels, options: { trees: 3 } });
    expect(model.toJson()).toEqual(trainBoosting(matrix, labels, { trees: 3 }).toJson());
    expect(mixed.columns[2]!.length).toBe(60);
  });

  it('refuses a job that is too large before it copies a column', async () => {
    const column = new Float32Array(2_000_000);
    const names = Array.from({ length: 800 }, (_, j) => `f${j}`);
    const large = featureMatrix(
      names,
      names.map(() => column),
    );
    const made = vi.spyOn(globalThis, 'SharedArrayBuffer');
    try {
      const training = trainInWorker({ algorithm: 'boosting', matrix: large, labels: new Uint8Array(2_000_000) });
      await expect(training).rejects.toMatchObject({ code: 'INVALID_OPTION', message: expect.stringContaining('at most 2 GB') });
      expect(made).not.toHaveBeenCalled();
    } finally {
      made.mockRestore();
    }
  });

  it('rejects with the error of the plain function', async () => {
    await expect(trainInWorker({ algorithm: 'boosting', matrix, labels: new Uint8Array(60) })).rejects.toMatchObject({
      name: 'TrainError',
      code: 'ONE_CLASS',
      message: expect.stringContaining('no fraud (label 1) rows among 60'),
      details: { rows: 60 },
    });
    await expect(trainInWorker({ algorithm: 'magic' as never, matrix, labels })).rejects.toMatchObject({
      code: 'INVALID_OPTION',
    });
    await expect(
      trainInWorker({ algorithm: 'logistic', matrix, labels, options: { l2: (() => 1) as never } }),
    ).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      message: expect.stringContaining("can't be sent to a thread"),
    });
  });

  it('reports progress', async () => {
    const seen: unknown[] = [];
    const task = { advance: (units: number) => seen.push(units), total: () => {}, done: () => seen.push('done'), fail: () => {} };
    const progress: Progress = { task: (name, options) => (seen.push([name, options]), task) };
    await trainInWorker({ algorithm: 'boosting', matrix, labels, options: { trees: 2 } }, { progress });
    expect(seen).toEqual([['Training boosted trees', { total: 2, unit: 'trees' }], 1, 1, 'done']);
  });

  it.each(['task', 'advance', 'done'])(
    "rejects with what the progress' %s throws, and not with the process",
    async (throwing) => {
      const broken = (name: string) => () => {
        if (name === throwing) throw new Error(`${name} is broken`);
      };
      const task = { advance: broken('advance'), total: () => {}, done: broken('done'), fail: () => expect.fail('ignored') };
      const progress: Progress = { task: () => (broken('task')(), task) };
      const training = trainInWorker({ algorithm: 'boosting', matrix, labels, options: { trees: 2 } }, { progress });
      await expect(training).rejects.toThrow(`${throwing} is broken`);
    },
  );

  it('leaves the event loop free and stops at once when the signal says so', async () => {
    const controller = new AbortController();
    let turns = 0;
    const ticking = setInterval(() => turns++, 5);
    // The first tree is there: abort in the midst of the others.
    const advance = () => void setTimeout(() => controller.abort(new Error('enough')), 50);
    const training = trainInWorker(longJob(), {
      signal: controller.signal,
      progress: { task: () => ({ advance, total: () => {}, done: () => {}, fail: () => {} }) },
    });
    await expect(training).rejects.toMatchObject({
      name: 'TrainError',
      code: 'ABORTED',
      message: expect.stringContaining('enough'),
      retryable: false,
    });
    clearInterval(ticking);
    expect(turns).toBeGreaterThan(5);
  });

  it('does not start when the signal was given before', async () => {
    await expect(trainInWorker(longJob(), { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'ABORTED' });
  });
});
