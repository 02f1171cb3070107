/**
 * Definitions of single features. They are pure data: a builder such as {@link count} only writes down what is meant, and
 * {@link defineFeatures} checks it against the transactions it is for.
 *
 * Windows are half-open in event time: a window of length w and delay d, seen from a transaction at time t, holds the entity's
 * transactions in (t - d - w, t - d]. Without delay that includes the transaction itself and those of the same moment that came
 * before it. With a delay it includes all transactions at exactly t - d.
 */

/** One feature, as data. */
export type FeatureDefinition = FieldFeature | TimeFeature | WindowFeature;

/** A feature of the event time alone. */
export type TimeFeature = WeekendFeature | NightFeature;

/** See {@link field}. */
export interface FieldFeature {
  readonly type: 'field';
  readonly field: string;
}

/** See {@link duringWeekend}. */
export interface WeekendFeature {
  readonly type: 'duringWeekend';
}

/** See {@link duringNight}. */
export interface NightFeature {
  readonly type: 'duringNight';
  /** Last hour of the night, 0 to 23. */
  readonly untilHour: number;
}

/** What a window feature says about the transactions in its window. */
export type WindowAggregate = 'count' | 'sum' | 'mean' | 'risk';

/** See {@link count}, {@link sum}, {@link mean} and {@link risk}. */
export interface WindowFeature {
  readonly type: 'window';
  readonly aggregate: WindowAggregate;
  /** Entity field whose history is looked at. */
  readonly per: string;
  /** Length of the window in milliseconds, above 0. */
  readonly windowMs: number;
  /** How long before the transaction the window ends, in milliseconds. Absent: 0, and the label's delay for `risk`. */
  readonly delayMs?: number;
  /** The number field of `sum` and `mean`. */
  readonly field?: string;
}

/** Where a window lies. */
export interface WindowOptions {
  /** Entity field whose history is looked at, such as `CUSTOMER_ID`. */
  readonly per: string;
  /** Length of the window in milliseconds, above 0; see {@link days}. */
  readonly windowMs: number;
  /** How long before the transaction the window ends, in milliseconds. Default 0; for {@link risk}, the label's delay. */
  readonly delayMs?: number;
}

/** The value of a number or flag field (true is 1); missing is NaN. @example field('TX_AMOUNT') */
export function field(name: string): FieldFeature {
  return { type: 'field', field: name };
}

/** 1 on Saturdays and Sundays (UTC), else 0. */
export function duringWeekend(): WeekendFeature {
  return { type: 'duringWeekend' };
}

/**
 * 1 when the hour of the day (UTC) is at most `untilHour`, else 0.
 *
 * @param options `untilHour`: default 6, so that the night lasts from 00:00 to 06:59:59.999
 */
export function duringNight(options: { readonly untilHour?: number } = {}): NightFeature {
  return { type: 'duringNight', untilHour: options.untilHour ?? 6 };
}

/** Number of the entity's transactions in the window. @example count({ per: 'CUSTOMER_ID', windowMs: days(7) }) */
export function count(window: WindowOptions): WindowFeature {
  return windowFeature('count', window);
}

/**
 * Sum of a number field over the entity's transactions in the window; missing values add nothing. The field needs a resolution
 * (`z.number().multipleOf(0.01)` or whole numbers): whole multiples are added, so the sum is exact whatever came before.
 */
export function sum(fieldName: string, window: WindowOptions): WindowFeature {
  return windowFeature('sum', window, fieldName);
}

/** Mean of a number field over the transactions in the window that have a value, NaN when there are none; see {@link sum}. */
export function mean(fieldName: string, window: WindowOptions): WindowFeature {
  return windowFeature('mean', window, fieldName);
}

/**
 * Share of frauds among the entity's transactions in the window, 0 when there are none. A transaction whose label isn't known
 * counts as no fraud. `delayMs` is at least the label's delay, so no label is used before it is known.
 */
export function risk(window: WindowOptions): WindowFeature {
  return windowFeature('risk', window);
}

function windowFeature(aggregate: WindowAggregate, { per, windowMs, delayMs }: WindowOptions, fieldName?: string): WindowFeature {
  return {
    type: 'window',
    aggregate,
    per,
    windowMs,
    ...(delayMs !== undefined && { delayMs }),
    ...(fieldName !== undefined && { field: fieldName }),
  };
}
