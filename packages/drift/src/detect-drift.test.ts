import { existsSync, readFileSync } from 'node:fs';
import { Table, canonicalJson, categoryColumn, flagColumn, numberColumn, seededRandom, timeColumn } from '@fraudops/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chiSquaredHomogeneityTest } from './chi-squared-test.js';
import { type DriftOptions, detectDrift } from './detect-drift.js';
import { DriftError } from './drift-error.js';
import { referenceProfile } from './drift-profile.js';
import { ksTest } from './ks-test.js';

const numbers = (values: ArrayLike<number>) => Table.fromColumns({ x: numberColumn(values) });
const categories = (values: readonly (string | null)[]) => Table.fromColumns({ x: categoryColumn(values) });
const normal = (seed: number, count: number, mean = 0) => {
  const random = seededRandom(seed);
  return Float64Array.from({ length: count }, () => random.normal(mean));
};
const only = (reference: Parameters<typeof detectDrift>[0], current: Table, options?: DriftOptions) =>
  detectDrift(reference, current, options).columns[0]!;

describe('detectDrift of numbers', () => {
  it('is ksTest between two tables', () => {
    const [a, b] = [normal(1, 700), normal(2, 500, 0.3)];
    const column = only(numbers(a), numbers(b));
    const { statistic, pValue, method } = ksTest(a, b);
    expect(column).toMatchObject({
      test: 'ks',
      statistic,
      pValue,
      pValueMethod: method,
      effect: statistic,
      statisticErrorBound: 0,
    });
    expect(column.drifted).toBe(true);
    expect(column.reasons).toEqual(['distribution']);
  });

  it('measures against a profile within the stated bound', () => {
    const [a, b] = [normal(3, 30_000), normal(4, 20_000, 0.2)];
    const exact = only(numbers(a), numbers(b)).statistic!;
    const column = only(referenceProfile(numbers(a)), numbers(b));
    expect(column.statistic!).toBeLessThanOrEqual(exact);
    expect(exact - column.statistic!).toBeLessThanOrEqual(column.statisticErrorBound);
    expect(column.statisticErrorBound).toBeLessThanOrEqual(0.001);
  });

  it('calls a significant but small difference no drift, and a large but insignificant one neither', () => {
    const small = only(numbers(normal(5, 100_000)), numbers(normal(6, 100_000, 0.05)));
    expect(small.pValue).toBeLessThan(1e-10);
    expect(small.effect).toBeLessThan(0.1);
    expect(small.drifted).toBe(false);
    const few = only(numbers([1, 2, 3, 4]), numbers([3, 4, 5, 6]));
    expect(few.effect).toBe(0.5);
    expect(few.drifted).toBe(false);
  });

  it('compares constants', () => {
    expect(only(numbers([7, 7, 7]), numbers([7, 7]))).toMatchObject({ statistic: 0, pValue: 1, effect: 0, drifted: false });
    expect(only(numbers(Array(50).fill(7)), numbers(Array(50).fill(8)))).toMatchObject({
      statistic: 1,
      effect: 1,
      drifted: true,
    });
  });

  it('leaves out NaN and infinities and counts them as missing', () => {
    const current = numbers([1, 2, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]);
    const column = only(numbers([1, 2]), current);
    expect(column).toMatchObject({ statistic: 0, currentRows: 5, currentMissing: 3, referenceRows: 2, referenceMissing: 0 });
    expect(column.missingShare.current).toBeCloseTo(0.6, 15);
  });
});

