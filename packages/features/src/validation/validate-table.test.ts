import { Table, categoryColumn, flagColumn, numberColumn, timeColumn } from '@fraudops/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  expectDistinct,
  expectLabelRate,
  expectMean,
  expectQuantile,
  expectRowCount,
  expectShare,
  expectSimilar,
  expectStandardDeviation,
  maxMissingShare,
} from './expectations.js';
import {
  compareFields,
  inRange,
  matches,
  monotonicTime,
  multipleOf,
  oneOf,
  present,
  textLength,
  unique,
} from './rule-builders.js';
import { requireRulesFit } from './rule-columns.js';
import { saveDistribution } from './saved-distribution.js';
import type { TableRule } from './table-rule.js';
import { validateTable } from './validate-table.js';

const GAP = Number.NaN;
const table = Table.fromColumns({
  ID: numberColumn([1, 2, 2, 3, GAP, GAP]),
  AMOUNT: numberColumn([0, 12.34, -3, 10_001, GAP, 0.005]),
  CHANNEL: categoryColumn(['pos', 'online', 'fax', null, 'pos', 'pos']),
  CARD: categoryColumn(['4111', '4222', 'x', '4111', '4222', null]),
  BACKUP: categoryColumn(['4222', '4222', 'z', '4111', null, null]),
  AT: timeColumn([10, 20, 15, 20, GAP, 12]),
  RECEIVED: timeColumn([11, 20, 14, GAP, 3, 13]),
  FRAUD: flagColumn([true, false, false, null, false, false]),
});

