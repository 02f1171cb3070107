/**
 * Features of a transaction's own row, over a column of a table and of a single event. Both take the same last step, cell by cell, so
 * they agree to the last bit.
 */
import { type CategoryColumn, MISSING_FLAG, type Row, type Table } from '@fraudops/core';
import type {
  DistanceFeature,
  EncodingFeature,
  EqualsFeature,
  OrdinalFeature,
  RowFeature,
  TimeFeature,
} from '../definitions/feature-definition.js';
import { encodingLookup } from '../encodings/encoding-lookup.js';
import { FeatureError } from '../feature-error.js';
import type { TransactionsDefinition } from '../transactions/transactions.js';
import { categoryCell, eventField, flagCell, readNumber, readTime } from '../windows/event-cell.js';
import { kilometersBetween } from '../windows/great-circle.js';
import { HOUR_MS, dayOfLocal, hourOfLocal, isWeekend, weekdayOfLocal } from './calendar.js';
import { holidayTest } from './holidays.js';
import { wallClock } from './local-clock.js';

/** A row feature at work. */
export interface RowFeatureValues {
  /** The feature of each row. The table has the columns that {@link rowFields} names, of their declared kinds. */
  column(table: Table): Float64Array;
  /**
   * Puts the feature of an event into a place.
   *
   * @param at its event time in epoch milliseconds, one number
   * @throws {FeatureError} MISSING_VALUE or INVALID_VALUE, naming the field
   */
  read(event: Row, at: Float64Array, into: Float64Array, place: number): void;
}

/**
 * Makes a checked definition work for its transactions.
 *
 * An encoding that isn't fitted throws {@link FeatureError} INVALID_DEFINITION from `column` and `read`, so that a set can be defined
 * before it is fitted.
 */
export function rowFeature(definition: RowFeature, transactions: TransactionsDefinition): RowFeatureValues {
  switch (definition.type) {
    case 'field':
      return fieldValues(definition.field, transactions);
    case 'equals':
      return equalsValues(definition, transactions);
    case 'ordinal':
      return ordinalValues(definition, transactions);
    case 'targetEncoding':
    case 'frequencyEncoding':
      return encodingValues(definition, transactions);
    case 'distance':
      return distanceValues(definition, transactions);
    default:
      return timeValues(definition, transactions);
  }
}

/** The fields that a row feature looks at. */
export function rowFields(definition: RowFeature, { time, arrival = time }: TransactionsDefinition): readonly string[] {
  switch (definition.type) {
    case 'field':
    case 'equals':
    case 'ordinal':
      return [definition.field];
    case 'targetEncoding':
    case 'frequencyEncoding':
      return [definition.field, arrival];
    case 'distance':
      return [definition.from.latitude, definition.from.longitude, definition.to.latitude, definition.to.longitude];
    default:
      return [time];
  }
}

function fieldValues(name: string, transactions: TransactionsDefinition): RowFeatureValues {
  const field = eventField(transactions, name);
  if (transactions.fields[name]!.kind === 'flag') {
    return {
      column: (table) => Float64Array.from(table.flag(name), (flag) => (flag === MISSING_FLAG ? Number.NaN : flag)),
      read: (event, _, into, place) => {
        into[place] = flagCell(event, field);
      },
    };
  }
  return {
    column: (table) => table.number(name),
    read: (event, _, into, place) => readNumber(event, field, into, place),
  };
}

/** A category's value is that of the category, whatever the row. */
function categoryValues(
  name: string,
  transactions: TransactionsDefinition,
  missing: number,
  valueOf: (category: string) => number,
): RowFeatureValues {
  const field = eventField(transactions, name);
  return {
    column: (table) => {
      const { codes, dictionary }: CategoryColumn = table.category(name);
      const byCode = Float64Array.from(dictionary, valueOf);
      const column = new Float64Array(codes.length);
      for (let row = 0; row < codes.length; row++) column[row] = codes[row]! < 0 ? missing : byCode[codes[row]!]!;
      return column;
    },
    read: (event, _, into, place) => {
      const category = categoryCell(event, field);
      into[place] = category === undefined ? missing : valueOf(category);
    },
  };
}

function equalsValues({ field, value }: EqualsFeature, transactions: TransactionsDefinition): RowFeatureValues {
  return categoryValues(field, transactions, 0, (category) => (category === value ? 1 : 0));
}

