import { Table, categoryColumn, flagColumn, numberColumn, timeColumn } from '@fraudops/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { days } from '../duration.js';
import { simulateTransactions } from '../simulation/simulate-transactions.js';
import { tableProfileFromJson } from './profile-json.js';
import { profileTable } from './profile-table.js';
import type { CategoryProfile, FlagProfile, NumberProfile, TimeProfile } from './table-profile.js';

const numbers = [...Array.from({ length: 200 }, (_, i) => ((i * 37) % 101) ** 2 / 10), 1000, 0, 0, 0];
const others = numbers.map((_, i) => ((i * 53) % 97) / 3 + ((i * 37) % 101) / 10);
const GAP = Number.NaN;
const profileOf = (columns: Parameters<typeof Table.fromColumns>[0]) => profileTable(Table.fromColumns(columns));

describe('a number column', () => {
  const column = profileOf({ X: numberColumn([...numbers, GAP, Infinity]) }).columns[0] as NumberProfile;

  it('has the moments of numpy 2.4.6 and scipy 1.17.1 skew', () => {
    expect(column.mean).toBeCloseTo(334.25245098039215, 10);
    expect(column.standardDeviation).toBeCloseTo(306.2705992169376, 10);
    expect(column.skewness).toBeCloseTo(0.6531625340147983, 12);
  });

  it('is exact for large values with a small spread', () => {
    const spread = (values: readonly number[]) => profileOf({ X: numberColumn(values) }).columns[0] as NumberProfile;
    const small = Array.from({ length: 1001 }, (_, i) => (i * i) % 7);
    const [near, far] = [spread(small), spread(small.map((value) => 1e15 + value))];
    expect(far.standardDeviation).toBeCloseTo(near.standardDeviation!, 12);
    expect(far.skewness).toBeCloseTo(near.skewness!, 11);
    expect(spread(Array.from({ length: 1000 }, () => 7.1))).toMatchObject({ mean: 7.1, standardDeviation: 0, skewness: null });
  });

  it('has the quantiles of numpy 2.4.6', () => {
    const expected = [0, 0, 1.0050000000000003, 56.425, 245.05, 566.275, 918.7349999999999, 999.403, 1000];
    expect(column.quantiles.map(({ quantile }) => quantile)).toEqual([0, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1]);
    for (const [i, { value }] of column.quantiles.entries()) expect(value).toBeCloseTo(expected[i]!, 10);
  });

  it('counts what is missing, infinite, zero and frequent', () => {
    expect(column).toMatchObject({ missing: 1, infinite: 1, zeros: 5, negatives: 0, distinct: 101 });
    expect(column.topValues.slice(0, 3)).toEqual([
      { value: 0, count: 5 },
      { value: 1000, count: 3 },
      { value: 0.1, count: 2 },
    ]);
    expect(column.histogram!.counts.reduce((sum, count) => sum + count, 0)).toBe(204);
  });

  it('shows the body of a long tail, and counts what lies beyond', () => {
    const tail = profileOf({ X: numberColumn(Array.from({ length: 2000 }, (_, i) => (i === 7 ? 1e6 : i))) })
      .columns[0] as NumberProfile;
    expect(tail.histogram).toMatchObject({ below: 10, above: 10 });
    expect(tail.histogram!.high).toBeLessThan(2001);
  });

  it('needs no histogram for few values, and knows nothing of none', () => {
    expect(profileOf({ X: numberColumn([1, 2, 2, -0, 0]) }).columns[0]).toMatchObject({
      histogram: null,
      distinct: 3,
      zeros: 2,
      topValues: [
        { value: 0, count: 2 },
        { value: 2, count: 2 },
        { value: 1, count: 1 },
      ],
    });
    const nothing = {
      mean: null,
      standardDeviation: null,
      skewness: null,
      quantiles: [],
      histogram: null,
      topValues: [],
      distinct: 0,
    };
    expect(profileOf({ X: numberColumn([GAP, Infinity]) }).columns[0]).toMatchObject({ ...nothing, missing: 1, infinite: 1 });
    const wide = Array.from({ length: 30 }, (_, i) => (i - 15) * 1.1e307);
    expect(profileOf({ X: numberColumn([...wide, -1.7e308, 1.7e308]) }).columns[0]).toMatchObject({ histogram: null });
  });

  it('agrees with itself in any order, and always adds up', () => {
    const value = fc.oneof(fc.double(), fc.integer({ min: -3, max: 3 }));
    fc.assert(
      fc.property(fc.array(value, { maxLength: 60 }), (values) => {
        const forward = profileOf({ X: numberColumn(values) }).columns[0] as NumberProfile;
        const backward = profileOf({ X: numberColumn(values.toReversed()) }).columns[0] as NumberProfile;
        expect(backward).toEqual(forward);
        const finite = values.filter((one) => Number.isFinite(one));
        expect(forward.missing + forward.infinite + finite.length).toBe(values.length);
        expect(forward.distinct).toBe(new Set(finite).size);
        if (forward.histogram) {
          const { counts, below, above } = forward.histogram;
          expect(counts.reduce((sum, count) => sum + count, below + above)).toBe(finite.length);
        }
        expect(tableProfileFromJson(JSON.parse(JSON.stringify(profileOf({ X: numberColumn(values) }))))).toBeDefined();
      }),
    );
  });
});

