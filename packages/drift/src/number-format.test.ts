import { describe, expect, it } from 'vitest';
import { formatPValue, formatPoints, formatRoundShare, formatShare, formatStatistic, formatTime } from './number-format.js';

// Powers of ten are set with narrow no-break spaces, which an editor does not show.
const plain = (text: string) => text.replaceAll('\u202F', ' ');

describe('number formats', () => {
  it('never round a share to none or all when it is not', () => {
    expect([0, 0.0001, 0.12345, 0.9999, 1].map(formatShare)).toEqual(['0.0%', '<0.1%', '12.3%', '>99.9%', '100.0%']);
    expect([0.5, 0.07, 1 / 3].map(formatRoundShare)).toEqual(['50%', '7%', '33.3333333333%']);
    expect([0.034, -0.12].map(formatPoints)).toEqual(['+3.4 points', '−12.0 points']);
  });

  it('write small p-values as powers of ten', () => {
    expect([1, 0.05, 0.0005, 3.2e-9, 0].map(formatPValue).map(plain)).toEqual([
      '1.000',
      '0.050',
      '0.001',
      '3 × 10⁻⁹',
      '< 10⁻³⁰⁰',
    ]);
  });

  it('write statistics with as many digits as matter', () => {
    expect([0.1234567, 12.3456, 123.456, 12345.6, 1.5e9].map(formatStatistic).map(plain)).toEqual([
      '0.123',
      '12.35',
      '123.5',
      '12,346',
      '1.50 × 10⁹',
    ]);
  });

  it('write times in UTC', () => {
    expect(formatTime(Date.UTC(2018, 3, 1, 9, 5))).toBe('2018-04-01 09:05 UTC');
  });
});
