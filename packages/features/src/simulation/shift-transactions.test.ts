import { type Row, canonicalJson, categoryColumn, flagColumn, numberColumn, sha256Hex, Table, timeColumn } from '@fraudops/core';
import { describe, expect, it } from 'vitest';
import { handbookFeatures, handbookTransactions } from '../handbook.js';
import { shiftTransactions } from './shift-transactions.js';
import { simulateTransactions } from './simulate-transactions.js';
import { validateTransactions } from '../validation/validate-transactions.js';

const table = simulateTransactions({ rows: 30_000, seed: 7, days: 60 });
const shifted = shiftTransactions(table, { seed: 1, amountFactor: 1.6, newTactic: { shareOfRows: 0.01 } });
const rowsWhere = (history: Table, isIn: (row: number) => boolean) =>
  Array.from({ length: history.rowCount }, (_, row) => row).filter(isIn);
const DAY_MS = 86_400_000;

describe('shiftTransactions', () => {
  it('leaves a table alone when nothing shifts', () => {
    expect(shiftTransactions(table, { seed: 1 })).toBe(table);
  });

  it('multiplies genuine amounts, rounds them to cents and leaves frauds', () => {
    const frauds = table.flag('TX_FRAUD');
    const before = table.number('TX_AMOUNT');
    const after = shiftTransactions(table, { seed: 1, amountFactor: 1.6 }).number('TX_AMOUNT');
    after.forEach((amount, row) =>
      expect(amount).toBe(frauds[row] === 1 ? before[row] : Math.round(before[row]! * 1.6 * 100) / 100),
    );
  });

  it('makes customers pay more often and more at night', () => {
    const often = shiftTransactions(table, { seed: 1, activityFactor: 1.5, nightShare: 0.2 });
    const nightShareOf = (history: Table) =>
      rowsWhere(history, (row) => history.time('TX_DATETIME')[row]! % DAY_MS < 7 * 3_600_000).length / history.rowCount;
    expect(often.rowCount / table.rowCount).toBeCloseTo(1.5, 1);
    expect(nightShareOf(often)).toBeCloseTo(nightShareOf(table) * 0.8 + 0.2, 1);
    expect(often.sortByTime('TX_DATETIME')).toBe(often);
    expect(new Set(often.number('TRANSACTION_ID')).size).toBe(often.rowCount);
    expect(validateTransactions(often, handbookTransactions).validCount).toBe(often.rowCount);
    expect(often.flag('TX_FRAUD').reduce((sum, flag) => sum + flag, 0)).toBe(
      table.flag('TX_FRAUD').reduce((sum, flag) => sum + flag, 0),
    );
    expect(table.number('TRANSACTION_ID')[100]).toBe(100);
  });

  it('adds the new tactic as bursts of small payments at night, one card each', () => {
    const added = shifted.filter((row) => shifted.number('TX_FRAUD_SCENARIO')[row] === 4);
    expect(added.rowCount).toBe(300);
    expect(shifted.rowCount).toBe(30_300);
    expect(added.flag('TX_FRAUD').every((flag) => flag === 1)).toBe(true);
    expect(added.number('TX_AMOUNT').every((amount) => amount >= 1 && amount <= 5)).toBe(true);
    expect(added.time('TX_DATETIME').every((time) => time % DAY_MS < 7 * 3_600_000)).toBe(true);
    const byCard = new Map<unknown, Row[]>();
    for (const row of added.rows()) byCard.set(row.CUSTOMER_ID, [...(byCard.get(row.CUSTOMER_ID) ?? []), row]);
    // All but the last, which is cut to the share.
    const sizes = [...byCard.values()].map((rows) => rows.length).toSorted((a, b) => a - b);
    expect(sizes.slice(1).every((size) => size >= 10 && size <= 20)).toBe(true);
    for (const rows of byCard.values()) {
      expect(Number(rows.at(-1)!.TX_DATETIME) - Number(rows[0]!.TX_DATETIME)).toBeLessThanOrEqual(80 * 60_000);
    }
  });

  it('keeps the order of time, ids that are unique, and the rules of handbookTransactions', () => {
    expect(shifted.sortByTime('TX_DATETIME')).toBe(shifted);
    expect(new Set(shifted.number('TRANSACTION_ID')).size).toBe(shifted.rowCount);
    expect(validateTransactions(shifted, handbookTransactions).validCount).toBe(shifted.rowCount);
    expect(shifted.number('TX_AMOUNT').every((amount) => amount === Math.round(amount * 100) / 100)).toBe(true);
    expect(shifted.time('TX_DATETIME').at(-1)).toBeLessThanOrEqual(table.time('TX_DATETIME').at(-1)!);
  });

  it('gives the same table for the same seed', () => {
    const options = { amountFactor: 1.2, newTactic: { shareOfRows: 0.02, shareOfOldFrauds: 0.5 } };
    const fingerprint = (seed: number) => sha256Hex(canonicalJson(shiftTransactions(table, { ...options, seed }).toColumns()));
    expect(fingerprint(1)).toBe(fingerprint(1));
    expect(fingerprint(1)).not.toBe(fingerprint(2));
  });

  it('changes nothing before its moment', () => {
    const fromMs = Date.UTC(2018, 3, 31);
    const late = shiftTransactions(table, {
      seed: 1,
      fromMs,
      amountFactor: 3,
      newTactic: { shareOfRows: 0.05, shareOfOldFrauds: 0 },
    });
    const [before, after] = [table, late].map((history) =>
      history.slice(
        0,
        history.time('TX_DATETIME').findIndex((time) => time >= fromMs),
      ),
    );
    expect(after!.toRows()).toEqual(before!.toRows());
    const rest = late.slice(after!.rowCount);
    expect(rowsWhere(rest, (row) => rest.flag('TX_FRAUD')[row] === 1 && rest.number('TX_FRAUD_SCENARIO')[row] !== 4)).toEqual([]);
    expect(shiftTransactions(table, { seed: 1, fromMs: Date.UTC(2030, 0), newTactic: { shareOfRows: 0.1 } }).rowCount).toBe(
      table.rowCount,
    );
  });

  it('takes out a share of the older frauds when asked', () => {
    const frauds = (history: Table) => history.flag('TX_FRAUD').reduce((sum, flag) => sum + flag, 0);
    const halved = shiftTransactions(table, { seed: 1, newTactic: { shareOfRows: 0, shareOfOldFrauds: 0.5 } });
    expect(frauds(halved) / frauds(table)).toBeGreaterThan(0.35);
    expect(frauds(halved) / frauds(table)).toBeLessThan(0.65);
    expect(table.rowCount - halved.rowCount).toBe(frauds(table) - frauds(halved));
  });

  it('makes the rule "large is fraud" misfire, and can be learned from the handbook features', () => {
    const precisionAndRecall = (history: Table, isHit: (row: number) => boolean, isFraud: (row: number) => boolean) => {
      const hits = rowsWhere(history, isHit);
      const right = hits.filter(isFraud).length;
      return { precision: right / hits.length, recall: right / rowsWhere(history, isFraud).length };
    };
    const largeIsFraud = (history: Table) => {
      const [amounts, frauds] = [history.number('TX_AMOUNT'), history.flag('TX_FRAUD')];
      return precisionAndRecall(
        history,
        (row) => amounts[row]! > 220,
        (row) => frauds[row] === 1,
      );
    };
    expect(largeIsFraud(table).precision).toBe(1);
    expect(largeIsFraud(shifted).precision).toBeLessThan(0.5);
    expect(largeIsFraud(shifted).recall).toBeLessThan(0.7 * largeIsFraud(table).recall);

    const features = handbookFeatures.compute(shifted);
    const [amount, night, count] = ['TX_AMOUNT', 'TX_DURING_NIGHT', 'CUSTOMER_ID_NB_TX_1DAY_WINDOW'].map((name) =>
      features.number(name),
    );
    const scenarios = shifted.number('TX_FRAUD_SCENARIO');
    const learned = (row: number) => night![row] === 1 && amount![row]! <= 5 && count![row]! >= 6;
    const found = precisionAndRecall(shifted, learned, (row) => scenarios[row] === 4);
    expect(found.precision).toBeGreaterThan(0.9);
    expect(found.recall).toBeGreaterThan(0.6);
  });

  it('shifts data of others: rows out of order, unknown columns, missing values, no scenario', () => {
    const foreign = Table.fromColumns({
      TRANSACTION_ID: numberColumn([7, 3, 9]),
      TX_DATETIME: timeColumn([3 * DAY_MS, DAY_MS, 2 * DAY_MS]),
      CUSTOMER_ID: categoryColumn(['a', 'b', null]),
      TERMINAL_ID: categoryColumn(['t', 't', null]),
      TX_AMOUNT: numberColumn([10, Number.NaN, 20]),
      TX_FRAUD: flagColumn([false, null, true]),
      SHOP: categoryColumn(['x', 'x', 'y']),
    });
    const result = shiftTransactions(foreign, { seed: 1, amountFactor: 2, newTactic: { shareOfRows: 0.34 } });
    expect([...result.number('TRANSACTION_ID')]).toContain(10);
    expect(result.filter((row) => result.number('TRANSACTION_ID')[row] !== 10).number('TX_AMOUNT')).toEqual(
      Float64Array.of(Number.NaN, 20, 20),
    );
    expect(result.toRows().find((row) => row.TRANSACTION_ID === 10)).toMatchObject({ SHOP: null, TX_FRAUD: true });
    expect(result.columnNames).toEqual(foreign.columnNames);
  });

  it.each([
    [{ amountFactor: 0 }, 'amountFactor is 0, expected more than 0 and at most 100'],
    [{ amountFactor: Number.NaN }, 'amountFactor is NaN'],
    [{ activityFactor: 0.5 }, 'activityFactor is 0.5, expected 1 to 10'],
    [{ nightShare: 1.1 }, 'nightShare is 1.1, expected 0 to 1'],
    [{ fromMs: Number.NaN }, 'fromMs is NaN'],
    [{ newTactic: { shareOfRows: 0.6 } }, 'newTactic.shareOfRows is 0.6, expected 0 to 0.5'],
    [{ newTactic: { shareOfRows: 0.1, shareOfOldFrauds: 2 } }, 'newTactic.shareOfOldFrauds is 2, expected 0 to 1'],
  ])('refuses %j', (options, message) => expect(() => shiftTransactions(table, { seed: 1, ...options })).toThrow(message));

  it('refuses tables in which it cannot work', () => {
    expect(() => shiftTransactions(table.drop(['TX_FRAUD']), { seed: 1 })).toThrow(
      'shiftTransactions: no column TX_FRAUD; the table has',
    );
    const [noon, evening] = [Date.UTC(2018, 3, 1, 12), Date.UTC(2018, 3, 1, 18)];
    const afternoon = table.filter((row) => table.time('TX_DATETIME')[row]! >= noon && table.time('TX_DATETIME')[row]! < evening);
    expect(() => shiftTransactions(afternoon, { seed: 1, newTactic: { shareOfRows: 0.1 } })).toThrow(
      'there is no night between 2018-04-01T12:',
    );
  });
});
