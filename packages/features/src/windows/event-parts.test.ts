import { describe, expect, it } from 'vitest';
import { NO_ID } from './entity-history.js';
import { idHash } from './event-parts.js';

describe('idHash', () => {
  it('keeps whole numbers below 2^32 - 1, so that no two of them fall together', () => {
    expect([0, 7, 2 ** 32 - 2].map(idHash)).toEqual([0, 7, -2]);
  });

  it('tells larger numbers and texts apart about as well as 32 bits can', () => {
    const large = Array.from({ length: 50_000 }, (_, i) => idHash(10 ** 12 + i * 2 ** 20));
    const texts = Array.from({ length: 50_000 }, (_, i) => idHash(`transaction-${i}`));
    // 50,000 random numbers of 32 bits have 0.29 pairs in common on average.
    expect(new Set(large).size).toBeGreaterThan(49_990);
    expect(new Set(texts).size).toBeGreaterThan(49_990);
  });

  it('has a value of its own for no id', () => {
    expect([idHash(undefined), idHash(Number.NaN)]).toEqual([NO_ID, NO_ID]);
    expect(idHash(2 ** 32 - 1)).not.toBe(NO_ID);
  });
});
