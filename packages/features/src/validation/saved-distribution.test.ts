import { Table, categoryColumn, flagColumn, numberColumn, timeColumn } from '@fraudops/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { populationStability, saveDistribution } from './saved-distribution.js';

const numbers = [...Array.from({ length: 200 }, (_, i) => ((i * 37) % 101) ** 2 / 10), 1000, 0, 0, 0];
const table = Table.fromColumns({
  A: numberColumn([...numbers.slice(0, -1), 0]),
  C: categoryColumn(numbers.map((_, i) => (i < 100 ? 'x' : i < 150 ? 'y' : 'z'))),
  F: flagColumn(numbers.map((_, i) => i < 51)),
});

describe('saveDistribution', () => {
  it('has the deciles of numpy 2.4.6', () => {
    const saved = saveDistribution(table, 'A');
    expect(saved.shape === 'bins' && saved.edges.map((edge) => Number(edge.toPrecision(12)))).toEqual([
      6.91, 34.62, 84.1, 153.68, 245.05, 357.62, 491.41, 646.44, 822.67,
    ]);
    expect(saved.shares[0]).toBeCloseTo(0.10294117647058823, 15);
  });

  it('remembers values of which there are few by name, the most frequent first', () => {
    expect(saveDistribution(table, 'C')).toEqual({
      shape: 'values',
      values: ['x', 'z', 'y'],
      shares: [100 / 204, 54 / 204, 50 / 204],
    });
    expect(saveDistribution(table, 'C', { maxValues: 1 })).toMatchObject({ values: ['x'] });
    expect(saveDistribution(table, 'F')).toEqual({ shape: 'values', values: [false, true], shares: [0.75, 0.25] });
    const few = Table.fromColumns({ N: numberColumn([-0, 0, 5, Number.NaN, Infinity]) });
    expect(saveDistribution(few, 'N')).toEqual({ shape: 'values', values: [0, 5], shares: [2 / 3, 1 / 3] });
  });

  it('refuses what has no distribution', () => {
    expect(() => saveDistribution(Table.fromColumns({ T: timeColumn([1]) }), 'T')).toThrow('column T is a time');
    expect(() => saveDistribution(Table.fromColumns({ N: numberColumn([Number.NaN]) }), 'N')).toThrow('column N has no values');
    expect(() => saveDistribution(table, 'A', { bins: 1 })).toThrow('bins is 1, expected a whole number from 2 to 100');
  });
});

describe('populationStability', () => {
  it('equals the sum of scipy 1.17.1 entropy in both directions', () => {
    const shifted = numberColumn(numbers.map((value) => value * 1.2 + 3));
    expect(populationStability(saveDistribution(table, 'A'), shifted)).toBeCloseTo(0.06235644170803289, 12);
  });

  it('is large but finite when nothing is as it was', () => {
    const index = populationStability(saveDistribution(table, 'C'), categoryColumn(['q', 'q']));
    // Each saved share falls to .0001, and the rest rises from .0001 to 1.
    const fall = (share: number) => (share - 1e-4) * Math.log(share / 1e-4);
    expect(index).toBeCloseTo(fall(100 / 204) + fall(50 / 204) + fall(54 / 204) + fall(1), 10);
  });

  it('sees a constant that moved', () => {
    const constant = saveDistribution(Table.fromColumns({ N: numberColumn([7, 7, 7]) }), 'N');
    expect(populationStability(constant, numberColumn([7, 7]))).toBe(0);
    expect(populationStability(constant, numberColumn([6.9, 7.1]))).toBeGreaterThan(10);
  });

  it('is 0 against its own sample and never negative', () => {
    const values = fc.array(fc.double({ noNaN: true, min: -1e6, max: 1e6 }), { minLength: 1, maxLength: 80 });
    fc.assert(
      fc.property(values, values, fc.integer({ min: 2, max: 20 }), (before, after, bins) => {
        const saved = saveDistribution(Table.fromColumns({ N: numberColumn(before) }), 'N', { bins });
        expect(populationStability(saved, numberColumn(before))).toBeCloseTo(0, 12);
        expect(populationStability(saved, numberColumn(after))).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  it('knows nothing of a column without values, and refuses another kind', () => {
    const saved = saveDistribution(table, 'F');
    expect(populationStability(saved, flagColumn([null]))).toBeNaN();
    expect(() => populationStability(saved, numberColumn([1]))).toThrow(
      'the column is a number, the saved distribution is of a flag',
    );
  });
});
