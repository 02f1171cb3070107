/**
 * Transactions in, features out: what a transaction is, reading, validating and simulating them, and features with one definition
 * that give the same bits over history and in the request path.
 *
 * @packageDocumentation
 */
export * from './definitions/define-features.js';
export * from './duration.js';
export * from './definitions/feature-definition.js';
export * from './feature-error.js';
export * from './handbook.js';
export { MAX_SUMMED_UNITS } from './definitions/minor-units.js';
export { type OnlineFeatures, type OnlineMemory, type OnlineOptions } from './windows/online-features.js';
export { type ReadTransactionsOptions, readTransactions } from './files/read-transactions.js';
export * from './simulation/shift-transactions.js';
export * from './simulation/simulate-transactions.js';
export * from './preprocessing/standard-scaler.js';
export { type FieldPattern, type TransactionField } from './transactions/transaction-field.js';
export * from './transactions/transactions.js';
export * from './validation/validate-transactions.js';
export * from './files/write-transactions.js';