describe('detectDrift of categories and flags', () => {
  it('is the test of homogeneity over the counts', () => {
    const reference = [...Array<string>(60).fill('a'), ...Array<string>(40).fill('b')];
    const current = [...Array<string>(20).fill('a'), ...Array<string>(30).fill('b'), ...Array<string>(30).fill('new')];
    const column = only(categories(reference), categories(current));
    const { statistic, pValue, degreesOfFreedom } = chiSquaredHomogeneityTest([60, 40, 0], [20, 30, 30]);
    expect(column).toMatchObject({ test: 'chi-squared', pValue, degreesOfFreedom, drifted: true });
    expect(column.statistic).toBeCloseTo(statistic, 10);
    expect(only(referenceProfile(categories(reference)), categories(current))).toEqual(column);
  });

  it('does not care about the order of dictionaries', () => {
    const times = (names: string[]) => categories(Array.from({ length: 10 }, () => names).flat());
    const reference = times(['a', 'b', 'b', 'c', 'c', 'c']);
    expect(only(reference, times(['c', 'b', 'a', 'c', 'b', 'c'])).statistic).toBe(0);
  });

  it('is not shaken by one row of a category never seen before', () => {
    const reference = Array.from({ length: 10_000 }, (_, i) => (i % 2 ? 'a' : 'b'));
    const column = only(categories(reference), categories([...reference.slice(1), 'new']));
    expect(column.pValue).toBeGreaterThan(0.5);
    expect(column.drifted).toBe(false);
  });

  it('says that there are too few rows, rather than that nothing changed', () => {
    for (const reference of [categories(['a', 'a']), referenceProfile(categories(['a', 'a']))]) {
      expect(only(reference, categories(['b']))).toMatchObject({
        statistic: null,
        pValue: null,
        effect: null,
        drifted: false,
        distribution: null,
        untested: 'too few rows to compare the categories: each is expected fewer than 5 times on the smaller side',
      });
    }
    expect(only(categories(['a', 'a']), categories(['a']))).toMatchObject({ effect: 0, pValue: 1, untested: null });
  });

  it('sees flags drift', () => {
    const flags = (yes: number, no: number) =>
      Table.fromColumns({ x: flagColumn([...Array<true>(yes).fill(true), ...Array<false>(no).fill(false)]) });
    expect(only(flags(100, 900), flags(300, 700))).toMatchObject({
      kind: 'flag',
      test: 'chi-squared',
      degreesOfFreedom: 1,
      drifted: true,
    });
    expect(only(flags(0, 900), flags(0, 70))).toMatchObject({
      statistic: 0,
      pValue: 1,
      effect: 0,
      degreesOfFreedom: 0,
      drifted: false,
    });
  });

  it('copes with identifiers: a profile of 500 names and the rest as other', () => {
    const random = seededRandom(8);
    const ids = () => Array.from({ length: 20_000 }, () => `customer ${random.integer(4000)}`);
    const column = only(referenceProfile(categories(ids())), categories(ids()));
    expect(column.drifted).toBe(false);
    expect(column.distribution).toMatchObject({ shape: 'bars', rest: { values: null } });
  });
});

describe('detectDrift of missing values', () => {
  const withMissing = (rows: number, missing: number) =>
    numbers(Float64Array.from({ length: rows }, (_, i) => (i < missing ? Number.NaN : (i * 7) % 13)));

  it('counts a changed share of missing values as drift of its own', () => {
    const column = only(withMissing(1300, 0), withMissing(1300, 130));
    expect(column.reasons).toEqual(['missing-share']);
    expect(column.missingShare).toMatchObject({ reference: 0, current: 0.1, threshold: 0.05, drifted: true });
    expect(column.effect).toBeLessThan(0.02);
  });

  it('ignores small and insignificant changes', () => {
    expect(only(withMissing(13_000, 0), withMissing(13_000, 520)).missingShare.drifted).toBe(false);
    expect(only(withMissing(12, 0), withMissing(12, 2)).missingShare.drifted).toBe(false);
    expect(only(withMissing(13_000, 0), withMissing(13_000, 520), { minimumMissingChange: 0.03 }).drifted).toBe(true);
  });

  it('says why a column without a value is not tested, and still compares what is missing', () => {
    const empty = numbers(Array(200).fill(Number.NaN));
    const full = numbers(normal(9, 200));
    for (const reference of [full, referenceProfile(full)]) {
      expect(only(reference, empty)).toMatchObject({
        statistic: null,
        pValue: null,
        effect: null,
        distribution: null,
        drifted: true,
        reasons: ['missing-share'],
        untested: 'the current data do not have a single value, so only the missing values are compared',
      });
    }
    expect(only(referenceProfile(empty), full).untested).toContain('the reference does not have a single value');
    expect(only(empty, empty)).toMatchObject({ drifted: false, untested: expect.stringContaining('neither side has') as string });
    expect(only(categories([null, null]), categories([null])).drifted).toBe(false);
  });
});

