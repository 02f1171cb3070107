import type { Table } from '@fraudops/core';
import { completeSettings, type SimulateTransactionsOptions } from './simulation-settings.js';
import { TransactionSource } from './transaction-source.js';

const MAX_ROWS = 20_000_000;

/**
 * Card transactions with frauds, in order of time, TRANSACTION_ID counting from 0. {@link streamTransactions} gives the same rows in parts,
 * for histories that don't fit into memory.
 *
 * **The world `handbook`** is that of the Fraud Detection Handbook (Le Borgne et al. 2022, chapter 3, "Transaction data simulator"), with
 * the columns of {@link handbookTransactions}. Customers and terminals lie on a map, and a customer pays at terminals nearby. A customer
 * makes U(0, 4) transactions a day on average, at times N(noon, 20,000 s) within the day, with amounts N(m, m/2) where m is the customer's
 * own U(5, 100); a negative amount is drawn again from U(0, 2m). Amounts are rounded to cents. Three kinds of fraud take over some of the
 * transactions, TX_FRAUD_SCENARIO 1 to 3: amounts above 220, compromised terminals, and leaked cards. About 0.8 % of 100,000 transactions
 * over 90 days are fraud, fewer when the history is short, since episodes last up to 28 days and the first days see only their beginnings.
 *
 * The book draws Poisson numbers of transactions a day. Given their total, that is the same as drawing each transaction's customer and
 * time on its own, which is what happens here, so there are exactly `rows`. The book takes a third of a leaked card's transactions, rounded
 * down; here each is taken with probability 1/3, which gives about 3 % more of them.
 *
 * **The world `payments`** has the columns of {@link simulatedPayments}: customers in towns, merchants with categories and places, payments
 * at terminals and online from devices, and the moment at which each label becomes known. Fraudsters also test cards and take over accounts,
 * see {@link FraudScenarios}. The payments that they add come on top of `rows`.
 *
 * Either world can change over time, see {@link ScheduledChange}.
 *
 * @throws {FeatureError} INVALID_OPTION
 * @example const table = simulateTransactions({ rows: 100_000, seed: 7 });
 * @example
 * const drifting = simulateTransactions({
 *   rows: 100_000,
 *   seed: 7,
 *   world: 'payments',
 *   scenarios: { cardTesting: false },
 *   changes: [
 *     { type: 'amounts', fromDay: 60, factor: 1.3 },
 *     { type: 'newFraud', fromDay: 70, scenarios: { cardTesting: { perDay: 3 } } },
 *   ],
 * });
 */
export function simulateTransactions(options: SimulateTransactionsOptions): Table {
  return new TransactionSource(completeSettings('simulateTransactions', options, MAX_ROWS)).next(Number.POSITIVE_INFINITY);
}
