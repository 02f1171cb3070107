/**
 * Features of a row as their definitions read: what a clock shows is asked of `Intl` each time, and categories are looked up in the
 * definition's own lists.
 */
import type { Row } from '@fraudops/core';
import type { EncodingFeature, RowFeature } from '../definitions/feature-definition.js';
import type { TransactionsDefinition } from '../transactions/transactions.js';
import { kilometersBetween } from '../windows/great-circle.js';

/** The feature of a row, whose cells are as `Table.row` gives them. */
export function literalRowFeature(definition: RowFeature, transactions: TransactionsDefinition, row: Row): number {
  const { time, arrival = time } = transactions;
  switch (definition.type) {
    case 'field':
      return row[definition.field] == null ? Number.NaN : Number(row[definition.field]);
    case 'equals':
      return row[definition.field] === definition.value ? 1 : 0;
    case 'ordinal': {
      const place = definition.values.indexOf(row[definition.field] as string);
      return place < 0 ? Number.NaN : place;
    }
    case 'targetEncoding':
    case 'frequencyEncoding':
      return encoded(definition, row[definition.field] as string | null, (row[arrival] as Date).getTime());
    case 'distance': {
      const [fromLatitude, fromLongitude, toLatitude, toLongitude] = [definition.from, definition.to].flatMap((place) =>
        [place.latitude, place.longitude].map((name) => (row[name] as number | null) ?? Number.NaN),
      ) as [number, number, number, number];
      return kilometersBetween(fromLatitude, fromLongitude, toLatitude, toLongitude);
    }
    default: {
      const { hour, weekday, date } = shownOnTheWall((row[time] as Date).getTime(), definition.timeZone ?? 'UTC');
      if (definition.type === 'hourOfDay') return hour;
      if (definition.type === 'dayOfWeek') return weekday;
      if (definition.type === 'duringWeekend') return weekday === 6 || weekday === 7 ? 1 : 0;
      if (definition.type === 'onHoliday') return definition.dates.some((holiday) => date.endsWith(holiday)) ? 1 : 0;
      for (let nightHour = definition.fromHour ?? 0; ; nightHour = (nightHour + 1) % 24) {
        if (nightHour === hour) return 1;
        if (nightHour === definition.untilHour) return 0;
      }
    }
  }
}

/** Hour, ISO weekday and date that a clock in a zone shows. */
function shownOnTheWall(epochMs: number, timeZone: string): { hour: number; weekday: number; date: string } {
  const parts: Record<string, string> = {};
  for (const { type, value } of formatOf(timeZone).formatToParts(epochMs)) parts[type] = value;
  return {
    hour: Number(parts.hour),
    weekday: ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'].indexOf(parts.weekday!) + 1,
    date: `${parts.year!.padStart(4, '0')}-${parts.month}-${parts.day}`,
  };
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** Making a format takes far longer than using it. */
function formatOf(timeZone: string): Intl.DateTimeFormat {
  const options = {
    hourCycle: 'h23',
    weekday: 'short',
    hour: '2-digit',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  } as const;
  const format = formats.get(timeZone) ?? new Intl.DateTimeFormat('en-US', { timeZone, ...options });
  formats.set(timeZone, format);
  return format;
}

function encoded({ steps }: EncodingFeature, category: string | null, epochMs: number): number {
  const { fromMs, categories, values, otherwise } = steps!;
  const step = fromMs.findLastIndex((ms) => ms <= epochMs);
  if (category === null || step < 0) return Number.NaN;
  return values[step]![categories.indexOf(category)] ?? otherwise[step] ?? Number.NaN;
}
