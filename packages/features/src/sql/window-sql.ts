/**
 * Window features as SQL expressions over window frames, exact also where transactions share a moment.
 *
 * A RANGE frame holds all peers of a row, those behind it too, which a feature must not see. So rows are ordered by a key in which none
 * has a peer: k = t * 2^40 + r, with the event time t in milliseconds and the row's number r. Keys are unique and in order of time and
 * then of rows, and every window is one range of them:
 *
 * | edge | key |
 * |---|---|
 * | after t - d - w | (t - d - w + 1) * 2^40 and above |
 * | until t - d, with delay d | (t - d + 1) * 2^40 - 1 and below |
 * | until the row itself | k and below |
 * | until the row before it | k - 1 and below |
 *
 * In tiles, t is floored first. Time is O(n log n), whatever the windows.
 */
import type { WindowFeature } from '../definitions/feature-definition.js';
import { minorUnits } from '../definitions/minor-units.js';
import type { TransactionsDefinition } from '../transactions/transactions.js';
import { kilometersSql } from './row-sql.js';
import type { SourceColumns } from './source-columns.js';
import { sqlFloorDivision, sqlText } from './sql-text.js';

/** Above every row number, so that keys of different moments never meet. */
const KEYS_OF_A_MOMENT = 2n ** 40n;

/** Collects the frames of a statement and what is computed over them, so that nothing is computed twice. */
export class SqlFrames {
  readonly #windows = new Map<string, string>();
  readonly #aggregates = new Map<string, string>();

