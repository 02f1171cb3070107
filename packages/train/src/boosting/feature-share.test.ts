import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FeatureBins } from './bin-table.js';
import { featureShare } from './feature-share.js';
import { CrewMember } from './training-crew.js';

const featuresOf = (counts: readonly number[]): FeatureBins[] =>
  counts.map((count) => ({
    isCategory: false,
    count,
    cuts: new Float32Array(count),
    missingBin: count + 1,
    place: 0,
    bytes: 32,
  }));
const sharesOf = (counts: readonly number[], size: number) =>
  Array.from({ length: size }, (_, m) => featureShare(featuresOf(counts), new CrewMember(new Int32Array(16), m, size)));

describe('featureShare', () => {
  it('gives each feature to exactly one member, neighbours together', () =>
    fc.assert(
      fc.property(fc.array(fc.nat(255), { minLength: 1, maxLength: 50 }), fc.integer({ min: 1, max: 64 }), (counts, size) => {
        const shares = sharesOf(counts, size);
        expect(shares[0]!.start).toBe(0);
        expect(shares.at(-1)!.end).toBe(counts.length);
        shares.slice(1).forEach(({ start, end }, i) => {
          expect(start).toBe(shares[i]!.end);
          expect(end).toBeGreaterThanOrEqual(start);
        });
      }),
    ));

  it('weighs features by their bins', () => {
    // Six features of few bins cost less than one of 255.
    expect(sharesOf([255, 255, 2, 3, 7, 12, 24, 50], 2)).toEqual([
      { start: 0, end: 1 },
      { start: 1, end: 8 },
    ]);
  });
});
