/**
 * A feature set: features declared once for one definition of transactions, computed over history or event by event.
 */
import { type Json, type Progress, type Table, canonicalJson, sha256Hex } from '@fraudops/core';
import { z } from 'zod';
import { computeFeatures } from '../windows/compute-features.js';
import { type FeatureDefinition, type WindowAggregate, type WindowFeature } from './feature-definition.js';
import { FeatureError } from '../feature-error.js';
import { planFeatures } from '../windows/feature-plan.js';
import { minorUnits } from './minor-units.js';
import { type OnlineFeatures, type OnlineOptions, startOnlineFeatures } from '../windows/online-features.js';
import { type TransactionsDefinition, transactionsFromJson } from '../transactions/transactions.js';

/** See {@link defineFeatures}. */
export interface FeatureSet {
  /** Feature names, in the order in which they were defined; the order of all rows and columns of features. */
  readonly names: readonly string[];
  /** The transactions that the features are of. */
  readonly transactions: TransactionsDefinition;
  /** Definition by name, with delays filled in. */
  readonly definitions: Readonly<Record<string, FeatureDefinition>>;
  /** First 16 hexadecimal digits of the SHA-256 of the set's canonical JSON: equal versions mean equal features. */
  readonly version: string;
  /**
   * Computes all features over history.
   *
   * @param table transactions in order of time; of the columns, those that the features use must be there
   * @param options `progress`: told of each feature
   * @returns one number column a feature, row i for row i of the table; missing values are NaN, and so are windows of a missing entity
   * @throws {FeatureError} NOT_SORTED, MISSING_COLUMN, WRONG_KIND, MISSING_VALUE or INVALID_VALUE, naming column and row
   */
  compute(table: Table, options?: ComputeOptions): Table;
  /** Starts features for one event at a time, with nothing remembered yet. @throws {FeatureError} INVALID_OPTION */
  online(options?: OnlineOptions): OnlineFeatures;
  /** The set as data; see {@link featureSetFromJson}. */
  toJson(): Json;
}

/** Options of {@link FeatureSet.compute}. */
export interface ComputeOptions {
  readonly progress?: Progress;
}

/** Most features of a set. */
export const MAX_FEATURES = 1000;

/**
 * Declares features.
 *
 * @param transactions what the features are computed from
 * @param definitions feature by name, in order; see {@link field}, {@link duringWeekend}, {@link duringNight}, {@link count},
 *   {@link sum}, {@link mean} and {@link risk}
 * @throws {FeatureError} INVALID_DEFINITION, UNKNOWN_FIELD or WRONG_KIND, naming the feature and the fix
 * @example
 * const features = defineFeatures(payments, {
 *   AMOUNT: field('amount'),
 *   CARD_COUNT_1DAY: count({ per: 'card', windowMs: days(1) }),
 *   CARD_MEAN_7DAY: mean('amount', { per: 'card', windowMs: days(7) }),
 * });
 * const matrix = toFeatureMatrix(features.compute(table));
 */
export function defineFeatures(
  transactions: TransactionsDefinition,
  definitions: Readonly<Record<string, FeatureDefinition>>,
): FeatureSet {
  if (typeof definitions !== 'object' || definitions === null) {
    throw new FeatureError(
      'INVALID_DEFINITION',
      `defineFeatures: the features are ${String(definitions)}, expected definitions by name`,
    );
  }
  const names = Object.keys(definitions);
  if (names.length === 0 || names.length > MAX_FEATURES) {
    throw new FeatureError('INVALID_DEFINITION', `defineFeatures: ${names.length} features, expected 1 to ${MAX_FEATURES}`);
  }
  const checked = Object.fromEntries(names.map((name) => [name, checkedDefinition(name, definitions[name]!, transactions)]));
  const json: Json = {
    formatVersion: 1,
    transactions: transactions.toJson(),
    features: names.map((name): Json => ({ name, ...checked[name] })),
  };
  const plan = planFeatures(checked, transactions);
  const featureSet: FeatureSet = {
    names,
    transactions,
    definitions: checked,
    version: sha256Hex(canonicalJson(json)).slice(0, 16),
    compute: (table, options = {}) => computeFeatures(plan, transactions, table, options.progress),
    online: (options = {}) => startOnlineFeatures(featureSet, plan, options),
    toJson: () => json,
  };
  return featureSet;
}

