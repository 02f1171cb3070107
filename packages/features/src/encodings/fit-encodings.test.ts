import { type Row, Table } from '@fraudops/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { defineTransactions } from '../transactions/transactions.js';
import { encodingLookup } from './encoding-lookup.js';
import { encodingStepsSchema } from './encoding-steps.js';
import { type FitTargetEncodingOptions, fitFrequencyEncoding, fitTargetEncoding } from './fit-encodings.js';

const schema = z.object({
  at: z.date(),
  seenAt: z.date(),
  shop: z.string().optional(),
  amount: z.number(),
  fraud: z.boolean(),
  knownAt: z.date(),
});
const DELAY_MS = 10;
const payments = defineTransactions({ schema, time: 'at', label: { field: 'fraud', delayMs: DELAY_MS }, entities: [] });
const unlabelled = defineTransactions({ schema, time: 'at', entities: [] });
/** Transactions that arrive late, with labels whose knowledge time is recorded. */
const arriving = defineTransactions({
  schema,
  time: 'at',
  arrival: 'seenAt',
  label: { field: 'fraud', delayMs: DELAY_MS, knownAt: 'knownAt' },
  entities: [],
});

const tableOf = (rows: readonly Row[]) => Table.fromRows(rows, payments.kinds);

/** Rows of [time, shop, fraud]. */
const history = (...rows: readonly (readonly [number, string | null, boolean | null])[]) =>
  tableOf(rows.map(([at, shop, fraud]) => ({ at, seenAt: at, shop, amount: 1, fraud, knownAt: null })));

describe('fitTargetEncoding', () => {
  const table = history(
    [0, 'a', true],
    [1, 'a', false],
    [2, 'b', false],
    [3, 'a', true],
    [20, 'b', true],
    [21, null, false],
    [30, 'c', null],
    [31, 'a', true],
  );

  it('is (frauds + smoothing * prior) / (n + smoothing) over rows known at each moment', () => {
    // Moments: the first rows of the second to fourth quarter, and 1 ms after the end.
    const steps = fitTargetEncoding(table, payments, { field: 'shop', smoothing: 2, folds: 4 });
    expect(steps.fromMs).toEqual([2, 20, 30, 32]);
    expect(steps.categories).toEqual(['a', 'b']);
    const rate = 2 / 4;
    // At 20 the four rows until 3 are known, and at 30 the row of 20 has just become known.
    expect(steps.values).toEqual([
      [null, null],
      [(2 + 2 * rate) / (3 + 2), (0 + 2 * rate) / (1 + 2)],
      [(2 + 2 * 0.6) / (3 + 2), (1 + 2 * 0.6) / (2 + 2)],
      [(2 + 2 * 0.5) / (3 + 2), (1 + 2 * 0.5) / (2 + 2)],
    ]);
    expect(steps.otherwise).toEqual([null, rate, 0.6, 0.5]);
  });

  it('without smoothing is the rate of the category, and that of all for unseen ones', () => {
    const { values, otherwise } = fitTargetEncoding(table, payments, { field: 'shop', smoothing: 0, folds: 2 });
    expect([values[0], otherwise[0]]).toEqual([[2 / 3, 0], 0.5]);
  });

  it('waits for the recorded arrival and knowledge time', () => {
    const rows = tableOf([
      { at: 0, seenAt: 5, shop: 'a', amount: 1, fraud: true, knownAt: 7 },
      { at: 1, seenAt: 6, shop: 'a', amount: 1, fraud: false, knownAt: 100 },
      { at: 2, seenAt: 7, shop: 'a', amount: 1, fraud: false, knownAt: null },
      { at: 3, seenAt: 12, shop: 'a', amount: 1, fraud: false, knownAt: null },
      { at: 2, seenAt: 12, shop: 'a', amount: 1, fraud: false, knownAt: null },
    ]);
    const steps = fitTargetEncoding(rows, arriving, { field: 'shop', smoothing: 0, folds: 5 });
    expect(steps.fromMs).toEqual([6, 7, 12, 13]);
    // At 6 nothing is known; from 7 on the first row; at 12 the third and at 13 the two of 12 as well, 10 ms after their events.
    expect(steps.values).toEqual([[null], [1], [1 / 2], [1 / 4]]);
  });

  it('keeps the most frequent categories of each moment, of equals the first', () => {
    const rows = history([0, 'b', true], [1, 'a', false], [2, 'c', false], [40, 'c', false], [41, 'c', true], [60, 'b', false]);
    const steps = fitTargetEncoding(rows, payments, { field: 'shop', smoothing: 0, folds: 2, maxCategories: 1 });
    expect(steps.fromMs).toEqual([40, 61]);
    expect(steps.categories).toEqual(['b', 'c']);
    expect(steps.values).toEqual([
      [1, null],
      [null, 1 / 3],
    ]);
  });

  it('refuses what it cannot be fitted on', () => {
    const fit = (options: Partial<FitTargetEncodingOptions>, rows = table, transactions = payments) =>
      fitTargetEncoding(rows, transactions, { field: 'shop', ...options });
    expect(() => fit({ field: 'store' })).toThrow(
      "fitTargetEncoding: the field store is none of the transactions'; they have at",
    );
    expect(() => fit({ field: 'amount' })).toThrow('fitTargetEncoding: field amount is a number, expected a category');
    expect(() => fit({ smoothing: -1 })).toThrow('smoothing is -1, expected a number of at least 0');
    expect(() => fit({ folds: 0 })).toThrow('folds is 0, expected a whole number from 1 to 100');
    expect(() => fit({ maxCategories: 100_001 })).toThrow('maxCategories is 100001, expected a whole number from 1 to 100000');
    expect(() => fit({}, table, unlabelled as never)).toThrow('the transactions have no label; give defineTransactions one');
    expect(() => fit({}, table.drop(['fraud']))).toThrow('the table lacks the column fraud');
    expect(() => fit({}, table.take([1, 0]))).toThrow(
      "row 1 of column at is earlier than the row before; sort first with table.sortByTime('at')",
    );
    expect(() => fit({}, table.slice(0, 0))).toThrow('the table has no rows');
    const gap = tableOf([{ at: null, seenAt: 1, shop: 'a', amount: 1, fraud: true, knownAt: null }]);
    expect(() => fit({}, gap)).toThrow('column at is missing at row 0, expected a time');
  });
});

