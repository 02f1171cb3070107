/**
 * Numbers and names as reports write them. Independent of locale and of the machine's language data, so the same report has the same
 * bytes. Signs and spaces are typographic: U+2212 for minus, narrow no-break spaces around the sign of multiplication.
 */

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
 * A value of a column, to four digits, whole ones to all of theirs; from 1e9 on and below 1e-4 as a power of ten.
 * @param value a finite number
 * @example formatValue(-1234.5); // '−1,235'
 */
export function formatValue(value: number): string {
  const size = Math.abs(value);
  const sign = value < 0 ? MINUS : '';
  if (size === 0) return '0';
  if (size >= 1e9 || size < 1e-4) return sign + formatPowerOfTen(size, 2);
  const rounded = Number(size.toPrecision(size >= 1000 ? Math.max(4, Math.floor(Math.log10(size)) + 1) : 4));
  const [whole, decimals] = String(rounded).split('.');
  return sign + formatCount(Number(whole)) + (decimals ? `.${decimals}` : '');
}

/**
 * A number with as many decimals as asked for, thousands apart; from 1e15 on as {@link formatValue}.
 *
 * @param value a finite number
 * @param decimals 0 to 20
 * @example formatDecimals(1234.5, 2); // '1,234.50'
 */
export function formatDecimals(value: number, decimals: number): string {
  const size = Math.abs(value);
  if (size >= 1e15) return formatValue(value);
  const [whole, digits] = size.toFixed(decimals).split('.');
  const text = formatCount(Number(whole)) + (digits ? `.${digits}` : '');
  return value < 0 && /[1-9]/.test(text) ? MINUS + text : text;
}

/**
 * A feature's value as people read it. Features are float32, whose noise is never shown: 0.1 is not 0.10000000149. Values with at most two
 * decimals, such as amounts and counts, are written whole, all others to four digits as {@link formatValue} does.
 *
 * @param value a finite number
 * @example formatFeature(Math.fround(1234.56)); // '1,234.56', and '3.333' for 10 / 3
 */
export function formatFeature(value: number): string {
  const single = Math.fround(value);
  if (!Number.isFinite(single)) return formatValue(value);
  const shortest = shortestFloat32(single);
  const decimals = String(shortest).split('.')[1]?.length ?? 0;
  const isPlain = Math.abs(shortest) < 1e9 && decimals <= 2 && !String(shortest).includes('e');
  return isPlain ? formatDecimals(shortest, decimals) : formatValue(shortest);
}

/**
 * The number with the fewest digits that rounds to a float32.
 *
 * @param value a float32
 * @example shortestFloat32(Math.fround(0.1)); // 0.1, where the float32 itself is 0.10000000149011612
 */
export function shortestFloat32(value: number): number {
  for (let digits = 1; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return short;
  }
  return Number(value.toPrecision(9));
}

/**
 * A positive number as digits times a power of ten.
 *
 * @param decimals of the digits, 0 to 20
 * @example formatPowerOfTen(3.2e-9, 0); // '3 × 10⁻⁹', with narrow spaces
 */
export function formatPowerOfTen(value: number, decimals: number): string {
  const [digits, exponent] = value.toExponential(decimals).split('e');
  return `${digits}${NARROW_SPACE}${TIMES}${NARROW_SPACE}10${superscript(Number(exponent))}`;
}

function superscript(exponent: number): string {
  return String(exponent).replaceAll(/./g, (character) => '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(character)] ?? '⁻');
}

/**
 * A share as percent with one decimal, small ones with two digits; a share that would round to 0 or 100 % and isn't says so.
 * @example formatShare(0.12345); // '12.3%'
 */
export function formatShare(share: number): string {
  if (share > 0 && share < 0.0001) return '<0.01%';
  if (share > 0 && share < 0.01) return `${(share * 100).toFixed(2)}%`;
  if (share < 1 && share >= 0.9995) return '>99.9%';
  return `${(share * 100).toFixed(1)}%`;
}

/** A moment in UTC; its epoch milliseconds where no calendar reaches. @example formatTime(0); // '1970-01-01 00:00' */
export function formatTime(epochMs: number): string {
  return Math.abs(epochMs) > 8.64e15 ? String(epochMs) : new Date(epochMs).toISOString().slice(0, -8).replace('T', ' ');
}

/** A day in UTC. @example formatDay(0); // '1970-01-01' */
export function formatDay(epochMs: number): string {
  return formatTime(epochMs).split(' ')[0]!;
}

/** A name, cut when it has more than `longest` characters. @example formatName('x'.repeat(200)).length; // 80 */
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
