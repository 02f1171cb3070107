import { z } from 'zod';
import { days } from '../duration.js';
import { type TransactionsDefinition, defineTransactions } from '../transactions/transactions.js';

/**
 * The transactions of the simulated world `payments`.
 *
 * | field | what it is |
 * |---|---|
 * | TRANSACTION_ID, TX_DATETIME, TX_AMOUNT | as in {@link handbookTransactions} |
 * | CUSTOMER_ID, MERCHANT_ID | entities |
 * | MERCHANT_CATEGORY | what the merchant sells, see {@link MerchantCategory} |
 * | CHANNEL | `pos` at a terminal, `online` |
 * | DEVICE_ID | the device of an online payment, an entity; missing at a terminal |
 * | HOME_LATITUDE, HOME_LONGITUDE | where the customer lives, degrees |
 * | MERCHANT_LATITUDE, MERCHANT_LONGITUDE | where the terminal stands, degrees; missing online |
 * | TX_FRAUD, TX_FRAUD_SCENARIO | the label, and the {@link FraudScenarios} behind it |
 * | LABEL_KNOWN_AT | when the label became known |
 *
 * @example const table = simulateTransactions({ rows: 100_000, seed: 7, world: 'payments' });
 */
export const simulatedPayments: TransactionsDefinition = defineTransactions({
  schema: z.object({
    TRANSACTION_ID: z.number().int().min(0),
    TX_DATETIME: z.date(),
    CUSTOMER_ID: z.string().min(1).max(64),
    MERCHANT_ID: z.string().min(1).max(64),
    TX_AMOUNT: z.number().min(0).multipleOf(0.01),
    MERCHANT_CATEGORY: z.string().min(1).max(64).optional(),
    CHANNEL: z.enum(['pos', 'online']).optional(),
    DEVICE_ID: z.string().min(1).max(64).optional(),
    HOME_LATITUDE: z.number().min(-90).max(90).optional(),
    HOME_LONGITUDE: z.number().min(-180).max(180).optional(),
    MERCHANT_LATITUDE: z.number().min(-90).max(90).optional(),
    MERCHANT_LONGITUDE: z.number().min(-180).max(180).optional(),
    TX_FRAUD: z.boolean().optional(),
    TX_FRAUD_SCENARIO: z.number().int().min(0).optional(),
    LABEL_KNOWN_AT: z.date().optional(),
  }),
  time: 'TX_DATETIME',
  label: { field: 'TX_FRAUD', delayMs: days(7), knownAt: 'LABEL_KNOWN_AT' },
  id: 'TRANSACTION_ID',
  entities: ['CUSTOMER_ID', 'MERCHANT_ID', 'DEVICE_ID'],
  amount: 'TX_AMOUNT',
});