describe('fitFrequencyEncoding', () => {
  it('is the share of the rows so far, 0 for unseen categories', () => {
    const rows = history([0, 'a', null], [1, null, null], [2, 'b', null], [3, 'a', null], [4, 'c', null], [5, 'a', null]);
    expect(fitFrequencyEncoding(rows, unlabelled, { field: 'shop', folds: 3 })).toEqual({
      fromMs: [2, 4, 6],
      categories: ['a', 'b', 'c'],
      values: [
        [1 / 2, null, null],
        [2 / 4, 1 / 4, null],
        [3 / 6, 1 / 6, 1 / 6],
      ],
      otherwise: [0, 0, 0],
    });
  });

  it('has one moment when all rows have one', () => {
    const { fromMs, values } = fitFrequencyEncoding(history([7, 'a', null], [7, 'b', null]), payments, { field: 'shop' });
    expect([fromMs, values]).toEqual([[8], [[1 / 2, 1 / 2]]]);
  });

  it('refuses more values than an encoding may have', () => {
    const rows = history(...Array.from({ length: 50_001 }, (_, i) => [i, `s${i}`, null] as const));
    expect(() => fitFrequencyEncoding(rows, payments, { field: 'shop', folds: 100, maxCategories: 100_000 })).toThrow(
      '50001 categories at 100 moments are 5000100 values, at most 5000000 are allowed; use fewer folds or a smaller maxCategories',
    );
  });
});

/** A row of a history in which transactions arrive late, labels are known at odd times or not at all, and shops may be missing. */
const arbitraryRow = fc.record({
  gapMs: fc.integer({ min: 0, max: 6 }),
  latenessMs: fc.integer({ min: 0, max: 5 }),
  shop: fc.constantFrom('a', 'b', 'c', 'd', null),
  fraud: fc.constantFrom(true, false, null),
  knownAfterMs: fc.option(fc.integer({ min: 0, max: 30 })),
});

const arbitraryHistory = fc.array(arbitraryRow, { minLength: 1, maxLength: 40 }).map((rows) => {
  let seenAt = 0;
  return rows.map(({ gapMs, latenessMs, shop, fraud, knownAfterMs }): Row => {
    seenAt += gapMs;
    const at = seenAt - latenessMs;
    return { at, seenAt, shop, amount: 1, fraud, knownAt: knownAfterMs === null ? null : seenAt + knownAfterMs };
  });
});

const arbitraryOptions = fc.record({
  field: fc.constant('shop'),
  smoothing: fc.constantFrom(0, 1, 20),
  folds: fc.integer({ min: 1, max: 8 }),
  maxCategories: fc.integer({ min: 1, max: 5 }),
});