describe('detectDrift of a dataset', () => {
  const stable = normal(10, 500);
  const wide = (drifted: number) =>
    Table.fromColumns(
      Object.fromEntries(
        Array.from({ length: 4 }, (_, i) => [`c${i}`, numberColumn(i < drifted ? stable.map((x) => x + 3) : stable)]),
      ),
    );

  it('has drifted from the given share of drifted columns on', () => {
    expect(detectDrift(wide(0), wide(1))).toMatchObject({ share: 0.25, drifted: ['c0'], datasetDrift: false });
    expect(detectDrift(wide(0), wide(2))).toMatchObject({ share: 0.5, drifted: ['c0', 'c1'], datasetDrift: true });
    expect(detectDrift(wide(0), wide(1), { driftShare: 0.25 }).datasetDrift).toBe(true);
  });

  it('compares named columns only, and leaves out times', () => {
    const timed = wide(1).with('at', timeColumn(Float64Array.from({ length: 500 }, (_, i) => i)));
    expect(detectDrift(wide(0), timed, { columns: ['c3', 'c0'] }).columns.map(({ column }) => column)).toEqual(['c3', 'c0']);
    expect(detectDrift(timed, timed).columns).toHaveLength(4);
  });

  it('gives the same JSON for the same data, with nothing in it that JSON lacks', () => {
    const write = () => canonicalJson(detectDrift(referenceProfile(wide(0)), wide(2)).toJson());
    expect(write()).toBe(write());
    expect(JSON.parse(write())).toMatchObject({
      format: 'fraudops-drift-report',
      version: 1,
      datasetDrift: true,
      driftShare: 0.5,
    });
  });

  it('never lets NaN through, whatever the data', () => {
    const value = fc.oneof(fc.double(), fc.constantFrom(0, 1, Number.NaN, Number.MAX_VALUE, -Number.MAX_VALUE));
    const side = fc.array(fc.tuple(value, fc.option(fc.constantFrom('a', 'b', 'c')), fc.option(fc.boolean())), {
      minLength: 1,
      maxLength: 30,
    });
    const tableOf = (rows: readonly (readonly [number, string | null, boolean | null])[]) =>
      Table.fromColumns({
        n: numberColumn(rows.map(([n]) => n)),
        c: categoryColumn(rows.map(([, c]) => c)),
        f: flagColumn(rows.map(([, , f]) => f)),
      });
    fc.assert(
      fc.property(side, side, fc.boolean(), (a, b, asProfile) => {
        const report = detectDrift(asProfile ? referenceProfile(tableOf(a)) : tableOf(a), tableOf(b));
        // canonicalJson throws on NaN and infinities.
        expect(canonicalJson(report.toJson())).not.toContain('null,null,null,null');
        expect(report.toHtml()).not.toMatch(/NaN|Infinity|undefined|\[object/);
      }),
    );
  });

  it('refuses what it cannot compare, before any work', () => {
    const table = numbers([1, 2]).with('at', timeColumn([1, 2]));
    const refusal = (call: () => unknown): unknown => {
      try {
        call();
      } catch (error) {
        expect(error).toBeInstanceOf(DriftError);
        return (error as DriftError).code;
      }
      return 'none';
    };
    expect(refusal(() => detectDrift(table, categories(['a'])))).toBe('WRONG_KIND');
    expect(refusal(() => detectDrift(table, Table.fromColumns({ y: numberColumn([1]) })))).toBe('UNKNOWN_COLUMN');
    expect(refusal(() => detectDrift(referenceProfile(table), table, { columns: ['y'] }))).toBe('UNKNOWN_COLUMN');
    expect(refusal(() => detectDrift(table, table, { columns: ['at'] }))).toBe('WRONG_KIND');
    expect(refusal(() => detectDrift(table, table, { columns: [] }))).toBe('EMPTY');
    expect(refusal(() => detectDrift(table, table.slice(0, 0)))).toBe('EMPTY');
    expect(refusal(() => detectDrift(table, table, { significance: 0 }))).toBe('INVALID_OPTION');
    expect(refusal(() => detectDrift(table, table, { minimumEffect: Number.NaN }))).toBe('INVALID_OPTION');
    expect(refusal(() => detectDrift(table, table, { driftShare: 1.5 }))).toBe('INVALID_OPTION');
    expect(() => detectDrift(table, categories(['a']))).toThrow(
      'detectDrift: column "x" is number in the reference and category in the current table, expected one kind',
    );
  });
});

const SHARED = new URL('../../../../shared/golden/drift_expected.json', import.meta.url);

describe.skipIf(!existsSync(SHARED))('detectDrift on the golden data', () => {
  it("gives scipy's D and p, and Evidently's p of a two-valued column", () => {
    const golden = JSON.parse(readFileSync(SHARED, 'utf8')) as {
      ref_num: number[];
      cur_num: number[];
      ref_bin: (string | number)[];
      cur_bin: (string | number)[];
      expected: { num: { ks_stat: number; ks_p: number }; bin: { z_p: number } };
    };
    for (const prepare of [(table: Table) => table, (table: Table) => referenceProfile(table)]) {
      const column = only(prepare(numbers(golden.ref_num)), numbers(golden.cur_num));
      expect(Math.abs(column.statistic! - golden.expected.num.ks_stat)).toBeLessThan(1e-15);
      expect(Math.abs(column.pValue! - golden.expected.num.ks_p)).toBeLessThan(1e-12);
      const flag = only(prepare(categories(golden.ref_bin.map(String))), categories(golden.cur_bin.map(String)));
      expect(flag.pValue).toBeCloseTo(golden.expected.bin.z_p, 12);
    }
  });
});
