/** Numbers as the report writes them. Independent of locale and of the machine's language data, so the same report has the same bytes. */

const MINUS = '\u2212';
const TIMES = '\u00d7';
const NARROW_SPACE = '\u202f';

/** @example formatCount(1234567); // '1,234,567' */
export function formatCount(count: number): string {
  return String(count).replaceAll(/\B(?=(\d{3})+$)/g, ',');
}

/** A count and its noun. @example formatRows(1, 'row'); // '1 row' */
export function formatRows(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;
}

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
  if (pValue === 0) return `<${NARROW_SPACE}10${superscript(-300)}`;
  return powerOfTen(pValue, 0);
}

/** A test statistic: D with three decimals, X^2 with four digits. @example formatStatistic(1234.5); // '1,235' */
export function formatStatistic(statistic: number): string {
  if (statistic >= 1e7) return powerOfTen(statistic, 2);
  if (statistic >= 1000) return formatCount(Math.round(statistic));
  return statistic.toFixed(statistic >= 100 ? 1 : statistic >= 10 ? 2 : 3);
}

/**
 * A value of a column, to four digits.
 * @example formatValue(-1234.5); // '−1,235'
 */
export function formatValue(value: number): string {
  const size = Math.abs(value);
  const sign = value < 0 ? MINUS : '';
  if (size === 0) return '0';
  if (size >= 1e9 || size < 1e-4) return sign + powerOfTen(size, 2);
  const rounded = Number(size.toPrecision(size >= 1000 ? Math.max(4, Math.floor(Math.log10(size)) + 1) : 4));
  const [whole, decimals] = String(rounded).split('.');
  return sign + formatCount(Number(whole)) + (decimals ? `.${decimals}` : '');
}

/** A moment in UTC. @example formatTime(0); // '1970-01-01 00:00 UTC' */
export function formatTime(epochMs: number): string {
  return `${new Date(epochMs).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** A name, cut when long. @example formatName('x'.repeat(200)).length; // 80 */
export function formatName(name: string, longest = 80): string {
  const characters = Array.from(name);
  return characters.length > longest ? `${characters.slice(0, longest - 1).join('')}\u2026` : name;
}

/**
 * Round positions along an axis, at most `most` of them: multiples of 1, 2 or 5 times a power of ten.
 * @example axisTicks(0, 97, 5); // [0, 20, 40, 60, 80]
 */
export function axisTicks(low: number, high: number, most: number): number[] {
  const span = high - low;
  if (!(span > 0 && Number.isFinite(span))) return [low];
  const power = 10 ** Math.floor(Math.log10(span / most));
  const step = power * ([1, 2, 5, 10].find((factor) => span / (power * factor) < most) ?? 10);
  const first = Math.ceil(low / step);
  const ticks: number[] = [];
  // Rounded to the step's own decimals: 3 * 0.1 is 0.30000000000000004. toFixed knows 100 decimals at most.
  const decimals = Math.min(100, Math.max(0, -Math.floor(Math.log10(step))));
  // A bounded count: where the range is as narrow as the numbers' own spacing, k + 1 may equal k.
  for (let n = 0; n < 20 && (first + n) * step <= high; n++) {
    const k = first + n;
    const tick = decimals === 100 ? k * step : Number((k * step).toFixed(decimals));
    // Where the range is only a few units in the last place wide, rounding may leave it.
    if (tick >= low && tick <= high && tick !== ticks.at(-1)) ticks.push(tick);
  }
  return ticks;
}

function powerOfTen(value: number, decimals: number): string {
  const [digits, exponent] = value.toExponential(decimals).split('e');
  return `${digits}${NARROW_SPACE}${TIMES}${NARROW_SPACE}10${superscript(Number(exponent))}`;
}

function superscript(exponent: number): string {
  return String(exponent).replaceAll(/./g, (character) => '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(character)] ?? '⁻');
}
