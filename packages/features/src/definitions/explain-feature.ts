/** A feature in words: what it is, what it is made of down to the raw fields, and its definition as data. */
import type { FeatureDefinition, WindowFeature } from './feature-definition.js';
import { partsOf } from './feature-order.js';
import type { FeatureSet } from './feature-set.js';
import { FeatureError } from '../feature-error.js';
import type { TransactionsDefinition } from '../transactions/transactions.js';

/** See {@link explainFeature}. */
export interface FeatureExplanation {
  readonly name: string;
  /** One sentence. */
  readonly meaning: string;
  /** Raw fields that the value depends on, through other features too. */
  readonly fields: readonly string[];
  /** The features it is made of, each explained. */
  readonly parts: readonly FeatureExplanation[];
  /** The definition as data. */
  readonly definition: FeatureDefinition;
}

/**
 * Explains a feature of a set.
 *
 * @throws {FeatureError} UNKNOWN_FIELD when the set has no such feature
 * @example explainFeature(handbookFeatures, 'CUSTOMER_ID_NB_TX_7DAY_WINDOW').meaning
 * // 'Number of transactions of the same CUSTOMER_ID in the 7 days until the transaction, itself included.'
 */
export function explainFeature(features: FeatureSet, name: string): FeatureExplanation {
  const definition = Object.hasOwn(features.definitions, name) ? features.definitions[name] : undefined;
  if (!definition) {
    const message = `explainFeature: there is no feature ${name}; the set has ${features.names.join(', ')}`;
    throw new FeatureError('UNKNOWN_FIELD', message, { feature: name });
  }
  const parts = partsOf(definition).map((part) => explainFeature(features, part));
  const fields = new Set([...rawFields(definition, features), ...parts.flatMap((part) => part.fields)]);
  return { name, meaning: `${meaningOf(definition)}.`, fields: [...fields], parts, definition };
}

function rawFields(definition: FeatureDefinition, { transactions }: FeatureSet): readonly string[] {
  switch (definition.type) {
    case 'ratio':
    case 'difference':
      return [];
    case 'window': {
      const { per, field, place, aggregate } = definition;
      const label = aggregate === 'risk' ? labelFields(transactions) : [];
      return [
        ...times(transactions),
        ...(typeof per === 'string' ? [per] : per),
        ...(field === undefined ? [] : [field]),
        ...(place ? [place.latitude, place.longitude] : []),
        ...label,
      ];
    }
    case 'distance':
      return [definition.from.latitude, definition.from.longitude, definition.to.latitude, definition.to.longitude];
    case 'targetEncoding':
      return [definition.field, ...labelFields(transactions), transactions.arrival ?? transactions.time];
    case 'frequencyEncoding':
      return [definition.field, transactions.arrival ?? transactions.time];
    case 'field':
    case 'equals':
    case 'ordinal':
      return [definition.field];
    default:
      return [transactions.time];
  }
}

/** Event time, and arrival where it may be another one. */
function times({ time, arrival }: TransactionsDefinition): readonly string[] {
  return arrival === undefined ? [time] : [time, arrival];
}

/** The label, and the moment at which it became known where that is recorded. */
function labelFields({ label }: TransactionsDefinition): readonly string[] {
  return label!.knownAt === undefined ? [label!.field] : [label!.field, label!.knownAt];
}

