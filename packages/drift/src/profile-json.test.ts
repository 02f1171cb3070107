import {
  type Json,
  Table,
  canonicalJson,
  categoryColumn,
  flagColumn,
  numberColumn,
  seededRandom,
  timeColumn,
} from '@fraudops/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DriftError } from './drift-error.js';
import { type DriftProfile, referenceProfile } from './drift-profile.js';
import { profileFromJson, profileToJson } from './profile-json.js';

const roundTrip = (profile: DriftProfile) => profileFromJson(JSON.parse(JSON.stringify(profileToJson(profile))));

describe('referenceProfile', () => {
  const table = Table.fromColumns({
    AT: timeColumn([1, 2, 3, 4]),
    AMOUNT: numberColumn([5, Number.NaN, Number.POSITIVE_INFINITY, 2]),
    CHANNEL: categoryColumn(['web', null, 'shop', 'web']),
    FRAUD: flagColumn([true, false, null, null]),
  });

  it('holds counts, missing counts and distributions of all columns but times', () => {
    expect(referenceProfile(table).columns).toEqual([
      { column: 'AMOUNT', kind: 'number', count: 2, missing: 2, sketch: { values: [2, 5], below: [0, 1], atMost: [1, 2] } },
      {
        column: 'CHANNEL',
        kind: 'category',
        count: 3,
        missing: 1,
        categories: [
          { name: 'web', count: 2 },
          { name: 'shop', count: 1 },
        ],
        otherCount: 0,
      },
      {
        column: 'FRAUD',
        kind: 'flag',
        count: 2,
        missing: 2,
        categories: [
          { name: 'false', count: 1 },
          { name: 'true', count: 1 },
        ],
        otherCount: 0,
      },
    ]);
  });

  it('refuses what it cannot profile', () => {
    expect(() => referenceProfile(table, { columns: ['NONE'] })).toThrow('referenceProfile: the table has no column "NONE"');
    expect(() => referenceProfile(table, { columns: ['AT'] })).toThrow('column "AT" of the table is time');
    expect(() => referenceProfile(table, { columns: ['AMOUNT', 'AMOUNT'] })).toThrow('"AMOUNT" is named twice');
    expect(() => referenceProfile(table.slice(0, 0))).toThrow('the table has 0 rows');
    expect(() => referenceProfile(table.select(['AT']))).toThrow('no number, category or flag column');
    const long = Table.fromColumns({ ['x'.repeat(201)]: numberColumn([1]) });
    expect(() => referenceProfile(long)).toThrow('has a name of 201 characters, at most 200');
    const wide = Table.fromColumns(Object.fromEntries(Array.from({ length: 501 }, (_, i) => [`c${i}`, numberColumn([1])])));
    expect(() => referenceProfile(wide)).toThrow('501 columns, at most 500 are allowed');
  });
});

describe('profile as JSON', () => {
  it('comes back bit for bit', () => {
    const cell = fc.oneof(fc.double(), fc.constantFrom(0, -0, 5e-324, 1.7976931348623157e308, 0.1 + 0.2, Number.NaN));
    const anyText = fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units));
    const rows = fc.array(fc.record({ number: cell, text: fc.option(anyText), flag: fc.option(fc.boolean()) }), {
      minLength: 1,
      maxLength: 50,
    });
    fc.assert(
      fc.property(rows, (drawn) => {
        const profile = referenceProfile(
          Table.fromColumns({
            number: numberColumn(drawn.map((row) => row.number)),
            text: categoryColumn(drawn.map((row) => row.text)),
            flag: flagColumn(drawn.map((row) => row.flag)),
          }),
        );
        expect(roundTrip(profile)).toStrictEqual(profile);
        expect(canonicalJson(profileToJson(roundTrip(profile)))).toBe(canonicalJson(profileToJson(profile)));
      }),
    );
  });

  it('stays small however many rows there are', () => {
    const random = seededRandom(1);
    const values = Float64Array.from({ length: 50_000 }, () => random.normal() * 1e-7);
    const names = Array.from({ length: 50_000 }, (_, i) => `merchant ${i}`);
    const profile = referenceProfile(Table.fromColumns({ value: numberColumn(values), merchant: categoryColumn(names) }));
    expect(JSON.stringify(profileToJson(profile)).length).toBeLessThan(90_000);
    expect(roundTrip(profile)).toEqual(profile);
  });

  const good = () =>
    structuredClone(
      profileToJson(
        referenceProfile(Table.fromColumns({ A: numberColumn([1, 2, 2, Number.NaN]), B: categoryColumn(['x', 'x', 'y', null]) })),
      ),
    ) as {
      columns: {
        column: string;
        count: number;
        sketch: Record<string, number[]>;
        categories: { name: string; count: number }[];
      }[];
    };

  const broken: readonly (readonly [string, (profile: ReturnType<typeof good>) => unknown, string])[] = [
    ['no object', () => 'profile', 'the profile: '],
    ['another version', (p) => ({ ...p, version: 2 }), 'version: '],
    ['an unknown member', (p) => ({ ...p, extra: 1 }), 'the profile: '],
    ['values out of order', (p) => set(p, () => (p.columns[0]!.sketch.values = [2, 1])), 'columns.0.sketch: values[1] is 1'],
    [
      'infinite values',
      (p) => set(p, () => (p.columns[0]!.sketch.values![1] = Number.POSITIVE_INFINITY)),
      'columns.0.sketch.values.1',
    ],
    ['counts that fall', (p) => set(p, () => (p.columns[0]!.sketch.below![1] = 0)), 'below[1] is 0, expected at least 1'],
    ['an empty step', (p) => set(p, () => (p.columns[0]!.sketch.atMost![0] = 0)), 'atMost[0] is 0, expected more than below'],
    ['lengths that differ', (p) => set(p, () => p.columns[0]!.sketch.below!.pop()), 'differ in length'],
    ['counts that do not add up', (p) => set(p, () => (p.columns[1]!.categories[0]!.count = 7)), "don't add up to 3"],
    ['a category listed twice', (p) => set(p, () => (p.columns[1]!.categories[1]!.name = 'x')), 'a category is listed twice'],
    ['a column that comes twice', (p) => set(p, () => (p.columns[1]!.column = 'A')), 'columns.1: column "A" comes twice'],
    ['rows that do not add up', (p) => ({ ...p, rowCount: 5 }), "don't add up to 5 rows"],
  ];
  it.each(broken)('is refused with %s', (_, breakIt, message) => {
    expect(() => profileFromJson(breakIt(good()))).toThrow(message);
    expect(() => profileFromJson(breakIt(good()))).toThrow(DriftError);
  });

  it('is refused with more points than a sketch may have', () => {
    const profile = good();
    profile.columns[0]!.sketch.values = Array.from({ length: 1002 }, (_, i) => i);
    expect(() => profileFromJson(profile as unknown as Json)).toThrow('columns.0.sketch.values');
  });
});

function set<Value>(value: Value, change: () => unknown): Value {
  change();
  return value;
}
