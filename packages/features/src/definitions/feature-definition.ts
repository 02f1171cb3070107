/**
 * Definitions of single features, as data. A builder such as {@link count} only writes down what is meant, and {@link defineFeatures}
 * checks it against the transactions it is for.
 *
 * There are three families: features of the transaction's own row ({@link RowFeature}), features of a window of an entity's history
 * ({@link WindowFeature}), and features made of other features ({@link CombinedFeature}).
 */
import type { EncodingSteps } from '../encodings/encoding-steps.js';

/** One feature, as data. `Field` are the names of fields that it may use. */
export type FeatureDefinition<Field extends string = string> = RowFeature<Field> | WindowFeature<Field> | CombinedFeature;

/** A feature of the transaction's own row. */
export type RowFeature<Field extends string = string> =
  | FieldFeature<Field>
  | TimeFeature
  | EqualsFeature<Field>
  | OrdinalFeature<Field>
  | EncodingFeature<Field>
  | DistanceFeature<Field>;

/** See {@link field}. */
export interface FieldFeature<Field extends string = string> {
  readonly type: 'field';
  readonly field: Field;
}

/** A feature of the event time alone. */
export type TimeFeature = HourFeature | WeekdayFeature | WeekendFeature | NightFeature | HolidayFeature;

/** A clock on the wall: UTC, or that of a time zone. */
export interface LocalClock {
  /** IANA name of a time zone, such as `Europe/Paris`. Absent: UTC. */
  readonly timeZone?: string;
}

/** See {@link hourOfDay}. */
export interface HourFeature extends LocalClock {
  readonly type: 'hourOfDay';
}

/** See {@link dayOfWeek}. */
export interface WeekdayFeature extends LocalClock {
  readonly type: 'dayOfWeek';
}

/** See {@link duringWeekend}. */
export interface WeekendFeature extends LocalClock {
  readonly type: 'duringWeekend';
}

/** See {@link duringNight}. */
export interface NightFeature extends LocalClock {
  readonly type: 'duringNight';
  /** First hour of the night, 0 to 23. Absent: 0. */
  readonly fromHour?: number;
  /** Last hour of the night, 0 to 23. */
  readonly untilHour: number;
}

/** See {@link onHoliday}. */
export interface HolidayFeature extends LocalClock {
  readonly type: 'onHoliday';
  /** Days as `2026-04-06`, or as `12-25` when they come every year. */
  readonly dates: readonly string[];
}

/** See {@link oneHot}. */
export interface EqualsFeature<Field extends string = string> {
  readonly type: 'equals';
  readonly field: Field;
  readonly value: string;
}

/** See {@link ordinal}. */
export interface OrdinalFeature<Field extends string = string> {
  readonly type: 'ordinal';
  readonly field: Field;
  readonly values: readonly string[];
}

/** See {@link targetEncoding} and {@link frequencyEncoding}. */
export interface EncodingFeature<Field extends string = string> {
  readonly type: 'targetEncoding' | 'frequencyEncoding';
  readonly field: Field;
  /** `targetEncoding`: how many transactions the overall rate weighs. */
  readonly smoothing?: number;
  /** Parts of equal size into which the fitted rows are cut in time; the encoding is made anew at the end of each. */
  readonly folds: number;
  /** Most categories with a value of their own. */
  readonly maxCategories: number;
  /** What was fitted; absent until {@link FeatureSet.fit}. */
  readonly steps?: EncodingSteps;
}

/** Two number fields that say where something is, in degrees. */
export interface Place<Field extends string = string> {
  readonly latitude: Field;
  readonly longitude: Field;
}

/** See {@link distance}. */
export interface DistanceFeature<Field extends string = string> {
  readonly type: 'distance';
  readonly from: Place<Field>;
  readonly to: Place<Field>;
}

/** What a window feature says about the transactions in its window. */
export type WindowAggregate =
  | 'count'
  | 'sum'
  | 'mean'
  | 'std'
  | 'min'
  | 'max'
  | 'distinct'
  | 'first'
  | 'last'
  | 'timeSinceLast'
  | 'share'
  | 'speed'
  | 'rate'
  | 'risk';

/**
 * A feature of the transactions of an entity in a window. Windows are half-open in event time: one of length w and delay d, seen from a
 * transaction at time t, holds the entity's transactions in (t - d - w, t - d]. Without delay that includes the transaction itself and
 * those of the same moment that came before it. With a delay it includes all transactions at exactly t - d.
 *
 * See {@link count} and its neighbours.
 */
export interface WindowFeature<Field extends string = string> {
  readonly type: 'window';
  readonly aggregate: WindowAggregate;
  /** Entity field whose history is looked at, or two: the history of the pair. */
  readonly per: Field | readonly [Field, Field];
  /** Length of the window in milliseconds, above 0. */
  readonly windowMs: number;
  /** How long before the transaction the window ends, in milliseconds. Absent: 0, and the label's delay for `risk`. */
  readonly delayMs?: number;
  /** Whether the window holds the transaction itself. Absent: as {@link WindowOptions.own} says. */
  readonly own?: 'included' | 'excluded';
  /** Length of the tiles in which the history is kept, in milliseconds. Absent: each transaction is kept. */
  readonly resolutionMs?: number;
  /** The field that is looked at, where the aggregate has one. */
  readonly field?: Field;
  /** `share`: the category whose share is taken. Absent: the transaction's own. */
  readonly value?: string;
  /** `rate`: length of the long window in milliseconds. */
  readonly longWindowMs?: number;
  /** `speed`: where a transaction takes place. */
  readonly place?: Place<Field>;
}

/** Where a window lies. */
export interface WindowOptions<Field extends string = string> {
  /** Entity field whose history is looked at, such as `CUSTOMER_ID`, or a pair such as `['CUSTOMER_ID', 'TERMINAL_ID']`. */
  readonly per: Field | readonly [Field, Field];
  /** Length of the window in milliseconds, above 0; see {@link days}. */
  readonly windowMs: number;
  /** How long before the transaction the window ends, in milliseconds. Default 0; for {@link risk}, the label's delay. */
  readonly delayMs?: number;
  /**
   * Whether a window without delay holds the transaction itself. Default `included`; {@link last}, {@link timeSinceLast} and
   * {@link speed} look at earlier ones and always exclude it.
   */
  readonly own?: 'included' | 'excluded';
  /**
   * Length of the tiles in which the history is kept, in milliseconds: event times count as floored to multiples of it, so the window
   * begins on such a multiple, and with a delay also ends on one. Window and delay are multiples of it. An entity then needs one place
   * a tile, however many transactions it has. For {@link count}, {@link sum}, {@link mean}, {@link std}, {@link min}, {@link max} and
   * {@link rate}. Default: exact.
   */
  readonly resolutionMs?: number;
}

/** A feature made of other features. */
export interface CombinedFeature {
  readonly type: 'ratio' | 'difference';
  /** Names of two features of the set: numerator and denominator, minuend and subtrahend. */
  readonly of: readonly [string, string];
}
