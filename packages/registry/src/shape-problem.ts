/**
 * What a schema finds wrong, in words: `is undefined, expected a text of 1 to 250 characters`. A rule that a schema states itself, such as that
 * of keys, is said as it stands there.
 */
import { showValue } from '@fraudops/core';
import { z } from 'zod';

/** Words for kinds of values that have no bounds. */
const KINDS: Readonly<Record<string, string>> = {
  boolean: 'true or false',
  int: 'a whole number',
  array: 'an array',
  object: 'an object',
  record: 'an object',
  null: 'null',
};

/**
 * What is wrong with a value, for zod's `error`. Undefined where only zod has words.
 *
 * @example z.string().max(9).safeParse(5, { error: shapeProblem }); // 'is 5, expected a text of at most 9 characters'
 */
export function shapeProblem(issue: z.core.$ZodRawIssue): string | undefined {
  const { input } = issue;
  switch (issue.code) {
    case 'invalid_key':
      // The schema of keys said it before.
      return issue.issues[0]?.message;
    case 'too_big':
      return sized(input, `at most ${issue.maximum} are allowed`) ?? expected(input, `at most ${issue.maximum}`);
    case 'too_small':
      return sized(input, `at least ${issue.minimum} is needed`) ?? expected(input, `${issue.minimum} or more`);
    case 'invalid_value':
      return expected(input, `one of ${issue.values.map(showValue).join(', ')}`);
    default: {
      const rule = issue.inst instanceof z.ZodType ? ruleOf(issue.inst) : KINDS[String(issue['expected'])];
      return rule === undefined ? undefined : expected(input, rule);
    }
  }
}

function expected(value: unknown, rule: string): string {
  return `is ${showValue(value)}, expected ${rule}`;
}

function sized(value: unknown, rule: string): string | undefined {
  if (typeof value === 'string') return `has ${value.length} characters, ${rule}`;
  return Array.isArray(value) ? `has ${value.length} entries, ${rule}` : undefined;
}

/** What a schema takes. */
function ruleOf(schema: z.ZodType): string | undefined {
  if (schema instanceof z.ZodString) return `a text${lengthOf(schema.minLength, schema.maxLength)}`;
  if (schema instanceof z.ZodNumber) return numberRule(schema);
  if (schema instanceof z.ZodNullable) return alternatives([schema.unwrap(), z.null()]);
  if (schema instanceof z.ZodUnion) return alternatives(schema.options);
  return KINDS[schema.type];
}

function alternatives(schemas: readonly unknown[]): string | undefined {
  const rules = schemas.map((schema) => (schema instanceof z.ZodType ? ruleOf(schema) : undefined));
  return rules.includes(undefined) ? undefined : rules.join(' or ');
}

function lengthOf(low: number | null, high: number | null): string {
  if (high === null) return low === null ? '' : ` of at least ${low} characters`;
  return low === null ? ` of at most ${high} characters` : ` of ${low} to ${high} characters`;
}

function numberRule({ isInt, minValue, maxValue }: z.ZodNumber): string {
  const kind = isInt ? 'a whole number' : 'a number';
  const [low, high] = [bound(minValue), bound(maxValue)];
  if (low !== undefined && high !== undefined) return `${kind} from ${low} to ${high}`;
  return low === undefined ? kind : `${kind} of ${low} or more`;
}

/** A bound that says something. */
function bound(value: number | null): number | undefined {
  return value === null || Math.abs(value) >= Number.MAX_SAFE_INTEGER ? undefined : value;
}
