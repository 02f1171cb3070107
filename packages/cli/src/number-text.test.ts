import { describe, expect, it } from 'vitest';
import { countText, dayText, durationText, metricText, percentText, shareText } from './number-text.js';

describe('number texts', () => {
  it('read at a glance', () => {
    expect(countText(1_754_155)).toBe('1,754,155');
    expect(percentText(0.00837)).toBe('0.84 %');
    expect(percentText(0.2, 0)).toBe('20 %');
    expect([0, 0.00001, 0.0084, 0.092, 0.9999, 1].map(shareText)).toEqual([
      '0.0 %',
      '<0.01 %',
      '0.84 %',
      '9.2 %',
      '>99.9 %',
      '100.0 %',
    ]);
    expect([metricText(0.8714), metricText(null)]).toEqual(['0.871', '–']);
    expect([0.417, 370.4, 4200, 59_960, 125_000].map(durationText)).toEqual([
      '0.42 ms',
      '370 ms',
      '4.2 s',
      '1 min 0 s',
      '2 min 5 s',
    ]);
    expect(dayText(Date.UTC(2018, 6, 25, 23))).toBe('2018-07-25');
  });

  it('never says 60 seconds', () => {
    for (let milliseconds = 0; milliseconds < 400_000; milliseconds += 97)
      expect(durationText(milliseconds)).not.toMatch(/\b60(\.0)? s/);
  });
});
