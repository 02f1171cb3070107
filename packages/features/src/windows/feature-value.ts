/**
 * The last step of every feature: from whole numbers (how many transactions, how many minor units, how many frauds) or a moment to
 * the value. History and the request path both take this step here, which is what makes them agree to the last bit.
 */
import { hourOfDay, isWeekend } from './calendar.js';
import type { TimeFeature, WindowAggregate } from '../definitions/feature-definition.js';
import type { MinorUnits } from '../definitions/minor-units.js';

/** Value of a feature of the moment alone. */
export function timeValue(definition: TimeFeature, epochMs: number): number {
  if (definition.type === 'duringWeekend') return isWeekend(epochMs) ? 1 : 0;
  return hourOfDay(epochMs) <= definition.untilHour ? 1 : 0;
}

/**
 * Value of a window.
 *
 * @param count transactions in the window; for `mean`, those that have a value
 * @param total minor units of `sum` and `mean`, frauds of `risk`
 */
export function windowValue(
  aggregate: WindowAggregate,
  count: number,
  total: number,
  { numerator, denominator }: MinorUnits,
): number {
  switch (aggregate) {
    case 'count':
      return count;
    case 'sum':
      return (total * numerator) / denominator;
    case 'mean':
      return count === 0 ? Number.NaN : (total * numerator) / (denominator * count);
    default:
      return count === 0 ? 0 : total / count;
  }
}
