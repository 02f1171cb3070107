import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { limitOfColumn, transformed } from './feature-column.js';
import { float32AtRank, rankOfFloat32 } from './float32-rank.js';

const coarse = fc.integer({ min: -40, max: 40 }).map((step) => Math.fround(step / 7));
const scale = coarse.filter((value) => value !== 0);

describe('limitOfColumn', () => {
  it('decides every float32 as the shifted and scaled comparison does', () => {
    const steps = fc.array(fc.record({ offset: coarse, scale }), { minLength: 1, maxLength: 2 });
    fc.assert(
      fc.property(steps, coarse, fc.integer({ min: -2, max: 2 }), fc.float({ noNaN: true }), (transform, limit, step, any) => {
        const column = { feature: 0, missingValue: Number.NaN, steps: transform };
        const found = limitOfColumn(column, limit)!;
        for (const x of [any, float32AtRank(rankOfFloat32(found.limit) + step)]) {
          expect(x <= found.limit !== found.isReversed).toBe(transformed(column, x) <= limit);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('says where the value goes that fills in a missing one', () => {
    const column = { feature: 0, missingValue: 5, steps: [{ offset: 1, scale: -2 }] };
    expect(limitOfColumn(column, -7)).toMatchObject({ isReversed: true, missingHolds: true });
    expect(limitOfColumn({ ...column, missingValue: 4 }, -7)).toMatchObject({ missingHolds: false });
  });

  it('finds none where nothing is decided', () => {
    expect(limitOfColumn({ feature: 0, missingValue: Number.NaN, steps: [{ offset: 0, scale: 0 }] }, 1)).toBeUndefined();
  });
});
