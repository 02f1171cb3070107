/** Builders of features of the transaction's own row, and of features made of other features. */
import { FeatureError } from '../feature-error.js';
import type {
  CombinedFeature,
  DistanceFeature,
  EncodingFeature,
  EqualsFeature,
  FieldFeature,
  HolidayFeature,
  HourFeature,
  LocalClock,
  NightFeature,
  OrdinalFeature,
  Place,
  WeekdayFeature,
  WeekendFeature,
} from './feature-definition.js';

/** The value of a number or flag field (true is 1); missing is NaN. @example field('TX_AMOUNT') */
export function field<const Field extends string>(name: Field): FieldFeature<Field> {
  return { type: 'field', field: name };
}

/** Hour of the day, 0 to 23. @example hourOfDay({ timeZone: 'Europe/Paris' }) */
export function hourOfDay(clock: LocalClock = {}): HourFeature {
  return { type: 'hourOfDay', ...zone(clock) };
}

/** Day of the week by ISO 8601: 1 is Monday, 7 is Sunday. */
export function dayOfWeek(clock: LocalClock = {}): WeekdayFeature {
  return { type: 'dayOfWeek', ...zone(clock) };
}

/** 1 on Saturdays and Sundays, else 0. */
export function duringWeekend(clock: LocalClock = {}): WeekendFeature {
  return { type: 'duringWeekend', ...zone(clock) };
}

/**
 * 1 when the hour of the day is one of the night's, else 0. A night may go past midnight: from 22 until 5.
 *
 * @param options `fromHour`: default 0; `untilHour`: default 6, so that the night lasts from 00:00 to 06:59:59.999
 */
export function duringNight(
  options: { readonly fromHour?: number; readonly untilHour?: number } & LocalClock = {},
): NightFeature {
  const { fromHour, untilHour = 6 } = options;
  return { type: 'duringNight', ...(fromHour !== undefined && { fromHour }), untilHour, ...zone(options) };
}

/**
 * 1 on the days listed, else 0.
 *
 * @param dates `2026-04-06` for one day, `12-25` for one that comes every year; at most 10,000
 * @example onHoliday(['12-25', '01-01', '2026-04-06'], { timeZone: 'Europe/Paris' })
 */
export function onHoliday(dates: readonly string[], clock: LocalClock = {}): HolidayFeature {
  return { type: 'onHoliday', dates, ...zone(clock) };
}

/**
 * A feature for each of these categories: 1 when the field has it, else 0, also when it is missing. The features are called
 * `FIELD_category`.
 *
 * @throws {FeatureError} DUPLICATE_NAME when a category comes twice
 * @example defineFeatures(payments, { ...oneHot('channel', ['web', 'pos']) }) // channel_web, channel_pos
 */
export function oneHot<const Field extends string, const Value extends string>(
  fieldName: Field,
  values: readonly Value[],
): { readonly [Name in `${Field}_${Value}`]: EqualsFeature<Field> } {
  const twice = values.find((value, i) => values.indexOf(value) !== i);
  if (twice !== undefined) {
    const message = `oneHot: the category ${twice} of ${fieldName} comes twice, so would the feature ${fieldName}_${twice}; list each once`;
    throw new FeatureError('DUPLICATE_NAME', message, { field: fieldName, value: twice });
  }
  const features = values.map((value) => [`${fieldName}_${value}`, { type: 'equals', field: fieldName, value }]);
  return Object.fromEntries(features) as { [Name in `${Field}_${Value}`]: EqualsFeature<Field> };
}

/** The place of the field's category in this list, from 0; NaN when it isn't listed or missing. @example ordinal('tier', ['low', 'high']) */
export function ordinal<const Field extends string>(fieldName: Field, values: readonly string[]): OrdinalFeature<Field> {
  return { type: 'ordinal', field: fieldName, values };
}

/** Options of {@link frequencyEncoding}. */
export interface EncodingOptions {
  /** Into how many parts of equal size the fitted rows are cut in time; each is encoded by what was known before it. Default 5. */
  readonly folds?: number;
  /** Most categories with a value of their own, the most frequent ones; others count as unseen. Default 10,000, at most 100,000. */
  readonly maxCategories?: number;
}

/** Options of {@link targetEncoding}. */
export interface TargetEncodingOptions extends EncodingOptions {
  /** How many transactions the overall fraud rate weighs against those of the category. Default 20. */
  readonly smoothing?: number;
}

/**
 * Smoothed fraud rate of the field's category among transactions whose label was known, (frauds + smoothing * rate) / (n + smoothing)
 * (Micci-Barreca 2001). It is fitted by {@link FeatureSet.fit} and is a step function of time: a transaction is encoded by what was
 * known at the last of a few moments before it, so it never sees its own label, nor one that was not known yet.
 */
export function targetEncoding<const Field extends string>(
  fieldName: Field,
  options: TargetEncodingOptions = {},
): EncodingFeature<Field> {
  const { smoothing = 20, folds = 5, maxCategories = 10_000 } = options;
  return { type: 'targetEncoding', field: fieldName, smoothing, folds, maxCategories };
}

/** Share of the field's category among earlier transactions; fitted in steps of time as {@link targetEncoding}. */
export function frequencyEncoding<const Field extends string>(
  fieldName: Field,
  options: EncodingOptions = {},
): EncodingFeature<Field> {
  const { folds = 5, maxCategories = 10_000 } = options;
  return { type: 'frequencyEncoding', field: fieldName, folds, maxCategories };
}

/**
 * Great-circle distance of two places in kilometres, by the haversine formula on a sphere of radius 6,371.0088 km; NaN when a
 * coordinate is missing or off the globe.
 *
 * @example distance({ from: { latitude: 'HOME_LAT', longitude: 'HOME_LON' }, to: { latitude: 'LAT', longitude: 'LON' } })
 */
export function distance<const Field extends string>(places: {
  readonly from: Place<Field>;
  readonly to: Place<Field>;
}): DistanceFeature<Field> {
  return { type: 'distance', from: places.from, to: places.to };
}

/** One feature over another, NaN when the other is 0 or either is missing. @example ratio('AMOUNT', 'CARD_MEAN_30DAY') */
export function ratio(numerator: string, denominator: string): CombinedFeature {
  return { type: 'ratio', of: [numerator, denominator] };
}

/** One feature minus another, NaN when either is missing. */
export function difference(minuend: string, subtrahend: string): CombinedFeature {
  return { type: 'difference', of: [minuend, subtrahend] };
}

function zone({ timeZone }: LocalClock): LocalClock {
  return timeZone === undefined ? {} : { timeZone };
}
