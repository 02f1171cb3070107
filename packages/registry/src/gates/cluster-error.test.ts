import { studentTQuantile } from '@fraudops/core';
import { describe, expect, it } from 'vitest';
import { DAY_MS } from './asked-gates.fixture.js';
import { clusterMargin, clustersOf } from './cluster-error.js';

const rowsOf = (rowCount: number, days: number | undefined, cards: number | undefined) => ({
  fingerprint: 'f',
  scores: Array.from({ length: rowCount }, () => 0),
  labels: Array.from({ length: rowCount }, () => 0),
  ...(days === undefined ? {} : { times: Array.from({ length: rowCount }, (_, i) => (i % days) * DAY_MS + (i % 1000)) }),
  ...(cards === undefined ? {} : { entityCodes: Array.from({ length: rowCount }, (_, i) => i % cards) }),
});

describe('clustersOf', () => {
  it.each<[number | undefined, number | undefined, string, number]>([
    [20, 50, 'day', 20],
    [19, 50, 'entity', 50],
    [19, undefined, 'day', 19],
    [undefined, 50, 'entity', 50],
  ])('of %s days and %s cards are %ss', (days, cards, by, count) => {
    expect(clustersOf(rowsOf(500, days, cards))).toMatchObject({ by, count });
  });

  it('are what one asks for, each unknown card by itself', () => {
    expect(clustersOf(rowsOf(500, 30, 50), 'entity')).toMatchObject({ by: 'entity', count: 50 });
    expect(clustersOf(rowsOf(500, 3, 50), 'day')).toMatchObject({ by: 'day', count: 3 });
    expect(clustersOf({ ...rowsOf(4, undefined, 1), entityCodes: [-1, 3, -1, 3] })).toEqual({
      by: 'entity',
      codes: Int32Array.of(0, 1, 2, 1),
      count: 3,
    });
    expect(() => clustersOf(rowsOf(9, undefined, 3), 'day')).toThrow('the evaluation gives no times');
    expect(() => clustersOf(rowsOf(9, undefined, undefined))).toThrow('no times or entityCodes');
    expect(() => clustersOf(rowsOf(9, undefined, 1))).toThrow('all rows are of one entity, at least 2 are needed');
  });
});

describe('clusterMargin', () => {
  it('of a mean of single rows is that of Student', () => {
    const values = [3, 5, 4, 9, 1, 7];
    const mean = values.reduce((sum, value) => sum + value, 0) / 6;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 5;
    const margin = clusterMargin((row) => (values[row]! - mean) / 6, clustersOf(rowsOf(6, undefined, 6)), 0.95);
    expect(margin).toBeCloseTo(studentTQuantile(0.95, 5) * Math.sqrt(variance / 6), 12);
  });

  it('does not change when every row comes twice in its cluster', () => {
    const influence = (row: number) => Math.sin(row % 10);
    const once = clusterMargin(influence, clustersOf(rowsOf(10, undefined, 10)), 0.9);
    const twice = clusterMargin((row) => influence(row) / 2, clustersOf(rowsOf(20, undefined, 10)), 0.9);
    expect(twice).toBeCloseTo(once, 12);
  });
});