describe('validateTable', () => {
  it.each<[TableRule, number[]]>([
    [inRange('AMOUNT', { minimum: 0, maximum: 10_000 }), [2, 3]],
    [inRange('AMOUNT', { exclusiveMinimum: 0, exclusiveMaximum: 12.34 }), [0, 1, 2, 3]],
    [inRange('AT', { maximum: new Date(15) }), [1, 3]],
    [multipleOf('AMOUNT', 0.01), [5]],
    [oneOf('CHANNEL', ['pos', 'online']), [2]],
    [oneOf('ID', [1, 2]), [3]],
    [matches('CARD', /^\d+$/), [2]],
    [textLength('CARD', { minimum: 2, maximum: 4 }), [2]],
    [present('CHANNEL'), [3]],
    [present('FRAUD'), [3]],
    [present('AT'), [4]],
    [unique(['ID']), [2]],
    [unique(['CARD']), [3, 4]],
    [unique(['ID', 'CARD']), []],
    [monotonicTime('AT'), [2, 5]],
    [monotonicTime('AT', { per: 'CARD' }), []],
    [monotonicTime('RECEIVED', { per: 'CARD' }), [4]],
    [compareFields('AT', '<=', 'RECEIVED'), [2]],
    [compareFields('AT', '!=', 'RECEIVED'), [1]],
    [compareFields('CARD', '!=', 'BACKUP'), [1, 3]],
    [compareFields('CARD', '=', 'BACKUP'), [0, 2]],
  ])('quarantines the rows that break %o', (rule, rows) => {
    const report = validateTable(table, [rule]);
    expect(report.results[0]!.examples.map(({ row }) => row)).toEqual(rows);
    expect(report.quarantined.toRows()).toEqual(rows.map((row) => table.row(row)));
    expect(report).toMatchObject({ passed: rows.length === 0, rowCount: 6, validCount: 6 - rows.length });
    expect(report.results[0]).toMatchObject({ scope: 'row', count: rows.length, share: rows.length / 6, observed: null });
  });

  it.each<[TableRule, number | null, boolean]>([
    [maxMissingShare('CHANNEL', 0.1), 1 / 6, false],
    [maxMissingShare('CHANNEL', 0.2), 1 / 6, true],
    [expectRowCount({ minimum: 7 }), 6, false],
    [expectDistinct('ID', { maximum: 3 }), 3, true],
    [expectDistinct('CARD', { maximum: 2 }), 3, false],
    [expectDistinct('FRAUD', { minimum: 2 }), 2, true],
    [expectMean('ID', { minimum: 2, maximum: 2 }), 2, true],
    [expectStandardDeviation('ID', { maximum: 0.8 }), Math.sqrt(2 / 3), false],
    [expectQuantile('ID', 0.5, { maximum: 1 }), 2, false],
    [expectQuantile('ID', 0.9, { maximum: 3 }), 2.7, true],
    [expectShare('CHANNEL', 'pos', { minimum: 0.6 }), 0.6, true],
    [expectShare('CHANNEL', 'never', { maximum: 0.6 }), 0, true],
    [expectShare('ID', 2, { maximum: 0.4 }), 0.5, false],
    [expectLabelRate('FRAUD', { maximum: 0.1 }), 0.2, false],
    [expectSimilar('CHANNEL', saveDistribution(table, 'CHANNEL')), 0, true],
  ])('judges the table as a whole by %o', (rule, observed, passed) => {
    const report = validateTable(table, [rule]);
    expect(report.results[0]).toMatchObject({ scope: 'table', passed, count: 0, examples: [] });
    if (observed === null) expect(report.results[0]!.observed).toBeNull();
    else expect(report.results[0]!.observed).toBeCloseTo(observed, 12);
    expect(report).toMatchObject({ passed, validCount: 6, issues: [], brokenRules: [] });
    expect(report.valid).toBe(table);
  });

  it('takes a figure of nothing for broken, and a share of no rows for 0', () => {
    const empty = table.slice(0, 0);
    const rules = [expectMean('ID', { minimum: 0 }), expectShare('FRAUD', true, { minimum: 0 }), maxMissingShare('ID', 0)];
    const sample = saveDistribution(table, 'AMOUNT');
    const { results } = validateTable(empty, [
      ...rules,
      expectSimilar('AMOUNT', sample),
      expectQuantile('ID', 0.5, { minimum: 0 }),
    ]);
    expect(results.map(({ observed }) => observed)).toEqual([null, null, 0, null, null]);
    expect(results.map(({ passed }) => passed)).toEqual([false, false, true, false, false]);
  });

  it('only counts what breaks a warning', () => {
    const rules = [
      inRange('AMOUNT', { minimum: 0 }, { severity: 'warning' }),
      expectMean('ID', { maximum: 0 }, { severity: 'warning' }),
    ];
    const report = validateTable(table, rules);
    expect(report).toMatchObject({ passed: true, validCount: 6, issues: [], brokenRules: [] });
    expect(report.results.map(({ passed, count }) => [passed, count])).toEqual([
      [false, 1],
      [false, 0],
    ]);
  });

  it('shows a few breaches of each rule, in order of row, and counts all', () => {
    const rules = [present('ID'), oneOf('CHANNEL', ['online']), inRange('AT', { maximum: 15 })];
    const { issues, brokenRules } = validateTable(table, rules, { maxIssuesPerRule: 1 });
    expect(issues).toEqual([
      { row: 0, column: 'CHANNEL', value: 'pos', rule: 'CHANNEL is "online"' },
      { row: 1, column: 'AT', value: new Date(20), rule: 'AT is at most 1970-01-01T00:00:00.015Z' },
      { row: 4, column: 'ID', value: null, rule: 'ID is there' },
    ]);
    expect(brokenRules.map(({ count }) => count)).toEqual([2, 4, 2]);
  });

  it('refuses rules that do not fit before it does anything', () => {
    const refusal = (rule: TableRule) => () => validateTable(table, [rule]);
    expect(refusal(present('NAME'))).toThrow('rule present: no column NAME; there are ID, AMOUNT,');
    expect(refusal(present('constructor'))).toThrow('no column constructor');
    expect(refusal(inRange('CARD', { minimum: 1 }))).toThrow('rule inRange: column CARD is category, expected number or time');
    expect(refusal(oneOf('CARD', [1]))).toThrow('column CARD is category, expected number');
    expect(refusal(expectShare('FRAUD', 'yes', { minimum: 0 }))).toThrow('column FRAUD is flag, expected category');
    expect(refusal(expectSimilar('AT', saveDistribution(table, 'CARD')))).toThrow('column AT is time, expected category');
    expect(refusal(compareFields('AT', '<', 'ID'))).toThrow('column AT is time, ID is number; compare columns of one kind');
    expect(refusal(compareFields('CARD', '<', 'BACKUP'))).toThrow('are category, which has no order');
    expect(() => validateTable(table, [], { maxIssuesPerRule: -1 })).toThrow('maxIssuesPerRule is -1, expected a whole number');
    expect(() =>
      requireRulesFit(
        Array.from({ length: 1001 }, () => present('ID')),
        { ID: 'number' },
      ),
    ).toThrow('at most 1000');
  });

  it('parts the rows so that the good ones pass again, whatever the rules over single rows', () => {
    const value = fc.option(fc.integer({ min: -3, max: 3 }), { nil: GAP });
    const rows = fc.array(fc.tuple(value, value), { minLength: 1, maxLength: 30 });
    const rules: fc.Arbitrary<TableRule> = fc.constantFrom<TableRule>(
      inRange('A', { minimum: -1 }),
      oneOf('A', [0, 1, 2]),
      unique(['A', 'B']),
      present('B'),
      monotonicTime('T'),
      compareFields('A', '<=', 'B'),
      multipleOf('B', 2),
    );
    fc.assert(
      fc.property(rows, fc.array(rules, { maxLength: 4 }), (cells, chosen) => {
        const column = (i: 0 | 1) => Float64Array.from(cells, (row) => row[i]);
        const given = Table.fromColumns({ A: numberColumn(column(0)), B: numberColumn(column(1)), T: timeColumn(column(0)) });
        const { valid, quarantined, validCount } = validateTable(given, chosen);
        expect(valid.rowCount + quarantined.rowCount).toBe(given.rowCount);
        expect(validCount).toBe(valid.rowCount);
        expect(validateTable(valid, chosen)).toMatchObject({ passed: true, issues: [] });
      }),
    );
  });
});

