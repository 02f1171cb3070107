import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  axisTicks,
  formatCount,
  formatDay,
  formatDecimals,
  formatFeature,
  formatName,
  formatPowerOfTen,
  formatRows,
  formatShare,
  formatTime,
  formatValue,
  shortestFloat32,
} from './number-format.js';

// Powers of ten are set with narrow no-break spaces, which an editor does not show.
const plain = (text: string) => text.replaceAll('\u202F', ' ');

describe('number formats', () => {
  it('group digits by thousands', () => {
    expect([0, 999, 1000, 1234567].map(formatCount)).toEqual(['0', '999', '1,000', '1,234,567']);
    expect(formatRows(1, 'row')).toBe('1 row');
    expect(formatRows(2000, 'row')).toBe('2,000 rows');
  });

  it('write values of any size in a few characters', () => {
    expect([0, 0.1 + 0.2, 12.3456, -1234.5, 1234567, 5e-324, -1.7e308].map(formatValue).map(plain)).toEqual([
      '0',
      '0.3',
      '12.35',
      '−1,235',
      '1,234,567',
      '4.94 × 10⁻³²⁴',
      '−1.70 × 10³⁰⁸',
    ]);
    fc.assert(fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => formatValue(value).length < 16));
  });

  it('write the decimals asked for', () => {
    expect([formatDecimals(1234.5, 2), formatDecimals(-0.001, 2), formatDecimals(-1.5, 0), formatDecimals(0.1, 1)]).toEqual([
      '1,234.50',
      '0.00',
      '−2',
      '0.1',
    ]);
    expect(plain(formatDecimals(1e21, 2))).toBe('1.00 × 10²¹');
  });

  it('write features without the noise of float32', () => {
    const values = [0.1, 219.95, 1234.56, 123456.78, 1754155, 10 / 3, -1234.5678, 0, -0, 1e-5, 86400.127];
    const shown = ['0.1', '219.95', '1,234.56', '123,456.78', '1,754,155', '3.333', '−1,235', '0', '0', '1.00 × 10⁻⁵', '86,400'];
    expect(values.map((value) => plain(formatFeature(Math.fround(value))))).toEqual(shown);
    expect(plain(formatFeature(1e300))).toBe('1.00 × 10³⁰⁰');
    fc.assert(
      fc.property(fc.integer({ min: -9_999_999, max: 9_999_999 }), (cents) => {
        expect(
          Number(
            formatFeature(Math.fround(cents / 100))
              .replaceAll(',', '')
              .replace('−', '-'),
          ),
        ).toBe(cents / 100);
      }),
    );
  });

  it('find the shortest number that is the same float32', () => {
    fc.assert(
      fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(Math.fround(shortestFloat32(value)) === value).toBe(true);
      }),
    );
    expect(shortestFloat32(Math.fround(0.1))).toBe(0.1);
  });

  it('write powers of ten with the decimals asked for', () => {
    expect([formatPowerOfTen(3.2e-9, 0), formatPowerOfTen(1.5e9, 2), formatPowerOfTen(1, 1)].map(plain)).toEqual([
      '3 × 10⁻⁹',
      '1.50 × 10⁹',
      '1.0 × 10⁰',
    ]);
  });

  it('never round a share to none or all when it is not', () => {
    expect([0, 0.00001, 0.00123, 0.12345, 0.9999, 1].map(formatShare)).toEqual([
      '0.0%',
      '<0.01%',
      '0.12%',
      '12.3%',
      '>99.9%',
      '100.0%',
    ]);
  });

  it('write moments in UTC', () => {
    expect(formatTime(Date.UTC(2018, 3, 1, 9, 5))).toBe('2018-04-01 09:05');
    expect(formatDay(Date.UTC(2018, 3, 1, 9, 5))).toBe('2018-04-01');
    expect(formatTime(9e15)).toBe('9000000000000000');
  });

  it('cut long names between characters', () => {
    expect(formatName('short')).toBe('short');
    expect(formatName('😀'.repeat(100), 10)).toBe(`${'😀'.repeat(9)}…`);
  });
});

describe('axisTicks', () => {
  it('are round, inside the range, and few', () => {
    expect(axisTicks(0, 97, 5)).toEqual([0, 20, 40, 60, 80]);
    expect(axisTicks(-0.35, 0.35, 8).map((tick) => tick + 0)).toEqual([-0.3, -0.2, -0.1, 0, 0.1, 0.2, 0.3]);
    expect(axisTicks(999999999989.5, 999999999992.5, 6)).toEqual([999999999990, 999999999991, 999999999992]);
    expect(axisTicks(5e-324, 1e-320, 6).every(Number.isFinite)).toBe(true);
    const bound = fc.double({ min: -1e12, max: 1e12, noNaN: true });
    fc.assert(
      fc.property(bound, bound, (a, b) => {
        const [low, high] = [Math.min(a, b), Math.max(a, b)];
        const ticks = axisTicks(low, high, 6);
        expect(ticks.length).toBeLessThanOrEqual(7);
        for (const tick of ticks) {
          expect(tick).toBeGreaterThanOrEqual(low);
          expect(tick).toBeLessThanOrEqual(high);
        }
      }),
    );
  });
});