describe('other columns', () => {
  it('counts values of categories and flags', () => {
    const { columns } = profileOf({
      C: categoryColumn(['b', 'a', 'b', null, 'ccc']),
      F: flagColumn([true, false, null, false, false]),
      E: categoryColumn([null, null, null, null, null]),
    });
    expect(columns[0] as CategoryProfile).toEqual({
      kind: 'category',
      name: 'C',
      missing: 1,
      distinct: 3,
      topValues: [
        { value: 'b', count: 2 },
        { value: 'a', count: 1 },
        { value: 'ccc', count: 1 },
      ],
      shortest: 1,
      longest: 3,
    });
    expect(columns[1] as FlagProfile).toEqual({ kind: 'flag', name: 'F', missing: 1, distinct: 2, yes: 1, no: 3 });
    expect(columns[2]).toMatchObject({ topValues: [], shortest: null, distinct: 0 });
  });

  it('cuts long values', () => {
    const [column] = profileOf({ C: categoryColumn(['x'.repeat(5000)]) }).columns as [CategoryProfile];
    expect(column.topValues[0]!.value).toHaveLength(200);
    expect(column.longest).toBe(5000);
  });

  it('knows when times happen', () => {
    // 2024-05-06 was a Monday.
    const monday = Date.UTC(2024, 4, 6, 23, 59);
    const [column] = profileOf({ T: timeColumn([monday, monday + 60_000, GAP, monday]) }).columns as [TimeProfile];
    expect(column).toMatchObject({ missing: 1, distinct: 2, earliestMs: monday, latestMs: monday + 60_000, isSorted: false });
    expect([column.hours[23], column.hours[0]]).toEqual([2, 1]);
    expect(column.weekdays).toEqual([2, 1, 0, 0, 0, 0, 0]);
    expect(profileOf({ T: timeColumn([-days(3)]) }).columns[0]).toMatchObject({
      weekdays: [1, 0, 0, 0, 0, 0, 0],
      histogram: null,
    });
  });
});

