/**
 * The last step of every window feature: from whole numbers (how many transactions, how many minor units, how many frauds) and values
 * to the feature. History and the request path both take this step here, which is what makes them agree to the last bit.
 */
import type { MinorUnits } from '../definitions/minor-units.js';
import { kilometersBetween } from './great-circle.js';

/** Sum of so many units. */
export function sumValue(total: number, { numerator, denominator }: MinorUnits): number {
  return (total * numerator) / denominator;
}

/** Mean of `count` values that add up to so many units, NaN without values. */
export function meanValue(count: number, total: number, { numerator, denominator }: MinorUnits): number {
  return count === 0 ? Number.NaN : (total * numerator) / (denominator * count);
}

/** Share of frauds, 0 without transactions. */
export function riskValue(count: number, frauds: number): number {
  return count === 0 ? 0 : frauds / count;
}

/** Share of matching transactions, NaN without transactions. */
export function shareValue(count: number, matching: number): number {
  return count === 0 ? Number.NaN : matching / count;
}

/** Seconds from one moment to a later one. */
export function secondsBetween(fromMs: number, toMs: number): number {
  return (toMs - fromMs) / 1000;
}

/** Speed in km/h from a place at a moment to another place at a later moment; NaN when a coordinate is. */
export function speedValue(
  fromMs: number,
  fromLatitude: number,
  fromLongitude: number,
  toMs: number,
  toLatitude: number,
  toLongitude: number,
): number {
  const kilometers = kilometersBetween(fromLatitude, fromLongitude, toLatitude, toLongitude);
  return kilometers === 0 ? 0 : kilometers / ((toMs - fromMs) / 3_600_000);
}

/** A feature over another, each scaled; NaN over 0. */
export function ratioValue(left: number, leftScale: number, right: number, rightScale: number): number {
  return right === 0 ? Number.NaN : (left * leftScale) / (right * rightScale);
}

/**
 * A value's units as high * 2^19 + low, so that the squares of 60,000 values of up to 2^37 units can be added up exactly, as sums of
 * high^2, high * low and low^2.
 */
export function highPart(units: number): number {
  return Math.round(units / 0x8_0000);
}

/** See {@link highPart}; from -2^18 to 2^18. */
export function lowPart(units: number): number {
  return units - highPart(units) * 0x8_0000;
}

/**
 * Sample standard deviation of `count` values from the exact sums of their units and of the parts of their squares; NaN for fewer than
 * two. With q the mean rounded to a whole number and r = total - count * q, the squared distances from q add up to a whole number
 * D = squares - q (total + r), and those from the mean to D - r^2 / count. D is exact, so nothing cancels.
 */
export function stdValue(
  count: number,
  total: number,
  highSquares: number,
  crossProducts: number,
  lowSquares: number,
  { numerator, denominator }: MinorUnits,
): number {
  if (count < 2) return Number.NaN;
  const q = Math.round(total / count);
  const r = total - count * q;
  const squares =
    highSquares === 0 && count < 0x1_0000
      ? // All values are below 2^18 units, so no product exceeds 2^53.
        lowSquares - q * (total + r)
      : Number(
          BigInt(highSquares) * 0x40_0000_0000n +
            BigInt(crossProducts) * 0x10_0000n +
            BigInt(lowSquares) -
            BigInt(q) * (BigInt(total) + BigInt(r)),
        );
  const variance = Math.max(0, squares - (r * r) / count) / (count - 1);
  return (Math.sqrt(variance) * numerator) / denominator;
}
