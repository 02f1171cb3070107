/**
 * Transactions in, features out: what a transaction is, reading, validating and simulating them, and features with one definition
 * that give the same bits over history and in the request path.
 *
 * @packageDocumentation
 */
export * from './define-features.js';
export * from './duration.js';
export * from './feature-definition.js';
export * from './feature-error.js';
export * from './handbook.js';
export { MAX_SUMMED_UNITS } from './minor-units.js';
export { type OnlineFeatures, type OnlineMemory, type OnlineOptions } from './online-features.js';
export { type ReadTransactionsOptions, readTransactions } from './read-transactions.js';
export * from './shift-transactions.js';
export * from './simulate-transactions.js';
export * from './standard-scaler.js';
export { type FieldPattern, type TransactionField } from './transaction-field.js';
export * from './transactions.js';
export * from './validate-transactions.js';
export * from './write-transactions.js';
