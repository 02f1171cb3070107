import { describe, expect, it } from 'vitest';
import { transactionsFromJson } from '../transactions/transactions.js';
import { validateTransactions } from '../validation/validate-transactions.js';
import { MERCHANT_CATEGORIES } from './merchant-categories.js';
import { simulatedPayments } from './simulated-payments.js';
import { hashOfRows, mean, rowsOfScenario, standardError } from './simulated-rows.fixture.js';
import { simulateTransactions } from './simulate-transactions.js';

const table = simulateTransactions({ rows: 60_000, seed: 6, days: 60, world: 'payments' });
const genuine = rowsOfScenario(table, 0);
const textOf = (name: string) => {
  const { codes, dictionary } = genuine.category(name);
  return Array.from(codes, (code) => dictionary[code]);
};
const binomialError = (share: number, count: number) => Math.sqrt((share * (1 - share)) / count);

describe('simulatedPayments', () => {
  it('defines the columns of the world payments, all of whose rows keep its rules', () => {
    expect(table.columnNames).toEqual(Object.keys(simulatedPayments.kinds));
    expect(validateTransactions(table, simulatedPayments).validCount).toBe(table.rowCount);
    expect(transactionsFromJson(simulatedPayments.toJson()).toJson()).toEqual(simulatedPayments.toJson());
  });

  it('gives the same table for the same seed, and another for another', () => {
    const options = { rows: 3000, world: 'payments' } as const;
    expect(hashOfRows(simulateTransactions({ ...options, seed: 1 }))).toBe(
      hashOfRows(simulateTransactions({ ...options, seed: 1 })),
    );
    expect(hashOfRows(simulateTransactions({ ...options, seed: 1 }))).not.toBe(
      hashOfRows(simulateTransactions({ ...options, seed: 2 })),
    );
  });

  it('pays in each category, and in each online, as often as the category says (within 4 binomial standard deviations)', () => {
    const [categories, channels] = [textOf('MERCHANT_CATEGORY'), textOf('CHANNEL')];
    for (const { name, share, onlineShare } of MERCHANT_CATEGORIES) {
      const rows = categories.flatMap((category, row) => (category === name ? [row] : []));
      expect(Math.abs(rows.length / genuine.rowCount - share)).toBeLessThan(4 * binomialError(share, genuine.rowCount));
      const online = rows.filter((row) => channels[row] === 'online').length / rows.length;
      expect(Math.abs(online - onlineShare)).toBeLessThanOrEqual(4 * binomialError(onlineShare, rows.length));
    }
  });

  it('pays amounts whose logarithm is normal around the median of category and customer', () => {
    const categories = textOf('MERCHANT_CATEGORY');
    const amounts = genuine.number('TX_AMOUNT');
    for (const { name, medianAmount, spread } of MERCHANT_CATEGORIES) {
      const logarithms = amounts.filter((_, row) => categories[row] === name).map(Math.log);
      // Customers' spending is common to many rows: .4 / sqrt(521 customers), weighted by activity, is .02.
      const error = Math.hypot(standardError(logarithms), 0.02);
      expect(Math.abs(mean(logarithms) - Math.log(medianAmount))).toBeLessThan(4 * error);
      const deviation = standardError(logarithms) * Math.sqrt(logarithms.length);
      expect(deviation / Math.hypot(spread, 0.4)).toBeCloseTo(1, 0);
    }
    expect(amounts.every((amount) => amount >= 0.01 && amount === Math.round(amount * 100) / 100)).toBe(true);
  });

  it('pays at terminals near home but for journeys, and online without a place', () => {
    const channels = textOf('CHANNEL');
    const [homeLatitudes, latitudes] = [genuine.number('HOME_LATITUDE'), genuine.number('MERCHANT_LATITUDE')];
    const [homeLongitudes, longitudes] = [genuine.number('HOME_LONGITUDE'), genuine.number('MERCHANT_LONGITUDE')];
    const atTerminals = channels.flatMap((channel, row) => (channel === 'pos' ? [row] : []));
    expect(latitudes.every((latitude, row) => Number.isNaN(latitude) === (channels[row] === 'online'))).toBe(true);
    expect(genuine.category('DEVICE_ID').codes.every((code, row) => code < 0 === (channels[row] === 'pos'))).toBe(true);
    const away = atTerminals.filter((row) => {
      return Math.hypot(latitudes[row]! - homeLatitudes[row]!, longitudes[row]! - homeLongitudes[row]!) > 0.5;
    });
    // A journey's town is any, also the own one: one of three here.
    expect(Math.abs(away.length / atTerminals.length - (0.02 * 2) / 3)).toBeLessThan(
      4 * binomialError(0.0133, atTerminals.length),
    );
  });

  it("pays online from the customer's own two devices", () => {
    const { codes } = genuine.category('CUSTOMER_ID');
    const devices = genuine.category('DEVICE_ID').codes;
    const own = [...devices].flatMap((device, row) => (device >= 0 ? [device - 2 * codes[row]!] : []));
    expect(new Set(own)).toEqual(new Set([0, 1]));
    expect(Math.abs(mean(own) - 0.3)).toBeLessThan(4 * binomialError(0.3, own.length));
  });

  it('knows labels after a delay: exponential around 7 days, fixed, or none', () => {
    const delays = (labelDelay?: object) => {
      const history = simulateTransactions({ rows: 20_000, seed: 1, world: 'payments', ...(labelDelay && { labelDelay }) });
      const times = history.time('TX_DATETIME');
      return history.time('LABEL_KNOWN_AT').map((known, row) => known - times[row]!);
    };
    const weeks = delays().map((delay) => delay / 604_800_000);
    expect(Math.abs(mean(weeks) - 1)).toBeLessThan(4 * standardError(weeks));
    // Of an exponential distribution, 1/e lies above the mean.
    expect(Math.abs(weeks.filter((delay) => delay > 1).length / weeks.length - 1 / Math.E)).toBeLessThan(
      4 * binomialError(0.37, weeks.length),
    );
    expect(new Set(delays({ meanMs: 3_600_000, distribution: 'fixed' }))).toEqual(new Set([3_600_000]));
    expect(new Set(delays({ meanMs: 0 }))).toEqual(new Set([0]));
  });

  it('makes worlds of one customer and one merchant', () => {
    for (const seed of [1, 2, 3, 4, 5]) {
      const tiny = simulateTransactions({
        rows: 200,
        seed,
        days: 20,
        customers: 1,
        terminals: 1,
        world: 'payments',
        scenarios: { cardTesting: { perDay: 1, cards: 3 }, accountTakeovers: { perDay: 1 } },
      });
      expect(tiny.rowCount).toBeGreaterThan(250);
      expect(validateTransactions(tiny, simulatedPayments).validCount).toBe(tiny.rowCount);
    }
  });
});
