/** Features of the transaction's own row as SQL expressions of DuckDB. */
import type {
  DistanceFeature,
  HolidayFeature,
  NightFeature,
  OrdinalFeature,
  RowFeature,
} from '../definitions/feature-definition.js';
import type { TransactionsDefinition } from '../transactions/transactions.js';
import type { SourceColumns } from './source-columns.js';
import { sqlFloorDivision, sqlText } from './sql-text.js';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

/** The expression of a feature over the columns of the source; `t` is the event time in epoch milliseconds. */
export function rowSql(definition: RowFeature, transactions: TransactionsDefinition, columns: SourceColumns): string {
  switch (definition.type) {
    case 'field': {
      const column = columns.alias(definition.field);
      return transactions.kinds[definition.field] === 'flag' ? `${column}::INTEGER::DOUBLE` : column;
    }
    case 'hourOfDay':
      return HOUR;
    case 'dayOfWeek':
      return WEEKDAY;
    case 'duringWeekend':
      return flag(`${WEEKDAY} >= 6`);
    case 'duringNight':
      return night(definition);
    case 'onHoliday':
      return holiday(definition);
    case 'equals':
      return flag(`${columns.alias(definition.field)} = ${sqlText(definition.value)}`);
    case 'ordinal':
      return ordinal(definition, columns.alias(definition.field));
    case 'distance':
      return distance(definition, columns);
    default:
      throw new Error(`no SQL for ${definition.type}`);
  }
}

const HOUR = `(${sqlFloorDivision('t', HOUR_MS)} % 24 + 24) % 24`;
/** 1970-01-01 was a Thursday, day 4. */
const WEEKDAY = `(((${sqlFloorDivision('t', DAY_MS)} + 3) % 7 + 7) % 7 + 1)`;

function flag(condition: string): string {
  return `CASE WHEN ${condition} THEN 1 ELSE 0 END`;
}

function night({ fromHour = 0, untilHour }: NightFeature): string {
  const joined = fromHour <= untilHour ? 'AND' : 'OR';
  return flag(`${HOUR} >= ${fromHour} ${joined} ${HOUR} <= ${untilHour}`);
}

function holiday({ dates }: HolidayFeature): string {
  // Far years have more than four digits, so that no date of theirs looks like one of a year in the list.
  const day = `strftime(make_timestamp(${sqlFloorDivision('t', DAY_MS)} * ${DAY_MS * 1000}), '%Y-%m-%d')`;
  const yearly = dates.filter((date) => date.length === 5).map(sqlText);
  const single = dates.filter((date) => date.length !== 5).map(sqlText);
  const conditions = [
    ...(yearly.length > 0 ? [`right(${day}, 5) IN (${yearly.join(', ')})`] : []),
    ...(single.length > 0 ? [`${day} IN (${single.join(', ')})`] : []),
  ];
  return conditions.length === 0 ? '0' : flag(conditions.join(' OR '));
}

function ordinal({ values }: OrdinalFeature, column: string): string {
  if (values.length === 0) return 'NULL';
  return `CASE ${column} ${values.map((value, place) => `WHEN ${sqlText(value)} THEN ${place}`).join(' ')} END`;
}

function distance({ from, to }: DistanceFeature, columns: SourceColumns): string {
  const [a, b, c, d] = [from.latitude, from.longitude, to.latitude, to.longitude].map((field) => columns.alias(field)) as [
    string,
    string,
    string,
    string,
  ];
  return kilometersSql(a, b, c, d);
}

/** The haversine formula of `kilometersBetween`, missing where a coordinate is or lies off the globe. */
export function kilometersSql(fromLatitude: string, fromLongitude: string, toLatitude: string, toLongitude: string): string {
  const onGlobe = [
    ...[fromLatitude, toLatitude].map((latitude) => `abs(${latitude}) <= 90`),
    ...[fromLongitude, toLongitude].map((longitude) => `abs(${longitude}) <= 180`),
  ].join(' AND ');
  const half = (from: string, to: string) => `pow(sin(radians(${to} - ${from}) / 2), 2)`;
  const across = `cos(radians(${fromLatitude})) * cos(radians(${toLatitude}))`;
  const haversine = `${half(fromLatitude, toLatitude)} + ${across} * ${half(fromLongitude, toLongitude)}`;
  return `CASE WHEN ${onGlobe} THEN 2 * 6371.0088 * asin(least(1.0, sqrt(${haversine}))) END`;
}
