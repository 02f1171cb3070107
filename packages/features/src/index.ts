/**
 * Transactions in, features out: what a transaction is, reading, validating and simulating them, and features with one definition
 * that give the same bits over history and in the request path.
 *
 * @packageDocumentation
 */
export * from './definitions/define-features.js';
export * from './duration.js';
export * from './definitions/feature-definition.js';
export * from './definitions/explain-feature.js';
export * from './definitions/feature-set.js';
export * from './definitions/row-builders.js';
export * from './definitions/window-builders.js';
export { MAX_FEATURES } from './definitions/saved-features.js';
export { type EncodingSteps } from './encodings/encoding-steps.js';
export * from './feature-error.js';
export * from './handbook.js';
export { MAX_SUMMED_UNITS } from './definitions/minor-units.js';
export { type TransactionEvent } from './windows/event-cell.js';
export { type OnlineFeatures, type OnlineMemory, type OnlineOptions } from './windows/online-features.js';
export { type ReadTransactionsOptions, readTransactions } from './files/read-transactions.js';
export * from './simulation/shift-transactions.js';
export * from './simulation/simulate-transactions.js';
export * from './preprocessing/standard-scaler.js';
export { type FieldPattern, type TransactionField } from './transactions/transaction-field.js';
export * from './transactions/transactions.js';
export * from './validation/validate-transactions.js';
export * from './files/write-transactions.js';
export * from './state/entity-state-store.js';
export * from './state/memory-entity-states.js';
export { type SharedOnlineFeatures, type SharedOnlineOptions } from './state/shared-online-features.js';
export * from './preprocessing/preprocessing.js';
export * from './preprocessing/preprocessing-step.js';
export {
  type FittedClip,
  type FittedImpute,
  type FittedLog,
  type FittedRobustScale,
  type FittedStandardize,
  type FittedStep,
  MAX_PREPROCESSED_COLUMNS,
} from './preprocessing/fitted-step.js';
export * from './encodings/encoding-lookup.js';
export * from './encodings/encoding-steps.js';
export * from './encodings/fit-encodings.js';
export * from './attributes/attribute-history.js';
export { type CategoryTraits, MERCHANT_CATEGORIES, type MerchantCategory } from './simulation/merchant-categories.js';
export {
  type AccountTakeovers,
  type CardTesting,
  type CompromisedTerminals,
  type FraudScenarios,
  type LargeAmounts,
  type LeakedCards,
} from './simulation/fraud-scenarios.js';
export {
  type AmountsChange,
  type ChangeSpan,
  type FraudRateChange,
  type MerchantMixChange,
  type MissingValuesChange,
  type NewFraudChange,
  type ScheduledChange,
} from './simulation/scheduled-changes.js';
export { type LabelDelay, type SimulateTransactionsOptions } from './simulation/simulation-settings.js';
export * from './simulation/simulated-payments.js';
export * from './simulation/stream-transactions.js';
export {
  type RangeLimits,
  compareFields,
  inRange,
  matches,
  monotonicTime,
  multipleOf,
  oneOf,
  present,
  textLength,
  unique,
} from './validation/rule-builders.js';
export * from './validation/expectations.js';
export * from './validation/table-rule.js';
export { requireRulesFit } from './validation/rule-columns.js';
export * from './validation/rules-json.js';
export { ruleText } from './validation/rule-text.js';
export {
  type BinnedDistribution,
  type SaveDistributionOptions,
  type SavedDistribution,
  type ValueDistribution,
  populationStability,
  saveDistribution,
} from './validation/saved-distribution.js';
export { type ValidateTableOptions, validateTable } from './validation/validate-table.js';
export {
  type BrokenRule,
  type RuleExample,
  type RuleResult,
  type ValidationIssue,
  type ValidationReport,
} from './validation/validation-report.js';
export { type InferRulesOptions, inferRules } from './validation/infer-rules.js';
export * from './validation/infer-transactions.js';
export { type UntypedRow } from './validation/sample-table.js';
export { type RoleCandidate, type TransactionRole } from './validation/transaction-roles.js';
export * from './profile/profile-html.js';
export * from './profile/profile-json.js';
export * from './profile/profile-table.js';
export * from './profile/table-profile.js';
export { type WorkersOptions, computeInWorkers } from './windows/compute-in-workers.js';
export { tableFromArrow, tableToArrow } from './files/arrow-table.js';
export * from './files/danfo.js';
export * from './files/parquet-table.js';
export { type TransactionsFormat } from './files/transactions-format.js';
export * from './sql/features-to-sql.js';
export { type ReadSampleOptions, readSample } from './files/read-sample.js';
