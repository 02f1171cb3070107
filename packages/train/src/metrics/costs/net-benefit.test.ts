import { describe, expect, it } from 'vitest';

import { netBenefit } from './net-benefit.js';

describe('netBenefit', () => {
  it('pays for false alarms at the odds of the threshold', () => {
    expect(netBenefit([0.9, 0.3, 0.2, 0.1], [1, 0, 0, 0], 0.25)).toBeCloseTo(1 / 4 - 1 / 4 / 3, 15);
    expect(netBenefit([0.9, 0.3, 0.2, 0.1], [1, 0, 0, 0], 0.95)).toBe(0);
  });

  it('refuses a threshold that stands for no odds', () => {
    expect(() => netBenefit([0.9], [1], 1)).toThrow('netBenefit: threshold: 1');
    expect(() => netBenefit([0.9], [1], 0)).toThrow('netBenefit: threshold: 0');
  });
});
