import { Table } from '@fraudops/core';
import { describe, expect, it } from 'vitest';
import { simulateTransactions } from './simulate-transactions.js';
import { hashOfRows } from './simulated-rows.fixture.js';
import { streamTransactions } from './stream-transactions.js';

const everything = {
  rows: 20_000,
  seed: 11,
  days: 40,
  scenarios: { cardTesting: { perDay: 0.5 }, accountTakeovers: { perDay: 1 } },
  changes: [
    { type: 'missingValues', fromDay: 3, field: 'TX_AMOUNT', share: 0.1 },
    { type: 'merchantMix', fromDay: 5, newMerchants: { count: 20, share: 0.2 } },
    { type: 'amounts', fromDay: 10, factor: 2 },
    { type: 'fraudRate', fromDay: 20, untilDay: 30, factor: 4 },
  ],
} as const;

describe('streamTransactions', () => {
  it.each(['handbook', 'payments'] as const)('gives the bytes of simulateTransactions in tables of any size (%s)', (world) => {
    const whole = simulateTransactions({ ...everything, world });
    for (const batchRows of [1, 977, 20_000, 1_000_000]) {
      const options = batchRows === 1 ? { ...everything, rows: 300 } : everything;
      const expected = batchRows === 1 ? simulateTransactions({ ...options, world }) : whole;
      const tables = [...streamTransactions({ ...options, world, batchRows })];
      expect(tables.slice(0, -1).every((table) => table.rowCount === batchRows)).toBe(true);
      expect(tables.reduce((sum, table) => sum + table.rowCount, 0)).toBe(expected.rowCount);
      // Joined by hand, since concat orders the names anew.
      const joined = Table.fromColumns(
        Object.fromEntries(
          expected.columnNames.map((name) => {
            const first = tables[0]!.column(name);
            const parts = tables.map((table) => table.column(name));
            if (first.kind !== 'category') return [name, Table.concat(tables.map((table) => table.select([name]))).column(name)];
            const codes = parts.flatMap((part) => (part.kind === 'category' ? [...part.codes] : []));
            return [name, { ...first, codes: Int32Array.from(codes) }];
          }),
        ),
      );
      expect(hashOfRows(joined)).toBe(hashOfRows(expected));
    }
  });

  it('gives tables in order of time, one after the other, with ids that run on', () => {
    let [nextId, lastMs] = [0, Number.NEGATIVE_INFINITY];
    for (const table of streamTransactions({ ...everything, world: 'payments', batchRows: 1234 })) {
      const [firstId, ids, times] = [nextId, table.number('TRANSACTION_ID'), table.time('TX_DATETIME')];
      expect(ids.every((id, row) => id === firstId + row)).toBe(true);
      expect(times.every((time, row) => time >= (row === 0 ? lastMs : times[row - 1]!))).toBe(true);
      nextId += table.rowCount;
      lastMs = times.at(-1)!;
    }
    expect(nextId).toBeGreaterThan(20_000);
  });

  it('gives no table when there are no rows', () => {
    expect([...streamTransactions({ rows: 0, seed: 1 })]).toEqual([]);
    expect(
      simulateTransactions({ rows: 0, seed: 1, world: 'payments', scenarios: { cardTesting: false } }).columnNames,
    ).toHaveLength(15);
  });

  it('streams 1,000,000 rows in memory of one table at a time, in time that grows with the rows', () => {
    const processorMs = (rows: number) => {
      const before = process.cpuUsage();
      let seen = 0;
      for (const table of streamTransactions({ rows, seed: 5, batchRows: 50_000 })) {
        seen += table.rowCount;
        for (const column of Object.values(table.toColumns())) {
          const values = column.kind === 'category' ? column.codes : column.values;
          expect(values.buffer.byteLength).toBe(table.rowCount * values.BYTES_PER_ELEMENT);
        }
      }
      expect(seen).toBe(rows);
      return process.cpuUsage(before).user / 1000;
    };
    processorMs(100_000);
    const [short, long] = [processorMs(100_000), processorMs(1_000_000)];
    // Ten times the rows; the bounds leave room for a busy machine.
    expect(long / short).toBeLessThan(30);
    expect(long).toBeLessThan(6000);
  });

  it("runs the README's example: a month of drift, counted while it streams", () => {
    const stream = streamTransactions({
      rows: 50_000,
      seed: 7,
      world: 'payments',
      scenarios: { cardTesting: false },
      changes: [
        { type: 'amounts', fromDay: 60, factor: 1.3 },
        { type: 'newFraud', fromDay: 70, scenarios: { cardTesting: { perDay: 1 } } },
      ],
      batchRows: 10_000,
    });
    let cardTests = 0;
    for (const table of stream) cardTests += table.number('TX_FRAUD_SCENARIO').filter((scenario) => scenario === 4).length;
    // 20 bursts of 30 cards on average, and purchases on 30 % of these: 780, within 4 standard deviations of a Poisson number of bursts.
    expect(Math.abs(cardTests - 780)).toBeLessThan(4 * Math.sqrt(20 * (39 ** 2 + 30 * 0.3 * 0.7)));
  });

  it('refuses bad options at once, before any table is asked for', () => {
    expect(() => streamTransactions({ rows: 10, seed: 1, batchRows: 0 })).toThrow(
      'streamTransactions: batchRows is 0, expected a whole number of 1 to 20000000; set it within these limits',
    );
    expect(() => streamTransactions({ rows: -1, seed: 1 })).toThrow('streamTransactions: rows is -1');
    expect(() => streamTransactions({ rows: 10, seed: 1, customers: 1, terminals: 1, radius: 0.01 })).toThrow(
      'streamTransactions: radius is 0.01, expected a radius within which some customer finds a terminal',
    );
  });
});
