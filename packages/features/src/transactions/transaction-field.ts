/**
 * A field of a transaction as data: its kind and its rules, read off a zod schema, and the zod schema made from them again.
 *
 * Saved definitions hold fields in this form, so a schema that comes back from a bundle checks what the first one checked.
 */
import { type ColumnKind, parseTime } from '@fraudops/core';
import { z } from 'zod';
import { FeatureError } from '../feature-error.js';
import { reasons } from '../parse-saved.js';

/** Kind and rules of one field. Absent rules don't apply. */
export interface TransactionField {
  readonly name: string;
  readonly kind: ColumnKind;
  /** Whether the value must be there; otherwise null and absent both mean missing. */
  readonly required: boolean;
  /** number: whole numbers only. */
  readonly integer?: boolean;
  /** number: values are multiples of this, such as 0.01. Window sums add multiples, so they are exact. */
  readonly resolution?: number;
  /** number: smallest value; time: earliest moment, epoch milliseconds. */
  readonly minimum?: number;
  /** number: largest value; time: latest moment, epoch milliseconds. */
  readonly maximum?: number;
  /** number: values are above this. */
  readonly exclusiveMinimum?: number;
  /** number: values are below this. */
  readonly exclusiveMaximum?: number;
  /** category: fewest characters. */
  readonly minLength?: number;
  /** category: most characters. */
  readonly maxLength?: number;
  /** category: regular expressions that must all match. */
  readonly patterns?: readonly FieldPattern[];
  /** category: the only values allowed. */
  readonly values?: readonly string[];
}

/** A regular expression as data. */
export interface FieldPattern {
  readonly source: string;
  readonly flags: string;
}

const savedPattern = z.strictObject({ source: z.string().max(1000), flags: z.string().max(8) });

/** The form in which fields are saved. */
export const transactionFieldSchema = z.strictObject({
  name: z.string(),
  kind: z.enum(['number', 'category', 'time', 'flag']),
  required: z.boolean(),
  integer: z.boolean().optional(),
  resolution: z.number().positive().optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  exclusiveMinimum: z.number().optional(),
  exclusiveMaximum: z.number().optional(),
  minLength: z.number().int().min(0).optional(),
  maxLength: z.number().int().min(0).optional(),
  patterns: z.array(savedPattern).max(20).optional(),
  values: z.array(z.string()).max(100_000).optional(),
});

/**
 * Reads a field off its zod schema.
 *
 * @throws {FeatureError} INVALID_DEFINITION when the schema has no one kind, changes values (transform, default, coerce), or has a rule
 * that data can't hold, so that it would be lost when the definition is saved
 */
export function fieldFromZod(name: string, schema: z.ZodType): TransactionField {
  const { inner, required } = unwrap(name, schema);
  requireSavableChecks(name, inner);
  const field = fieldOfKind(name, required, inner);
  const saved = transactionFieldSchema.safeParse(field);
  if (saved.success) return field;
  throw invalid(name, `has rules that can't be saved: ${reasons(saved.error)}; use simpler ones`);
}

function fieldOfKind(name: string, required: boolean, inner: z.ZodType): TransactionField {
  if (inner instanceof z.ZodDate) {
    const bounds = { minimum: inner.minDate?.getTime(), maximum: inner.maxDate?.getTime() };
    return withoutUndefined({ name, kind: 'time', required, ...bounds });
  }
  if ('coerce' in inner.def && inner.def.coerce === true) {
    throw invalid(
      name,
      'coerces its values, which would turn a missing one into 0, "null" or false; use the schema without coerce',
    );
  }
  if (checksOf(inner).some(({ check }) => check === 'overwrite')) {
    throw invalid(
      name,
      'changes its values (trim, toLowerCase or another overwrite); change them before they become transactions',
    );
  }
  if (inner instanceof z.ZodBoolean) return { name, kind: 'flag', required };
  if (inner instanceof z.ZodNumber) return numberField(name, required, inner);
  if (inner instanceof z.ZodString || inner instanceof z.ZodStringFormat) return textField(name, required, inner);
  if (inner instanceof z.ZodEnum || inner instanceof z.ZodLiteral) {
    const values: unknown[] = inner instanceof z.ZodEnum ? inner.options : [...inner.values];
    if (values.every((value) => typeof value === 'string')) return { name, kind: 'category', required, values };
    throw invalid(name, 'lists values that are not strings; a category holds strings');
  }
  throw invalid(
    name,
    `is a zod ${inner.def.type}, which has no column kind; use z.number(), z.string(), z.enum(), z.date() or z.boolean()`,
  );
}

