import fc from 'fast-check';
import { describe, it } from 'vitest';
import { hourOfDay, isWeekend } from './calendar.js';

const moments = fc.date({ min: new Date('1900-01-01'), max: new Date('2200-01-01'), noInvalidDate: true });

describe('isWeekend', () => {
  it('agrees with Date.getUTCDay', () =>
    fc.assert(fc.property(moments, (moment) => isWeekend(moment.getTime()) === [0, 6].includes(moment.getUTCDay()))));
});

describe('hourOfDay', () => {
  it('agrees with Date.getUTCHours', () =>
    fc.assert(fc.property(moments, (moment) => hourOfDay(moment.getTime()) === moment.getUTCHours())));
});
