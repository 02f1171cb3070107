import type { Table } from '@fraudops/core';
import { describe, expect, it } from 'vitest';
import type { FraudScenarios } from './fraud-scenarios.js';
import { simulateTransactions } from './simulate-transactions.js';
import { hashOfRows, mean, rowsBefore, rowsOfScenario, standardError } from './simulated-rows.fixture.js';

const none = {
  largeAmounts: false,
  compromisedTerminals: false,
  leakedCards: false,
  cardTesting: false,
  accountTakeovers: false,
} as const;
const world = 'payments';
const options = { rows: 60_000, seed: 4, days: 60, world } as const;
const only = (scenarios: FraudScenarios, others: object = {}) =>
  simulateTransactions({ ...options, ...others, scenarios: { ...none, ...scenarios } });
const genuine = only({});
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** Rows by the value of a category, in the rows' order. */
function groups(table: Table, name: string): Table[] {
  const { codes } = table.category(name);
  return [...new Set(codes)].map((code) => table.filter((row) => codes[row] === code));
}

describe('fraud scenarios', () => {
  it('none leaves everything genuine', () => {
    expect(genuine.rowCount).toBe(60_000);
    expect(genuine.flag('TX_FRAUD').every((flag) => flag === 0)).toBe(true);
  });

  it('each has its number, and all but the last two are on in the handbook', () => {
    const scenariosOf = (table: Table) => [...new Set(table.number('TX_FRAUD_SCENARIO'))].toSorted((a, b) => a - b);
    expect(scenariosOf(simulateTransactions(options))).toEqual([0, 1, 2, 3, 4, 5]);
    expect(scenariosOf(simulateTransactions({ ...options, world: 'handbook' }))).toEqual([0, 1, 2, 3]);
    expect(scenariosOf(only({ leakedCards: {} }))).toEqual([0, 3]);
    expect(scenariosOf(only({ cardTesting: {}, accountTakeovers: {} }, { world: 'handbook' }))).toEqual([0, 4, 5]);
  });

  it('the first three take over payments of customers and leave all others as they are', () => {
    const table = only({ largeAmounts: {}, compromisedTerminals: {}, leakedCards: {} });
    expect(hashOfRows(table.drop(['TX_AMOUNT', 'TX_FRAUD', 'TX_FRAUD_SCENARIO']))).toBe(
      hashOfRows(genuine.drop(['TX_AMOUNT', 'TX_FRAUD', 'TX_FRAUD_SCENARIO'])),
    );
    const [before, scenarios] = [genuine.number('TX_AMOUNT'), table.number('TX_FRAUD_SCENARIO')];
    const expected = before.map((amount, row) => (scenarios[row] === 3 ? Math.round(amount * 5 * 100) / 100 : amount));
    expect(table.number('TX_AMOUNT')).toEqual(expected);
  });

  it('large amounts: above the limit, 1,500 unless given', () => {
    for (const [given, above] of [
      [{}, 1500],
      [{ above: 300 }, 300],
    ] as const) {
      const table = only({ largeAmounts: given });
      const expected = table.number('TX_AMOUNT').filter((amount) => amount > above).length;
      expect(expected).toBeGreaterThan(5);
      const frauds = rowsOfScenario(table, 1);
      expect(frauds.rowCount).toBe(expected);
      expect(frauds.number('TX_AMOUNT').every((amount) => amount > above)).toBe(true);
    }
  });

  it('compromised terminals: everything paid there, for as many days as given', () => {
    const table = only({ compromisedTerminals: { perDay: 0.5, days: 3 } }, { terminals: 200 });
    const taken = groups(table, 'MERCHANT_ID').filter((rows) => rowsOfScenario(rows, 2).rowCount > 0);
    expect(taken.length).toBeGreaterThan(15);
    for (const rows of taken) {
      const scenarios = [...rows.number('TX_FRAUD_SCENARIO')];
      const [from, until] = [scenarios.indexOf(2), scenarios.lastIndexOf(2)];
      const [firstMs, lastMs] = [rows.time('TX_DATETIME')[from]!, rows.time('TX_DATETIME')[until]!];
      if (lastMs - firstMs > 3 * 24 * HOUR_MS) continue;
      expect(scenarios.slice(from, until + 1).every((scenario) => scenario === 2)).toBe(true);
    }
  });

  it("leaked cards: a share of the customer's payments, with larger amounts", () => {
    const table = only({ leakedCards: { perDay: 1, days: 10, share: 1, amountFactor: 10 } }, { customers: 500 });
    const frauds = rowsOfScenario(table, 3);
    // 60 episodes of 10 days less the last ones' ends, 2 payments a day; overlaps and idle customers make it less.
    expect(frauds.rowCount).toBeGreaterThan(600);
    expect(frauds.rowCount).toBeLessThan(1300);
    const half = rowsOfScenario(
      only({ leakedCards: { perDay: 1, days: 10, share: 0.5, amountFactor: 10 } }, { customers: 500 }),
      3,
    );
    expect(Math.abs(half.rowCount / frauds.rowCount - 0.5)).toBeLessThan(4 * Math.sqrt(0.25 / frauds.rowCount));
  });

  it('card testing: tiny payments on many cards at one online merchant within minutes, then larger ones elsewhere', () => {
    const given = {
      perDay: 0.5,
      cards: 40,
      minutes: 10,
      smallestAmount: 0.1,
      largestAmount: 0.9,
      purchaseShare: 0.5,
      purchaseHours: 5,
    };
    const table = only({ cardTesting: given }, { customers: 2000 });
    const frauds = rowsOfScenario(table, 4);
    const isTest = (amount: number) => amount < 1;
    const tests = frauds.filter((row) => isTest(frauds.number('TX_AMOUNT')[row]!));
    const purchases = frauds.filter((row) => !isTest(frauds.number('TX_AMOUNT')[row]!));
    // About 30 bursts (within 4 standard deviations of a Poisson number), of which the last may be cut off by the end.
    const burstCount = Math.ceil(tests.rowCount / 40);
    expect(Math.abs(burstCount - 30)).toBeLessThan(4 * Math.sqrt(30));
    const share = purchases.rowCount / tests.rowCount;
    expect(Math.abs(share - 0.5)).toBeLessThan(4 * Math.sqrt(0.25 / tests.rowCount) + 0.02);
    expect(frauds.category('CHANNEL').codes.every((code) => frauds.category('CHANNEL').dictionary[code] === 'online')).toBe(true);
    const bursts = groups(tests, 'MERCHANT_ID').filter(({ rowCount }) => rowCount === 40);
    // The others share a merchant.
    expect(bursts.length).toBeGreaterThan(burstCount / 2);
    for (const burst of bursts) {
      const times = burst.time('TX_DATETIME');
      expect(times.at(-1)! - times[0]!).toBeLessThan(10 * MINUTE_MS);
      expect(new Set(burst.category('CUSTOMER_ID').codes).size).toBeGreaterThan(30);
      expect(new Set(burst.category('DEVICE_ID').codes).size).toBe(1);
      const untilMs = times[0]! + 5 * HOUR_MS + 20 * MINUTE_MS;
      const cards = new Set(burst.category('CUSTOMER_ID').codes);
      const { codes } = purchases.category('CUSTOMER_ID');
      const moments = purchases.time('TX_DATETIME');
      const followed = purchases.filter((row) => cards.has(codes[row]!) && moments[row]! > times[0]! && moments[row]! <= untilMs);
      expect(followed.rowCount).toBeGreaterThan(7);
    }
  });

  it("account takeovers: several expensive payments of a customer within hours, by a stranger's device or in another town", () => {
    const given = { perDay: 1, hours: 4, leastPayments: 3, mostPayments: 5, amountFactor: 6 };
    const table = only({ accountTakeovers: given }, { customers: 5000, rows: 20_000 });
    const frauds = rowsOfScenario(table, 5);
    const episodes = groups(frauds, 'CUSTOMER_ID').filter(({ rowCount }) => rowCount <= 5);
    // 60 takeovers within 4 standard deviations of a Poisson number; few share a customer.
    expect(Math.abs(episodes.length - 60)).toBeLessThan(4 * Math.sqrt(60));
    let online = 0;
    for (const episode of episodes) {
      const times = episode.time('TX_DATETIME');
      // The end of the history may cut the last one off.
      expect(episode.rowCount >= 3 || times[0]! > Date.UTC(2018, 4, 30)).toBe(true);
      expect(times.at(-1)! - times[0]!).toBeLessThan(4 * HOUR_MS);
      const devices = new Set(episode.category('DEVICE_ID').codes);
      expect(devices.size).toBe(1);
      const [device] = devices;
      if (device! >= 0) {
        online++;
        expect(device).toBeGreaterThanOrEqual(2 * 5000);
      } else expect(new Set(episode.number('MERCHANT_LATITUDE').map(Math.round)).size).toBeLessThanOrEqual(2);
    }
    // Half of them, within 4 binomial standard deviations.
    expect(Math.abs(online / episodes.length - 0.5)).toBeLessThan(4 * Math.sqrt(0.25 / episodes.length));
    const ratio = mean(frauds.number('TX_AMOUNT')) / mean(genuine.number('TX_AMOUNT'));
    const error = standardError(frauds.number('TX_AMOUNT')) / mean(genuine.number('TX_AMOUNT'));
    expect(Math.abs(ratio - 6)).toBeLessThan(4 * error + 0.3);
  });

  it('adds as many payments to the genuine ones, which stay the same, also in the handbook', () => {
    for (const name of ['handbook', 'payments'] as const) {
      const [without, table] = [{}, { cardTesting: { perDay: 1 }, accountTakeovers: { perDay: 1 } }].map((scenarios) =>
        only(scenarios, { world: name, rows: 10_000 }),
      );
      const scenarios = table!.number('TX_FRAUD_SCENARIO');
      const kept = table!.filter((row) => scenarios[row] === 0);
      expect(table!.rowCount).toBeGreaterThan(11_000);
      const drawnByRow = table!.columnNames.filter((column) => column === 'TRANSACTION_ID' || column === 'LABEL_KNOWN_AT');
      expect(hashOfRows(kept.drop(drawnByRow))).toBe(hashOfRows(without!.drop(drawnByRow)));
      expect(rowsBefore(table!, 60)).toBe(table!.rowCount);
    }
  });

  const refused: readonly (readonly [object, string])[] = [
    [
      { phishing: {} },
      'scenarios is phishing, expected scenarios among largeAmounts, compromisedTerminals, leakedCards, cardTesting, account',
    ],
    [{ largeAmounts: { above: -1 } }, 'scenarios.largeAmounts.above is -1, expected a number of 0 to 1,000,000,000'],
    [{ leakedCards: { share: 2 } }, 'scenarios.leakedCards.share is 2, expected a number of 0 to 1'],
    [{ leakedCards: { days: 1.5 } }, 'scenarios.leakedCards.days is 1.5, expected a whole number of 1 to 366'],
    [{ leakedCards: { cards: 5 } }, 'scenarios.leakedCards is cards, expected options among perDay, days, share, amountFactor'],
    [
      { cardTesting: { smallestAmount: 3 } },
      'scenarios.cardTesting.largestAmount is 2, expected at least smallestAmount, which is 3',
    ],
    [
      { accountTakeovers: { leastPayments: 9 } },
      'scenarios.accountTakeovers.mostPayments is 8, expected at least leastPayments, which is 9',
    ],
    [{ cardTesting: { perDay: 20_000 } }, 'scenarios is 1200'],
  ];
  it.each(refused)('refuses %j', (scenarios, message) => {
    const simulate = () => simulateTransactions({ ...options, scenarios });
    expect(simulate).toThrow(`simulateTransactions: ${message}`);
    expect(simulate).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }));
  });
});