const numberAt = (row: Row, name: string) => row[name] as number;
const knownMs = (row: Row) => (row.knownAt === null ? numberAt(row, 'at') + DELAY_MS : numberAt(row, 'knownAt'));

/** Values of the rows by an encoding that was fitted on them. */
const encoded = (rows: readonly Row[], options: FitTargetEncodingOptions) => {
  const table = tableOf(rows);
  return encodingLookup(fitTargetEncoding(table, arriving, options)).column(table.category('shop'), table.time('seenAt'));
};

describe('encodings over the rows that they were fitted on', () => {
  it('never change with a label that was not known, least of all the own one', () => {
    fc.assert(
      fc.property(arbitraryHistory, arbitraryOptions, fc.nat(), (rows, options, pick) => {
        const row = pick % rows.length;
        const nowMs = numberAt(rows[row]!, 'seenAt');
        const relabelled = rows.map((other, i): Row => {
          const unknown = i === row || knownMs(other) > nowMs || numberAt(other, 'seenAt') >= nowMs;
          return unknown ? { ...other, fraud: other.fraud !== true } : other;
        });
        expect(encoded(relabelled, options)[row]).toBe(encoded(rows, options)[row]);
      }),
    );
  });

  it('never change with what comes later: other shops, other labels, other knowledge times', () => {
    fc.assert(
      fc.property(arbitraryHistory, arbitraryOptions, fc.nat(), (rows, options, pick) => {
        const row = pick % rows.length;
        const nowMs = numberAt(rows[row]!, 'seenAt');
        const changed = rows.map((other, i): Row => {
          if (i === row || numberAt(other, 'seenAt') < nowMs) return other;
          return { ...other, shop: 'later', fraud: true, knownAt: other.seenAt! };
        });
        expect(encoded(changed, options)[row]).toBe(encoded(rows, options)[row]);
      }),
    );
  });

  it('equal a literal reading of the rule', () => {
    fc.assert(
      fc.property(arbitraryHistory, arbitraryOptions, (rows, options) => {
        const unlimited = { ...options, maxCategories: 100 };
        const { fromMs } = fitTargetEncoding(tableOf(rows), arriving, unlimited);
        const values = encoded(rows, unlimited);
        for (const [i, row] of rows.entries()) {
          const momentMs = fromMs.findLast((ms) => ms <= numberAt(row, 'seenAt'));
          expect(values[i]).toBe(
            momentMs === undefined || row.shop === null ? Number.NaN : literalTarget(rows, row, momentMs, unlimited),
          );
        }
      }),
    );
  });

  it('of frequency equal a literal reading of the rule', () => {
    fc.assert(
      fc.property(arbitraryHistory, arbitraryOptions, (rows, { field, folds }) => {
        const table = tableOf(rows);
        const steps = fitFrequencyEncoding(table, arriving, { field, folds });
        const values = encodingLookup(steps).column(table.category('shop'), table.time('seenAt'));
        for (const [i, row] of rows.entries()) {
          const momentMs = steps.fromMs.findLast((ms) => ms <= numberAt(row, 'seenAt'));
          const before = rows.filter((other) => numberAt(other, 'seenAt') < (momentMs ?? -Infinity));
          const share = before.filter(({ shop }) => shop === row.shop).length / before.length;
          expect(values[i]).toBe(momentMs === undefined || row.shop === null ? Number.NaN : share);
        }
      }),
    );
  });

  it('come back from JSON as they were', () => {
    fc.assert(
      fc.property(arbitraryHistory, arbitraryOptions, (rows, options) => {
        const steps = fitTargetEncoding(tableOf(rows), arriving, options);
        expect(encodingStepsSchema.parse(JSON.parse(JSON.stringify(steps)))).toEqual(steps);
      }),
    );
  });
});

function literalTarget(
  rows: readonly Row[],
  { shop }: Row,
  momentMs: number,
  { smoothing = 20 }: FitTargetEncodingOptions,
): number {
  const known = rows.filter((row) => numberAt(row, 'seenAt') < momentMs && row.fraud !== null && knownMs(row) <= momentMs);
  const frauds = (of: readonly Row[]) => of.filter(({ fraud }) => fraud === true).length;
  const same = known.filter((row) => row.shop === shop);
  const prior = frauds(known) / known.length;
  return same.length === 0 ? prior : (frauds(same) + smoothing * prior) / (same.length + smoothing);
}