function checkedDefinition(name: string, definition: FeatureDefinition, transactions: TransactionsDefinition): FeatureDefinition {
  // JavaScript moves keys like "1" to the front, so they would not keep their place.
  if (name === '' || name === '__proto__' || name.length > 200 || /^\d+$/.test(name)) {
    throw invalid(name, 'has no usable name; a name has 1 to 200 characters, at least one of them no digit');
  }
  if (typeof definition !== 'object' || definition === null) {
    throw invalid(name, `is ${String(definition)}; make definitions with field(), count(), mean() ...`);
  }
  switch (definition.type) {
    case 'field':
      requireRawField(name, definition.field, transactions);
      return definition;
    case 'duringWeekend':
      return definition;
    case 'duringNight': {
      const { untilHour } = definition;
      if (Number.isInteger(untilHour) && untilHour >= 0 && untilHour <= 23) return definition;
      throw invalid(name, `has untilHour ${untilHour}, expected a whole hour from 0 to 23`);
    }
    case 'window':
      return checkedWindow(name, definition, transactions);
    default:
      throw invalid(
        name,
        `has the type ${String((definition as { type: unknown }).type)}; make definitions with field(), count(), mean() ...`,
      );
  }
}

function requireRawField(name: string, fieldName: string, transactions: TransactionsDefinition): void {
  const { kind } = requireField(name, fieldName, transactions);
  if (fieldName === transactions.label?.field) {
    throw invalid(
      name,
      `is the label ${fieldName} itself, which isn't known when a transaction is scored; use risk() over past labels`,
    );
  }
  if (kind === 'number' || kind === 'flag') return;
  const fix =
    kind === 'time' ? 'use duringNight() or duringWeekend()' : 'use count() per this field, or encode it as a number field';
  throw wrongKind(name, fieldName, kind, `a number or flag; ${fix}`);
}

const AGGREGATES: readonly WindowAggregate[] = ['count', 'sum', 'mean', 'risk'];

function checkedWindow(name: string, definition: WindowFeature, transactions: TransactionsDefinition): WindowFeature {
  const { aggregate, per, windowMs, field: fieldName } = definition;
  if (!AGGREGATES.includes(aggregate)) {
    throw invalid(name, `has the aggregate ${String(aggregate)}, expected ${AGGREGATES.join(', ')}`);
  }
  requireField(name, per, transactions);
  if (!transactions.entities.includes(per)) {
    throw invalid(
      name,
      `is per ${per}, which is no entity; entities are ${transactions.entities.join(', ') || 'none'}: add it to entities`,
    );
  }
  if (!(Number.isSafeInteger(windowMs) && windowMs > 0)) {
    throw invalid(name, `has windowMs ${windowMs}, expected whole milliseconds above 0, such as days(7)`);
  }
  const delayMs = definition.delayMs ?? (aggregate === 'risk' ? transactions.label?.delayMs : 0) ?? 0;
  if (!(Number.isSafeInteger(delayMs) && delayMs >= 0)) {
    throw invalid(name, `has delayMs ${delayMs}, expected whole milliseconds of at least 0`);
  }
  if (aggregate === 'risk') requireKnownLabels(name, delayMs, transactions);
  if (aggregate === 'sum' || aggregate === 'mean') requireSummable(name, fieldName, transactions);
  else if (fieldName !== undefined)
    throw invalid(name, `is a ${aggregate} of the field ${fieldName}; only sum and mean take a field`);
  return { ...definition, delayMs };
}

