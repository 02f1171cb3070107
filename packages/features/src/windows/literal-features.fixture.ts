/**
 * Features as their definitions read, word by word: for each transaction all rows are looked at, amounts are decimal text turned into
 * BigInt, and nothing is kept from one transaction to the next. Slow and plain on purpose: history and the request path are held
 * against it.
 *
 * Rows are in order of arrival, with cells as `Table.row` gives them. All features are exact, except that `std` is the standard
 * deviation itself, rounded once; the engine's may be off by a few units in the last place.
 */
import type { Row } from '@fraudops/core';
import type { CombinedFeature, FeatureDefinition, WindowFeature } from '../definitions/feature-definition.js';
import type { TransactionsDefinition } from '../transactions/transactions.js';
import { kilometersBetween } from './great-circle.js';
import { literalRowFeature } from '../rows/literal-row-feature.fixture.js';

/** All features of the row at a position, by name. */
export function literalFeatures(
  definitions: Readonly<Record<string, FeatureDefinition>>,
  transactions: TransactionsDefinition,
  rows: readonly Row[],
  position: number,
): Record<string, number> {
  const valueOf = (name: string): number => {
    const definition = definitions[name]!;
    if (!('of' in definition)) return literalFeature(definition, transactions, rows, position);
    const [left, right] = definition.of.map(valueOf) as [number, number];
    if (definition.type === 'difference') return left - right;
    return right === 0 ? Number.NaN : left / right;
  };
  return Object.fromEntries(Object.keys(definitions).map((name) => [name, valueOf(name)]));
}

/** One feature of the row at a position; one that isn't made of others. */
function literalFeature(
  definition: Exclude<FeatureDefinition, CombinedFeature>,
  transactions: TransactionsDefinition,
  rows: readonly Row[],
  position: number,
): number {
  if (definition.type !== 'window') return literalRowFeature(definition, transactions, rows[position]!);
  const entities = typeof definition.per === 'string' ? [definition.per] : definition.per;
  if (entities.some((entity) => rows[position]![entity] == null)) return Number.NaN;
  if (definition.aggregate === 'rate') return rate(definition, transactions, rows, position);
  return aggregated(definition, transactions, rowsInWindow(definition, transactions, rows, position), rows[position]!);
}

/** The rows in a window seen from a position, in order of event time, those of one moment in order of arrival. */
function rowsInWindow(
  definition: WindowFeature,
  { time, label }: TransactionsDefinition,
  rows: readonly Row[],
  position: number,
): readonly Row[] {
  const { aggregate, per, windowMs, own = 'included', resolutionMs: tileMs = 0 } = definition;
  const delayMs = definition.delayMs ?? (aggregate === 'risk' ? label!.delayMs : 0);
  const here = rows[position]!;
  const eventMs = (row: Row) => (tileMs > 0 ? Math.floor(momentOf(row, time) / tileMs) * tileMs : momentOf(row, time));
  // In tiles, a window with a delay ends with the last tile that is complete by then.
  const untilMs = eventMs(here) - delayMs - (delayMs > 0 ? tileMs : 0);
  const looksBack = aggregate === 'last' || aggregate === 'timeSinceLast' || aggregate === 'speed';
  const holdsItself = delayMs === 0 && own === 'included' && !looksBack;
  return rows
    .filter((row, i) => {
      const hasArrived = i < position || (i === position && holdsItself);
      const isOfEntity = (typeof per === 'string' ? [per] : per).every((entity) => row[entity] === here[entity]);
      return hasArrived && isOfEntity && eventMs(row) > untilMs - windowMs && eventMs(row) <= untilMs;
    })
    .toSorted((a, b) => momentOf(a, time) - momentOf(b, time));
}

function aggregated(
  { aggregate, field = '', value, place }: WindowFeature,
  transactions: TransactionsDefinition,
  seen: readonly Row[],
  here: Row,
): number {
  const { time, arrival = time } = transactions;
  const present = seen.map((row) => row[field]).filter((cell) => cell != null);
  const numbers = present.filter((cell) => typeof cell === 'number');
  const lastRow = seen.at(-1);
  switch (aggregate) {
    case 'count':
      return seen.length;
    case 'sum':
    case 'mean':
    case 'std':
      return ofMultiples(aggregate, numbers, transactions.fields[field]!.resolution!);
    case 'min':
      // Adding 0: a window's extreme is never the negative zero.
      return numbers.length === 0 ? Number.NaN : Math.min(...numbers) + 0;
    case 'max':
      return numbers.length === 0 ? Number.NaN : Math.max(...numbers) + 0;
    case 'distinct':
      return new Set(present).size;
    case 'first':
      return numberOr(seen[0]?.[field]);
    case 'last':
      return numberOr(lastRow?.[field]);
    case 'timeSinceLast':
      return lastRow === undefined ? Number.NaN : (momentOf(here, time) - momentOf(lastRow, time)) / 1000;
    case 'share': {
      const wanted = value ?? here[field];
      if (wanted == null || seen.length === 0) return Number.NaN;
      return seen.filter((row) => row[field] === wanted).length / seen.length;
    }
    case 'speed': {
      if (lastRow === undefined) return Number.NaN;
      const [fromLatitude, fromLongitude, toLatitude, toLongitude] = [lastRow, here].flatMap((row) => [
        numberOr(row[place!.latitude]),
        numberOr(row[place!.longitude]),
      ]) as [number, number, number, number];
      const kilometers = kilometersBetween(fromLatitude, fromLongitude, toLatitude, toLongitude);
      const passedHours = (momentOf(here, time) - momentOf(lastRow, time)) / 3_600_000;
      return kilometers === 0 ? 0 : kilometers / passedHours;
    }
    case 'risk': {
      if (seen.length === 0) return 0;
      const nowMs = momentOf(here, arrival);
      return seen.filter((row) => isKnownFraud(row, transactions, nowMs)).length / seen.length;
    }
    default:
      throw new Error(`no literal reading of ${aggregate}`);
  }
}