function unwrap(name: string, schema: z.ZodType): { inner: z.ZodType; required: boolean } {
  let inner = schema;
  let required = true;
  while (inner instanceof z.ZodOptional || inner instanceof z.ZodNullable || inner instanceof z.ZodReadonly) {
    if (!(inner instanceof z.ZodReadonly)) required = false;
    inner = inner.def.innerType as z.ZodType;
  }
  if (inner instanceof z.ZodDefault || inner instanceof z.ZodPrefault) {
    throw invalid(name, 'has a default, so the schema would change values; make it optional and fill it after reading');
  }
  return { inner, required };
}

/** Formats that are more than their pattern: a checksum, a parser. */
const FORMATS_OF_FUNCTIONS: ReadonlySet<unknown> = new Set(['url', 'jwt', 'credit_card', 'iban']);

/** Refuses rules that would not come back from data. */
function requireSavableChecks(name: string, schema: z.ZodType): void {
  const checks = checksOf(schema);
  for (const { check, format, pattern, value, inclusive } of checks) {
    if (check === 'string_format' && (pattern === undefined || FORMATS_OF_FUNCTIONS.has(format))) {
      throw invalid(name, `has the rule ${String(format)}, which is a function and can't be saved; use regex() with a pattern`);
    }
    if (check === 'multiple_of' && !(typeof value === 'number' && Number.isFinite(value) && value !== 0)) {
      throw invalid(name, `has multipleOf(${String(value)}), expected a number above 0, such as 0.01`);
    }
    if (check !== 'greater_than' && check !== 'less_than') continue;
    const bound = Number(value);
    if (Number.isNaN(bound) || bound === (check === 'greater_than' ? Infinity : -Infinity)) {
      throw invalid(
        name,
        `has the ${check === 'greater_than' ? 'lower' : 'upper'} bound ${String(value)}, which no value keeps; use a finite one`,
      );
    }
    if (schema instanceof z.ZodDate && inclusive === false)
      throw invalid(name, 'has a bound of times that excludes the bound itself; use min() or max(), one millisecond further');
  }
  if (new Set(checks.flatMap(({ check, value }) => (check === 'multiple_of' ? [value] : []))).size > 1)
    throw invalid(name, 'has more than one multipleOf; give it a single one that is a multiple of all');
}

function numberField(name: string, required: boolean, schema: z.ZodNumber): TransactionField {
  const rules = z.toJSONSchema(schema);
  const integer = rules.type === 'integer';
  // zod adds the bounds of safe integers to every z.int(); they are part of being an integer here. zod writes infinite bounds, which are none, as null.
  const bound = (value: number | null | undefined) =>
    value === null || (integer && Math.abs(value ?? 0) === Number.MAX_SAFE_INTEGER) ? undefined : value;
  return withoutUndefined({
    name,
    kind: 'number',
    required,
    integer: integer || undefined,
    resolution: rules.multipleOf ?? (integer ? 1 : undefined),
    minimum: bound(rules.minimum),
    maximum: bound(rules.maximum),
    exclusiveMinimum: bound(rules.exclusiveMinimum as number | undefined),
    exclusiveMaximum: bound(rules.exclusiveMaximum as number | undefined),
  });
}

function textField(name: string, required: boolean, schema: z.ZodType): TransactionField {
  const rules = z.toJSONSchema(schema);
  const patterns = checksOf(schema).flatMap(({ pattern }) => (pattern ? [{ source: pattern.source, flags: pattern.flags }] : []));
  return withoutUndefined({
    name,
    kind: 'category',
    required,
    minLength: rules.minLength,
    maxLength: rules.maxLength ?? undefined,
    patterns: patterns.length > 0 ? patterns : undefined,
  });
}

