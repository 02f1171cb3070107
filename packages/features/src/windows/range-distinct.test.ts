import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RangeDistinct } from './range-distinct.js';
import { RangeMatches } from './range-matches.js';
import { RanksByCategory } from './ranks-by-category.js';

const MOST_RANKS = 40;

/** Categories by place, and these places in two orders: by rank, and as they arrive. */
const arrivals = fc.array(fc.integer({ min: -1, max: 5 }), { minLength: 1, maxLength: MOST_RANKS }).chain((codes) => {
  const places = codes.map((_, place) => place);
  const shuffled = fc.shuffledSubarray(places, { minLength: places.length });
  return fc.record({ codes: fc.constant(codes), placeOfRank: shuffled, arriving: shuffled });
});

describe('RangeDistinct and RangeMatches', () => {
  it('count the categories of a range, and the ranks of one, as ranks are added in any order', () => {
    const order = new RanksByCategory(MOST_RANKS);
    const distinct = new RangeDistinct(order, MOST_RANKS);
    const matches = new RangeMatches(order, MOST_RANKS);
    fc.assert(
      fc.property(arrivals, fc.nat(MOST_RANKS), fc.nat(MOST_RANKS), ({ codes, placeOfRank, arriving }, one, other) => {
        order.clear(Int32Array.from(codes), Int32Array.from(placeOfRank));
        distinct.clear();
        matches.clear();
        const [from, to] = [Math.min(one, other, codes.length), Math.min(Math.max(one, other), codes.length)];
        const within: number[] = [];
        for (const rank of arriving) {
          distinct.add(rank);
          matches.add(rank);
          const code = codes[placeOfRank[rank]!]!;
          if (rank >= from && rank < to && code >= 0) within.push(code);
          expect(distinct.count(from, to)).toBe(new Set(within).size);
          expect(matches.count(3, from, to)).toBe(within.filter((found) => found === 3).length);
        }
      }),
      { numRuns: 500 },
    );
  });
});