  /** The name of a window, the same for the same text. */
  window(text: string): string {
    return named(this.#windows, text, 'w');
  }

  /** The name of the column with an aggregate over a window. */
  over(aggregate: string, window: string): string {
    return named(this.#aggregates, `${aggregate} OVER ${window}`, 'a');
  }

  /** What to select for all aggregates that were asked for. */
  selected(): string[] {
    return [...this.#aggregates].map(([text, name]) => `${text} AS ${name}`);
  }

  /** The WINDOW clause; empty when there is none. */
  clause(): string {
    if (this.#windows.size === 0) return '';
    return `\n  WINDOW ${[...this.#windows].map(([text, name]) => `${name} AS (${text})`).join(',\n    ')}`;
  }
}

function named(names: Map<string, string>, text: string, letter: string): string {
  const name = names.get(text) ?? `${letter}${names.size}`;
  names.set(text, name);
  return name;
}

/** The expression of a window feature over the columns of the source and of {@link SqlFrames}, and the event time `t`. */
export function windowSql(
  definition: WindowFeature,
  transactions: TransactionsDefinition,
  columns: SourceColumns,
  frames: SqlFrames,
): string {
  const entities = (typeof definition.per === 'string' ? [definition.per] : definition.per).map((field) => columns.alias(field));
  const over = (aggregate: string, windowMs = definition.windowMs, more: readonly string[] = []) =>
    frames.over(aggregate, frames.window(windowText([...entities, ...more], { ...definition, windowMs })));
  const value = aggregateSql(definition, transactions, columns, over);
  return `CASE WHEN ${entities.map((entity) => `${entity} IS NOT NULL`).join(' AND ')} THEN ${value} END`;
}

function windowText(
  partition: readonly string[],
  { aggregate, windowMs, delayMs = 0, own, resolutionMs: tileMs = 0 }: WindowFeature,
): string {
  const looksBack = aggregate === 'last' || aggregate === 'timeSinceLast' || aggregate === 'speed';
  // In tiles, a window with a delay ends with the last tile that is complete by then.
  const endMs = BigInt(delayMs) + (delayMs > 0 ? BigInt(tileMs) : 0n);
  const start = `r + ${hugeint((endMs + BigInt(windowMs) - 1n) * KEYS_OF_A_MOMENT)} PRECEDING`;
  const ownEnd = own === 'excluded' || looksBack ? '1 PRECEDING' : 'CURRENT ROW';
  const end = delayMs > 0 ? `r + ${hugeint((endMs - 1n) * KEYS_OF_A_MOMENT + 1n)} PRECEDING` : ownEnd;
  const moment = tileMs > 0 ? `${sqlFloorDivision('t', tileMs)} * ${tileMs}` : 't';
  const key = `(${moment})::HUGEINT * ${KEYS_OF_A_MOMENT} + r`;
  // An entity that is named twice, as by its share of itself, is one: DuckDB 1.5 takes other partitions for this one otherwise.
  return `PARTITION BY ${[...new Set(partition)].toSorted().join(', ')} ORDER BY ${key} RANGE BETWEEN ${start} AND ${end}`;
}

function hugeint(value: bigint): string {
  return `${value}::HUGEINT`;
}

/** The column with an aggregate over the feature's window, or over one of another length or of more entities. */
type Over = (aggregate: string, windowMs?: number, partition?: readonly string[]) => string;

function aggregateSql(
  definition: WindowFeature,
  transactions: TransactionsDefinition,
  columns: SourceColumns,
  over: Over,
): string {
  const { aggregate } = definition;
  const column = definition.field === undefined ? '' : columns.alias(definition.field);
  switch (aggregate) {
    case 'count':
      return over('count(*)');
    case 'sum':
    case 'mean':
    case 'std':
      return summed(aggregate, unitsOf(definition.field!, transactions, column), over);
    case 'min':
    case 'max':
      // Adding 0: a window's extreme is never the negative zero.
      return `${over(`${aggregate}(${column})`)} + 0.0::DOUBLE`;
    case 'distinct':
      return over(`count(DISTINCT ${column})`);
    case 'first':
      return over(`first_value(${column})`);
    case 'last':
      return over(`last_value(${column})`);
    case 'timeSinceLast':
      return `(t - ${over('last_value(t)')}) / 1000::DOUBLE`;
    case 'share':
      return share(definition, column, over);
    case 'speed':
      return speed(definition, columns, over);
    case 'rate':
      return rate(definition, transactions, column, over);
    default: {
      const frauds = over(`count(*) FILTER (WHERE ${columns.alias(transactions.label!.field)})`);
      return `coalesce(${frauds} / nullif(${over('count(*)')}, 0)::DOUBLE, 0)`;
    }
  }
}

/** A field as whole numbers of its smallest unit, which add up exactly. */
interface Units {
  readonly expression: string;
  readonly numerator: number;
  readonly denominator: number;
}

function unitsOf(field: string, { fields }: TransactionsDefinition, column: string): Units {
  const { numerator, denominator } = minorUnits(fields[field]!.resolution!)!;
  const units = `(${column} * ${denominator} / ${numerator})`;
  // As Math.round: halves go up, those below 0 too. Adding 0.5 before flooring would round 0.49999999999999994 to 1.
  const rounded = `floor(${units}) + CASE WHEN ${units} - floor(${units}) >= 0.5 THEN 1 ELSE 0 END`;
  return { expression: `(${rounded})::HUGEINT`, numerator, denominator };
}

function summed(aggregate: 'sum' | 'mean' | 'std', { expression, numerator, denominator }: Units, over: Over): string {
  const total = over(`sum(${expression})`);
  if (aggregate === 'sum') return `coalesce(${total}, 0)::DOUBLE * ${numerator} / ${denominator}`;
  const count = over(`count(${expression})`);
  if (aggregate === 'mean') return `${total}::DOUBLE * ${numerator} / (${denominator}::DOUBLE * ${count})`;
  // The sample variance is (n * sum of squares - square of the sum) / (n (n - 1)), all whole numbers.
  const spread = `(${count} * ${over(`sum(${expression} * ${expression})`)} - ${total} * ${total})::DOUBLE`;
  const variance = `${spread} / (${count} * (${count} - 1))::DOUBLE`;
  return `CASE WHEN ${count} > 1 THEN sqrt(${variance}) * ${numerator} / ${denominator} END`;
}

function share({ value, windowMs }: WindowFeature, column: string, over: Over): string {
  const count = `nullif(${over('count(*)')}, 0)::DOUBLE`;
  if (value !== undefined) return `${over(`count(*) FILTER (WHERE ${column} = ${sqlText(value)})`)} / ${count}`;
  // Among the transactions that share the category too, those in the window are the matching ones.
  return `CASE WHEN ${column} IS NOT NULL THEN ${over('count(*)', windowMs, [column])} / ${count} END`;
}

function speed({ place }: WindowFeature, columns: SourceColumns, over: Over): string {
  const [latitude, longitude] = [columns.alias(place!.latitude), columns.alias(place!.longitude)];
  const kilometers = kilometersSql(over(`last_value(${latitude})`), over(`last_value(${longitude})`), latitude, longitude);
  const hours = `((t - ${over('last_value(t)')}) / 3600000::DOUBLE)`;
  return `CASE WHEN (${kilometers}) = 0 THEN 0 WHEN ${hours} = 0 AND (${kilometers}) > 0 THEN 'Infinity'::DOUBLE ELSE (${kilometers}) / ${hours} END`;
}

function rate(
  { field, windowMs, longWindowMs }: WindowFeature,
  transactions: TransactionsDefinition,
  column: string,
  over: Over,
): string {
  const aggregate = field === undefined ? 'count(*)' : `sum(${unitsOf(field, transactions, column).expression})`;
  const total = (lengthMs: number) => `coalesce(${over(aggregate, lengthMs)}, 0)::DOUBLE`;
  return `(${total(windowMs)} * ${longWindowMs}) / (nullif(${total(longWindowMs!)}, 0) * ${windowMs})`;
}
