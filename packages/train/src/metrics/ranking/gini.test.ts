import { describe, expect, it } from 'vitest';

import { gini } from './gini.js';

describe('gini', () => {
  it('is 1 for a perfect order, 0 for equal scores, undefined with one class', () => {
    expect(gini([0.1, 0.2, 0.9], [0, 0, 1])).toBe(1);
    expect(gini([0.5, 0.5], [0, 1])).toBe(0);
    expect(gini([0.5, 0.6], [0, 0])).toBeNull();
  });
});