function ordinalValues({ field, values }: OrdinalFeature, transactions: TransactionsDefinition): RowFeatureValues {
  const places = new Map(values.map((value, place) => [value, place]));
  return categoryValues(field, transactions, Number.NaN, (category) => places.get(category) ?? Number.NaN);
}

function encodingValues({ type, field, steps }: EncodingFeature, transactions: TransactionsDefinition): RowFeatureValues {
  const { time, arrival = time } = transactions;
  if (steps === undefined) {
    const refuse = () => {
      const message = `${type} of ${field} is not fitted; call features.fit(table) first`;
      throw new FeatureError('INVALID_DEFINITION', message, { field });
    };
    return { column: refuse, read: refuse };
  }
  const lookup = encodingLookup(steps);
  const categories = eventField(transactions, field);
  const arrivals = eventField(transactions, arrival);
  const arrivedAt = new Float64Array(1);
  return {
    column: (table) => lookup.column(table.category(field), table.time(arrival)),
    read: (event, _, into, place) => {
      const category = categoryCell(event, categories);
      readTime(event, arrivals, arrivedAt);
      into[place] = lookup.at(category, arrivedAt[0]!);
    },
  };
}

function distanceValues({ from, to }: DistanceFeature, transactions: TransactionsDefinition): RowFeatureValues {
  const ends = [from.latitude, from.longitude, to.latitude, to.longitude].map((name) => eventField(transactions, name));
  const degrees = new Float64Array(4);
  return {
    column: (table) => {
      const fromLatitudes = table.number(from.latitude);
      const fromLongitudes = table.number(from.longitude);
      const toLatitudes = table.number(to.latitude);
      const toLongitudes = table.number(to.longitude);
      const column = new Float64Array(table.rowCount);
      for (let row = 0; row < column.length; row++) {
        column[row] = kilometersBetween(fromLatitudes[row]!, fromLongitudes[row]!, toLatitudes[row]!, toLongitudes[row]!);
      }
      return column;
    },
    read: (event, _, into, place) => {
      for (let i = 0; i < 4; i++) readNumber(event, ends[i]!, degrees, i);
      into[place] = kilometersBetween(degrees[0]!, degrees[1]!, degrees[2]!, degrees[3]!);
    },
  };
}

function timeValues(definition: TimeFeature, { time }: TransactionsDefinition): RowFeatureValues {
  const clock = wallClock(definition.timeZone);
  const valueOf = valueOfLocal(definition);
  let fromMs = Infinity;
  let untilMs = -Infinity;
  let value = Number.NaN;
  const readAt = (times: Float64Array, row: number, into: Float64Array, place: number): void => {
    const epochMs = times[row]!;
    // Nothing changes within an hour of the clock on the wall, unless the clock itself is changed, and moments mostly come in order.
    if (!(epochMs >= fromMs && epochMs < untilMs)) {
      const localMs = clock.localMs(epochMs);
      value = valueOf(localMs);
      const hourStartMs = Math.floor(localMs / HOUR_MS) * HOUR_MS - clock.offsetMs;
      fromMs = Math.max(hourStartMs, clock.fromMs);
      untilMs = Math.min(hourStartMs + HOUR_MS, clock.untilMs);
    }
    into[place] = value;
  };
  return {
    column: (table) => {
      const times = table.time(time);
      const column = new Float64Array(times.length);
      for (let row = 0; row < times.length; row++) readAt(times, row, column, row);
      return column;
    },
    read: (_, at, into, place) => readAt(at, 0, into, place),
  };
}

/** The feature of what the clock on the wall shows; the same throughout an hour. */
function valueOfLocal(definition: TimeFeature): (localMs: number) => number {
  switch (definition.type) {
    case 'hourOfDay':
      return hourOfLocal;
    case 'dayOfWeek':
      return weekdayOfLocal;
    case 'duringWeekend':
      return (localMs) => (isWeekend(localMs) ? 1 : 0);
    case 'duringNight': {
      const { fromHour = 0, untilHour } = definition;
      const pastMidnight = fromHour > untilHour;
      return (localMs) => {
        const hour = hourOfLocal(localMs);
        const isNight = pastMidnight ? hour >= fromHour || hour <= untilHour : hour >= fromHour && hour <= untilHour;
        return isNight ? 1 : 0;
      };
    }
    default: {
      const isHoliday = holidayTest(definition.dates);
      return (localMs) => (isHoliday(dayOfLocal(localMs)) ? 1 : 0);
    }
  }
}
