import { type Column, categoryColumn, flagColumn, numberColumn, timeColumn } from '@fraudops/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { visitEqualRows } from './equal-rows.js';

const found = (columns: Column[], missing: 'equal' | 'skip') => {
  const pairs: [number, number][] = [];
  visitEqualRows(columns, missing, (row, firstRow) => pairs.push([row, firstRow]));
  return pairs;
};

describe('visitEqualRows', () => {
  it('agrees with a map of the rows as text, whatever the columns', () => {
    const number = fc.constantFrom(0, -0, 1, 1.5, -1, 2 ** 40, Number.NaN, Infinity);
    const rows = fc.array(fc.tuple(number, number, fc.constantFrom('a', 'b', null), fc.constantFrom(true, false, null)), {
      maxLength: 60,
    });
    fc.assert(
      fc.property(
        rows,
        fc.constantFrom('equal' as const, 'skip' as const),
        fc.integer({ min: 1, max: 4 }),
        (cells, missing, width) => {
          const columns = [
            numberColumn(cells.map((row) => row[0])),
            timeColumn(cells.map((row) => row[1])),
            categoryColumn(cells.map((row) => row[2])),
            flagColumn(cells.map((row) => row[3])),
          ].slice(-width);
          const first = new Map<string, number>();
          const expected: [number, number][] = [];
          for (const [row, cell] of cells.entries()) {
            const used = cell
              .slice(-width)
              .map((value) =>
                value === null || Number.isNaN(value) ? 'missing' : `${typeof value} ${String(value === 0 ? 0 : value)}`,
              );
            if (missing === 'skip' && used.includes('missing')) continue;
            const key = used.join('|');
            if (first.has(key)) expected.push([row, first.get(key)!]);
            else first.set(key, row);
          }
          expect(found(columns, missing)).toEqual(expected);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('finds nothing in no rows and in no columns', () => {
    expect(found([], 'equal')).toEqual([]);
    expect(found([numberColumn([])], 'equal')).toEqual([]);
  });

  it('takes time linear in the rows when half of them repeat', () => {
    const rows = 400_000;
    const ids = numberColumn(Float64Array.from({ length: rows }, (_, i) => ((i * 7919) % (rows / 2)) * 1000));
    expect(found([ids], 'skip')).toHaveLength(rows / 2);
  });
});
