/**
 * A fitted encoding of categories as numbers: a step function of time, saved as data.
 *
 * At each of a few moments a table says what every category is worth, made only from what was known by that moment. A transaction is encoded
 * by the last table made at or before its arrival; before the first one it has no value. So the rows that an encoding was fitted on get
 * values that don't know them ("out of fold", in order of time), by the same rule by which later transactions get theirs.
 */
import { z } from 'zod';

/** See {@link fitTargetEncoding} and {@link fitFrequencyEncoding}. */
export interface EncodingSteps {
  /** Moments at which the tables begin to hold, earliest first, epoch milliseconds. */
  readonly fromMs: readonly number[];
  /** Categories that any of the tables knows. */
  readonly categories: readonly string[];
  /** For each moment, the value of each category; null for one that its table doesn't know. */
  readonly values: readonly (readonly (number | null)[])[];
  /** For each moment, the value of categories that its table doesn't know; null for none. */
  readonly otherwise: readonly (number | null)[];
}

/** Most moments of an encoding. */
export const MAX_ENCODING_STEPS = 100;
/** Most values of an encoding: categories times moments. */
export const MAX_ENCODING_VALUES = 5_000_000;

const value = z.number().nullable();

/** The form in which encodings are saved. */
export const encodingStepsSchema = z
  .strictObject({
    fromMs: z.array(z.number()).min(1).max(MAX_ENCODING_STEPS),
    categories: z.array(z.string()).max(MAX_ENCODING_VALUES),
    values: z.array(z.array(value).max(MAX_ENCODING_VALUES)).max(MAX_ENCODING_STEPS),
    otherwise: z.array(value).max(MAX_ENCODING_STEPS),
  })
  .refine(({ fromMs }) => fromMs.every((ms, i) => i === 0 || ms > fromMs[i - 1]!), { error: 'fromMs must grow' })
  .refine(({ categories }) => new Set(categories).size === categories.length, { error: 'categories hold one twice' })
  .refine(({ fromMs, values, otherwise }) => values.length === fromMs.length && otherwise.length === fromMs.length, {
    error: 'values and otherwise need one entry for each moment',
  })
  .refine(({ categories, values }) => values.every((table) => table.length === categories.length), {
    error: 'each table of values needs one entry for each category',
  })
  .refine(({ fromMs, categories }) => fromMs.length * categories.length <= MAX_ENCODING_VALUES, {
    error: `more than ${MAX_ENCODING_VALUES} values`,
  });
