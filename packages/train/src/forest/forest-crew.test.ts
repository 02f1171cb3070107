import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { type FeatureMatrix, featureMatrix, seededRandom } from '@fraudops/core';
import { describe, expect, it } from 'vitest';
import { trainInWorker } from '../train-in-worker.js';
import { growForestWithCrew, joinForest } from './forest-crew.js';
import { type ForestOptions, trainForest } from './train-forest.js';

function rows(): { matrix: FeatureMatrix; labels: Uint8Array; weights: Float64Array } {
  const random = seededRandom(4);
  const columns = Array.from({ length: 5 }, () => Float32Array.from({ length: 600 }, () => random.normal()));
  const labels = Uint8Array.from(columns[0]!, (value) => Number(value + random.normal() > 1));
  const weights = Float64Array.from(labels, () => random.next());
  return { matrix: featureMatrix(['a', 'b', 'c', 'd', 'e'], columns), labels, weights };
}

const { matrix, labels, weights } = rows();

/** The forest of several crews' members, all in this thread. */
async function growWith(members: number, options: ForestOptions, grown = () => {}) {
  const channels = Array.from({ length: members - 1 }, () => new MessageChannel());
  const joined = channels.map(({ port2 }: { port2: MessagePort }) => joinForest(labels, port2, grown));
  const forest = await growForestWithCrew(
    { matrix, labels, options },
    channels.map(({ port1 }) => port1),
  );
  await Promise.all(joined);
  return forest;
}

describe('growForestWithCrew', () => {
  it.each([1, 2, 3, 5])('gives the same bits by %i members as trainForest', async (members) => {
    const options = { trees: 8, outOfBag: true, weights, seed: 9 };
    const forest = await growWith(members, options);
    const alone = trainForest(matrix, labels, options);
    expect(forest.toJson()).toEqual(alone.toJson());
    expect(forest.outOfBag).toEqual(alone.outOfBag);
  });

  it('manages with fewer trees than members, and tells of each tree', async () => {
    let grown = 0;
    const forest = await growWith(4, { trees: 2 }, () => grown++);
    expect(forest.trees.length).toBe(2);
    expect(grown).toBe(1);
  });

  it('refuses bad input before it invites anyone', async () => {
    await expect(growForestWithCrew({ matrix, labels: labels.slice(1) }, [])).rejects.toMatchObject({ code: 'LENGTH_MISMATCH' });
  });

  it('works in threads: the same bits, and the out-of-bag scores', async () => {
    const options = { trees: 6, outOfBag: true, seed: 2 };
    const alone = trainForest(matrix, labels, options);
    for (const threads of [1, 2]) {
      const { model, outOfBag } = await trainInWorker({ algorithm: 'forest', matrix, labels, options }, { threads });
      expect(model.toJson()).toEqual(alone.toJson());
      expect(outOfBag).toEqual(alone.outOfBag);
    }
  });
});
