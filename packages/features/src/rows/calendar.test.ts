import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dayOfLocal, hourOfLocal, isWeekend, monthAndDay, weekdayOfLocal } from './calendar.js';

const moments = fc.oneof(
  fc.date({ min: new Date('1900-01-01'), max: new Date('2200-01-01'), noInvalidDate: true }),
  fc.date({ noInvalidDate: true }),
);

describe('the calendar agrees with Date on', () => {
  it.each<[string, (localMs: number) => unknown, (date: Date) => unknown]>([
    ['hours', hourOfLocal, (date) => date.getUTCHours()],
    ['weekdays', weekdayOfLocal, (date) => date.getUTCDay() || 7],
    ['weekends', isWeekend, (date) => [0, 6].includes(date.getUTCDay())],
    ['days', dayOfLocal, (date) => new Date(date).setUTCHours(0, 0, 0, 0) / 86_400_000],
    [
      'months and days',
      (localMs) => monthAndDay(dayOfLocal(localMs)),
      (date) => 32 * (date.getUTCMonth() + 1) + date.getUTCDate(),
    ],
  ])('%s', (_, ofLocal, ofDate) => {
    fc.assert(
      fc.property(moments, (date) => {
        expect(ofLocal(date.getTime())).toBe(ofDate(date));
      }),
      { numRuns: 1000 },
    );
  });
});
