import { describe, expect, it } from 'vitest';
import { dayOfLocal } from './calendar.js';
import { holidayTest, requireHolidayDates } from './holidays.js';

const day = (date: string) => dayOfLocal(Date.parse(date));

describe('holidayTest', () => {
  const isHoliday = holidayTest(['12-25', '02-29', '2026-04-06']);

  it.each(['2023-12-25', '1890-12-25', '2024-02-29', '2026-04-06'])('knows %s', (date) =>
    expect(isHoliday(day(date))).toBe(true),
  );

  it.each(['2023-12-24', '2025-02-28', '2025-03-01', '2027-04-06'])('leaves %s out', (date) =>
    expect(isHoliday(day(date))).toBe(false),
  );

  it('knows single days alone', () => {
    expect(holidayTest(['2026-04-06'])(day('2026-04-06'))).toBe(true);
    expect(holidayTest(['2026-04-06'])(day('2025-04-06'))).toBe(false);
  });
});

describe('requireHolidayDates', () => {
  it('gives real days back', () => {
    const dates = ['12-25', '02-29', '2024-02-29', '0099-01-01'];
    expect(requireHolidayDates(dates)).toBe(dates);
  });

  it.each<[dates: unknown, message: string]>([
    [['12-25', '2025-02-29'], 'dates[1] is "2025-02-29", expected a real day such as 2026-04-06, or 12-25'],
    [['02-30'], 'dates[0] is "02-30"'],
    [['13-01'], 'dates[0] is "13-01"'],
    [['2026-4-6'], 'dates[0] is "2026-4-6"'],
    [['2026-04-06T00:00'], 'dates[0] is "2026-04-06T00:00"'],
    [[new Date(0)], 'dates[0] is '],
    [[], 'dates are 0 dates, expected a list of 1 to 10000 dates'],
    [Array.from({ length: 10_001 }, () => '12-25'), 'dates are 10001 dates'],
    ['12-25', 'dates are 12-25, expected a list'],
  ])('refuses what is no list of real days (%#)', (dates, message) => {
    const require = () => requireHolidayDates(dates as string[]);
    expect(require).toThrow(message);
    expect(require).toThrow(expect.objectContaining({ code: 'INVALID_DEFINITION' }));
  });
});
