import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type IntegerRange,
  type SearchSpace,
  choice,
  integer,
  logUniform,
  requireSpace,
  sampleParameters,
  uniform,
} from './search-space.js';

const space = {
  rate: logUniform(0.001, 1),
  share: uniform(0.5, 1),
  depth: integer(1, 4),
  leaves: integer(1, 1_000, { log: true }),
  growth: choice('leaf', 'depth'),
} satisfies SearchSpace;

const samples = Array.from({ length: 4_000 }, (_, trial) => sampleParameters(space, 7, trial));
const shareOf = (test: (sample: (typeof samples)[number]) => boolean) => samples.filter(test).length / samples.length;

describe('sampleParameters', () => {
  it('stays within the ranges', () =>
    fc.assert(
      fc.property(fc.integer(), fc.nat(10_000), (seed, trial) => {
        const { rate, share, depth, leaves, growth } = sampleParameters(space, seed, trial);
        expect(rate >= 0.001 && rate <= 1 && share >= 0.5 && share < 1).toBe(true);
        expect([1, 2, 3, 4]).toContain(depth);
        expect(Number.isInteger(leaves) && leaves >= 1 && leaves <= 1_000).toBe(true);
        expect(['leaf', 'depth']).toContain(growth);
      }),
    ));

  it('spreads as the range says', () => {
    expect(shareOf(({ rate }) => rate < 0.01)).toBeCloseTo(1 / 3, 1);
    expect(shareOf(({ rate }) => rate > 0.1)).toBeCloseTo(1 / 3, 1);
    expect(shareOf(({ share }) => share < 0.75)).toBeCloseTo(0.5, 1);
    for (const depth of [1, 2, 3, 4]) expect(Math.abs(shareOf((sample) => sample.depth === depth) - 0.25)).toBeLessThan(0.03);
    expect(Math.abs(shareOf(({ leaves }) => leaves <= 31) - Math.log(31.5 / 0.5) / Math.log(1_000.5 / 0.5))).toBeLessThan(0.03);
    expect(Math.abs(shareOf(({ growth }) => growth === 'leaf') - 0.5)).toBeLessThan(0.03);
  });

  it('depends on seed, trial and name alone', () => {
    const { rate } = space;
    expect(sampleParameters({ rate }, 7, 3).rate).toBe(samples[3]!.rate);
    expect(sampleParameters({ rate }, 8, 3).rate).not.toBe(samples[3]!.rate);
  });
});

describe('requireSpace', () => {
  it.each<[SearchSpace, string]>([
    [{}, 'tune: space has 0 parameters'],
    [{ a: uniform(2, 1) }, 'tune: space.a: from 2 to 1, expected finite ends in order'],
    [{ a: uniform(0, Number.POSITIVE_INFINITY) }, 'expected finite ends'],
    [{ a: logUniform(0, 1) }, 'from 0 to 1, expected a low end above 0'],
    [{ a: integer(1, 2.5) }, 'expected whole numbers'],
    [{ a: integer(0, 2, { log: true }) }, 'expected a low end above 0'],
    [{ a: choice() }, 'no values'],
    [
      { a: { kind: 'normal', low: 0, high: 1 } as unknown as IntegerRange },
      'tune: space.a: kind is "normal", expected one of uniform,',
    ],
    [{ a: undefined as unknown as IntegerRange }, 'tune: space.a: kind is undefined'],
    [{ a: uniform(-1.7e308, 1.7e308) }, 'expected a width that is a finite number'],
    [{ a: choice(1, Number.POSITIVE_INFINITY) }, 'tune: space.a: values[1] is Infinity, expected a finite number'],
    [{ a: choice([1] as unknown as number) }, 'tune: space.a: values[0] is an array of 1'],
    [{ ['__proto__']: uniform(0, 1) }, 'tune: space.__proto__: the name has a meaning of its own'],
  ])('refuses %j', (bad, message) => expect(() => requireSpace(bad)).toThrow(message));
});
