import { seededRandom } from '@fraudops/core';
import { describe, expect, it } from 'vitest';
import { Bag, TIMES_BITS } from './bag.js';
import { exactWeights } from './exact-weights.js';

const labels = Uint8Array.from({ length: 1000 }, (_, i) => Number(i % 10 === 0));

describe('Bag', () => {
  it('draws as many rows as there are, with replacement, and parts them by class', () => {
    const bag = new Bag(labels, undefined);
    bag.fill(seededRandom(1));
    expect(bag.times.reduce((sum, times) => sum + times, 0)).toBe(1000);
    expect(bag.times.filter((times) => times === 0).length).toBeGreaterThan(320);
    expect(bag.times.filter((times) => times === 0).length).toBeLessThan(420);
    const entries = [...bag.genuine.subarray(0, bag.genuineCount), ...bag.fraud.subarray(0, bag.fraudCount)];
    entries.forEach((entry, i) => {
      const row = entry >>> TIMES_BITS;
      expect(entry - (row << TIMES_BITS)).toBe(bag.times[row]);
      expect(labels[row]).toBe(i < bag.genuineCount ? 0 : 1);
    });
  });

  it('takes each row once without randomness, and leaves out rows of weight 0', () => {
    const bag = new Bag(
      labels,
      Float64Array.from(labels, (_, i) => Number(i < 500)),
    );
    bag.fill(undefined);
    expect([bag.genuineCount, bag.fraudCount]).toEqual([450, 50]);
  });

  it('draws as many rows as have weight, and only those', () => {
    const bag = new Bag(
      labels,
      Float64Array.from(labels, (_, i) => Number(i >= 990)),
    );
    for (let seed = 0; seed < 20; seed++) {
      bag.fill(seededRandom(seed));
      expect(bag.times.subarray(0, 990).every((times) => times === 0)).toBe(true);
      expect(bag.times.reduce((sum, times) => sum + times, 0)).toBe(10);
    }
  });
});

describe('exactWeights', () => {
  it('adds up to the same in any order, and stays within 2^-46 of the sum', () => {
    const random = seededRandom(2);
    const weights = Float64Array.from({ length: 1000 }, () => Math.exp(random.normal(0, 5)));
    const exact = exactWeights(weights)!;
    const sum = (values: Float64Array): number => values.reduce((total, value) => total + 31 * value, 0);
    expect(sum(exact)).toBe(sum(exact.toReversed()));
    expect(sum(exact)).toBe(sum(exact.toSorted()));
    exact.forEach((weight, i) => expect(Math.abs(weight - weights[i]!)).toBeLessThan(sum(weights) * 2 ** -46));
    expect(exactWeights(undefined)).toBeUndefined();
  });
});
