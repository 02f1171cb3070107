/** Numbers as the drift report writes them, besides those that `@fraudops/core` writes for every report. */
import { formatCount, formatPowerOfTen } from '@fraudops/core';

const MINUS = '\u2212';

/**
 * A share as percent with one decimal; a share that would round to 0 or 100 % and isn't says so.
 * @example formatShare(0.12345); // '12.3%'
 */
export function formatShare(share: number): string {
  if (share > 0 && share < 0.0005) return '<0.1%';
  if (share < 1 && share >= 0.9995) return '>99.9%';
  return `${(share * 100).toFixed(1)}%`;
}

/** A share that a person chose, without needless decimals. @example formatRoundShare(0.5); // '50%' */
export function formatRoundShare(share: number): string {
  return `${Number((share * 100).toPrecision(12))}%`;
}

/** A change of a share in percentage points, with its sign. @example formatPoints(-0.034); // '−3.4 points' */
export function formatPoints(change: number): string {
  const points = Math.abs(change * 100).toFixed(1);
  return `${change < 0 ? MINUS : '+'}${points} points`;
}

/** Three decimals, for values from 0 to 1 that stand one below the other. @example formatEffect(0.1); // '0.100' */
export function formatEffect(effect: number): string {
  return effect.toFixed(3);
}

/**
 * A p-value: three decimals down to .001, below that a power of ten; 0 is a number too small to be held.
 * @example formatPValue(3.2e-9); // '3 × 10⁻⁹'
 */
export function formatPValue(pValue: number): string {
  if (pValue >= 0.0005) return pValue.toFixed(3);
  if (pValue === 0) return '<\u202f10⁻³⁰⁰';
  return formatPowerOfTen(pValue, 0);
}

/** A test statistic: D with three decimals, X^2 with four digits. @example formatStatistic(1234.5); // '1,235' */
export function formatStatistic(statistic: number): string {
  if (statistic >= 1e7) return formatPowerOfTen(statistic, 2);
  if (statistic >= 1000) return formatCount(Math.round(statistic));
  return statistic.toFixed(statistic >= 100 ? 1 : statistic >= 10 ? 2 : 3);
}

/** A moment in UTC. @example formatTime(0); // '1970-01-01 00:00 UTC' */
export function formatTime(epochMs: number): string {
  return `${new Date(epochMs).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
