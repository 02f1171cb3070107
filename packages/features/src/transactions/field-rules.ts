import { z } from 'zod';
import type { TransactionField } from './transaction-field.js';

/**
 * A quick test of numbers and times: true means that the schema surely accepts the value, false that it must be asked.
 *
 * It repeats the rules that the field states as data. A schema may have checks beyond those, such as functions; then the test is false for
 * every value. It is false for NaN, which means missing.
 *
 * @param schema the field's schema in the definition, as it takes cells
 * @returns a test of numbers, or of epoch milliseconds for a time field
 */
export function surelyValid(field: TransactionField, schema: z.core.$ZodType): (value: number) => boolean {
  if (!hasOnlyStatedRules(schema)) return () => false;
  const { minimum = -Infinity, maximum = Infinity, exclusiveMinimum = -Infinity, exclusiveMaximum = Infinity } = field;
  const inRange = (value: number) => value >= minimum && value <= maximum && value > exclusiveMinimum && value < exclusiveMaximum;
  if (field.kind === 'time') return (epochMs) => epochMs >= minimum && epochMs <= maximum && Math.abs(epochMs) <= LAST_MS;
  const { integer = false, resolution } = field;
  if (integer && (resolution ?? 1) === 1) return (value) => inRange(value) && Number.isSafeInteger(value);
  if (resolution === undefined) return inRange;
  return (value) => {
    if (!inRange(value) || (integer && !Number.isSafeInteger(value))) return false;
    const multiple = value / resolution;
    // The division may round a true multiple's quotient away from its integer by this much; zod judges what is farther.
    return Math.abs(multiple - Math.round(multiple)) <= 2 * Number.EPSILON * Math.abs(multiple);
  };
}

/** Beyond this a number is no Date (ECMA-262, time values). */
const LAST_MS = 8.64e15;

const STATED_CHECKS: ReadonlySet<string> = new Set(['greater_than', 'less_than', 'multiple_of', 'number_format']);
const STATED_FORMATS: ReadonlySet<unknown> = new Set([undefined, 'safeint', 'int32', 'uint32', 'float64']);

/** Whether a schema's checks are all among those that a {@link TransactionField} states, each at most once where it states one. */
function hasOnlyStatedRules(schema: z.core.$ZodType): boolean {
  const { def } = schema._zod;
  const checks = (def.checks ?? []).map((check) => check._zod.def as { check: string; format?: unknown });
  const multiples = checks.filter(({ check }) => check === 'multiple_of').length;
  const stated = checks.every(({ check, format }) => STATED_CHECKS.has(check) && STATED_FORMATS.has(format));
  if (!stated || multiples > 1 || !STATED_FORMATS.has((def as { format?: unknown }).format)) return false;
  if (schema instanceof z.ZodPipe) return hasOnlyStatedRules(schema.def.out);
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable || schema instanceof z.ZodReadonly) {
    return hasOnlyStatedRules(schema.def.innerType);
  }
  return schema instanceof z.ZodNumber || schema instanceof z.ZodDate;
}
