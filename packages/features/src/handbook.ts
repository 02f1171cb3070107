import { z } from 'zod';
import { defineFeatures } from './definitions/define-features.js';
import type { FeatureSet } from './definitions/feature-set.js';
import { days } from './duration.js';
import type { FeatureDefinition } from './definitions/feature-definition.js';
import { duringNight, duringWeekend, field } from './definitions/row-builders.js';
import { count, mean, risk } from './definitions/window-builders.js';
import { defineTransactions } from './transactions/transactions.js';

/**
 * The card transactions of the book "Reproducible Machine Learning for Credit Card Fraud Detection" (Le Borgne et al., 2022), the
 * Fraud Detection Handbook. A transaction is known to be fraud or not 7 days later.
 */
export const handbookTransactions = defineTransactions({
  schema: z.object({
    TRANSACTION_ID: z.number().int().min(0),
    TX_DATETIME: z.date(),
    CUSTOMER_ID: z.string().min(1).max(64),
    TERMINAL_ID: z.string().min(1).max(64),
    TX_AMOUNT: z.number().min(0).multipleOf(0.01),
    TX_FRAUD: z.boolean().optional(),
    TX_FRAUD_SCENARIO: z.number().int().min(0).optional(),
  }),
  time: 'TX_DATETIME',
  label: { field: 'TX_FRAUD', delayMs: days(7) },
  id: 'TRANSACTION_ID',
  entities: ['CUSTOMER_ID', 'TERMINAL_ID'],
  amount: 'TX_AMOUNT',
});

/**
 * The book's 15 features: amount, weekend, night; for each customer the number and mean amount of transactions in the last 1, 7 and 30
 * days, this one included; for each terminal the number and fraud share of transactions in the 1, 7 and 30 days that ended 7 days ago.
 */
export const handbookFeatures: FeatureSet = defineFeatures(handbookTransactions, {
  TX_AMOUNT: field('TX_AMOUNT'),
  TX_DURING_WEEKEND: duringWeekend(),
  TX_DURING_NIGHT: duringNight(),
  ...windows('CUSTOMER_ID', (dayCount, window) => ({
    [`CUSTOMER_ID_NB_TX_${dayCount}DAY_WINDOW`]: count(window),
    [`CUSTOMER_ID_AVG_AMOUNT_${dayCount}DAY_WINDOW`]: mean('TX_AMOUNT', window),
  })),
  ...windows('TERMINAL_ID', (dayCount, window) => ({
    [`TERMINAL_ID_NB_TX_${dayCount}DAY_WINDOW`]: count({ ...window, delayMs: days(7) }),
    [`TERMINAL_ID_RISK_${dayCount}DAY_WINDOW`]: risk(window),
  })),
});

function windows(
  per: string,
  featuresOf: (dayCount: number, window: { per: string; windowMs: number }) => Record<string, FeatureDefinition>,
): Record<string, FeatureDefinition> {
  return Object.assign({}, ...[1, 7, 30].map((dayCount) => featuresOf(dayCount, { per, windowMs: days(dayCount) })));
}
