import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { scoresAndLabels } from './arbitrary-scores.fixture.js';
import { gainsTable } from './gains-table.js';

describe('gainsTable', () => {
  it('counts frauds in equal parts of the rows', () => {
    const scores = [0.9, 0.8, 0.7, 0.6, 0.5, 0.4];
    expect(gainsTable(scores, [1, 1, 0, 1, 0, 0], 3)).toEqual([
      { share: 1 / 3, lowestScore: 0.8, rows: 2, frauds: 2, fraudRate: 1, recall: 2 / 3, lift: 2 },
      { share: 2 / 3, lowestScore: 0.6, rows: 2, frauds: 1, fraudRate: 0.5, recall: 1, lift: 1.5 },
      { share: 1, lowestScore: 0.4, rows: 2, frauds: 0, fraudRate: 0, recall: 1, lift: 1 },
    ]);
  });

  it('shares tied rows out', () => {
    expect(gainsTable([0.5, 0.5, 0.5, 0.5], [1, 0, 0, 0], 2)!.map(({ frauds, lift }) => [frauds, lift])).toEqual([
      [0.5, 1],
      [0.5, 1],
    ]);
  });

  it('ends with all frauds at lift 1', () =>
    fc.assert(
      fc.property(scoresAndLabels, fc.integer({ min: 1, max: 30 }), ({ scores, labels }, parts) => {
        const table = gainsTable(scores, labels, parts)!;
        expect(table.at(-1)).toMatchObject({ share: 1, recall: 1, lift: 1, lowestScore: Math.min(...scores) });
        expect(table.reduce((sum, { frauds }) => sum + frauds, 0)).toBeCloseTo(labels.filter((label) => label === 1).length, 9);
      }),
    ));

  it('is undefined without frauds', () => expect(gainsTable([0.5], [0])).toBeNull());
});
