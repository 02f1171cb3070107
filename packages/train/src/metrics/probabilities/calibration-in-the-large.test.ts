import { describe, expect, it } from 'vitest';

import { calibrationInTheLarge } from './calibration-in-the-large.js';

describe('calibrationInTheLarge', () => {
  it('is frauds promised over frauds that happened', () => {
    expect(calibrationInTheLarge([0.5, 0.5, 1], [1, 0, 0])).toBe(2);
    expect(calibrationInTheLarge([0.5, 0.5], [1, 0])).toBe(1);
    expect(calibrationInTheLarge([0.5, 0.5], [0, 0])).toBeNull();
  });
});
