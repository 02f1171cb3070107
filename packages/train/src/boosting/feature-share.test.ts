import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BinTable } from './bin-table.js';
import { featureShare } from './feature-share.js';
import { shareColumns } from './shared-columns.js';
import { CrewMember } from './training-crew.js';

/** Features of so many cuts each, in the columns that `shareColumns` gives them. */
function tableOf(counts: readonly number[]): BinTable {
  const shared = shareColumns(counts.map((count) => count + 2));
  const order = counts.map((_, feature) => feature).sort((a, b) => shared[a]!.column - shared[b]!.column || a - b);
  const features = counts.map((count, feature) => ({
    isCategory: false,
    count,
    cuts: new Float32Array(count),
    missingBin: count + 1,
    column: shared[feature]!.column,
    place: 32 * order.indexOf(feature),
    bytes: 32,
  }));
  const columnCount = Math.max(...shared.map(({ column }) => column)) + 1;
  return { features, columnCount, rowStride: columnCount, pairBytes: 32 * counts.length };
}

function sharesOf(counts: readonly number[], size: number) {
  const table = tableOf(counts);
  return Array.from({ length: size }, (_, m) => featureShare(table, new CrewMember(new Int32Array(16), m, size)));
}

describe('featureShare', () => {
  it('gives each column to exactly one member, neighbours together, with all features in it', () =>
    fc.assert(
      fc.property(fc.array(fc.nat(254), { minLength: 1, maxLength: 50 }), fc.integer({ min: 1, max: 64 }), (counts, size) => {
        const table = tableOf(counts);
        const shares = sharesOf(counts, size);
        expect(shares[0]!.firstColumn).toBe(0);
        expect(shares.at(-1)!.endColumn).toBe(table.columnCount);
        shares.slice(1).forEach(({ firstColumn }, i) => expect(firstColumn).toBe(shares[i]!.endColumn));
        for (const { firstColumn, endColumn, features, place, bytes } of shares) {
          const own = counts.flatMap((_, feature) => {
            const { column } = table.features[feature]!;
            return column >= firstColumn && column < endColumn ? [feature] : [];
          });
          expect(Array.from(features)).toEqual(own);
          // Their sums lie side by side.
          const places = own.map((feature) => table.features[feature]!.place).sort((a, b) => a - b);
          expect(places).toEqual(places.map((_, i) => place + 32 * i));
          expect(bytes).toBe(32 * own.length);
        }
      }),
    ));

  it('weighs columns by the bins of their features', () => {
    const columnsOf = (shares: ReturnType<typeof sharesOf>) =>
      shares.map(({ firstColumn, endColumn }) => endColumn - firstColumn);
    // Columns of 254, 254, 20, 20, 20 and 20 cuts: two members have a large one each, if not the same number of columns.
    expect(columnsOf(sharesOf([254, 254, 20, 20, 20, 20], 2))).not.toEqual([3, 3]);
    expect(columnsOf(sharesOf([254, 254, 254, 254], 2))).toEqual([2, 2]);
  });
});
