import { featureMatrix, seededRandom } from '@fraudops/core';
import { describe, expect, it, vi } from 'vitest';
import { trainInWorker } from '../train-in-worker.js';
import type * as boostingCrew from './boosting-crew.js';
import { crewSize } from './boosting-crew.js';
import { type BoostingJob, layOutJob } from './boosting-job.js';
import { type BoostingOptions, requireBoostingRules } from './boosting-options.js';
import { paymentLikeRows } from './payment-like-rows.fixture.js';
import { trainBoosting } from './train-boosting.js';

// Data that is worth several threads would take minutes here.
vi.mock('./boosting-crew.js', async (importOriginal) => {
  const original = await importOriginal<typeof boostingCrew>();
  return { ...original, crewSize: (job: BoostingJob, threads: number) => original.crewSize(job, threads, 500_000) };
});

/** Enough for four threads, as crews are made here: 52,000 rows of 40 features, of which the first few matter. */
function manyRows() {
  const rowCount = 52_000;
  const random = seededRandom('crew');
  const columns = Array.from({ length: 40 }, (_, j) =>
    Float32Array.from({ length: rowCount }, () =>
      j % 5 === 4 ? random.integer(12) : random.next() < 0.05 ? Number.NaN : random.normal(0, 1),
    ),
  );
  const labels = Uint8Array.from({ length: rowCount }, (_, i) =>
    Number((columns[0]![i] || 0) + (columns[4]![i]! % 3) + random.normal(0, 1) > 3),
  );
  return {
    matrix: featureMatrix(
      columns.map((_, j) => `f${j}`),
      columns,
    ),
    labels,
  };
}

const { matrix, labels } = manyRows();
const train = (options: BoostingOptions, threads: number) =>
  trainInWorker({ algorithm: 'boosting', matrix, labels, options }, { threads });

describe('boosting by several threads', () => {
  it('has as many members as fit into its memory', () => {
    const column = new Float32Array(1600);
    const names = Array.from({ length: 20_000 }, (_, j) => `f${j}`);
    const columns = names.map(() => column);
    const job = { matrix: featureMatrix(names, columns), labels: new Uint8Array(1600), options: { depth: 6 } };
    const size = crewSize(job, 64);
    expect(size).toBeGreaterThan(1);
    expect(size).toBeLessThan(64);
    const rules = requireBoostingRules(job.options, names);
    expect(() => layOutJob(job, rules, size)).not.toThrow();
    expect(() => layOutJob(job, rules, size + 1)).toThrow('at most 2 GB');
  });

  it.each<[BoostingOptions, number[]]>([
    [{ trees: 3, depth: 64, maxLeaves: 12 }, [1, 2, 4]],
    [
      {
        trees: 2,
        depth: 3,
        rowSampling: 0.5,
        columnSampling: 0.5,
        minRowsPerLeaf: 10,
        categorical: ['f4', 'f9'],
        monotone: { f0: 1 },
      },
      [2],
    ],
    [
      {
        trees: 2,
        depth: 3,
        objective: { focal: { gamma: 1 } },
        positiveWeight: 2,
        weights: Float64Array.from(labels, (_, i) => (i % 7) / 3),
      },
      [3],
    ],
  ])('gives the same model, to the bit: case %#', async (options, threadCounts) => {
    const expected = JSON.stringify(trainBoosting(matrix, labels, options).toJson());
    for (const threads of threadCounts) {
      expect(crewSize({ matrix, labels, options }, threads)).toBe(threads);
      const { model } = await train(options, threads);
      expect(JSON.stringify(model.toJson()) === expected).toBe(true);
    }
  });

  it('stops early and goes on from a model as one thread does', async () => {
    const later = { matrix, labels: labels.map((_, i) => labels[(i + 1) % labels.length]!) };
    const options = { trees: 30, depth: 3, validation: { ...later, patience: 2 } };
    const expected = trainBoosting(matrix, labels, options);
    expect(expected.trees.length).toBeLessThan(28);
    const { model } = await train(options, 2);
    expect(model.toJson()).toEqual(expected.toJson());
    const more = await train({ trees: 2, continueFrom: expected }, 2);
    expect(more.model.toJson()).toEqual(trainBoosting(matrix, labels, { trees: 2, continueFrom: expected }).toJson());
  });

  it('stops all threads when the signal says so', async () => {
    const controller = new AbortController();
    const advance = () => controller.abort(new Error('enough'));
    const progress = { task: () => ({ advance, total: () => {}, done: () => {}, fail: () => {} }) };
    const options = { trees: 5000, minChildWeight: 0 };
    const training = trainInWorker(
      { algorithm: 'boosting', matrix, labels, options },
      { threads: 2, signal: controller.signal, progress },
    );
    await expect(training).rejects.toMatchObject({ code: 'ABORTED' });
  });

  it('leaves little work to one thread', async () => {
    const rows = paymentLikeRows(1)(500);
    const { model } = await trainInWorker({ algorithm: 'boosting', ...rows, options: { trees: 2 } }, { threads: 64 });
    expect(model.toJson()).toEqual(trainBoosting(rows.matrix, rows.labels, { trees: 2 }).toJson());
  });

  it("refuses what can't cross threads, and too many of them", async () => {
    const objective = { gradients: () => {} };
    await expect(train({ objective }, 2)).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      message: expect.stringContaining("can't be sent to a thread"),
    });
    await expect(train({}, 65)).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      message: expect.stringContaining('threads: 65'),
    });
  });
});
