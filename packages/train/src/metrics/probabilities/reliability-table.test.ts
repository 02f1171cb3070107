import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { goldenMetrics, largestGap } from '../golden-metrics.fixture.js';

import { scoresAndLabels } from '../ranking/arbitrary-scores.fixture.js';
import { reliabilityTable } from './reliability-table.js';

describe('reliabilityTable', () => {
  it.each(goldenMetrics)(
    'equals scikit-learn 1.9.1 calibration_curve with 10 uniform bins on $name',
    ({ score, label, expected }) => {
      const table = reliabilityTable(score, label, { binning: 'width' });
      expect(
        largestGap(
          table.map((bin) => bin.fraudRate),
          expected.reliability_fraud_rate,
        ),
      ).toBeLessThan(1e-12);
      expect(
        largestGap(
          table.map((bin) => bin.meanProbability),
          expected.reliability_mean,
        ),
      ).toBeLessThan(1e-12);
    },
  );

  it('puts as many rows in each bin, probabilities ascending', () => {
    const table = reliabilityTable([0.4, 0.1, 0.3, 0.2], [1, 0, 1, 0], { bins: 2 });
    expect(table.map(({ lowest, highest, rows, frauds }) => [lowest, highest, rows, frauds])).toEqual([
      [0.1, 0.2, 2, 0],
      [0.3, 0.4, 2, 2],
    ]);
    expect(table[1]!.low).toBeCloseTo(0.342, 3);
    expect(table[1]!.high).toBe(1);
  });

  it('puts every edge of 1 to 300 bins of equal width into the bin that it ends', () => {
    for (let bins = 1; bins <= 300; bins++) {
      const edges = Array.from({ length: bins }, (_, i) => (i + 1) / bins);
      // One row on each edge: none shares a bin with another.
      const table = reliabilityTable(
        edges,
        edges.map(() => 0),
        { binning: 'width', bins },
      );
      expect(table.length, `${bins} bins`).toBe(bins);
    }
    const [bin] = reliabilityTable([0.065, 0.07], [0, 1], { binning: 'width', bins: 100 });
    expect(bin).toMatchObject({ lowest: 0.065, highest: 0.07, rows: 2 });
  });

  it('keeps rows of one probability together', () => {
    expect(reliabilityTable([0.2, 0.2, 0.2, 0.9], [1, 0, 0, 1], { bins: 4 }).map(({ rows }) => rows)).toEqual([3, 1]);
  });

  it('looks at the top alone, with what ties with the last', () => {
    const scores = [0.9, 0.8, 0.8, ...Array.from({ length: 7 }, () => 0.1)];
    const labels = scores.map((score) => Number(score > 0.5));
    expect(reliabilityTable(scores, labels, { topShare: 0.2 }).reduce((sum, { rows }) => sum + rows, 0)).toBe(3);
  });

  it('holds every row once, in any order of the rows', () =>
    fc.assert(
      fc.property(
        scoresAndLabels,
        fc.integer({ min: 1, max: 12 }),
        fc.constantFrom('count' as const, 'width' as const),
        (rows, bins, binning) => {
          const { scores, labels } = rows;
          const table = reliabilityTable(scores, labels, { bins, binning });
          expect(table.reduce((sum, bin) => sum + bin.rows, 0)).toBe(scores.length);
          expect(table.reduce((sum, bin) => sum + bin.frauds, 0)).toBe(labels.filter((label) => label === 1).length);
          expect(table.length).toBeLessThanOrEqual(bins);
          expect(reliabilityTable(scores.toReversed(), labels.toReversed(), { bins, binning })).toEqual(table);
        },
      ),
    ));

  it('refuses another binning', () => {
    expect(() => reliabilityTable([0.5], [1], { binning: 'log' as 'width' })).toThrow(
      'binning is "log", expected "count" or "width"',
    );
  });
});
