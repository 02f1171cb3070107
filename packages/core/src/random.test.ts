import { describe, expect, it } from 'vitest';
import { seededRandom } from './random.js';

const draws = (count: number, draw: () => number) => Array.from({ length: count }, draw);
const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const variance = (values: number[]) => {
  const center = mean(values);
  return mean(values.map((value) => (value - center) ** 2));
};

describe('seededRandom', () => {
  it('gives the same sequence for the same seed and another for another', () => {
    const sequence = (seed: number | string) => {
      const random = seededRandom(seed);
      return draws(20, () => random.next());
    };
    expect(sequence(7)).toEqual(sequence(7));
    expect(sequence(7)).toEqual(sequence('7'));
    expect(sequence(7)).not.toEqual(sequence(8));
  });

  it('forks into parts that do not depend on what the whole has drawn', () => {
    const fresh = seededRandom(1);
    const used = seededRandom(1);
    draws(100, () => used.next());
    expect(fresh.fork('customers').next()).toBe(used.fork('customers').next());
    expect(fresh.fork('customers').next()).not.toBe(fresh.fork('terminals').next());
    expect(fresh.fork('a/b').next()).not.toBe(fresh.fork('a').fork('b').next());
    expect(() => fresh.integer(2 ** 40)).toThrow('integer: bound is 1099511627776, expected 1 to 2^32');
  });

  // Bounds are about five standard errors of 200,000 draws.
  it('has the moments of its distributions', () => {
    const random = seededRandom('moments');
    const uniform = draws(200_000, () => random.next());
    expect(Math.min(...uniform.slice(0, 1000))).toBeGreaterThanOrEqual(0);
    expect(mean(uniform)).toBeCloseTo(0.5, 2);
    expect(variance(uniform)).toBeCloseTo(1 / 12, 2);
    const normal = draws(200_000, () => random.normal(3, 2));
    expect(Math.abs(mean(normal) - 3)).toBeLessThan(0.025);
    expect(Math.abs(variance(normal) - 4)).toBeLessThan(0.07);
    const exponential = draws(200_000, () => random.exponential(5));
    expect(Math.abs(mean(exponential) - 5)).toBeLessThan(0.06);
    for (const rate of [0.3, 4, 95]) {
      const counts = draws(200_000, () => random.poisson(rate));
      const standardError = Math.sqrt(rate / 200_000);
      expect(Math.abs(mean(counts) - rate)).toBeLessThan(5 * standardError);
      expect(Math.abs(variance(counts) / rate - 1)).toBeLessThan(0.03);
    }
  });

  it('draws each integer below its bound equally often (chi-squared, 9 degrees of freedom, p > 1e-6)', () => {
    const random = seededRandom(3);
    const counts = new Array<number>(10).fill(0);
    for (let i = 0; i < 100_000; i++) counts[random.integer(10)]!++;
    expect(counts.reduce((sum, count) => sum + (count - 10_000) ** 2 / 10_000, 0)).toBeLessThan(46);
  });

  it('shuffles into a permutation', () => {
    const values = Int32Array.from({ length: 100 }, (_, i) => i);
    seededRandom(1).shuffle(values);
    expect([...values]).not.toEqual([...values].toSorted((a, b) => a - b));
    expect([...values].toSorted((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, i) => i));
  });
});