function meaningOf(definition: FeatureDefinition): string {
  const clock = 'timeZone' in definition && definition.timeZone !== undefined ? definition.timeZone : 'UTC';
  switch (definition.type) {
    case 'field':
      return `The transaction's ${definition.field}`;
    case 'hourOfDay':
      return `Hour of the day, 0 to 23 (${clock})`;
    case 'dayOfWeek':
      return `Day of the week, 1 for Monday to 7 for Sunday (${clock})`;
    case 'duringWeekend':
      return `1 on Saturdays and Sundays, else 0 (${clock})`;
    case 'duringNight':
      return `1 from hour ${definition.fromHour ?? 0} to hour ${definition.untilHour}, that hour included, else 0 (${clock})`;
    case 'onHoliday':
      return `1 on ${definition.dates.length} listed days, else 0 (${clock})`;
    case 'equals':
      return `1 when ${definition.field} is ${JSON.stringify(definition.value)}, else 0`;
    case 'ordinal':
      return `Place of ${definition.field} in the list ${definition.values.slice(0, 5).join(', ')}${definition.values.length > 5 ? ' ...' : ''}`;
    case 'targetEncoding':
      return `Fraud rate of the transaction's ${definition.field} among labels known before, smoothed by ${definition.smoothing} transactions${fitted(definition)}`;
    case 'frequencyEncoding':
      return `Share of the transaction's ${definition.field} among earlier transactions${fitted(definition)}`;
    case 'distance':
      return `Kilometres from ${definition.from.latitude}/${definition.from.longitude} to ${definition.to.latitude}/${definition.to.longitude}`;
    case 'ratio':
      return `${definition.of[0]} over ${definition.of[1]}`;
    case 'difference':
      return `${definition.of[0]} minus ${definition.of[1]}`;
    default:
      return `${windowMeaning(definition)} ${whereOf(definition)}`;
  }
}

function fitted({ steps }: { readonly steps?: { readonly fromMs: readonly number[] } }): string {
  return steps ? `, fitted in ${steps.fromMs.length} steps of time` : ', not fitted yet';
}

function windowMeaning({ aggregate, field, value, longWindowMs, windowMs, place }: WindowFeature): string {
  switch (aggregate) {
    case 'count':
      return 'Number of transactions';
    case 'sum':
      return `Sum of ${field} over the transactions`;
    case 'mean':
      return `Mean ${field} of the transactions`;
    case 'std':
      return `Standard deviation of ${field} over the transactions`;
    case 'min':
      return `Smallest ${field} of the transactions`;
    case 'max':
      return `Largest ${field} of the transactions`;
    case 'distinct':
      return `Number of different values of ${field} in the transactions`;
    case 'first':
      return `${field} of the first transaction`;
    case 'last':
      return `${field} of the last earlier transaction`;
    case 'timeSinceLast':
      return 'Seconds since the last earlier transaction';
    case 'share':
      return `Share of ${field} ${value === undefined ? 'like this one' : JSON.stringify(value)} in the transactions`;
    case 'speed':
      return `Speed in km/h, by ${place!.latitude}/${place!.longitude}, from the last earlier transaction`;
    case 'rate':
      return `${field === undefined ? 'Transactions' : `Sum of ${field}`} a day in ${lengthOf(windowMs)}, over that in ${lengthOf(longWindowMs!)}, of the transactions`;
    default:
      return 'Share of known frauds in the transactions';
  }
}

function whereOf({ per, windowMs, delayMs = 0, own = 'included', resolutionMs, aggregate, longWindowMs }: WindowFeature): string {
  const entity = typeof per === 'string' ? per : per.join(' and ');
  const length = lengthOf(longWindowMs ?? windowMs);
  const until = delayMs === 0 ? 'until the transaction' : `until ${lengthOf(delayMs)} before the transaction`;
  const looksBack = aggregate === 'last' || aggregate === 'timeSinceLast' || aggregate === 'speed';
  const itself = delayMs > 0 || looksBack ? '' : `, itself ${own}`;
  const tiles = resolutionMs === undefined ? '' : `, in tiles of ${lengthOf(resolutionMs)}`;
  return `of the same ${entity} in the ${length} ${until}${itself}${tiles}`;
}

const UNITS = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1000],
  ['millisecond', 1],
] as const;

/** `7 days`, `90 minutes`: the largest unit of which it is a whole number. */
function lengthOf(lengthMs: number): string {
  const [unit, unitMs] = UNITS.find(([, each]) => lengthMs % each === 0) ?? UNITS[4];
  return `${lengthMs / unitMs} ${unit}${lengthMs === unitMs ? '' : 's'}`;
}
