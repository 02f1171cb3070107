import { canonicalJson, sha256Hex, type Table } from '@fraudops/core';
import { describe, expect, it } from 'vitest';
import { handbookTransactions } from '../handbook.js';
import { rowsByCode } from './rows-by-code.js';
import { simulateTransactions } from './simulate-transactions.js';
import { mean, rowsOfScenario, standardError } from './simulated-rows.fixture.js';
import { validateTransactions } from '../validation/validate-transactions.js';

const fingerprint = (table: Table) => sha256Hex(canonicalJson(table.toColumns()));
const table = simulateTransactions({ rows: 100_000, seed: 7 });
const [times, amounts, scenarios] = [table.time('TX_DATETIME'), table.number('TX_AMOUNT'), table.number('TX_FRAUD_SCENARIO')];

/**
 * Shares of the rows in scenario 1 to 3. With k episodes begun in the last days, one of n terminals is compromised with probability
 * 1 - (1 - 1/n)^k; a third of a leaked card's rows are fraud; .00057445 is the mean of P(N(m, m/2) > 220) over m of U(5, 100), from
 * math.erfc of Python 3 over 200,000 midpoints.
 */
function expectedShares({ days, customers, terminals }: { days: number; customers: number; terminals: number }): number[] {
  const sums = [0, 0, 0];
  for (let day = 0; day < days; day++) {
    const compromised = 1 - (1 - 1 / terminals) ** (((terminals * 2) / 10_000) * Math.min(28, day + 1));
    const leaked = (1 - (1 - 1 / customers) ** (((customers * 3) / 5000) * Math.min(14, day + 1))) / 3;
    sums[0]! += 0.00057445 * (1 - compromised) * (1 - leaked);
    sums[1]! += compromised * (1 - leaked);
    sums[2]! += leaked;
  }
  return sums.map((sum) => sum / days);
}

/** The histories that share a customer or a terminal, as arrays of rows. */
function rowsOf(name: string): number[][] {
  const { codes, dictionary } = table.category(name);
  const { offsets, rows } = rowsByCode(codes, dictionary.length);
  return dictionary.map((_, code) => [...rows.subarray(offsets[code], offsets[code + 1])]);
}

