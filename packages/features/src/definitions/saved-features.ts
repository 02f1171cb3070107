/** The form in which feature sets are saved. */
import { z } from 'zod';
import { encodingStepsSchema } from '../encodings/encoding-steps.js';
import { AGGREGATE_NAMES } from './check-window.js';

/** Most features of a set. */
export const MAX_FEATURES = 1000;

const name = z.string();
const field = z.string();
const timeZone = z.string().optional();
const place = z.strictObject({ latitude: z.string(), longitude: z.string() });

const encoding = {
  name,
  field,
  folds: z.number(),
  maxCategories: z.number(),
  steps: encodingStepsSchema.optional(),
};

const savedFeature = z.discriminatedUnion('type', [
  z.strictObject({ name, type: z.literal('field'), field }),
  z.strictObject({ name, type: z.literal('hourOfDay'), timeZone }),
  z.strictObject({ name, type: z.literal('dayOfWeek'), timeZone }),
  z.strictObject({ name, type: z.literal('duringWeekend'), timeZone }),
  z.strictObject({ name, type: z.literal('duringNight'), fromHour: z.number().optional(), untilHour: z.number(), timeZone }),
  z.strictObject({ name, type: z.literal('onHoliday'), dates: z.array(z.string()).max(10_000), timeZone }),
  z.strictObject({ name, type: z.literal('equals'), field, value: z.string() }),
  z.strictObject({ name, type: z.literal('ordinal'), field, values: z.array(z.string()).max(10_000) }),
  z.strictObject({ ...encoding, type: z.literal('targetEncoding'), smoothing: z.number() }),
  z.strictObject({ ...encoding, type: z.literal('frequencyEncoding') }),
  z.strictObject({ name, type: z.literal('distance'), from: place, to: place }),
  z.strictObject({ name, type: z.literal('ratio'), of: z.tuple([z.string(), z.string()]) }),
  z.strictObject({ name, type: z.literal('difference'), of: z.tuple([z.string(), z.string()]) }),
  z.strictObject({
    name,
    type: z.literal('window'),
    aggregate: z.enum(AGGREGATE_NAMES),
    per: z.union([z.string(), z.tuple([z.string(), z.string()])]),
    windowMs: z.number(),
    delayMs: z.number(),
    own: z.enum(['included', 'excluded']).optional(),
    resolutionMs: z.number().optional(),
    field: field.optional(),
    value: z.string().optional(),
    longWindowMs: z.number().optional(),
    place: place.optional(),
  }),
]);

/** A saved feature set; its transactions are checked by {@link transactionsFromJson}. */
export const savedFeatureSet = z.strictObject({
  formatVersion: z.literal(1),
  transactions: z.unknown(),
  retentionMs: z.number().optional(),
  features: z.array(savedFeature).max(MAX_FEATURES),
});
