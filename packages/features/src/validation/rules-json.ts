/** Rules as JSON, and back again with the checks that their builders make. */
import type { Json } from '@fraudops/core';
import { z } from 'zod';
import { FeatureError } from '../feature-error.js';
import { parseSaved } from '../parse-saved.js';
import {
  expectDistinct,
  expectMean,
  expectQuantile,
  expectRowCount,
  expectShare,
  expectSimilar,
  expectStandardDeviation,
  maxMissingShare,
} from './expectations.js';
import {
  COMPARISONS,
  compareFields,
  inRange,
  matches,
  MAX_PATTERN,
  monotonicTime,
  multipleOf,
  oneOf,
  present,
  textLength,
  unique,
} from './rule-builders.js';
import { savedDistributionSchema } from './saved-distribution.js';
import { type Limits, MAX_KEY_COLUMNS, MAX_RULE_VALUES, MAX_RULES, type TableRule } from './table-rule.js';

/** Rules as data that JSON can hold; see {@link rulesFromJson}. */
export function rulesToJson(rules: readonly TableRule[]): Json {
  return { formatVersion: 1, rules: structuredClone(rules) as unknown as Json };
}

/**
 * The rules that {@link rulesToJson} saved. Unknown members are refused, so a misspelt limit doesn't go unnoticed.
 *
 * @throws {FeatureError} INVALID_JSON when the data has another form or a rule can't mean anything
 * @example rulesFromJson({ formatVersion: 1, rules: [{ rule: 'present', column: 'TX_DATETIME', severity: 'error' }] });
 */
export function rulesFromJson(json: unknown): readonly TableRule[] {
  const saved = parseSaved('rulesFromJson', savedRules, json, 'save rules with rulesToJson()');
  return saved.rules.map((rule, i) => {
    try {
      return rebuild(rule);
    } catch (cause) {
      const message = `rulesFromJson: rules[${i}]: ${cause instanceof Error ? cause.message : String(cause)}`;
      throw new FeatureError('INVALID_JSON', message, { rule: rule.rule, index: i }, cause);
    }
  });
}

const limit = z.number().optional();
const limits = { minimum: limit, maximum: limit };
const column = z.string().min(1);
const severity = z.enum(['error', 'warning']).default('error');
const ruleOf = <Name extends string, Shape extends z.ZodRawShape>(name: Name, shape: Shape) =>
  z.strictObject({ rule: z.literal(name), severity, ...shape });

const savedRule = z.discriminatedUnion('rule', [
  ruleOf('inRange', { column, ...limits, exclusiveMinimum: limit, exclusiveMaximum: limit }),
  ruleOf('multipleOf', { column, step: z.number() }),
  ruleOf('oneOf', {
    column,
    values: z.union([z.array(z.string()).max(MAX_RULE_VALUES), z.array(z.number()).max(MAX_RULE_VALUES)]),
  }),
  ruleOf('matches', { column, pattern: z.string().max(MAX_PATTERN), flags: z.string().max(8) }),
  ruleOf('textLength', { column, ...limits }),
  ruleOf('present', { column }),
  ruleOf('unique', { columns: z.array(column).max(MAX_KEY_COLUMNS) }),
  ruleOf('monotonicTime', { column, per: column.optional() }),
  ruleOf('compareFields', { column, comparison: z.enum(COMPARISONS), other: column }),
  ruleOf('maxMissingShare', { column, share: z.number() }),
  ruleOf('rowCount', limits),
  ruleOf('mean', { column, ...limits }),
  ruleOf('standardDeviation', { column, ...limits }),
  ruleOf('distinct', { column, ...limits }),
  ruleOf('quantile', { column, quantile: z.number(), ...limits }),
  ruleOf('share', { column, value: z.union([z.string(), z.number(), z.boolean()]), ...limits }),
  ruleOf('similar', { column, expected: savedDistributionSchema, maximumPsi: z.number() }),
]);
const savedRules = z.strictObject({ formatVersion: z.literal(1), rules: z.array(savedRule).max(MAX_RULES) });

/** The rule as its builder makes it. */
function rebuild(saved: z.infer<typeof savedRule>): TableRule {
  const options = { severity: saved.severity };
  switch (saved.rule) {
    case 'inRange':
      return inRange(saved.column, givenOnly(saved), options);
    case 'multipleOf':
      return multipleOf(saved.column, saved.step, options);
    case 'oneOf':
      return oneOf(saved.column, saved.values, options);
    case 'matches':
      return matches(saved.column, new RegExp(saved.pattern, saved.flags), options);
    case 'textLength':
      return textLength(saved.column, givenOnly(saved), options);
    case 'present':
      return present(saved.column, options);
    case 'unique':
      return unique(saved.columns, options);
    case 'monotonicTime':
      return monotonicTime(saved.column, { ...options, ...(saved.per !== undefined && { per: saved.per }) });
    case 'compareFields':
      return compareFields(saved.column, saved.comparison, saved.other, options);
    case 'maxMissingShare':
      return maxMissingShare(saved.column, saved.share, options);
    case 'rowCount':
      return expectRowCount(givenOnly(saved), options);
    case 'mean':
      return expectMean(saved.column, givenOnly(saved), options);
    case 'standardDeviation':
      return expectStandardDeviation(saved.column, givenOnly(saved), options);
    case 'distinct':
      return expectDistinct(saved.column, givenOnly(saved), options);
    case 'quantile':
      return expectQuantile(saved.column, saved.quantile, givenOnly(saved), options);
    case 'share':
      return expectShare(saved.column, saved.value, givenOnly(saved), options);
    default:
      return expectSimilar(saved.column, saved.expected, { maximumPsi: saved.maximumPsi }, options);
  }
}

interface SavedLimits {
  readonly minimum?: number | undefined;
  readonly maximum?: number | undefined;
  readonly exclusiveMinimum?: number | undefined;
  readonly exclusiveMaximum?: number | undefined;
}

/** The limits that are there. */
function givenOnly({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }: SavedLimits): Limits {
  const entries = Object.entries({ minimum, maximum, exclusiveMinimum, exclusiveMaximum });
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined)) as Limits;
}
