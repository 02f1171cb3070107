import { canonicalJson, sha256Hex, type Table } from '@fraudops/core';
import { describe, expect, it } from 'vitest';
import { type ScheduledChange } from './scheduled-changes.js';
import { simulateTransactions } from './simulate-transactions.js';
import { hashOfRows, mean, rowsBefore, rowsOfScenario, standardError } from './simulated-rows.fixture.js';

const FROM = 30;
const options = { rows: 60_000, seed: 5, days: 60, world: 'payments', scenarios: { cardTesting: false } } as const;
const plain = simulateTransactions(options);
const changed = (...changes: ScheduledChange[]) => simulateTransactions({ ...options, changes });
const from = (table: Table, day: number) => table.slice(rowsBefore(table, day));
const shareOfRows = (table: Table, isIn: (row: number) => boolean) => table.filter(isIn).rowCount / table.rowCount;
const categoryShare = (table: Table, name: string) => {
  const { codes, dictionary } = table.category('MERCHANT_CATEGORY');
  return shareOfRows(table, (row) => dictionary[codes[row]!] === name);
};
const binomialError = (share: number, count: number) => Math.sqrt((share * (1 - share)) / count);

describe('changes', () => {
  it.each<ScheduledChange>([
    { type: 'amounts', fromDay: FROM, factor: 2 },
    { type: 'merchantMix', fromDay: FROM, categoryFactors: { gaming: 5 }, newMerchants: { count: 50, share: 0.3 } },
    { type: 'newFraud', fromDay: FROM, scenarios: { cardTesting: { perDay: 2 } } },
    { type: 'fraudRate', fromDay: FROM, factor: 5 },
    { type: 'fraudRate', fromDay: FROM, untilDay: 50, factor: 5 },
    { type: 'missingValues', fromDay: FROM, field: 'DEVICE_ID', share: 0.5 },
  ])('leave every byte before their day: %j', (change) => {
    const table = changed(change);
    const before = rowsBefore(plain, FROM);
    expect(before).toBeGreaterThan(20_000);
    expect(rowsBefore(table, FROM)).toBe(before);
    expect(hashOfRows(table, before)).toBe(hashOfRows(plain, before));
    expect(hashOfRows(table)).not.toBe(hashOfRows(plain));
  });

  it('amounts: multiplies genuine amounts, rounded to cents, and nothing else', () => {
    const table = changed({ type: 'amounts', fromDay: FROM, untilDay: 40, factor: 1.5 });
    const [start, end] = [rowsBefore(plain, FROM), rowsBefore(plain, 40)];
    const before = plain.number('TX_AMOUNT');
    const frauds = plain.flag('TX_FRAUD');
    const expected = before.map((amount, row) => {
      const isShifted = row >= start && row < end && frauds[row] === 0;
      return isShifted ? Math.round(amount * 1.5 * 100) / 100 : amount;
    });
    expect(sha256Hex(canonicalJson(table.number('TX_AMOUNT')))).toBe(sha256Hex(canonicalJson(expected)));
    expect(hashOfRows(table.drop(['TX_AMOUNT']))).toBe(hashOfRows(plain.drop(['TX_AMOUNT'])));
  });

  it("merchantMix: multiplies categories' shares, which add up to 1 again", () => {
    const table = changed({ type: 'merchantMix', fromDay: FROM, categoryFactors: { gaming: 5, travel: 0 } });
    const later = from(table, FROM);
    const total = 1 - 0.03 + 4 * 0.04;
    // Account takeovers pay in any category: under .2 % of the rows.
    const gaming = (5 * 0.04) / total;
    expect(Math.abs(categoryShare(later, 'gaming') - gaming)).toBeLessThan(4 * binomialError(gaming, later.rowCount) + 0.002);
    expect(categoryShare(later, 'travel')).toBeLessThan(0.002);
    expect(Math.abs(categoryShare(plain, 'gaming') - 0.04)).toBeLessThan(4 * binomialError(0.04, plain.rowCount) + 0.002);
  });

  it.each(['handbook', 'payments'] as const)(
    'merchantMix: new merchants take their share of the genuine payments (%s)',
    (world) => {
      const base = { rows: 40_000, seed: 3, days: 40, terminals: 1000, world };
      const changes: ScheduledChange[] = [
        { type: 'merchantMix', fromDay: 10, newMerchants: { count: 30, share: 0.2 } },
        { type: 'merchantMix', fromDay: 20, untilDay: 30, newMerchants: { count: 10, share: 0.5 } },
      ];
      const table = simulateTransactions({ ...base, changes });
      const { codes } = table.category(world === 'handbook' ? 'TERMINAL_ID' : 'MERCHANT_ID');
      const scenarios = table.number('TX_FRAUD_SCENARIO');
      const days = table.time('TX_DATETIME').map((time) => Math.floor((time - Date.UTC(2018, 3, 1)) / 86_400_000));
      const share = (fromDay: number, untilDay: number, first: number, until: number) => {
        const own = table.filter((row) => days[row]! >= fromDay && days[row]! < untilDay && scenarios[row]! <= 3).rowCount;
        const taken = [...codes].filter(
          (code, row) => days[row]! >= fromDay && days[row]! < untilDay && code >= first && code < until,
        );
        return taken.length / own;
      };
      expect(share(0, 10, 1000, 1040)).toBe(0);
      expect(share(10, 20, 1030, 1040)).toBe(0);
      expect(share(30, 40, 1030, 1040)).toBe(0);
      expect(Math.abs(share(10, 40, 1000, 1030) - 0.2)).toBeLessThan(4 * binomialError(0.2, 30_000));
      // The first new merchants choose first: half of the other .8.
      expect(Math.abs(share(20, 30, 1030, 1040) - 0.4)).toBeLessThan(4 * binomialError(0.4, 10_000));
      expect(new Set([...codes].filter((code) => code >= 1000)).size).toBe(40);
    },
  );

  it('newFraud: a scenario begins on its day, and the other rows stay the same', () => {
    const table = changed({ type: 'newFraud', fromDay: FROM, untilDay: 40, scenarios: { cardTesting: { perDay: 10 } } });
    const added = rowsOfScenario(table, 4);
    // A Poisson number of bursts, 100 on average, of 30 tests and B(30, .3) purchases; within 4 standard deviations.
    expect(Math.abs(added.rowCount - 100 * 39)).toBeLessThan(4 * Math.sqrt(100 * (39 ** 2 + 30 * 0.3 * 0.7)));
    expect(rowsBefore(added, FROM)).toBe(0);
    // The last burst begins on day 39; its purchases follow within 12 hours of its end.
    expect(rowsBefore(added, 41)).toBe(added.rowCount);
    const scenarios = table.number('TX_FRAUD_SCENARIO');
    const others = table.filter((row) => scenarios[row] !== 4).drop(['TRANSACTION_ID', 'LABEL_KNOWN_AT']);
    expect(hashOfRows(others)).toBe(hashOfRows(plain.drop(['TRANSACTION_ID', 'LABEL_KNOWN_AT'])));
  });

  it('newFraud: the handbook scenarios, too', () => {
    const table = simulateTransactions({
      rows: 30_000,
      seed: 2,
      days: 40,
      scenarios: { largeAmounts: false, compromisedTerminals: false, leakedCards: false },
      changes: [{ type: 'newFraud', fromDay: 20, scenarios: { largeAmounts: { above: 150 }, leakedCards: { perDay: 5 } } }],
    });
    const frauds = table.filter((row) => table.flag('TX_FRAUD')[row] === 1);
    expect(rowsBefore(frauds, 20)).toBe(0);
    expect(new Set(frauds.number('TX_FRAUD_SCENARIO'))).toEqual(new Set([1, 3]));
    const amounts = table.number('TX_AMOUNT').subarray(rowsBefore(table, 20));
    expect(amounts.filter((amount) => amount > 150)).toHaveLength(
      frauds.filter((row) => frauds.number('TX_AMOUNT')[row]! > 150).rowCount,
    );
  });

  it('fraudRate: episodes begin more often, at once or growing evenly', () => {
    const takeovers = {
      ...options,
      seed: 8,
      scenarios: { cardTesting: false, accountTakeovers: { perDay: 100, leastPayments: 1, mostPayments: 1, hours: 0.01 } },
    } as const;
    const perDay = (change: ScheduledChange) => {
      const rows = rowsOfScenario(simulateTransactions({ ...takeovers, changes: [change] }), 5);
      return Array.from({ length: 60 }, (_, day) => rowsBefore(rows, day + 1) - rowsBefore(rows, day));
    };
    // Starts are Poisson distributed, so their sums are, too; all within 4 standard deviations.
    const isNear = (counts: readonly number[], expected: number) => {
      return Math.abs(counts.reduce((a, b) => a + b) - expected) < 4 * Math.sqrt(expected);
    };
    const step = perDay({ type: 'fraudRate', fromDay: FROM, factor: 3 });
    expect(isNear(step.slice(0, FROM), FROM * 100)).toBe(true);
    expect(isNear(step.slice(FROM), 30 * 300)).toBe(true);
    const ramp = perDay({ type: 'fraudRate', fromDay: FROM, untilDay: 50, factor: 3 });
    expect(ramp.slice(0, FROM)).toEqual(step.slice(0, FROM));
    const expectedOn = (day: number) => Math.min(300, 100 + 10 * (day - FROM));
    for (let day = FROM; day < 60; day++) expect(isNear([ramp[day]!], expectedOn(day))).toBe(true);
    expect(perDay({ type: 'fraudRate', fromDay: FROM, factor: 0 }).slice(FROM + 1)).toEqual(new Array(29).fill(0));
  });

  it('missingValues: takes out its share of a field, and nothing else', () => {
    const table = changed(
      { type: 'missingValues', fromDay: FROM, untilDay: 50, field: 'MERCHANT_CATEGORY', share: 0.25 },
      { type: 'missingValues', fromDay: FROM, field: 'TX_AMOUNT', share: 1 },
    );
    const { codes } = table.category('MERCHANT_CATEGORY');
    const [start, end] = [rowsBefore(table, FROM), rowsBefore(table, 50)];
    const missing = codes.subarray(start, end).filter((code) => code < 0).length;
    expect(Math.abs(missing / (end - start) - 0.25)).toBeLessThan(4 * binomialError(0.25, end - start));
    expect(codes.subarray(0, start).every((code) => code >= 0) && codes.subarray(end).every((code) => code >= 0)).toBe(true);
    expect(table.number('TX_AMOUNT').subarray(start).every(Number.isNaN)).toBe(true);
    const others = ['MERCHANT_CATEGORY', 'TX_AMOUNT'];
    expect(hashOfRows(table.drop(others))).toBe(hashOfRows(plain.drop(others)));
  });

  it('multiply when several of one kind overlap', () => {
    const table = changed({ type: 'amounts', fromDay: 10, factor: 2 }, { type: 'amounts', fromDay: FROM, factor: 1.5 });
    const ratioFrom = (day: number, untilDay: number) => {
      const frauds = plain.flag('TX_FRAUD');
      const ratios = plain.number('TX_AMOUNT').map((amount, row) => table.number('TX_AMOUNT')[row]! / amount);
      const [start, end] = [rowsBefore(plain, day), rowsBefore(plain, untilDay)];
      return ratios.filter((_, row) => row >= start && row < end && frauds[row] === 0 && plain.number('TX_AMOUNT')[row]! > 5);
    };
    expect(mean(ratioFrom(10, FROM))).toBeCloseTo(2, 3);
    expect(mean(ratioFrom(FROM, 60))).toBeCloseTo(3, 3);
    expect(standardError(ratioFrom(FROM, 60))).toBeLessThan(0.001);
  });

  const refused: readonly (readonly [object, string])[] = [
    [
      { type: 'weather', fromDay: 1 },
      'changes[0].type is weather, expected amounts, merchantMix, newFraud, fraudRate, missingValues; use',
    ],
    [{ type: 'amounts', fromDay: 60, factor: 2 }, 'changes[0].fromDay is 60, expected a whole number of 0 to 59; set it'],
    [{ type: 'amounts', fromDay: -1, factor: 2 }, 'changes[0].fromDay is -1'],
    [{ type: 'amounts', fromDay: 1.5, factor: 2 }, 'changes[0].fromDay is 1.5'],
    [{ type: 'amounts', fromDay: 9, untilDay: 9, factor: 2 }, 'changes[0].untilDay is 9, expected a whole number of 10 to'],
    [{ type: 'amounts', fromDay: 9, factor: 0 }, 'changes[0].factor is 0, expected more than 0 and at most 100'],
    [{ type: 'amounts', fromDay: 9 }, 'changes[0].factor is undefined'],
    [null as never, 'changes[0] is null, expected an object'],
    [{ type: 'amounts', fromDay: 9, factor: '2' }, 'changes[0].factor is 2, expected more than 0'],
    [{ type: 'fraudRate', fromDay: 9, factor: '2' }, 'changes[0].factor is 2, expected a number'],
    [{ type: 'merchantMix', fromDay: 9, categoryFactors: null }, 'changes[0].categoryFactors is null'],
    [{ type: 'merchantMix', fromDay: 9, newMerchants: null }, 'changes[0].newMerchants is null'],
    [{ type: 'newFraud', fromDay: 9 }, 'changes[0].scenarios is undefined'],
    [{ type: 'newFraud', fromDay: 9, scenarios: { cardTesting: null } }, 'changes[0].scenarios.cardTesting is null'],
    [{ type: 'fraudRate', fromDay: 9, factor: -1 }, 'changes[0].factor is -1, expected a number of 0 to 100'],
    [
      { type: 'merchantMix', fromDay: 9, categoryFactors: { candy: 2 } },
      'changes[0].categoryFactors is candy, expected grocery, ',
    ],
    [{ type: 'merchantMix', fromDay: 9, categoryFactors: { fuel: 101 } }, 'changes[0].categoryFactors.fuel is 101'],
    [{ type: 'merchantMix', fromDay: 9, newMerchants: { count: 0, share: 0.1 } }, 'changes[0].newMerchants.count is 0'],
    [{ type: 'merchantMix', fromDay: 9, newMerchants: { count: 1, share: 2 } }, 'changes[0].newMerchants.share is 2'],
    [
      { type: 'missingValues', fromDay: 9, field: 'TX_FRAUD', share: 0.1 },
      'changes[0].field is TX_FRAUD, expected one of CUSTOMER_ID',
    ],
    [{ type: 'missingValues', fromDay: 9, field: 'TX_AMOUNT', share: 1.1 }, 'changes[0].share is 1.1'],
    [{ type: 'newFraud', fromDay: 9, scenarios: {} }, 'changes[0].scenarios is empty, expected at least one scenario'],
    [
      { type: 'newFraud', fromDay: 9, scenarios: { leakedCards: {} } },
      'changes[0].scenarios is leakedCards, expected scenarios that nothing else begins; set scenarios.leakedCards to false',
    ],
    [{ type: 'newFraud', fromDay: 9, scenarios: { cardTesting: { cards: 0 } } }, 'changes[0].scenarios.cardTesting.cards is 0'],
  ];
  it.each(refused)('refuses %j', (change, message) => {
    expect(() => changed(change as ScheduledChange)).toThrow(`simulateTransactions: ${message}`);
    expect(() => changed(change as ScheduledChange)).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }));
  });

  it('refuses what the world handbook does not have, and too many changes', () => {
    const handbook = { rows: 10, seed: 1 };
    const simulate = (change: ScheduledChange) => () => simulateTransactions({ ...handbook, changes: [change] });
    expect(simulate({ type: 'merchantMix', fromDay: 1, categoryFactors: { fuel: 2 } })).toThrow(
      'the world handbook has no categories',
    );
    expect(simulate({ type: 'missingValues', fromDay: 1, field: 'CHANNEL', share: 0.5 })).toThrow('changes[0].field is CHANNEL');
    const many = Array.from({ length: 101 }, (): ScheduledChange => ({ type: 'amounts', fromDay: 1, factor: 1 }));
    expect(() => simulateTransactions({ ...handbook, changes: many })).toThrow('changes is 101, expected at most 100 changes');
  });
});
