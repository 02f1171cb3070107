/** The type of feature sets; {@link defineFeatures} makes them. */
import type { Json, Progress, Table } from '@fraudops/core';
import type { SharedOnlineFeatures, SharedOnlineOptions } from '../state/shared-online-features.js';
import type { FeaturesToSqlOptions } from '../sql/features-to-sql.js';
import type { TransactionsDefinition } from '../transactions/transactions.js';
import type { OnlineFeatures, OnlineOptions } from '../windows/online-features.js';
import type { FeatureDefinition } from './feature-definition.js';

/** Features by name. */
export type FeatureDefinitions = Readonly<Record<string, FeatureDefinition>>;

/**
 * The definitions, of which each that names a field the transactions don't have has a type that it can't have, so that it is refused
 * while it is written. Names that are only known when the program runs are checked then.
 */
export type FeaturesOf<Definitions extends FeatureDefinitions, Field extends string> = {
  readonly [Name in keyof Definitions]: Definitions[Name] extends FeatureDefinition<infer Used>
    ? string extends Used
      ? FeatureDefinition
      : [Used] extends [Field]
        ? FeatureDefinition
        : FeatureDefinition<Field>
    : FeatureDefinition;
};

/** What the values of a feature are: any number, or 0 and 1. All may be NaN. */
export type FeatureKind = 'number' | 'flag';

/** Kind by name, as it follows from the definitions. */
export type FeatureKinds<Definitions extends FeatureDefinitions> = {
  readonly [Name in keyof Definitions]: Definitions[Name] extends {
    readonly type: 'equals' | 'duringWeekend' | 'duringNight' | 'onHoliday';
  }
    ? 'flag'
    : FeatureDefinition extends Definitions[Name]
      ? FeatureKind
      : 'number';
};

/** Options of {@link defineFeatures}. */
export interface DefineFeaturesOptions {
  /**
   * How long a history may reach back, in milliseconds; a feature whose window and delay are longer is refused. Transactions are kept
   * for this long online. Default: each entity's longest window and delay.
   */
  readonly retentionMs?: number;
}

/** Options of {@link FeatureSet.compute}. */
export interface ComputeOptions {
  readonly progress?: Progress;
}

/** See {@link defineFeatures}. `Definitions` are the features by name, which gives names and kinds their types. */
export interface FeatureSet<Definitions extends FeatureDefinitions = FeatureDefinitions> {
  /** Feature names, in the order in which they were defined; the order of all rows and columns of features. */
  readonly names: readonly (keyof Definitions & string)[];
  /** What the values of each feature are. */
  readonly kinds: FeatureKinds<Definitions>;
  /** The transactions that the features are of. */
  readonly transactions: TransactionsDefinition;
  /** Definition by name, with delays filled in. */
  readonly definitions: Definitions;
  /** First 16 hexadecimal digits of the SHA-256 of the set's canonical JSON: equal versions mean equal features. */
  readonly version: string;
  /** Whether all encodings are fitted; without encodings always true. */
  readonly isFitted: boolean;
  /**
   * Fits the set's encodings ({@link targetEncoding}, {@link frequencyEncoding}) on given rows, and no others.
   *
   * @param table the transactions to learn from: those trained on, in order of time
   * @returns the set with what was learned, of another version; the same set again when it has no encoding
   */
  fit(table: Table): FeatureSet<Definitions>;
  /**
   * Computes all features over history.
   *
   * @param table transactions in order of arrival, or of time when they have no arrival; of the columns, those that the features use
   *   must be there
   * @param options `progress`: told of each feature
   * @returns one number column a feature, row i for row i of the table; missing values are NaN, and so are windows of a missing entity
   * @throws {FeatureError} NOT_SORTED, MISSING_COLUMN, WRONG_KIND, MISSING_VALUE or INVALID_VALUE, naming column and row
   */
  compute(table: Table, options?: ComputeOptions): Table;
  /** Starts features for one event at a time in this process, with nothing remembered yet. @throws {FeatureError} INVALID_OPTION */
  online(options?: OnlineOptions): OnlineFeatures;
  /**
   * Features for one event at a time whose histories live in a store that several processes share.
   *
   * @throws {FeatureError} INVALID_OPTION
   */
  online(options: SharedOnlineOptions): SharedOnlineFeatures;
  /** One row of features by name. @throws {FeatureError} INVALID_VALUE when there are not as many values as features */
  named(values: ArrayLike<number>): { readonly [Name in keyof Definitions]: number };
  /**
   * The set as one SELECT of a warehouse, with the same rows and values; see {@link featuresToSql}.
   *
   * @throws {FeatureError} NOT_SUPPORTED for a feature that SQL can't hold the same way, naming it and the reason
   * @example features.toSql('duckdb', { table: 'transactions' })
   */
  toSql(dialect: FeaturesToSqlOptions['dialect'], options: Omit<FeaturesToSqlOptions, 'dialect'>): string;
  /** The set as data; see {@link featureSetFromJson}. */
  toJson(): Json;
}
