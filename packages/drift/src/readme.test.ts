import { Table, categoryColumn, numberColumn } from '@fraudops/core';
import { describe, expect, it } from 'vitest';
import { cramersV, detectDrift, profileFromJson, profileToJson, referenceProfile } from './index.js';

describe('the example of the README', () => {
  it('does what it says', () => {
    const rows = (size: number, spread: number, channel: string) =>
      Table.fromColumns({
        TX_AMOUNT: numberColumn(Array.from({ length: size }, (_, i) => (i % 97) * spread)),
        CHANNEL: categoryColumn(Array.from({ length: size }, (_, i) => (i % 3 ? 'web' : channel))),
      });
    const text = JSON.stringify(profileToJson(referenceProfile(rows(5000, 1, 'shop'))));
    const report = detectDrift(profileFromJson(JSON.parse(text)), rows(2000, 1.5, 'shop'));
    expect(report.drifted).toEqual(['TX_AMOUNT']);
    expect(report.datasetDrift).toBe(true);
    expect(report.columns[0]?.effect).toBe(0.32);
    expect(report.toHtml({ title: 'Weekly drift', current: { label: 'last week' } })).toContain('last week');
  });

  it('is right about rare flags', () => {
    expect(cramersV([9920, 80], [9840, 160])).toBeCloseTo(0.037, 3);
  });
});
