/**
 * Rules by which contributions become reasons, as data: which features belong together, what to say about them, and what customers may be
 * told. They belong to a model, whose features they name, and travel as JSON.
 */
import { type Json, showValue } from '@fraudops/core';
import { z } from 'zod';
import { ModelError } from '../model-error.js';
import { MAX_FEATURES, MAX_FEATURE_NAME_LENGTH } from '../model-limits.js';

/** What a reason says. */
export interface ReasonWording {
  /** Stable and short, for logs and statistics, such as `VEL_01`. 1 to 100 characters. */
  readonly code: string;
  /**
   * What people read, 1 to 500 characters. `{value}` stands for the value of the group's first feature, `{NAME}` for that of the model's
   * feature of this name.
   */
  readonly template: string;
}

/** How the values of a feature are written in texts. */
export interface ValueFormat {
  /** Digits after the point, 0 to 6, also when they are zeros. */
  readonly decimals: number;
  /** What values are multiplied by, not 0; such as 100 for shares in percent, 1 / 3600 for seconds in hours. Default 1. */
  readonly factor?: number | undefined;
}

/** Features that are one reason. Their contributions are added up, which is exact. */
export interface ReasonGroup extends ReasonWording {
  /** Name of the group; groups of equal contribution come in the order of their ids. 1 to 100 characters. */
  readonly id: string;
  /** Names of features of the model, each in one group at most; the first is the one that the group's state is about. */
  readonly features: readonly string[];
  /** Whether customers may be told. Default false: naming a check to those whom it caught may teach them to get around it. */
  readonly customer?: boolean | undefined;
  /** What to say instead when the first feature is missing (NaN). */
  readonly missing?: ReasonWording | undefined;
  /** What to say instead when the first feature is below a value. */
  readonly low?: (ReasonWording & { readonly below: number }) | undefined;
}

/** Reason rules as data; see {@link reasonRules}. */
export interface ReasonRulesParts {
  /** 1 to {@link MAX_REASON_GROUPS}, with distinct ids. Features in no group give no reasons. */
  readonly groups: readonly ReasonGroup[];
  /**
   * How values of features are written, by the feature's name, such as `{ AMOUNT: { decimals: 2 } }`. Default: as they are where two
   * decimals are enough, else to four digits.
   */
  readonly formats?: Readonly<Record<string, ValueFormat>> | undefined;
  /** Most reasons of a list, 1 to 20. Default 4, more than which are unlikely to help (Regulation B, commentary on 12 CFR 1002.9). */
  readonly maxReasons?: number | undefined;
  /** Groups with a smaller share of all contributions towards fraud give no reason, 0 to 1. Default 0.05. */
  readonly minShare?: number | undefined;
  /** Groups with a smaller contribution give no reason; 0 or more, in units of the margin. Default 0. */
  readonly minContribution?: number | undefined;
  /** What to say when no group gives a reason; its text has no placeholders. Default code `COMBINATION`. */
  readonly fallback?: ReasonWording | undefined;
}

/** Checked rules, resolved for the features of one model. */
export interface ReasonRules {
  readonly groups: readonly ReasonGroup[];
  readonly formats: Readonly<Record<string, ValueFormat>>;
  readonly maxReasons: number;
  readonly minShare: number;
  readonly minContribution: number;
  readonly fallback: ReasonWording;
  /** Names of the model's features, in the order of its rows. */
  readonly featureNames: readonly string[];
  /** Position of each feature by its name. */
  readonly positions: ReadonlyMap<string, number>;
  /** For each feature the position of its group in `groups`; -1 when it is in none. */
  readonly groupOf: Int32Array;
  /** The rules as data, read back by {@link reasonRules}. */
  toJson(): Json;
}

/** Most groups of {@link reasonRules}. */
export const MAX_REASON_GROUPS = 1_000;

const wording = { code: z.string().min(1).max(100), template: z.string().min(1).max(500) };

const savedRules = z.strictObject({
  formatVersion: z.literal(1).optional(),
  groups: z
    .array(
      z.strictObject({
        id: z.string().min(1).max(100),
        features: z.array(z.string().max(MAX_FEATURE_NAME_LENGTH)).min(1).max(MAX_FEATURES),
        ...wording,
        customer: z.boolean().optional(),
        missing: z.strictObject(wording).optional(),
        low: z.strictObject({ ...wording, below: z.number() }).optional(),
      }),
    )
    .min(1)
    .max(MAX_REASON_GROUPS),
  formats: z
    .record(
      z.string().max(MAX_FEATURE_NAME_LENGTH),
      z.strictObject({
        decimals: z.int().min(0).max(6),
        factor: z
          .number()
          .refine((factor) => factor !== 0, 'expected a factor other than 0')
          .optional(),
      }),
    )
    .default({}),
  maxReasons: z.int().min(1).max(20).default(4),
  minShare: z.number().min(0).max(1).default(0.05),
  minContribution: z.number().min(0).default(0),
  fallback: z.strictObject(wording).default({ code: 'COMBINATION', template: 'A combination of factors' }),
});

