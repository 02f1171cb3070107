/**
 * The fields that runs and versions carry (metrics, parameters, tags, texts) as schemas with their bounds, and the one way in which
 * an argument that breaks them becomes an error. The bounds keep every stored object small enough to be read on each poll.
 */
import { showValue } from '@fraudops/core';
import { z } from 'zod';
import { RegistryError } from './registry-error.js';
import { shapeProblem } from './shape-problem.js';

/** Bounds of the fields that callers give. */
export const FIELD_LIMITS = {
  /** Metrics, parameters or tags of one run or version. */
  entries: 500,
  /** Characters of the key of a metric, a parameter or a tag. */
  keyLength: 250,
  /** Characters of a parameter's or a tag's value. */
  valueLength: 6_000,
  /** Characters of a description. */
  descriptionLength: 10_000,
  /** Characters of the name of a person, a program, an algorithm, a run or a gate. */
  labelLength: 250,
  /** Characters of a reason. */
  reasonLength: 4_000,
} as const;

const KEY_RULE = 'a key begins with a letter or a digit and goes on with A-Z a-z 0-9 _ . - : / and spaces';

/** The key of a metric, a parameter or a tag. */
export const entryKeyField = z
  .string()
  .max(FIELD_LIMITS.keyLength)
  .regex(/^[A-Za-z0-9][A-Za-z0-9_.\-:/ ]*$/, { error: KEY_RULE });

/** Values by key. A member `__proto__`, which zod leaves out without a word, is refused like any other key that is none. */
function entriesField<Value extends z.ZodType>(value: Value) {
  const given = z.unknown().superRefine((entries, context) => {
    if (typeof entries !== 'object' || entries === null || !Object.hasOwn(entries, '__proto__')) return;
    context.addIssue({ code: 'custom', path: ['__proto__'], message: KEY_RULE, input: entries });
  });
  return given.pipe(z.record(entryKeyField, value));
}

function bounded<Value extends z.ZodType>(value: Value) {
  return entriesField(value).superRefine((record, context) => {
    const count = Object.keys(record).length;
    if (count > FIELD_LIMITS.entries) {
      context.addIssue({
        code: 'too_big',
        origin: 'object',
        maximum: FIELD_LIMITS.entries,
        input: record,
        message: `${count} entries, at most ${FIELD_LIMITS.entries} are allowed`,
      });
    }
  });
}

/** Metrics by name: finite numbers, or null for one that is not defined (the ROC AUC of a single class). */
export const metricsField = bounded(z.number().nullable());
/** Parameters by name. */
export const paramsField = bounded(z.union([z.string().max(FIELD_LIMITS.valueLength), z.number(), z.boolean()]));
/** Tags by name. */
export const tagsField = bounded(z.string().max(FIELD_LIMITS.valueLength));
/** New values of tags by name; null removes one. */
export const tagChangesField = bounded(z.string().max(FIELD_LIMITS.valueLength).nullable());
/** What a gate saw. */
export const gateValuesField = bounded(z.union([z.string().max(FIELD_LIMITS.valueLength), z.number(), z.boolean(), z.null()]));
/** A short text that says something. */
export const labelField = z.string().min(1).max(FIELD_LIMITS.labelLength);
/** A longer text; may be empty. */
export const reasonField = z.string().max(FIELD_LIMITS.reasonLength);
/** Free text of a version; may be empty. */
export const descriptionField = z.string().max(FIELD_LIMITS.descriptionLength);
/** Name of a run: see `Tracker.startRun`. */
export const runIdField = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, {
  error: 'a run id is 1 to 64 characters A-Z a-z 0-9 . _ - with a letter or a digit first',
});
/** 64 lower-case hexadecimal digits. */
export const sha256Field = z.string().regex(/^[0-9a-f]{64}$/);
/** A number of versions, events, bytes or milliseconds. */
export const countField = z.number().int().nonnegative();

/** Checks that an argument is an object, before its members are read. @throws {RegistryError} INVALID_ARGUMENT, naming it */
export function requireObject(call: string, field: string, value: unknown): asserts value is object {
  if (typeof value === 'object' && value !== null) return;
  throw new RegistryError('INVALID_ARGUMENT', `${call}: ${field} is ${showValue(value)}, expected an object`, {
    details: { call, field },
  });
}

/**
 * The value, checked and stripped of unknown members.
 *
 * @param call what the caller called, for the message
 * @param name what the value is called in the message, where it has no members
 * @throws {RegistryError} LIMIT_EXCEEDED when something is too long or too many, else INVALID_ARGUMENT; both name the field
 */
export function requireShape<Schema extends z.ZodType>(
  call: string,
  schema: Schema,
  value: unknown,
  name = 'argument',
): z.output<Schema> {
  const result = parseShape(schema, value, name);
  if ('data' in result) return result.data;
  const { field, problem, isTooMuch } = result;
  const code = isTooMuch ? 'LIMIT_EXCEEDED' : 'INVALID_ARGUMENT';
  throw new RegistryError(code, `${call}: ${problem}`, { details: { call, field, rule: problem } });
}

/** What is wrong with a value. */
export interface ShapeProblem {
  readonly field: string;
  /** The field, and what is wrong with it. */
  readonly problem: string;
  /** Whether it is too long, too large, or has too many entries. */
  readonly isTooMuch: boolean;
}

/** The value, checked and stripped of unknown members, or the first thing that is wrong with it. */
export function parseShape<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  name: string,
): { readonly data: z.output<Schema> } | ShapeProblem {
  const result = schema.safeParse(value, { error: shapeProblem });
  if (result.success) return { data: result.data };
  const { path, message, code } = result.error.issues[0]!;
  const field = path.map(String).join('.').slice(0, FIELD_LIMITS.keyLength) || name;
  // Rules that schemas state themselves are sentences of their own.
  const problem = /^(is|has) /.test(message) ? `${field} ${message}` : `${field}: ${message}`;
  return { field, problem, isTooMuch: code === 'too_big' };
}