function requireKnownLabels(name: string, delayMs: number, { label }: TransactionsDefinition): void {
  if (!label) throw invalid(name, 'is a risk, but the transactions have no label; give defineTransactions a label');
  // Even with labels known at once, a window that ends now would see the label of the very transaction being scored.
  const leastMs = Math.max(1, label.delayMs);
  if (delayMs < leastMs) {
    throw invalid(name, `has delayMs ${delayMs}, but a label is known only after ${leastMs} ms; make delayMs at least that`);
  }
}

function requireSummable(name: string, fieldName: string | undefined, transactions: TransactionsDefinition): void {
  if (fieldName === undefined) throw invalid(name, 'names no field; say which number to add up');
  const { kind, resolution } = requireField(name, fieldName, transactions);
  if (kind !== 'number') throw wrongKind(name, fieldName, kind, 'a number');
  if (resolution === undefined || minorUnits(resolution) === undefined) {
    const found = resolution === undefined ? 'no resolution' : `the resolution ${resolution}, which has more than 12 decimals`;
    throw invalid(
      name,
      `adds up ${fieldName}, which has ${found}; declare it with z.number().multipleOf(0.01) or z.int(), so that sums are exact`,
    );
  }
}

function requireField(name: string, fieldName: string, { fields }: TransactionsDefinition) {
  const found = Object.hasOwn(fields, fieldName) ? fields[fieldName] : undefined;
  if (found) return found;
  const message = `defineFeatures: ${name} uses the field ${fieldName}, which the transactions don't have; they have ${Object.keys(fields).join(', ')}`;
  throw new FeatureError('UNKNOWN_FIELD', message, { feature: name, field: fieldName });
}

function wrongKind(name: string, fieldName: string, kind: string, expected: string): FeatureError {
  const message = `defineFeatures: ${name} uses the field ${fieldName}, which is a ${kind}, expected ${expected}`;
  return new FeatureError('WRONG_KIND', message, { feature: name, field: fieldName, kind });
}

function invalid(name: string, what: string): FeatureError {
  return new FeatureError('INVALID_DEFINITION', `defineFeatures: ${name || '""'} ${what}`, { feature: name });
}

const featureName = z.object({ name: z.string() });
const savedFeature = z.discriminatedUnion('type', [
  z.strictObject({ ...featureName.shape, type: z.literal('field'), field: z.string() }),
  z.strictObject({ ...featureName.shape, type: z.literal('duringWeekend') }),
  z.strictObject({ ...featureName.shape, type: z.literal('duringNight'), untilHour: z.number() }),
  z.strictObject({
    ...featureName.shape,
    type: z.literal('window'),
    aggregate: z.enum(AGGREGATES),
    per: z.string(),
    windowMs: z.number(),
    delayMs: z.number(),
    field: z.string().optional(),
  }),
]);

const savedFeatureSet = z.strictObject({
  formatVersion: z.literal(1),
  transactions: z.unknown(),
  features: z.array(savedFeature).max(MAX_FEATURES),
});

/**
 * The feature set that {@link FeatureSet.toJson} saved; it has the same version and gives the same features.
 *
 * @throws {FeatureError} INVALID_JSON when the data has another form, DUPLICATE_NAME, else as {@link defineFeatures}
 */
export function featureSetFromJson(json: unknown): FeatureSet {
  const parsed = savedFeatureSet.safeParse(json);
  if (!parsed.success) {
    throw new FeatureError(
      'INVALID_JSON',
      `featureSetFromJson: ${z.prettifyError(parsed.error)}; save feature sets with toJson()`,
    );
  }
  const definitions = new Map<string, FeatureDefinition>();
  for (const { name, ...definition } of parsed.data.features) {
    if (definitions.has(name)) {
      throw new FeatureError('DUPLICATE_NAME', `featureSetFromJson: feature ${name} comes twice; rename one`, { feature: name });
    }
    definitions.set(name, definition as FeatureDefinition);
  }
  return defineFeatures(transactionsFromJson(parsed.data.transactions), Object.fromEntries(definitions));
}
