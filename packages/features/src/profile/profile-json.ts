/** Profiles that were kept as JSON, checked before they are used again. */
import { z } from 'zod';
import { parseSaved } from '../parse-saved.js';
import type { TableProfile } from './table-profile.js';

/**
 * The profile that `JSON.stringify(profileTable(table))` wrote, checked member by member, so that a damaged file is refused here rather than
 * drawn wrongly.
 *
 * @throws {FeatureError} INVALID_JSON when the data has another form or another version
 * @example const profile = tableProfileFromJson(JSON.parse(await readFile('april.json', 'utf8')));
 */
export function tableProfileFromJson(json: unknown): TableProfile {
  return parseSaved('tableProfileFromJson', tableProfileSchema, json, 'save what profileTable() gives');
}

const count = z.number().int().min(0);
const figure = z.number().nullable();
const counted = { name: z.string(), missing: count, distinct: count };
const valueCounts = <Value extends z.ZodType>(value: Value) => z.array(z.strictObject({ value, count })).max(50);
const histogram = z
  .strictObject({ low: z.number(), high: z.number(), counts: z.array(count).min(1).max(100), below: count, above: count })
  .nullable();

const column = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('number'),
    ...counted,
    infinite: count,
    zeros: count,
    negatives: count,
    mean: figure,
    standardDeviation: figure,
    skewness: figure,
    quantiles: z.array(z.strictObject({ quantile: z.number().min(0).max(1), value: z.number() })).max(101),
    histogram,
    topValues: valueCounts(z.number()),
  }),
  z.strictObject({
    kind: z.literal('category'),
    ...counted,
    topValues: valueCounts(z.string()),
    shortest: count.nullable(),
    longest: count.nullable(),
  }),
  z.strictObject({
    kind: z.literal('time'),
    ...counted,
    earliestMs: figure,
    latestMs: figure,
    isSorted: z.boolean(),
    histogram,
    hours: z.array(count).length(24),
    weekdays: z.array(count).length(7),
  }),
  z.strictObject({ kind: z.literal('flag'), ...counted, yes: count, no: count }),
]);

const names = z.array(z.string()).max(500);
const matrix = z.array(z.array(z.number().min(-1).max(1).nullable()).max(30)).max(30);
const isSquare = ({ columns, values }: { columns: readonly string[]; values: readonly (readonly unknown[])[] }) =>
  [values, ...values].every(({ length }) => length === columns.length);
const SQUARE = 'expected one row and one value in it for each column';

const labelRate = z.strictObject({
  label: z.string(),
  time: z.string(),
  period: z.enum(['day', 'week']),
  periods: z.array(z.strictObject({ startMs: z.number(), rows: count, known: count, yes: count })).max(1000),
  omitted: count,
  known: count,
  yes: count,
});

const warningCode = z.enum([
  'EMPTY',
  'CONSTANT',
  'MOSTLY_MISSING',
  'INFINITE',
  'HIGH_CARDINALITY',
  'SKEWED',
  'MOSTLY_ZERO',
  'NOT_SORTED',
  'RARE_LABEL',
  'CORRELATED',
  'DUPLICATE_ROWS',
]);

const tableProfileSchema: z.ZodType<TableProfile> = z.strictObject({
  formatVersion: z.literal(1),
  rowCount: count,
  columns: z.array(column).max(500),
  correlations: z
    .strictObject({ method: z.enum(['pearson', 'spearman']), columns: names, values: matrix, leftOut: names })
    .refine(isSquare, SQUARE)
    .nullable(),
  associations: z.strictObject({ columns: names, values: matrix, leftOut: names }).refine(isSquare, SQUARE).nullable(),
  duplicates: z.strictObject({ count, examples: z.array(z.strictObject({ row: count, firstRow: count })).max(10) }).nullable(),
  labelRate: labelRate.nullable(),
  warnings: z.array(z.strictObject({ code: warningCode, columns: names, text: z.string() })).max(200),
});
