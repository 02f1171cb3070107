import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseTime } from './row.js';

describe('parseTime', () => {
  it('reads what Date.toISOString writes', () => {
    const date = fc.date({ min: new Date('0000-01-01T00:00:00Z'), max: new Date('9999-12-31T23:59:59Z'), noInvalidDate: true });
    fc.assert(
      fc.property(date, (moment) => {
        expect(parseTime(moment.toISOString())).toBe(moment.getTime());
      }),
    );
  });

  it('reads every day of 800 years, with and without milliseconds and zone', () => {
    const wrong: string[] = [];
    for (let day = -150_000; day < 150_000; day++) {
      const ms = day * 86_400_000 + 45_296_789;
      const text = new Date(ms).toISOString();
      if (parseTime(text) !== ms || parseTime(text.slice(0, 19)) !== ms - 789) wrong.push(text);
    }
    expect(wrong).toEqual([]);
  });

  it('takes no character for a digit that is none, and no other length for its own', () => {
    const text = '2018-04-01T00:00:31.500Z';
    for (let at = 0; at < text.length; at++) {
      for (const odd of ['/', ':', 'x', ' ', '\u0660']) {
        const changed = text.slice(0, at) + odd + text.slice(at + 1);
        if (changed === text || changed === '2018-04-01 00:00:31.500Z') continue;
        expect(parseTime(changed), changed).toBeNaN();
      }
      expect(parseTime(`${text}0`)).toBeNaN();
    }
  });

  it.each([
    ['2018-04-01 00:00:31', Date.UTC(2018, 3, 1, 0, 0, 31)],
    ['2018-04-01', Date.UTC(2018, 3, 1)],
    ['2018-04-01T10:05+02:00', Date.UTC(2018, 3, 1, 8, 5)],
    ['2018-04-01T10:05:00-0330', Date.UTC(2018, 3, 1, 13, 35)],
    ['2020-02-29', Date.UTC(2020, 1, 29)],
    ['2018-04-01T00:00:00.123456Z', Date.UTC(2018, 3, 1, 0, 0, 0, 123)],
    ['2018-04-01T00:00:00.999999999Z', Date.UTC(2018, 3, 1, 0, 0, 0, 999)],
    ['2018-04-01T00:00:00.5Z', Date.UTC(2018, 3, 1, 0, 0, 0, 500)],
  ])('reads %s, in UTC when it names no zone', (text, epochMs) => expect(parseTime(text)).toBe(epochMs));

  it.each([
    '',
    '2019-02-29',
    '2018-13-01',
    '2018-00-10',
    '2018-04-01 24:00:00',
    '2018-04-01 00:60:00',
    '2018-04-00 00:00:00',
    '2018-00-01 00:00:00',
    '2018-13-01T00:00:00Z',
    '2018-02-29T00:00:00.000Z',
    '2018-04-01 10:60',
    '01.04.2018',
    '2018-4-1',
    'now',
  ])('says NaN for %j', (text) => expect(parseTime(text)).toBeNaN());
});
