/** Builders of features of a window of an entity's history; see {@link WindowFeature} for which transactions a window holds. */
import type { Place, WindowAggregate, WindowFeature, WindowOptions } from './feature-definition.js';

/** Number of the entity's transactions in the window. @example count({ per: 'CUSTOMER_ID', windowMs: days(7) }) */
export function count<const Field extends string>(window: WindowOptions<Field>): WindowFeature<Field> {
  return windowFeature('count', window);
}

/**
 * Sum of a number field over the entity's transactions in the window; missing values add nothing. The field needs a resolution
 * (`z.number().multipleOf(0.01)` or whole numbers): whole multiples are added, so the sum is exact whatever came before.
 */
export function sum<const Field extends string>(fieldName: Field, window: WindowOptions<Field>): WindowFeature<Field> {
  return windowFeature('sum', window, { field: fieldName });
}

/** Mean of a number field over the transactions in the window that have a value, NaN when there are none; see {@link sum}. */
export function mean<const Field extends string>(fieldName: Field, window: WindowOptions<Field>): WindowFeature<Field> {
  return windowFeature('mean', window, { field: fieldName });
}

/**
 * Sample standard deviation (divisor n - 1) of a number field over the transactions in the window that have a value, NaN for fewer than
 * two. Made from exact sums of squares of whole multiples, see {@link sum}; over history a window holds at least 131,072 transactions, and
 * one whose sums would not be exact is refused.
 */
export function std<const Field extends string>(fieldName: Field, window: WindowOptions<Field>): WindowFeature<Field> {
  return windowFeature('std', window, { field: fieldName });
}

/** Smallest value of a number field in the window, NaN when there is none. */
export function min<const Field extends string>(fieldName: Field, window: WindowOptions<Field>): WindowFeature<Field> {
  return windowFeature('min', window, { field: fieldName });
}

/** Largest value of a number field in the window, NaN when there is none. */
export function max<const Field extends string>(fieldName: Field, window: WindowOptions<Field>): WindowFeature<Field> {
  return windowFeature('max', window, { field: fieldName });
}

/** How many different categories a field has in the window; missing ones don't count. @example distinct('MERCHANT', { per: 'CARD', windowMs: days(1) }) */
export function distinct<const Field extends string>(fieldName: Field, window: WindowOptions<Field>): WindowFeature<Field> {
  return windowFeature('distinct', window, { field: fieldName });
}

/** Value of a number field in the first transaction of the window; NaN when there is no transaction, or it has no value. */
export function first<const Field extends string>(fieldName: Field, window: WindowOptions<Field>): WindowFeature<Field> {
  return windowFeature('first', window, { field: fieldName });
}

/** Value of a number field in the last transaction of the window before this one; NaN when there is none, or it has no value. */
export function last<const Field extends string>(fieldName: Field, window: WindowOptions<Field>): WindowFeature<Field> {
  return windowFeature('last', window, { field: fieldName });
}

/** Seconds since the last transaction of the window before this one; NaN when there is none. */
export function timeSinceLast<const Field extends string>(window: WindowOptions<Field>): WindowFeature<Field> {
  return windowFeature('timeSinceLast', window);
}

/**
 * Share of the transactions in the window whose category is `value`, or, without `value`, that of the transaction itself, which
 * must then have one; NaN when the window is empty or that is missing.
 *
 * @example share('CHANNEL', { per: 'CARD', windowMs: days(30), value: 'online' })
 */
export function share<const Field extends string>(
  fieldName: Field,
  window: WindowOptions<Field> & { readonly value?: string },
): WindowFeature<Field> {
  return windowFeature('share', window, {
    field: fieldName,
    ...(window.value !== undefined && { value: window.value }),
  });
}

/**
 * Speed in km/h that it takes from the place of the last transaction in the window before this one to the place of this one; NaN when
 * there is none or a coordinate is missing, infinite when the moment is the same and the place is not.
 */
export function speed<const Field extends string>(
  window: WindowOptions<Field> & { readonly place: Place<Field> },
): WindowFeature<Field> {
  return windowFeature('speed', window, { place: window.place });
}

/**
 * How much more happens in the window than in the long run: the number of transactions a day in the window over that in the long
 * window, or the sum of a field a day when `field` is given. 1 is as always. NaN when nothing happened in the long window.
 *
 * @example rate({ per: 'CARD', windowMs: hours(1), longWindowMs: days(30) })
 */
export function rate<const Field extends string>(
  window: WindowOptions<Field> & { readonly longWindowMs: number; readonly field?: Field },
): WindowFeature<Field> {
  return windowFeature('rate', window, {
    longWindowMs: window.longWindowMs,
    ...(window.field !== undefined && { field: window.field }),
  });
}

/**
 * Share of frauds among the entity's transactions in the window, 0 when there are none. A transaction whose label isn't known
 * counts as no fraud. `delayMs` is at least the label's delay, so no label is used before it is known.
 */
export function risk<const Field extends string>(window: WindowOptions<Field>): WindowFeature<Field> {
  return windowFeature('risk', window);
}

function windowFeature<Field extends string>(
  aggregate: WindowAggregate,
  { per, windowMs, delayMs, own, resolutionMs }: WindowOptions<Field>,
  more: Partial<WindowFeature<Field>> = {},
): WindowFeature<Field> {
  return {
    type: 'window',
    aggregate,
    per,
    windowMs,
    ...(delayMs !== undefined && { delayMs }),
    ...(own !== undefined && { own }),
    ...(resolutionMs !== undefined && { resolutionMs }),
    ...more,
  };
}
