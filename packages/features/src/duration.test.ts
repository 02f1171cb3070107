import { describe, expect, it } from 'vitest';
import { days, hours, minutes } from './duration.js';

describe('durations', () => {
  it('are milliseconds', () => expect([days(7), hours(1.5), minutes(15)]).toEqual([604_800_000, 5_400_000, 900_000]));
});
