import { seededRandom } from '@fraudops/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AliasTable } from './alias-table.js';

const DRAWS = 20_000;
const shares = (weights: readonly number[], seed: number) => {
  const [table, random] = [new AliasTable(weights), seededRandom(seed)];
  const counts = weights.map(() => 0);
  for (let i = 0; i < DRAWS; i++) counts[table.draw(random)]!++;
  return counts.map((count) => count / DRAWS);
};

describe('AliasTable', () => {
  it('draws in proportion to the weights, within 5 binomial standard deviations', () => {
    const weights = fc.array(fc.oneof(fc.constant(0), fc.double({ min: 0.001, max: 1000, noNaN: true })), {
      minLength: 1,
      maxLength: 12,
    });
    fc.assert(
      fc.property(weights, fc.nat(), (drawn, seed) => {
        const total = drawn.reduce((sum, weight) => sum + weight, 0);
        fc.pre(total > 0);
        shares(drawn, seed).forEach((share, i) => {
          const expected = drawn[i]! / total;
          const tolerance = 5 * Math.sqrt((expected * (1 - expected)) / DRAWS) + 3 / DRAWS;
          expect(Math.abs(share - expected)).toBeLessThanOrEqual(expected === 0 ? 0 : tolerance);
        });
      }),
      { numRuns: 40, seed: 1 },
    );
  });

  it('draws evenly when all weights are 0', () => {
    for (const share of shares([0, 0, 0, 0], 3)) expect(Math.abs(share - 0.25)).toBeLessThan(0.016);
  });
});