describe('correlations', () => {
  const gaps = (values: readonly number[], every: number) => values.map((value, i) => (i % every === 0 ? GAP : value));
  const pair = (x: readonly number[], y: readonly number[], correlations: 'pearson' | 'spearman') =>
    profileTable(Table.fromColumns({ X: numberColumn(x), Y: numberColumn(y) }), { correlations }).correlations!.values[0]![1];

  it('equal scipy 1.17.1 pearsonr and spearmanr', () => {
    expect(pair(numbers, others, 'pearson')).toBeCloseTo(0.3065251160016583, 12);
    expect(pair(numbers, others, 'spearman')).toBeCloseTo(0.2951084199285693, 12);
  });

  it('equal pandas 3.1.1 corr where values are missing', () => {
    expect(pair(gaps(numbers, 5), gaps(others, 7), 'pearson')).toBeCloseTo(0.2955697803164747, 12);
    expect(pair(gaps(numbers, 5), gaps(others, 7), 'spearman')).toBeCloseTo(0.27876257002632227, 12);
  });

  it('equal scipy 1.17.1 association(method="cramer")', () => {
    const { associations } = profileOf({
      A: categoryColumn(numbers.map((_, i) => 'abc'[(i * 7) % 3]!)),
      B: categoryColumn(numbers.map((_, i) => 'uvwx'[(((i * 7) % 3) + Math.floor(i / 9)) % 4]!)),
    });
    expect(associations!.values[1]![0]).toBeCloseTo(0.048271013546860156, 12);
  });

  it('are within their bounds, symmetric, and unmoved by scale', () => {
    const cells = fc.array(fc.tuple(fc.integer({ min: -9, max: 9 }), fc.integer({ min: -9, max: 9 })), {
      minLength: 2,
      maxLength: 40,
    });
    fc.assert(
      fc.property(cells, fc.integer({ min: 1, max: 1000 }), (rows, scale) => {
        const [x, y] = [rows.map((row) => row[0]), rows.map((row) => row[1])];
        const correlation = (a: number[], b: number[]) =>
          profileOf({ X: numberColumn(a), Y: numberColumn(b) }).correlations?.values[0]![1];
        const plain = correlation(x, y);
        if (plain == null) return;
        expect(Math.abs(plain)).toBeLessThanOrEqual(1);
        expect(correlation(y, x)).toBeCloseTo(plain, 10);
        expect(
          correlation(
            x,
            y.map((value) => value * -scale + 5),
          ),
        ).toBeCloseTo(-plain, 9);
      }),
    );
  });

  it('leave out constants, what is beyond the limit, and pairs that have no row in common', () => {
    const table = Table.fromColumns({
      A: numberColumn([1, 2, GAP, GAP]),
      K: numberColumn([3, 3, 3, 3]),
      B: numberColumn([GAP, GAP, 1, 2]),
      C: numberColumn([1, 2, 3, 5]),
      D: flagColumn([true, false, true, true]),
    });
    const { columns, leftOut, values } = profileTable(table, { maxCorrelated: 3 }).correlations!;
    expect({ columns, leftOut }).toEqual({ columns: ['A', 'B', 'C'], leftOut: ['K', 'D'] });
    expect(values[0]![1]).toBeNull();
    expect(values[0]![2]).toBeCloseTo(1, 12);
    expect(profileTable(table, { correlations: 'none' })).toMatchObject({ correlations: null, associations: null });
  });
});