/** Whether a row is a fraud whose label is known at a moment. */
function isKnownFraud(row: Row, { time, label }: TransactionsDefinition, nowMs: number): boolean {
  const { field, delayMs, knownAt } = label!;
  const recorded = knownAt === undefined ? undefined : row[knownAt];
  const knownMs = recorded == null ? momentOf(row, time) + delayMs : (recorded as Date).getTime();
  return row[field] === true && knownMs <= nowMs;
}

function rate(definition: WindowFeature, transactions: TransactionsDefinition, rows: readonly Row[], position: number): number {
  const { windowMs, longWindowMs, field } = definition;
  const aggregate = field === undefined ? 'count' : 'sum';
  const [inWindow, inLongWindow] = [windowMs, longWindowMs!].map((lengthMs) =>
    literalFeature({ ...definition, aggregate, windowMs: lengthMs }, transactions, rows, position),
  ) as [number, number];
  return inLongWindow === 0 ? Number.NaN : (inWindow * longWindowMs!) / (inLongWindow * windowMs);
}

/** Sum, mean or standard deviation of multiples of a resolution: exact in BigInt, rounded at the end. */
function ofMultiples(aggregate: 'sum' | 'mean' | 'std', values: readonly number[], resolution: number): number {
  const unit = decimal(resolution);
  const units = values.map((value) => {
    const { digits, places } = decimal(value);
    const scaled = { value: digits * 10n ** BigInt(unit.places), unit: unit.digits * 10n ** BigInt(places) };
    if (scaled.value % scaled.unit !== 0n) throw new Error(`${value} is no multiple of ${resolution}`);
    return scaled.value / scaled.unit;
  });
  const count = BigInt(units.length);
  const total = units.reduce((sum, value) => sum + value, 0n);
  const denominator = 10n ** BigInt(unit.places);
  if (aggregate === 'sum') return nearest(total * unit.digits, denominator);
  if (aggregate === 'mean') return count === 0n ? Number.NaN : nearest(total * unit.digits, denominator * count);
  if (count < 2n) return Number.NaN;
  // Variance = (n * sum of squares - square of the sum) / (n (n - 1)); its root is taken with 100 more binary digits than are shown.
  const squares = units.reduce((sum, value) => sum + value * value, 0n);
  const variance = ((count * squares - total * total) << 400n) / (count * (count - 1n));
  return nearest(rootOf(variance) * unit.digits, denominator << 200n);
}

/** A decimal number as digits / 10^places. */
function decimal(value: number): { digits: bigint; places: number } {
  const [whole, fraction = ''] = String(value).split('.') as [string, string?];
  return { digits: BigInt(whole + fraction), places: fraction.length };
}

/** Whole part of the square root of a whole number (Newton's method). */
export function rootOf(square: bigint): bigint {
  if (square < 2n) return square;
  let root = 1n << BigInt(Math.ceil(square.toString(2).length / 2));
  for (;;) {
    const next = (root + square / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}

/** The number nearest to a fraction. */
export function nearest(numerator: bigint, denominator: bigint): number {
  if (numerator === 0n) return 0;
  if (numerator < 0n) return -nearest(-numerator, denominator);
  // 55 or 56 significant bits and one that says whether anything follows: Number() then rounds as if it had all of them.
  const shift = BigInt(numerator.toString(2).length - denominator.toString(2).length - 55);
  const [scaled, unit] = shift < 0n ? [numerator << -shift, denominator] : [numerator, denominator << shift];
  const quotient = ((scaled / unit) << 1n) | (scaled % unit === 0n ? 0n : 1n);
  return Number(quotient) * 2 ** (Number(shift) - 1);
}

function momentOf(row: Row, name: string): number {
  return (row[name] as Date).getTime();
}

function numberOr(cell: Row[string] | undefined): number {
  return typeof cell === 'number' ? cell : Number.NaN;
}
