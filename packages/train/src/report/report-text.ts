/** Figures as the evaluation page and the model card write them. */
import { formatDay, formatName, formatShare, formatValue, html, type Html } from '@fraudops/core';
import type { Figure } from './ranking-figures.js';

const MINUS = '\u2212';

/** Three decimals; a dash for what is undefined. @example formatFigure(0.6451); // '0.645' */
export function formatFigure(value: number | null): string {
  if (value === null) return '–';
  const digits = Math.abs(value).toFixed(3);
  return value < 0 && digits !== '0.000' ? MINUS + digits : digits;
}

/** A share as percent; a dash for what is undefined. */
export function formatKnownShare(share: number | null): string {
  return share === null ? '–' : formatShare(share);
}

/** An interval in words; null when there is none. @example formatInterval({ value: 0.6, low: 0.55, high: 0.64 }); // '0.550 to 0.640' */
export function formatInterval({ low, high }: Figure, format: (value: number) => string = formatFigure): string | null {
  return low === null || high === null ? null : `${format(low)} to ${format(high)}`;
}

/** The level of intervals. @example formatLevel(0.995); // '99.5%' */
export function formatLevel(level: number): string {
  return `${Number((100 * level).toPrecision(6))}%`;
}

/** A difference with its sign. @example formatDifference(-0.0123); // '−0.012' */
export function formatDifference(difference: number): string {
  const text = formatFigure(difference);
  return difference > 0 && text !== '0.000' ? `+${text}` : text;
}

/** Days, or one day. @example formatPeriod({ fromMs: 0, toMs: 86_400_000 }); // '1970-01-01 to 1970-01-02' */
export function formatPeriod({ fromMs, toMs }: { readonly fromMs: number; readonly toMs: number }): string {
  const [from, to] = [formatDay(fromMs), formatDay(toMs)];
  return from === to ? from : `${from} to ${to}`;
}

/** How many times; one decimal below ten. @example formatTimes(97.3); // '97×' */
export function formatTimes(factor: number): string {
  return `${factor < 10 ? factor.toFixed(1) : Math.round(factor)}×`;
}

/** A name from data, cut when long, in its own direction of writing. */
export function nameOf(name: string): Html {
  return html`<bdi>${formatName(name)}</bdi>`;
}

/** A score from which something happens, to three digits. @example formatThreshold(0.123456); // '0.123' */
export function formatThreshold(threshold: number): string {
  return String(Number(threshold.toPrecision(3)));
}

/** An amount of money to four digits, with its currency if that is known. @example formatMoney(1234.5, 'EUR'); // '1,235 EUR' */
export function formatMoney(amount: number, currency: string | null): string {
  return currency === null ? formatValue(amount) : `${formatValue(amount)} ${formatName(currency)}`;
}