/**
 * Checked rules for a model, from parts or from their JSON.
 *
 * @param parts {@link ReasonRulesParts}, or what `toJson` wrote
 * @param featureNames those of the model
 * @throws {ModelError} INVALID_RULES naming place and rule; FEATURE_MISMATCH for a feature that the model lacks
 * @example
 * const rules = reasonRules(
 *   { groups: [{ id: 'amount', features: ['AMOUNT'], code: 'AMT_01', template: 'Amount of {value}', customer: true }] },
 *   model.featureNames,
 * );
 */
export function reasonRules(parts: unknown, featureNames: readonly string[]): ReasonRules {
  if (!Array.isArray(featureNames) || featureNames.some((name) => typeof name !== 'string')) {
    throw new ModelError(
      'FEATURE_MISMATCH',
      `reasonRules: featureNames is ${showValue(featureNames)}, expected the model's featureNames`,
    );
  }
  const parsed = savedRules.safeParse(parts);
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    throw invalidRules(issue.path.join('.') || 'the rules', issue.message);
  }
  const { formatVersion: _, ...rules } = parsed.data;
  requireDistinctGroups(rules.groups);
  for (const group of rules.groups) requireKnownFeatures(group, featureNames);
  requireKnownFormats(rules.formats, featureNames);
  if (placeholders(rules.fallback.template).length > 0) {
    throw invalidRules('fallback.template', 'it has a placeholder, but stands for no feature');
  }
  const positions = new Map(featureNames.map((name, j) => [name, j]));
  const groupOf = new Int32Array(featureNames.length).fill(-1);
  rules.groups.forEach(({ features }, g) => features.forEach((name) => (groupOf[positions.get(name)!] = g)));
  return {
    ...rules,
    featureNames: [...featureNames],
    positions,
    groupOf,
    toJson: () => structuredClone({ formatVersion: 1, ...rules }) as unknown as Json,
  };
}

/** A template with its placeholders filled in. */
export function fillTemplate(template: string, textOf: (placeholder: string) => string): string {
  return template.replaceAll(PLACEHOLDER, (_, placeholder: string) => textOf(placeholder));
}

const PLACEHOLDER = /\{([^{}]+)\}/g;

function requireDistinctGroups(groups: readonly ReasonGroup[]): void {
  const ids = new Set<string>();
  const groupOf = new Map<string, string>();
  for (const { id, features } of groups) {
    if (ids.has(id)) throw invalidRules('groups', `the id ${id} comes twice, expected distinct ones`);
    ids.add(id);
    for (const feature of features) {
      const other = groupOf.get(feature);
      // Twice in the sums, it would weigh twice.
      if (other !== undefined) throw invalidRules('groups', `${feature} is in ${other} and in ${id}, expected one group at most`);
      groupOf.set(feature, id);
    }
  }
}

function requireKnownFeatures({ id, features, template, missing, low }: ReasonGroup, featureNames: readonly string[]): void {
  const known = new Set(featureNames);
  const named = [template, missing?.template ?? '', low?.template ?? ''].flatMap(placeholders).filter((name) => name !== 'value');
  const unknown = [...features, ...named].find((name) => !known.has(name));
  if (unknown === undefined) return;
  throw new ModelError(
    'FEATURE_MISMATCH',
    `reasonRules: group ${id} names ${unknown}, which is no feature of the model; name its features, or leave out the group`,
    { details: { group: id, feature: unknown } },
  );
}

function requireKnownFormats(formats: Readonly<Record<string, ValueFormat>>, featureNames: readonly string[]): void {
  const unknown = Object.keys(formats).find((name) => !featureNames.includes(name));
  if (unknown === undefined) return;
  throw new ModelError(
    'FEATURE_MISMATCH',
    `reasonRules: formats names ${unknown}, which is no feature of the model; name its features, or leave out the format`,
    { details: { feature: unknown } },
  );
}

/** Names between braces in a template. */
function placeholders(template: string): string[] {
  return Array.from(template.matchAll(PLACEHOLDER), (match) => match[1]!);
}

function invalidRules(place: string, rule: string): ModelError {
  return new ModelError('INVALID_RULES', `reasonRules: ${place}: ${rule}`, { details: { place } });
}
