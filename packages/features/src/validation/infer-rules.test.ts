import { Table, categoryColumn, flagColumn, numberColumn, timeColumn } from '@fraudops/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { simulateTransactions } from '../simulation/simulate-transactions.js';
import { inferRules } from './infer-rules.js';
import { rulesFromJson, rulesToJson } from './rules-json.js';
import { validateTable } from './validate-table.js';

const table = simulateTransactions({ rows: 5000, seed: 7 });

describe('inferRules', () => {
  const rules = inferRules(table);
  const of = (column: string) => rules.filter((rule) => 'column' in rule && rule.column === column).map(({ rule }) => rule);

  it('proposes what the columns show', () => {
    expect(of('TX_AMOUNT')).toEqual(['present', 'multipleOf', 'inRange', 'similar']);
    expect(of('TX_DATETIME')).toEqual(['present', 'monotonicTime']);
    expect(of('TRANSACTION_ID')).toEqual(['present', 'multipleOf', 'inRange']);
    expect(rules).toContainEqual({ rule: 'unique', columns: ['TRANSACTION_ID'], severity: 'error' });
    expect(rules).toContainEqual({ rule: 'inRange', column: 'TRANSACTION_ID', minimum: 0, severity: 'warning' });
    expect(of('TX_FRAUD')).toEqual(['present', 'share']);
    expect(rulesFromJson(JSON.parse(JSON.stringify(rulesToJson(rules))))).toEqual(rules);
  });

  it('finds the damage in a later table', () => {
    const twice = Table.concat([table, table.slice(0, 3)]);
    expect(validateTable(twice, rules).brokenRules).toEqual([
      { column: 'TRANSACTION_ID', rule: 'TRANSACTION_ID is unique', count: 3 },
      { column: 'TX_DATETIME', rule: 'TX_DATETIME never goes back', count: 3 },
    ]);
    const tripled = table.with('TX_AMOUNT', numberColumn(table.number('TX_AMOUNT').map((value) => value * 3)));
    const moved = validateTable(tripled, rules).results.find(
      ({ rule }) => rule?.rule === 'similar' && rule.column === 'TX_AMOUNT',
    );
    expect(moved).toMatchObject({ passed: false, severity: 'warning' });
    expect(moved!.observed).toBeGreaterThan(0.25);
  });

  it('lets other transactions of the same kind pass', () => {
    const other = simulateTransactions({ rows: 5000, seed: 8 });
    const { results } = validateTable(other, rules);
    expect(results.filter(({ passed, severity }) => !passed && severity === 'error').map(({ text }) => text)).toEqual([]);
  });

  it('puts two times in order', () => {
    const sample = table.with('RECEIVED_AT', timeColumn(table.time('TX_DATETIME').map((time, i) => time + (i % 5))));
    expect(inferRules(sample)).toContainEqual({
      rule: 'compareFields',
      column: 'TX_DATETIME',
      comparison: '<=',
      other: 'RECEIVED_AT',
      severity: 'warning',
    });
  });

  it('writes limits that can be read, and no rule that nothing can break', () => {
    const rows = Array.from({ length: 200 }, (_, i) => i);
    const sample = Table.fromColumns({
      LATITUDE: numberColumn(rows.map((i) => 47.123456 + i / 977)),
      AMOUNT: numberColumn(rows.map((i) => (i * 5171) / 100)),
      RARE: numberColumn(rows.map((i) => (i < 80 ? i : Number.NaN))),
      SPARSE: numberColumn(rows.map((i) => (i % 30 === 0 ? Number.NaN : i))),
      EMPTY: categoryColumn(rows.map(() => null)),
      OFTEN: flagColumn(rows.map((i) => i % 2 === 0)),
    });
    const found = inferRules(sample);
    const texts = validateTable(sample, found).results.map(({ text }) => text);
    expect(texts).toContain('LATITUDE is from 47.021 to 47.429');
    expect(texts.filter((text) => text.startsWith('LATITUDE is a multiple'))).toEqual([]);
    expect(texts).toContain('AMOUNT is from 0 to 15500');
    expect(texts).toContain('SPARSE is missing in at most 7 % of rows');
    expect(texts).toContain('share of OFTEN = true: at least 16.6 %');
    expect(texts.filter((text) => /100 %|EMPTY|RARE is missing/.test(text))).toEqual([]);
  });

  it('passes the sample that it comes from, warnings too', () => {
    const number = fc.oneof(fc.double({ noDefaultInfinity: true }), fc.integer({ min: -5, max: 5 }));
    const text = fc.constantFrom('a', 'b', '', null);
    const cells = fc.array(fc.tuple(number, text, fc.constantFrom(true, false, null), number), { minLength: 20, maxLength: 60 });
    fc.assert(
      fc.property(cells, fc.double({ min: 0, max: 100, noNaN: true }), (rows, slack) => {
        const sample = Table.fromColumns({
          N: numberColumn(rows.map((row) => row[0])),
          C: categoryColumn(rows.map((row) => row[1])),
          F: flagColumn(rows.map((row) => row[2])),
          T: timeColumn(rows.map((row) => Math.trunc(row[3] % 1e9))),
          U: timeColumn(rows.map((row) => Math.trunc(row[3] % 1e9) + 1)),
        });
        const broken = validateTable(sample, inferRules(sample, { slack })).results.filter(({ passed }) => !passed);
        expect(broken.map(({ text: rule }) => rule)).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });

  it('refuses a sample that shows nothing', () => {
    expect(() => inferRules(table.slice(0, 5))).toThrow('inferRules: the sample has 5 rows, expected at least 20');
    expect(() => inferRules(table, { slack: -1 })).toThrow('slack is -1, expected 0 to 100');
  });
});