describe('the report', () => {
  const rules = [
    inRange('AMOUNT', { minimum: 0, maximum: 10_000 }),
    unique(['ID', 'CARD']),
    maxMissingShare('CHANNEL', 0.1, { severity: 'warning' }),
    expectMean('ID', { minimum: 5 }),
  ];
  const report = validateTable(table, rules);

  it('reads well', () => {
    expect(report.toText().split('\n')).toEqual([
      'Failed: 4 of 6 rows are valid, 2 quarantined; 3 of 4 rules broken.',
      '',
      '  rule                                        rows    share  found',
      '  ──────────────────────────────────────────  ────  ───────  ───────────',
      '✗ AMOUNT is from 0 to 10000                      2  33.33 %  -3 at row 2',
      '✗ mean of ID: at least 5                                     2',
      '! CHANNEL is missing in at most 10 % of rows                 16.67 %',
      '✓ ID, CARD are together unique                   0      0 %',
    ]);
  });

  it('says so when all is well', () => {
    expect(validateTable(table, []).toText()).toBe('Passed: all 6 rows are valid; no rule of the schema broken.');
    expect(validateTable(table, [unique(['ID', 'CARD'])]).toText()).toContain(
      'Passed: all 6 rows are valid; none of 1 rule broken.',
    );
  });

  it('lets no value move the cursor', () => {
    const hostile = Table.fromColumns({ NAME: categoryColumn(['\u001b[2J\u202e', 'x']) });
    expect(validateTable(hostile, [oneOf('NAME', ['x'])]).toText()).toContain('"��[2J��" at row 0'.replaceAll('��', '�'));
  });

  it('is JSON without the tables, and its methods are no members', () => {
    const json = report.toJson();
    expect(JSON.parse(JSON.stringify(json))).toEqual(json);
    expect(json).toMatchObject({ formatVersion: 1, passed: false, rowCount: 6, validCount: 4 });
    expect(Object.keys({ ...report })).not.toContain('toJson');
    const infinite = Table.fromColumns({ A: numberColumn([Infinity]), T: timeColumn([5]) });
    const limited = validateTable(infinite, [inRange('A', { maximum: 1 }), inRange('T', { maximum: 1 })]).toJson();
    expect(limited).toMatchObject({ issues: [{ value: 'Infinity' }, { value: '1970-01-01T00:00:00.005Z' }] });
  });
});
