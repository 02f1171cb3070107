import { describe, expect, it } from 'vitest';
import { manualClock, systemClock } from './clock.js';

describe('manualClock', () => {
  it('moves only when told', () => {
    const clock = manualClock(1000);
    clock.advance(500);
    expect(clock.now()).toBe(1500);
    clock.set(10);
    expect(clock.now()).toBe(10);
  });
});

describe('systemClock', () => {
  it('is the machine’s', () => expect(Math.abs(systemClock.now() - Date.now())).toBeLessThan(1000));
});