describe('simulateTransactions', () => {
  it('gives exactly the rows asked for, in order of time, within the days, with ids from 0', () => {
    expect(table.rowCount).toBe(100_000);
    expect(table.sortByTime('TX_DATETIME')).toBe(table);
    expect(times[0]).toBeGreaterThanOrEqual(Date.UTC(2018, 3, 1));
    expect(times.at(-1)).toBeLessThan(Date.UTC(2018, 3, 1) + 90 * 86_400_000);
    expect([...table.number('TRANSACTION_ID')]).toEqual(Array.from({ length: 100_000 }, (_, row) => row));
  });

  it('keeps the rules of handbookTransactions, amounts rounded to cents', () => {
    expect(validateTransactions(table, handbookTransactions).validCount).toBe(100_000);
    expect(amounts.every((amount) => amount === Math.round(amount * 100) / 100)).toBe(true);
    expect(table.columnNames).toEqual(Object.keys(handbookTransactions.kinds));
  });

  it('gives the same table for the same seed, and another for another', () => {
    const options = { rows: 5000, days: 30 };
    expect(fingerprint(simulateTransactions({ ...options, seed: 'a' }))).toBe(
      fingerprint(simulateTransactions({ ...options, seed: 'a' })),
    );
    expect(fingerprint(simulateTransactions({ ...options, seed: 'a' }))).not.toBe(
      fingerprint(simulateTransactions({ ...options, seed: 'b' })),
    );
  });

  // The book's table and ours are one draw each; standard deviations of a draw over 16 seeds are 52, 132 and 119 rows. Four of them, times
  // sqrt(2) for the difference of two draws: such a bound fails by chance once in 16,000 times.
  it("makes the frauds of the book's table: 978, 9,099 and 4,604 of 1,754,155 (within 4 standard deviations)", () => {
    const book = simulateTransactions({ rows: 1_754_155, seed: 1, days: 183, customers: 5000, terminals: 10_000 });
    const counts = [1, 2, 3].map((scenario) => rowsOfScenario(book, scenario).rowCount);
    const bounds = [52, 132, 119].map((deviation) => 4 * Math.SQRT2 * deviation);
    [978, 9099, 4604].forEach((published, i) => expect(Math.abs(counts[i]! - published)).toBeLessThan(bounds[i]!));
    expect(book.rowCount / 183 / 5000).toBeCloseTo(1.917, 3);
    // 14,681 frauds, .837 %; the bound is that of the three together.
    expect(Math.abs(mean(book.flag('TX_FRAUD')) - 0.00837)).toBeLessThan((4 * Math.SQRT2 * Math.hypot(52, 132, 119)) / 1_754_155);
  });

  it('has each scenario as often as its rules say, over 16 seeds (within 4 standard errors)', () => {
    const shares = [1, 2, 3].map(() => [] as number[]);
    for (let seed = 1; seed <= 16; seed++) {
      const history = simulateTransactions({ rows: 50_000, seed, days: 90, customers: 1000, terminals: 2000 });
      shares.forEach((ofScenario, i) => ofScenario.push(rowsOfScenario(history, i + 1).rowCount / 50_000));
    }
    expectedShares({ days: 90, customers: 1000, terminals: 2000 }).forEach((expected, i) => {
      expect(Math.abs(mean(shares[i]!) - expected)).toBeLessThan(4 * standardError(shares[i]!));
    });
  });

  it('labels as fraud exactly the rows of a scenario', () => {
    expect([...table.flag('TX_FRAUD')]).toEqual(Array.from(scenarios, (scenario) => Number(scenario > 0)));
    expect(new Set(scenarios)).toEqual(new Set([0, 1, 2, 3]));
  });

  it('makes 0 to 4 transactions a day and customer, 1.92 on average', () => {
    const perDay = rowsOf('CUSTOMER_ID').map((rows) => rows.length / 90);
    expect(mean(perDay)).toBeCloseTo(1.92, 1);
    expect(Math.max(...perDay)).toBeLessThan(5.5);
    expect(perDay.filter((rate) => rate < 1).length / perDay.length).toBeCloseTo(0.25, 1);
  });

  it('pays around noon with a standard deviation of 20,000 s, cut off at midnight', () => {
    const seconds = times.map((time) => (time / 1000) % 86_400);
    expect(mean(seconds) / 43_200).toBeCloseTo(1, 2);
    // Both from the closed forms of the normal distribution truncated at 2.16 standard deviations.
    expect(Math.sqrt(mean(seconds.map((second) => (second - 43_200) ** 2))) / 18_193).toBeCloseTo(1, 1);
    expect(mean(seconds.map((second) => Number(second < 7 * 3600)))).toBeCloseTo(0.174, 2);
  });

  it("draws amounts around each customer's own mean", () => {
    const genuine = rowsOf('CUSTOMER_ID')
      .map((rows) => rows.filter((row) => scenarios[row] === 0).map((row) => amounts[row]!))
      .filter((values) => values.length > 100);
    const means = genuine.map(mean);
    expect(Math.min(...means)).toBeGreaterThan(4);
    expect(Math.max(...means)).toBeLessThan(115);
    const relativeSpread = genuine.map(
      (values, i) => Math.sqrt(mean(values.map((value) => (value - means[i]!) ** 2))) / means[i]!,
    );
    // A negative amount drawn again narrows N(m, m/2) a little.
    expect(mean(relativeSpread)).toBeGreaterThan(0.45);
    expect(mean(relativeSpread)).toBeLessThan(0.5);
  });

  it('pays at the terminals in reach: about 78', () => {
    const reached = rowsOf('CUSTOMER_ID')
      .filter((rows) => rows.length > 200)
      .map((rows) => new Set(rows.map((row) => table.category('TERMINAL_ID').codes[row])).size);
    expect(mean(reached)).toBeGreaterThan(50);
    expect(Math.max(...reached)).toBeLessThan(130);
  });

  it('scenario 1 is every amount above 220 that no other scenario took over', () => {
    const isRight = (amount: number, row: number) => scenarios[row]! > 1 || amount > 220 === (scenarios[row] === 1);
    expect(amounts.every(isRight)).toBe(true);
  });

  it('scenario 2 takes everything at a terminal for at most 28 days', () => {
    const episodes = rowsOf('TERMINAL_ID').filter((rows) => rows.some((row) => scenarios[row] === 2));
    expect(episodes.length).toBeGreaterThan(10);
    // A terminal may be compromised twice; nearly always its frauds are one unbroken run.
    const single = episodes.filter((rows) => {
      const moments = rows.filter((row) => scenarios[row] === 2).map((row) => times[row]!);
      return moments.at(-1)! - moments[0]! <= 28 * 86_400_000;
    });
    expect(single.length / episodes.length).toBeGreaterThan(0.8);
    for (const rows of single) {
      const taken = rows.map((row) => scenarios[row]!);
      const within = taken.slice(taken.indexOf(2), taken.lastIndexOf(2) + 1);
      expect(within.every((scenario) => scenario >= 2)).toBe(true);
    }
  });

  it("scenario 3 multiplies a third of a customer's amounts by 5 for 14 days", () => {
    const ratios = rowsOf('CUSTOMER_ID').flatMap((rows) => {
      const genuine = rows.filter((row) => scenarios[row] === 0).map((row) => amounts[row]!);
      const leaked = rows.filter((row) => scenarios[row] === 3).map((row) => amounts[row]!);
      return leaked.length > 0 && genuine.length > 20 ? [mean(leaked) / mean(genuine)] : [];
    });
    expect(ratios.length).toBeGreaterThan(15);
    expect(mean(ratios)).toBeGreaterThan(4.3);
    expect(mean(ratios)).toBeLessThan(5.7);
  });

  it('makes small and odd histories', () => {
    expect(simulateTransactions({ rows: 0, seed: 1 }).rowCount).toBe(0);
    expect(simulateTransactions({ rows: 1, seed: 1, days: 1 }).rowCount).toBe(1);
    expect(simulateTransactions({ rows: 500, seed: 1, days: 3, customers: 2, terminals: 900, radius: 10 }).rowCount).toBe(500);
  });

  it('makes 100,000 rows in well under a second of processor time', () => {
    const before = process.cpuUsage();
    simulateTransactions({ rows: 100_000, seed: 8 });
    expect(process.cpuUsage(before).user / 1000).toBeLessThan(900);
  });

  it.each([
    [{ rows: -1 }, 'rows is -1, expected a whole number of 0 to 20000000'],
    [{ rows: 1.5 }, 'rows is 1.5'],
    [{ days: 0 }, 'days is 0, expected a whole number of 1 to 3660'],
    [{ seed: Number.NaN }, 'seed is NaN, expected a finite number or a string'],
    [{ world: 'moon' as 'handbook' }, 'world is moon, expected handbook or payments'],
    [{ world: 'payments' as const, radius: 3 }, 'radius is 3, expected nothing in the world payments'],
    [{ labelDelay: {} }, 'labelDelay is given, expected nothing in the world handbook'],
    [{ world: 'payments' as const, labelDelay: { meanMs: -1 } }, 'labelDelay.meanMs is -1'],
    [{ world: 'payments' as const, labelDelay: { distribution: 'normal' as 'fixed' } }, 'labelDelay.distribution is normal'],
    [{ startMs: 5 }, 'startMs is 5, expected a midnight UTC'],
    [{ startMs: 8.64e15 }, 'startMs is 8640000000000000, expected a time whose history a Date can hold'],
    [{ changes: 'x' as never }, 'changes is x, expected a list'],
    [{ changes: null as never }, 'changes is null, expected a list'],
    [{ scenarios: null as never }, 'scenarios is null, expected an object'],
    [{ labelDelay: null as never, world: 'payments' as const }, 'labelDelay is null, expected an object'],
    [{ customers: 0 }, 'customers is 0'],
    [{ terminals: 0 }, 'terminals is 0'],
    [{ radius: 0 }, 'radius is 0, expected a number of 0.01 to 1,000'],
    [{ customers: 1, terminals: 1, radius: 0.01 }, 'expected a radius within which some customer finds a terminal'],
    [{ customers: 30_000, terminals: 1000, radius: 500 }, 'lower radius, customers or terminals'],
  ])('refuses %j', (options, message) => {
    expect(() => simulateTransactions({ rows: 100, seed: 1, ...options })).toThrow(message);
  });
});