/** The definitions of a schema's own check (such as that of `z.email()`) and of those added to it. */
function checksOf(schema: z.ZodType): readonly CheckDefinition[] {
  const definitions: unknown[] = [schema.def, ...(schema.def.checks ?? []).map((check) => check._zod.def)];
  return definitions as CheckDefinition[];
}

/** What zod's definitions of checks have, as far as it matters here. */
interface CheckDefinition {
  readonly check?: string;
  readonly format?: string;
  readonly pattern?: RegExp;
  /** Bound or divisor. */
  readonly value?: unknown;
  readonly inclusive?: boolean;
}

/** The zod schema of a field's rules, for values as {@link cellSchema} hands them on. */
export function zodFromField(field: TransactionField): z.ZodType {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, minLength, maxLength } = field;
  if (field.kind === 'flag') return z.boolean();
  if (field.kind === 'time') {
    let date = z.date();
    if (minimum !== undefined) date = date.min(new Date(minimum));
    if (maximum !== undefined) date = date.max(new Date(maximum));
    return date;
  }
  if (field.kind === 'number') {
    let number = field.integer ? z.number().int() : z.number();
    if (minimum !== undefined) number = number.min(minimum);
    if (maximum !== undefined) number = number.max(maximum);
    if (exclusiveMinimum !== undefined) number = number.gt(exclusiveMinimum);
    if (exclusiveMaximum !== undefined) number = number.lt(exclusiveMaximum);
    if (field.resolution !== undefined && !(field.integer && field.resolution === 1))
      number = number.multipleOf(field.resolution);
    return number;
  }
  if (field.values !== undefined) return z.enum(field.values as [string, ...string[]]);
  let text = z.string();
  if (minLength !== undefined) text = text.min(minLength);
  if (maxLength !== undefined) text = text.max(maxLength);
  for (const { source, flags } of field.patterns ?? []) text = text.regex(new RegExp(source, flags));
  return text;
}

/**
 * Makes a field's schema take a value in all the forms in which a table takes it (a number or text for a category, 0 and 1 for a
 * flag; a Date, epoch milliseconds or ISO 8601 text, UTC when it names no zone, for a time), so that a request and a file with the
 * same content mean the same.
 */
export function cellSchema(field: TransactionField, rules: z.ZodType): z.ZodType {
  const value = acceptCellForms(field.kind, rules);
  return field.required ? value : value.nullish();
}

function acceptCellForms(kind: ColumnKind, rules: z.ZodType): z.ZodType {
  switch (kind) {
    case 'category':
      return z.preprocess((cell) => (typeof cell === 'number' && Number.isFinite(cell) ? String(cell) : cell), rules);
    case 'flag':
      return z.preprocess((cell) => (cell === 0 || cell === 1 ? cell === 1 : cell), rules);
    case 'time':
      return z.preprocess(
        (cell) => (cell instanceof Date && !Number.isNaN(cell.getTime()) ? cell.getTime() : cell),
        timeCell.pipe(rules as z.ZodType<Date, Date>),
      );
    default:
      return rules;
  }
}

const TIME_RULE = 'expected an ISO 8601 date-time (UTC when it names no zone), epoch milliseconds or a valid Date';

const timeCell = z
  .union([z.string().meta({ format: 'date-time' }), z.number()], { error: TIME_RULE })
  .refine((cell) => Number.isFinite(typeof cell === 'string' ? parseTime(cell) : cell), { error: TIME_RULE, abort: true })
  .transform((cell) => new Date(typeof cell === 'string' ? parseTime(cell) : cell));

function withoutUndefined(field: { [Key in keyof TransactionField]: TransactionField[Key] | undefined }): TransactionField {
  return Object.fromEntries(Object.entries(field).filter(([, value]) => value !== undefined)) as unknown as TransactionField;
}

function invalid(name: string, what: string): FeatureError {
  return new FeatureError('INVALID_DEFINITION', `defineTransactions: field ${name} ${what}`, { field: name });
}
