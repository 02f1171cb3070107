import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextFloat32Above, nextFloat32Below } from '../float32-neighbours.js';
import { INFINITY_RANK, float32AtRank, rankOfFloat32 } from './float32-rank.js';

const anyFloat32 = fc.float({ noNaN: true }).map((value) => value + 0);

describe('ranks of float32 numbers', () => {
  it('lead back to the number', () => {
    fc.assert(
      fc.property(anyFloat32, (value) => {
        expect(float32AtRank(rankOfFloat32(value))).toBe(value);
      }),
    );
    expect([rankOfFloat32(0), rankOfFloat32(-0), rankOfFloat32(2 ** -149)]).toEqual([0, -0, 1]);
    expect(rankOfFloat32(Number.NEGATIVE_INFINITY)).toBe(-INFINITY_RANK);
    expect(float32AtRank(INFINITY_RANK + 5)).toBe(Number.POSITIVE_INFINITY);
  });

  it('go up by one from a number to the next', () => {
    fc.assert(
      fc.property(anyFloat32, (value) => {
        expect(float32AtRank(rankOfFloat32(value) + 1) + 0).toBe(nextFloat32Above(value));
        expect(float32AtRank(rankOfFloat32(value) - 1) + 0).toBe(nextFloat32Below(value) + 0);
      }),
    );
  });
});
