import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shareColumns } from './shared-columns.js';

describe('shareColumns', () => {
  it('puts features of few bins together, the largest where they fill a column best', () => {
    expect(shareColumns([256, 3, 78, 13, 17])).toEqual([
      { column: 0, step: 1, codes: 256, isLast: true },
      { column: 1, step: 78, codes: 234, isLast: false },
      { column: 1, step: 1, codes: 234, isLast: true },
      { column: 2, step: 17, codes: 221, isLast: false },
      { column: 2, step: 1, codes: 221, isLast: true },
    ]);
  });

  it('gives each combination of bins in a column a code of a byte', () =>
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 256 }), { minLength: 1, maxLength: 60 }), (binCounts) => {
        const shared = shareColumns(binCounts);
        const columnCount = Math.max(...shared.map(({ column }) => column)) + 1;
        for (let column = 0; column < columnCount; column++) {
          const features = binCounts.map((_, feature) => feature).filter((feature) => shared[feature]!.column === column);
          const bySteps = features.toSorted((a, b) => shared[a]!.step - shared[b]!.step || binCounts[a]! - binCounts[b]!);
          let codes = 1;
          for (const feature of bySteps) {
            expect(shared[feature]!.step).toBe(codes);
            codes *= binCounts[feature]!;
          }
          expect(codes).toBeLessThanOrEqual(256);
          for (const feature of features) expect(shared[feature]!.codes).toBe(codes);
          expect(features.filter((feature) => shared[feature]!.isLast)).toEqual([Math.max(...features)]);
        }
      }),
    ));
});
