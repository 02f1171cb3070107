import { describe, expect, it } from 'vitest';
import { median, ratio, spread, takeTurns } from './rounds.js';

describe('takeTurns', () => {
  it('goes from one contestant to the next, and begins each round with another one', async () => {
    const order = [];
    const contestants = [{ name: 'a' }, { name: 'b' }, { name: 'c' }];
    const seconds = await takeTurns(contestants, 3, async ({ name }) => order.push(name));
    expect(order.join('')).toBe('abcbcacab');
    // What a turn returned stands at its round.
    expect(Object.fromEntries(seconds)).toEqual({ a: [1, 6, 8], b: [2, 4, 9], c: [3, 5, 7] });
  });
});

describe('median and spread', () => {
  it('takes the middle, or the mean of the two middle ones, and sorts by size', () => {
    expect(median([10, 9, 100])).toBe(10);
    expect(median([4, 1, 3, 2])).toBe(2.5);
    expect(spread([3, 1, 2])).toEqual([2, 1, 3]);
  });
});

describe('ratio', () => {
  it('is the median of the ratios of single rounds, which a slow round of both leaves as it is', () => {
    expect(ratio([2, 20, 2], [1, 10, 1])).toBe(2);
    // Ratios 2, 1 and 3; the ratio of the medians would be 1.5.
    expect(ratio([2, 3, 3], [1, 3, 1])).toBe(2);
  });
});
