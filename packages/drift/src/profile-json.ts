/** Profiles as JSON, and the check of a profile that comes from outside. */
import type { Json } from '@fraudops/core';
import { z } from 'zod';
import { MAX_CATEGORIES, MAX_NAME_LENGTH, totalOf } from './category-counts.js';
import { DriftError } from './drift-error.js';
import type { DriftProfile } from './drift-profile.js';
import { MAX_SKETCH_POINTS, type QuantileSketch } from './quantile-sketch.js';
import { MAX_COLUMNS, shown } from './testable-column.js';

/**
 * The profile as JSON: plain objects, arrays, strings and finite numbers, which come back from JSON text bit for bit.
 *
 * @throws {DriftError} INVALID_PROFILE naming the place and the rule, for an object that {@link referenceProfile} did not make
 * @example JSON.stringify(profileToJson(referenceProfile(table)));
 */
export function profileToJson(profile: DriftProfile): Json {
  return checkedProfile('profileToJson', profile) as unknown as Json;
}

/**
 * The profile that {@link profileToJson} wrote, checked: sizes in their limits, values ascending, counts rising and adding up.
 *
 * @throws {DriftError} INVALID_PROFILE naming the place and the rule
 * @example const profile = profileFromJson(JSON.parse(text));
 */
export function profileFromJson(json: unknown): DriftProfile {
  return checkedProfile('profileFromJson', json);
}

function checkedProfile(caller: string, profile: unknown): DriftProfile {
  const parsed = profileSchema.safeParse(profile);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const place = issue!.path.length === 0 ? 'the profile' : issue!.path.join('.');
  throw new DriftError('INVALID_PROFILE', `${caller}: ${place}: ${issue!.message}; make it anew with referenceProfile`, {
    place,
  });
}

const countSchema = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const nameSchema = z.string().max(MAX_NAME_LENGTH);

const numberProfileSchema = z
  .strictObject({
    column: nameSchema,
    kind: z.literal('number'),
    count: countSchema,
    missing: countSchema,
    sketch: z.strictObject({
      values: z.array(z.number()).max(MAX_SKETCH_POINTS),
      below: z.array(countSchema).max(MAX_SKETCH_POINTS),
      atMost: z.array(countSchema).max(MAX_SKETCH_POINTS),
    }),
  })
  .superRefine(({ count, sketch }, check) => {
    const problem = sketchProblem(sketch, count);
    if (problem) check.addIssue({ code: 'custom', path: ['sketch'], message: problem });
  });

const categoryProfileSchema = z
  .strictObject({
    column: nameSchema,
    kind: z.enum(['category', 'flag']),
    count: countSchema,
    missing: countSchema,
    categories: z.array(z.strictObject({ name: nameSchema, count: countSchema.min(1) })).max(MAX_CATEGORIES),
    otherCount: countSchema,
  })
  .superRefine((profile, check) => {
    const names = new Set(profile.categories.map(({ name }) => name));
    const complain = (message: string) => check.addIssue({ code: 'custom', path: ['categories'], message });
    if (names.size < profile.categories.length) complain('a category is listed twice');
    if (totalOf(profile.categories) + profile.otherCount !== profile.count)
      complain(`counts and other don't add up to ${profile.count}`);
    if (profile.kind === 'flag' && (profile.otherCount > 0 || [...names].some((name) => name !== 'false' && name !== 'true'))) {
      complain('a flag has no values but false and true');
    }
  });

const profileSchema = z
  .strictObject({
    format: z.literal('fraudops-drift-profile'),
    version: z.literal(1),
    rowCount: countSchema.min(1),
    columns: z
      .array(z.discriminatedUnion('kind', [numberProfileSchema, categoryProfileSchema]))
      .min(1)
      .max(MAX_COLUMNS),
  })
  .superRefine(({ rowCount, columns }, check) => {
    const seen = new Set<string>();
    columns.forEach(({ column, count, missing }, i) => {
      const complain = (message: string) => check.addIssue({ code: 'custom', path: ['columns', i], message });
      if (seen.has(column)) complain(`column ${shown(column)} comes twice`);
      if (count + missing !== rowCount) complain(`count ${count} and missing ${missing} don't add up to ${rowCount} rows`);
      seen.add(column);
    });
  });

function sketchProblem({ values, below, atMost }: QuantileSketch, count: number): string | undefined {
  if (below.length !== values.length || atMost.length !== values.length) return 'values, below and atMost differ in length';
  if ((atMost.at(-1) ?? 0) !== count) return `the last atMost is ${atMost.at(-1) ?? 'absent'}, expected the count, ${count}`;
  for (let k = 0; k < values.length; k++) {
    if (k > 0 && !(values[k]! > values[k - 1]!)) return `values[${k}] is ${values[k]}, expected more than ${values[k - 1]}`;
    const before = k === 0 ? 0 : atMost[k - 1]!;
    if (below[k]! < before || (k === 0 && below[0] !== 0))
      return `below[${k}] is ${below[k]}, expected ${k === 0 ? '' : 'at least '}${before}`;
    if (!(atMost[k]! > below[k]!)) return `atMost[${k}] is ${atMost[k]}, expected more than below, ${below[k]}`;
  }
  return undefined;
}
