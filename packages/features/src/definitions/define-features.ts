/**
 * A feature set: features declared once for one definition of transactions, computed over history or event by event.
 */
import { type Json, type Table, canonicalJson, sha256Hex } from '@fraudops/core';
import { fitFrequencyEncoding, fitTargetEncoding } from '../encodings/fit-encodings.js';
import { FeatureError } from '../feature-error.js';
import { parseSaved } from '../parse-saved.js';
import { featuresToSql } from '../sql/features-to-sql.js';
import {
  type SharedOnlineFeatures,
  type SharedOnlineOptions,
  startSharedOnlineFeatures,
} from '../state/shared-online-features.js';
import { type TransactionsDefinition, transactionsFromJson } from '../transactions/transactions.js';
import { computeFeatures } from '../windows/compute-features.js';
import { planFeatures } from '../windows/feature-plan.js';
import { type OnlineFeatures, type OnlineOptions, startOnlineFeatures } from '../windows/online-features.js';
import { checkedDefinition } from './check-definition.js';
import type { EncodingFeature, FeatureDefinition } from './feature-definition.js';
import { requireNoCycle } from './feature-order.js';
import type {
  DefineFeaturesOptions,
  FeatureDefinitions,
  FeatureKind,
  FeatureKinds,
  FeatureSet,
  FeaturesOf,
} from './feature-set.js';
import { MAX_FEATURES, savedFeatureSet } from './saved-features.js';

/**
 * Declares features. What they may mean is checked here, so that nothing is left to fail when they are computed.
 *
 * @param transactions what the features are computed from
 * @param definitions feature by name, in order; see {@link field}, {@link count}, {@link mean}, {@link risk} and their neighbours
 * @throws {FeatureError} INVALID_DEFINITION, UNKNOWN_FIELD or WRONG_KIND, naming the feature and the fix
 * @example
 * const features = defineFeatures(payments, {
 *   AMOUNT: field('amount'),
 *   CARD_COUNT_1DAY: count({ per: 'card', windowMs: days(1) }),
 *   CARD_MEAN_7DAY: mean('amount', { per: 'card', windowMs: days(7) }),
 *   AMOUNT_OVER_MEAN: ratio('AMOUNT', 'CARD_MEAN_7DAY'),
 * });
 * const matrix = toFeatureMatrix(features.compute(table));
 */
export function defineFeatures<Field extends string, const Definitions extends FeatureDefinitions>(
  transactions: TransactionsDefinition<Field>,
  definitions: Definitions & FeaturesOf<Definitions, NoInfer<Field>>,
  options: DefineFeaturesOptions = {},
): FeatureSet<Definitions> {
  if (typeof definitions !== 'object' || definitions === null) {
    throw new FeatureError(
      'INVALID_DEFINITION',
      `defineFeatures: the features are ${String(definitions)}, expected definitions by name`,
    );
  }
  return new DefinedFeatures(transactions, definitions, options) as FeatureSet as FeatureSet<Definitions>;
}

class DefinedFeatures implements FeatureSet {
  readonly names: readonly string[];
  readonly kinds: FeatureKinds<FeatureDefinitions>;
  readonly transactions: TransactionsDefinition;
  readonly definitions: FeatureDefinitions;
  readonly version: string;
  readonly isFitted: boolean;
  readonly #options: DefineFeaturesOptions;
  readonly #json: Json;
  readonly #plan;

