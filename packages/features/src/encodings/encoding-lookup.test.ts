import { categoryColumn } from '@fraudops/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodingLookup } from './encoding-lookup.js';
import { type EncodingSteps, encodingStepsSchema } from './encoding-steps.js';

const steps: EncodingSteps = {
  fromMs: [100, 200],
  categories: ['a', 'b'],
  values: [
    [0.5, null],
    [0.25, 0.75],
  ],
  otherwise: [null, 0.1],
};

describe('encodingLookup', () => {
  const lookup = encodingLookup(steps);

  it('reads the last table made at or before the moment', () => {
    expect([99, 100, 199, 200, 1e15].map((epochMs) => lookup.at('a', epochMs))).toEqual([Number.NaN, 0.5, 0.5, 0.25, 0.25]);
  });

  it('gives categories that a table does not know what it has for them', () => {
    expect([lookup.at('b', 100), lookup.at('z', 100), lookup.at('z', 200)]).toEqual([Number.NaN, Number.NaN, 0.1]);
  });

  it('gives a missing category, or moment, nothing', () => {
    expect([lookup.at(undefined, 200), lookup.at('a', Number.NaN)]).toEqual([Number.NaN, Number.NaN]);
  });

  it('gives rows and single transactions the same', () => {
    const shops = fc.constantFrom('a', 'b', 'z', null);
    const rows = fc.array(fc.tuple(shops, fc.oneof(fc.integer({ min: 90, max: 210 }), fc.constant(Number.NaN))));
    fc.assert(
      fc.property(rows, (transactions) => {
        const column = categoryColumn(transactions.map(([shop]) => shop));
        const values = lookup.column(
          column,
          Float64Array.from(transactions, ([, epochMs]) => epochMs),
        );
        expect([...values]).toEqual(transactions.map(([shop, epochMs]) => lookup.at(shop ?? undefined, epochMs)));
      }),
    );
  });

  it('refuses moments of other rows', () => {
    expect(() => lookup.column(categoryColumn(['a']), new Float64Array(2))).toThrow('2 moments for 1 rows; give one for each');
  });
});

describe('encodingStepsSchema', () => {
  it.each([
    ['moments that go back', { fromMs: [200, 100] }, 'fromMs must grow'],
    ['no moments', { fromMs: [], values: [], otherwise: [] }, 'fromMs'],
    ['a category twice', { categories: ['a', 'a'] }, 'categories hold one twice'],
    ['a table too few', { values: [[0.5, null]] }, 'one entry for each moment'],
    ['a value too few', { values: [[0.5], [0.5]] }, 'one entry for each category'],
    ['text for a value', { otherwise: ['1', null] }, 'expected number'],
    ['more members', { more: 1 }, 'more'],
  ])('refuses %s', (_, members, message) => {
    expect(() => encodingStepsSchema.parse({ ...steps, ...members })).toThrow(message);
  });
});