describe('the whole table', () => {
  const start = Date.UTC(2024, 0, 3);
  const table = Table.fromColumns({
    AT: timeColumn([start, start + 5, start + days(1), GAP, start + days(200)]),
    FRAUD: flagColumn([true, false, null, true, false]),
  });

  it('counts rows that equal an earlier one, missing values being equal', () => {
    const twice = Table.concat([table, table.slice(2, 4)]);
    expect(profileTable(twice).duplicates).toEqual({
      count: 2,
      examples: [
        { row: 5, firstRow: 2 },
        { row: 6, firstRow: 3 },
      ],
    });
    expect(profileTable(twice, { duplicates: false }).duplicates).toBeNull();
  });

  it('follows the label from day to day or week to week', () => {
    expect(profileTable(table, { label: 'FRAUD', time: 'AT', period: 'day' }).labelRate).toEqual({
      label: 'FRAUD',
      time: 'AT',
      period: 'day',
      periods: [
        { startMs: start, rows: 2, known: 2, yes: 1 },
        { startMs: start + days(1), rows: 1, known: 0, yes: 0 },
        { startMs: start + days(200), rows: 1, known: 1, yes: 0 },
      ],
      omitted: 0,
      known: 4,
      yes: 2,
    });
    // 200 days are shown by weeks from Monday on; 2024-01-01 was one.
    const { labelRate } = profileTable(table, { label: 'FRAUD', time: 'AT' });
    expect(labelRate).toMatchObject({ period: 'week', periods: [{ startMs: Date.UTC(2024, 0, 1), rows: 3 }, { rows: 1 }] });
  });

  it('remembers the latest 1,000 periods', () => {
    const long = Table.fromColumns({
      AT: timeColumn(Array.from({ length: 1200 }, (_, i) => days(i))),
      FRAUD: flagColumn(Array.from({ length: 1200 }, () => true)),
    });
    const { labelRate } = profileTable(long, { label: 'FRAUD', time: 'AT', period: 'day' });
    expect(labelRate).toMatchObject({ omitted: 200, known: 1200 });
    expect(labelRate!.periods[0]!.startMs).toBe(days(200));
  });

  it('warns of what is worth a look', () => {
    const rows = 200;
    const repeat = <Value>(value: (i: number) => Value) => Array.from({ length: rows }, (_, i) => value(i));
    const warned = profileTable(
      Table.fromColumns({
        EMPTY: categoryColumn(repeat(() => null)),
        CONSTANT: categoryColumn(repeat(() => 'x')),
        GAPS: numberColumn(repeat((i) => (i % 3 === 0 ? i % 5 : GAP))),
        INFINITE: numberColumn(repeat((i) => (i === 0 ? Infinity : i % 7))),
        IDS: categoryColumn(repeat(String)),
        TAIL: numberColumn(repeat((i) => (i === 0 ? 1e9 : (i * i) % 11))),
        ZERO: numberColumn(repeat((i) => (i > 190 ? i : 0))),
        AT: timeColumn(repeat((i) => (i * 7) % 100)),
        FRAUD: flagColumn(repeat((i) => i < 3)),
        X: numberColumn(repeat((i) => (i * 31) % 97)),
        Y: numberColumn(repeat((i) => 5 - 2 * ((i * 31) % 97))),
      }),
      { label: 'FRAUD', time: 'AT' },
    ).warnings;
    expect(warned.map(({ code, columns }) => [code, columns.join()])).toEqual([
      ['RARE_LABEL', 'FRAUD'],
      ['EMPTY', 'EMPTY'],
      ['CONSTANT', 'CONSTANT'],
      ['MOSTLY_MISSING', 'GAPS'],
      ['INFINITE', 'INFINITE'],
      ['HIGH_CARDINALITY', 'IDS'],
      ['SKEWED', 'TAIL'],
      ['MOSTLY_ZERO', 'ZERO'],
      ['NOT_SORTED', 'AT'],
      ['CORRELATED', 'X,Y'],
    ]);
    expect(profileTable(Table.concat([table, table])).warnings[0]).toEqual({
      code: 'DUPLICATE_ROWS',
      columns: [],
      text: '5 rows (50.0%) equal an earlier one in every column',
    });
    expect(profileTable(table.slice(0, 0)).warnings).toEqual([]);
  });

  it('is data: the same for the same table, and back from JSON', () => {
    const simulated = simulateTransactions({ rows: 3000, seed: 7 });
    const options = { label: 'TX_FRAUD', time: 'TX_DATETIME', correlations: 'spearman' } as const;
    const profile = profileTable(simulated, options);
    expect(profileTable(simulated, options)).toEqual(profile);
    const json: unknown = JSON.parse(JSON.stringify(profile));
    expect(tableProfileFromJson(json)).toEqual(profile);
    for (const damage of [
      { formatVersion: 2 },
      { rowCount: -1 },
      { more: 1 },
      { correlations: { ...profile.correlations, columns: ['A'] } },
      { columns: [{ ...profile.columns[0], kind: 'text' }] },
    ]) {
      const damaged = () => tableProfileFromJson({ ...(json as object), ...damage });
      expect(damaged).toThrow(expect.objectContaining({ code: 'INVALID_JSON' }));
    }
  });

  it('refuses what it can not do before it starts', () => {
    expect(() => profileTable(table, { label: 'AT' })).toThrow('label column AT is time, expected flag');
    expect(() => profileTable(table, { label: 'LABEL' })).toThrow(
      'label names the column LABEL, which isn’t there'.replace('’', "'"),
    );
    expect(() => profileTable(table, { label: 'FRAUD' })).toThrow('label FRAUD has no time, expected both');
    expect(() => profileTable(table, { topValues: 51 })).toThrow('topValues is 51, expected a whole number from 1 to 50');
    expect(() => profileTable(table, { maxCorrelated: 1 })).toThrow('maxCorrelated is 1');
    expect(() => profileTable(table, { correlations: 'kendall' as 'pearson' })).toThrow('correlations is kendall');
    expect(() => profileTable(table, { period: 'year' as 'day' })).toThrow('period is year');
    const wide = Table.fromColumns(Object.fromEntries(Array.from({ length: 501 }, (_, i) => [`c${i}`, numberColumn([1])])));
    expect(() => profileTable(wide)).toThrow('the table has 501 columns, expected at most 500');
  });
});