  constructor(transactions: TransactionsDefinition, definitions: FeatureDefinitions, options: DefineFeaturesOptions) {
    const { retentionMs } = options;
    const names = Object.keys(definitions);
    if (names.length === 0 || names.length > MAX_FEATURES)
      throw new FeatureError('INVALID_DEFINITION', `defineFeatures: ${names.length} features, expected 1 to ${MAX_FEATURES}`);
    requireRetention(retentionMs);
    const context = { transactions, names: new Set(names), retentionMs };
    const checked = Object.fromEntries(names.map((name) => [name, checkedDefinition(name, definitions[name]!, context)]));
    requireNoCycle(checked);
    this.names = names;
    this.kinds = Object.fromEntries(names.map((name) => [name, kindOf(checked[name]!)]));
    this.transactions = transactions;
    this.definitions = checked;
    this.isFitted = Object.values(checked).every((definition) => !isEncoding(definition) || definition.steps !== undefined);
    this.#options = options;
    this.#json = {
      formatVersion: 1,
      transactions: transactions.toJson(),
      ...(retentionMs !== undefined && { retentionMs }),
      features: names.map((name): Json => ({ ...(checked[name] as unknown as Record<string, Json>), name })),
    };
    this.version = sha256Hex(canonicalJson(this.#json)).slice(0, 16);
    this.#plan = planFeatures(checked, transactions, retentionMs);
  }

  fit(table: Table): FeatureSet {
    const fitted = Object.entries(this.definitions).map(([name, definition]) => {
      if (definition.type === 'targetEncoding')
        return [name, { ...definition, steps: fitTargetEncoding(table, this.transactions, { smoothing: 20, ...definition }) }];
      if (definition.type === 'frequencyEncoding')
        return [name, { ...definition, steps: fitFrequencyEncoding(table, this.transactions, definition) }];
      return [name, definition];
    });
    return new DefinedFeatures(this.transactions, Object.fromEntries(fitted) as FeatureDefinitions, this.#options);
  }

  compute(...[table, options = {}]: Parameters<FeatureSet['compute']>): Table {
    this.#requireFitted();
    return computeFeatures(this.#plan, this.transactions, table, options.progress);
  }

  online(options?: OnlineOptions): OnlineFeatures;
  online(options: SharedOnlineOptions): SharedOnlineFeatures;
  online(options: OnlineOptions | SharedOnlineOptions = {}): OnlineFeatures | SharedOnlineFeatures {
    this.#requireFitted();
    if ('state' in options) return startSharedOnlineFeatures(this, this.#plan, options);
    return startOnlineFeatures(this, this.#plan, options);
  }

  named(values: ArrayLike<number>): Readonly<Record<string, number>> {
    if (values.length !== this.names.length) {
      const message = `named: ${values.length} values, expected one for each of ${this.names.length} features`;
      throw new FeatureError('INVALID_VALUE', message, { values: values.length, features: this.names.length });
    }
    return Object.fromEntries(this.names.map((name, i) => [name, values[i]!]));
  }

  toSql(...[dialect, options]: Parameters<FeatureSet['toSql']>): string {
    return featuresToSql(this, { ...options, dialect });
  }

  toJson(): Json {
    return this.#json;
  }

  #requireFitted(): void {
    if (this.isFitted) return;
    const name = this.names.find((each) => {
      const definition = this.definitions[each]!;
      return isEncoding(definition) && definition.steps === undefined;
    });
    const message = `features: ${name} is not fitted; call features.fit(table) with the rows to learn its encoding from, and use the set it returns`;
    throw new FeatureError('INVALID_DEFINITION', message, { feature: name });
  }
}

function requireRetention(retentionMs: number | undefined): void {
  if (retentionMs === undefined || (Number.isSafeInteger(retentionMs) && retentionMs > 0)) return;
  throw new FeatureError(
    'INVALID_DEFINITION',
    `defineFeatures: retentionMs is ${retentionMs}, expected whole milliseconds above 0, such as days(30)`,
  );
}

function isEncoding(definition: FeatureDefinition): definition is EncodingFeature {
  return definition.type === 'targetEncoding' || definition.type === 'frequencyEncoding';
}

const FLAGS: ReadonlySet<FeatureDefinition['type']> = new Set(['equals', 'duringWeekend', 'duringNight', 'onHoliday']);

function kindOf({ type }: FeatureDefinition): FeatureKind {
  return FLAGS.has(type) ? 'flag' : 'number';
}

/**
 * The feature set that {@link FeatureSet.toJson} saved; it has the same version and gives the same features.
 *
 * @throws {FeatureError} INVALID_JSON when the data has another form, DUPLICATE_NAME, else as {@link defineFeatures}
 */
export function featureSetFromJson(json: unknown): FeatureSet {
  const saved = parseSaved('featureSetFromJson', savedFeatureSet, json, 'save feature sets with toJson()');
  const definitions = new Map<string, FeatureDefinition>();
  for (const { name, ...definition } of saved.features) {
    if (definitions.has(name)) {
      throw new FeatureError('DUPLICATE_NAME', `featureSetFromJson: feature ${name} comes twice; rename one`, { feature: name });
    }
    definitions.set(name, definition as FeatureDefinition);
  }
  const { retentionMs } = saved;
  return defineFeatures(
    transactionsFromJson(saved.transactions),
    Object.fromEntries(definitions),
    retentionMs === undefined ? {} : { retentionMs },
  );
}
