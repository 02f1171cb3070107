import { categoryColumn, flagColumn } from '@fraudops/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  MAX_CATEGORIES,
  MAX_NAME_LENGTH,
  MINIMUM_EXPECTED_COUNT,
  alignCounts,
  boundCategories,
  countCategories,
  poolRareCategories,
} from './category-counts.js';

describe('countCategories', () => {
  it('counts values, most frequent first, equal ones by name; missing ones not at all', () => {
    expect(countCategories(categoryColumn(['b', 'a', null, 'c', 'c']))).toEqual([
      { name: 'c', count: 2 },
      { name: 'a', count: 1 },
      { name: 'b', count: 1 },
    ]);
    expect(countCategories({ kind: 'category', codes: Int32Array.of(1), dictionary: ['unused', 'used'] })).toEqual([
      { name: 'used', count: 1 },
    ]);
  });

  it('counts flags as false and true', () => {
    expect(countCategories(flagColumn([true, false, null, false]))).toEqual([
      { name: 'false', count: 2 },
      { name: 'true', count: 1 },
    ]);
  });
});

describe('boundCategories', () => {
  const many = Array.from({ length: 3000 }, (_, i) => ({ name: `c${i}`, count: 3000 - i }));

  it('lists 500 by name, the frequent ones among them, and adds up the rest, overlong names included', () => {
    const frequent = { name: 'frequent', count: 500_000 };
    const bounded = boundCategories([{ name: 'x'.repeat(MAX_NAME_LENGTH + 1), count: 600_000 }, frequent, ...many]);
    expect(bounded.categories).toHaveLength(MAX_CATEGORIES);
    expect(bounded.categories[0]).toEqual(frequent);
    const listed = bounded.categories.reduce((sum, { count }) => sum + count, 0);
    expect(bounded.otherCount).toBe(600_000 + 500_000 + (3000 * 3001) / 2 - listed);
  });

  it('chooses the others without looking at their counts', () => {
    const listed = (counts: typeof many) => new Set(boundCategories(counts).categories.map(({ name }) => name));
    const turned = many.map(({ name }, i) => ({ name, count: i + 1 }));
    expect(listed(turned)).toEqual(listed(many));
    const mean = boundCategories(many).categories.reduce((sum, { count }) => sum + count, 0) / MAX_CATEGORIES;
    expect(Math.abs(mean - 1500)).toBeLessThan(4 * (3000 / Math.sqrt(12 * MAX_CATEGORIES)));
  });
});

describe('alignCounts', () => {
  const current = [
    { name: 'b', count: 4 },
    { name: 'new', count: 2 },
  ];

  it('gives a new category a place of its own when the reference is complete', () => {
    expect(alignCounts({ categories: [{ name: 'a', count: 5 }], otherCount: 0 }, current)).toEqual([
      { name: 'a', reference: 5, current: 0 },
      { name: 'b', reference: 0, current: 4 },
      { name: 'new', reference: 0, current: 2 },
    ]);
  });

  it('counts unlisted categories as other when the reference has one', () => {
    expect(alignCounts({ categories: [{ name: 'b', count: 5 }], otherCount: 7 }, current)).toEqual([
      { name: 'b', reference: 5, current: 4 },
      { name: null, reference: 7, current: 2 },
    ]);
  });
});

describe('poolRareCategories', () => {
  it('keeps totals, and leaves no cell but the pooled one below five expected on the smaller side', () => {
    const cell = fc.record({
      name: fc.string(),
      reference: fc.integer({ min: 0, max: 60 }),
      current: fc.integer({ min: 0, max: 60 }),
    });
    const cells = fc.array(cell, { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(cells, (drawn) => {
        const aligned = [...drawn, { name: 'present', reference: 1, current: 1 }];
        const { reference, current, pooled } = poolRareCategories(aligned);
        const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0);
        expect(sum(reference)).toBe(sum(aligned.map((c) => c.reference)));
        expect(sum(current)).toBe(sum(aligned.map((c) => c.current)));
        const smallerShare = Math.min(sum(reference), sum(current)) / (sum(reference) + sum(current));
        const kept = reference.length - (pooled > 0 ? 1 : 0);
        for (let k = 0; k < kept; k++) {
          expect((reference[k]! + current[k]!) * smallerShare).toBeGreaterThanOrEqual(MINIMUM_EXPECTED_COUNT);
        }
      }),
    );
  });
});
