import { categoryColumn, numberColumn, Table } from '@fraudops/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { handbookTransactions } from '../handbook.js';
import { simulateTransactions } from '../simulation/simulate-transactions.js';
import { MAX_SUMMED_UNITS } from '../definitions/minor-units.js';
import { defineTransactions } from '../transactions/transactions.js';
import { expectRowCount } from './expectations.js';
import { inRange, present, unique } from './rule-builders.js';
import { validateTransactions } from './validate-transactions.js';

const NOON = '2024-05-01 12:00:00';
const defined = (shape: z.ZodRawShape) =>
  defineTransactions({ schema: z.object({ at: z.date(), ...shape }), time: 'at', entities: [] });

describe('validateTransactions', () => {
  it('passes a good table through as it is', () => {
    const table = simulateTransactions({ rows: 5000, seed: 7 });
    const report = validateTransactions(table, handbookTransactions);
    expect(report).toMatchObject({ rowCount: 5000, validCount: 5000, issues: [], brokenRules: [] });
    expect(report.valid).toBe(table);
    expect(report.quarantined.rowCount).toBe(0);
  });

  it('parts good rows from bad ones and names every breach', () => {
    const definition = defined({
      card: z.string().min(2),
      amount: z.number().min(0).multipleOf(0.01),
      kind: z.enum(['in', 'out']).optional(),
    });
    const rows = [
      { at: NOON, card: 'c1', amount: 0, kind: 'in' },
      { at: NOON, card: 'x', amount: -1, kind: 'up' },
      { at: null, card: 'c1', amount: 0.005, kind: null },
      { at: NOON, card: 'c2', amount: 0.07, kind: null },
    ];
    const table = Table.fromRows(rows, definition.kinds);
    const { issues, brokenRules, valid, quarantined, validCount } = validateTransactions(table, definition);
    expect(issues).toEqual([
      { row: 1, column: 'card', value: 'x', rule: 'Too small: expected string to have >=2 characters' },
      { row: 1, column: 'amount', value: -1, rule: 'Too small: expected number to be >=0' },
      { row: 1, column: 'kind', value: 'up', rule: 'Invalid option: expected one of "in"|"out"' },
      { row: 2, column: 'at', value: null, rule: 'required, but missing' },
      { row: 2, column: 'amount', value: 0.005, rule: 'Invalid number: must be a multiple of 0.01' },
    ]);
    expect(brokenRules).toHaveLength(5);
    expect(brokenRules[0]).toEqual({ column: 'at', rule: 'required, but missing', count: 1 });
    expect(validCount).toBe(2);
    expect(valid.toRows()).toEqual([table.row(0), table.row(3)]);
    expect(quarantined.toRows()).toEqual([table.row(1), table.row(2)]);
  });

  it('agrees with zod on every row, whatever the rules of the number', () => {
    const bound = fc.constantFrom(-1, 0, 0.5, 10);
    const rules = fc.record(
      {
        min: bound,
        max: bound,
        gt: bound,
        lt: bound,
        int: fc.constant(true),
        step: fc.constantFrom(0.01, 0.07, 5),
        refine: fc.constant(true),
      },
      { requiredKeys: [] },
    );
    const value = fc.oneof(
      fc.constantFrom(0, -0, 0.5, 5, 10, Number.NaN),
      // What is too large to be added up is another test's.
      fc.double({ min: -1e9, max: 1e9 }),
      fc.integer({ min: -2000, max: 2000 }).map((cents) => cents / 100),
      fc.integer({ min: 0, max: 300 }).map((steps) => steps * 0.07),
    );
    fc.assert(
      fc.property(
        rules,
        fc.array(value, { minLength: 1 }),
        fc.boolean(),
        ({ min, max, gt, lt, int, step, refine }, values, required) => {
          let schema: z.ZodNumber = int ? z.number().int() : z.number();
          if (min !== undefined) schema = schema.min(min);
          if (max !== undefined) schema = schema.max(max);
          if (gt !== undefined) schema = schema.gt(gt);
          if (lt !== undefined) schema = schema.lt(lt);
          if (step !== undefined) schema = schema.multipleOf(step);
          if (refine) schema = schema.refine((number) => number !== 5);
          const definition = defined({ number: required ? schema : schema.optional() });
          const table = Table.fromRows(
            values.map(() => ({ at: NOON })),
            { at: 'time' },
          ).with('number', numberColumn(values));
          const { quarantined, validCount } = validateTransactions(table, definition);
          const accepted = (number: number) => (Number.isNaN(number) ? !required : schema.safeParse(number).success);
          expect([...quarantined.number('number')]).toEqual(values.filter((number) => !accepted(number)));
          expect(validCount).toBe(values.filter(accepted).length);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('judges times by their limits', () => {
    const definition = defineTransactions({
      schema: z.object({ at: z.date().min(new Date('2024-01-01')) }),
      time: 'at',
      entities: [],
    });
    const { issues } = validateTransactions(Table.fromRows([{ at: NOON }, { at: '2023-12-31' }], { at: 'time' }), definition);
    expect(issues).toMatchObject([{ row: 1, column: 'at', value: new Date('2023-12-31') }]);
  });

  it('judges whole rows when the schema has rules over them', () => {
    const definition = defineTransactions({
      schema: z
        .object({ at: z.date(), low: z.number(), high: z.number().optional() })
        .refine(({ low, high }) => high === undefined || low <= high, { error: 'low is above high', path: ['low'] }),
      time: 'at',
      entities: [],
    });
    const rows = [{ low: 1, high: 2 }, { low: 3, high: 2 }, { low: 3 }, { high: 1 }].map((row) => ({ at: NOON, ...row }));
    const { issues, validCount } = validateTransactions(Table.fromRows(rows, definition.kinds), definition);
    expect(issues).toEqual([
      { row: 1, column: 'low', value: 3, rule: 'low is above high' },
      { row: 3, column: 'low', value: null, rule: 'required, but missing' },
    ]);
    expect(validCount).toBe(2);
  });

  it('counts all breaches but shows only the first of each rule', () => {
    const definition = defined({ amount: z.number().min(0), note: z.string().min(1) });
    const rows = Array.from({ length: 500 }, () => ({ at: NOON, amount: -1, note: '' }));
    const { issues, brokenRules } = validateTransactions(Table.fromRows(rows, definition.kinds), definition, {
      maxIssuesPerRule: 2,
    });
    expect(issues.map(({ row, column }) => [row, column])).toEqual([
      [0, 'amount'],
      [0, 'note'],
      [1, 'amount'],
      [1, 'note'],
    ]);
    expect(brokenRules.map(({ count }) => count)).toEqual([500, 500]);
  });

  it('tells at most 1,000 rules apart', () => {
    const schema = z.string().refine(() => false, { error: ({ input }) => `no ${String(input)}` });
    const definition = defined({ card: schema });
    const rows = Array.from({ length: 3000 }, (_, i) => ({ at: NOON, card: `c${i}` }));
    const { brokenRules, validCount } = validateTransactions(Table.fromRows(rows, definition.kinds), definition);
    expect(brokenRules).toHaveLength(1001);
    expect(brokenRules.at(-1)).toEqual({ column: '', rule: 'other rules', count: 2000 });
    expect(validCount).toBe(0);
  });

  it('keeps columns that it does not know, and does without optional ones', () => {
    const table = simulateTransactions({ rows: 10, seed: 1 })
      .drop(['TX_FRAUD', 'TX_FRAUD_SCENARIO'])
      .with('SHOP', numberColumn(new Float64Array(10)));
    expect(validateTransactions(table, handbookTransactions).valid.columnNames).toContain('SHOP');
  });

  it('refuses a table that lacks a column or has it in another kind', () => {
    const table = simulateTransactions({ rows: 10, seed: 1 });
    expect(() => validateTransactions(table.drop(['TX_AMOUNT']), handbookTransactions)).toThrow(
      'validateTransactions: no column TX_AMOUNT; the table has',
    );
    const odd = table.with('TX_AMOUNT', categoryColumn(Array.from({ length: 10 }, () => '1')));
    expect(() => validateTransactions(odd, handbookTransactions)).toThrow(
      'column TX_AMOUNT is category, the definition says number',
    );
  });

  it('judges declared rules beside the schema’s', () => {
    const table = simulateTransactions({ rows: 100, seed: 1 });
    const amounts = table.number('TX_AMOUNT').map((amount, row) => (row === 3 ? -1 : amount));
    const given = Table.concat([table.with('TX_AMOUNT', numberColumn(amounts)), table.slice(98)]);
    const report = validateTransactions(given, handbookTransactions, {
      rules: [unique(['TRANSACTION_ID']), expectRowCount({ maximum: 100 }), inRange('TX_AMOUNT', { minimum: 0 })],
    });
    expect(report.brokenRules).toEqual([
      { column: 'TX_AMOUNT', rule: 'Too small: expected number to be >=0', count: 1 },
      { column: 'TRANSACTION_ID', rule: 'TRANSACTION_ID is unique', count: 2 },
      { column: 'TX_AMOUNT', rule: 'TX_AMOUNT is at least 0', count: 1 },
    ]);
    expect(report.issues.map(({ row }) => row)).toEqual([3, 3, 100, 101]);
    expect(report).toMatchObject({ passed: false, validCount: 99 });
    expect(report.results.map(({ source, scope, passed }) => [source, scope, passed])).toEqual([
      ['schema', 'row', false],
      ['rule', 'row', false],
      ['rule', 'table', false],
      ['rule', 'row', false],
    ]);
    expect(report.toText()).toContain('✗ TX_AMOUNT: Too small: expected number to be >=0     1  0.98 %  -1 at row 3');
    expect(() => validateTransactions(table, handbookTransactions, { rules: [present('MCC')] })).toThrow('no column MCC');
  });

  it('puts aside what is too large to be added up: numbers with a multipleOf and the amount, no ids', () => {
    const definition = defineTransactions({
      schema: z.object({ at: z.date(), id: z.int(), euros: z.number().multipleOf(0.01), yen: z.int(), rate: z.number() }),
      time: 'at',
      entities: [],
      amount: 'yen',
    });
    const least = { at: NOON, id: 2 ** 50, euros: MAX_SUMMED_UNITS / 100, yen: MAX_SUMMED_UNITS, rate: 1e20 };
    const rows = [least, { ...least, euros: -1374389534.73 }, { ...least, yen: MAX_SUMMED_UNITS + 1 }];
    const { issues, validCount } = validateTransactions(Table.fromRows(rows, definition.kinds), definition);
    expect(validCount).toBe(1);
    expect(issues).toMatchObject([
      { row: 1, column: 'euros', value: -1374389534.73, rule: expect.stringContaining('from -1374389534.72 to 1374389534.72') },
      { row: 2, column: 'yen', value: 137438953473, rule: expect.stringContaining('so that sums are exact') },
    ]);
  });
});
