/** What the columns of the CSV file are called, which features the model sees, and what decisions cost. Change all to fit your file. */
import {
  count,
  days,
  defineFeatures,
  defineTransactions,
  duringNight,
  field,
  mean,
  ratio,
  risk,
  timeSinceLast,
} from '@fraudops/features';
import { z } from 'zod';

export const payments = defineTransactions({
  schema: z.object({
    TRANSACTION_ID: z.number().int(),
    TX_DATETIME: z.date(),
    CUSTOMER_ID: z.string(),
    TERMINAL_ID: z.string(),
    TX_AMOUNT: z.number().min(0).multipleOf(0.01), // whole cents, so that sums are exact
    TX_FRAUD: z.boolean().optional(),
  }),
  time: 'TX_DATETIME',
  id: 'TRANSACTION_ID',
  entities: ['CUSTOMER_ID', 'TERMINAL_ID'],
  amount: 'TX_AMOUNT',
  label: { field: 'TX_FRAUD', delayMs: days(7) }, // known a week later; `knownAt` names a column that says when
});

export const features = defineFeatures(payments, {
  AMOUNT: field('TX_AMOUNT'),
  NIGHT: duringNight(),
  CARD_COUNT_1DAY: count({ per: 'CUSTOMER_ID', windowMs: days(1) }),
  CARD_COUNT_7DAY: count({ per: 'CUSTOMER_ID', windowMs: days(7) }),
  CARD_MEAN_30DAY: mean('TX_AMOUNT', { per: 'CUSTOMER_ID', windowMs: days(30), own: 'excluded' }),
  CARD_SECONDS_SINCE: timeSinceLast({ per: 'CUSTOMER_ID', windowMs: days(30) }),
  AMOUNT_OVER_MEAN: ratio('AMOUNT', 'CARD_MEAN_30DAY'),
  TERMINAL_COUNT_1DAY: count({ per: 'TERMINAL_ID', windowMs: days(1) }),
  TERMINAL_RISK_30DAY: risk({ per: 'TERMINAL_ID', windowMs: days(30) }),
});

/** How many days each step has, from a week after the file begins; the days in which labels become known lie before the test. */
export const sliceDays = { train: 42, stopping: 7, calibration: 10, threshold: 10, test: 14 };

/** In the currency of the amounts. */
export const costs = { reviewCost: 4, insultCost: 1, chargebackFee: 15 };
export const reviewsPerDay = 10;
