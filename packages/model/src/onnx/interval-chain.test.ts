import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ZERO_SIZE } from '../scoring/split-rule.js';
import { float32AtRank, rankOfFloat32 } from './float32-rank.js';
import { type IntervalChain, categoryChain, zeroChain } from './interval-chain.js';

/** The side that a value takes, read off the chain. */
function isLeft(chain: IntervalChain, x: number): boolean {
  return chain.find(({ limit }) => x <= limit)?.isLeft ?? !chain.at(-1)!.isLeft;
}

const near = (values: readonly number[]) =>
  fc
    .tuple(fc.constantFrom(...values), fc.integer({ min: -1, max: 1 }))
    .map(([x, step]) => float32AtRank(rankOfFloat32(x) + step));

describe('categoryChain', () => {
  it('has two links for each run of codes', () => {
    expect(categoryChain([3, 4, 9]).map(({ isLeft: side }) => side)).toEqual([false, true, false, true]);
    expect(categoryChain([0])[0]).toEqual({ limit: -1, isLeft: false });
  });

  it('says of every float32 whether its whole part is listed', () => {
    const codes = fc.uniqueArray(fc.oneof(fc.nat(10), fc.integer({ min: 16_777_210, max: 16_777_215 })), { minLength: 1 });
    const value = fc.oneof(near([-1, 0, 1, 2, 3, 5, 10, 11, 16_777_215, 16_777_216]), fc.float({ noNaN: true }));
    fc.assert(
      fc.property(codes, value, (listed, x) => {
        const chain = categoryChain(listed.sort((a, b) => a - b));
        // Adding 0 turns -0 into 0.
        expect(isLeft(chain, x)).toBe(listed.includes(Math.trunc(x) + 0));
      }),
      { numRuns: 1000 },
    );
  });
});

describe('zeroChain', () => {
  it('sends zeros where missing values go, and all others by the threshold', () => {
    const edges = [-1, -ZERO_SIZE, 0, ZERO_SIZE, 1];
    fc.assert(
      fc.property(near(edges), near(edges), fc.boolean(), (threshold, x, missingLeft) => {
        const expected = Math.abs(x) <= ZERO_SIZE ? missingLeft : x <= threshold;
        expect(isLeft(zeroChain(threshold, missingLeft), x)).toBe(expected);
      }),
      { numRuns: 1000 },
    );
  });
});
