/**
 * Reasons for a score, from its contributions: what pushed the row towards fraud, strongest first, in words.
 *
 * Contributions of the features of a group are added up; groups are ranked by what they add towards fraud, never by size alone; those below the floors of
 * the rules are dropped as noise. Two lists come out: one for analysts with everything, one for customers with what the rules let them be told.
 */
import { formatDecimals, formatFeature, isArrayLike, isPlainObject, shortestFloat32, showValue } from '@fraudops/core';
import type { Explanation } from '../explanation.js';
import { ModelError } from '../model-error.js';
import { featureOf } from '../model.js';
import { type ReasonGroup, type ReasonRules, type ReasonWording, fillTemplate } from './reason-rules.js';

/** What may be told to a customer. */
export interface CustomerReason {
  readonly code: string;
  readonly text: string;
}

/** A reason with the figures behind it. */
export interface Reason extends CustomerReason {
  /** Id of the group; undefined when the rules' fallback stands for a lack of reasons. */
  readonly group: string | undefined;
  /** Which wording of the group was taken. */
  readonly state: 'value' | 'missing' | 'low';
  /** What the group's features add to the margin together. */
  readonly contribution: number;
  /** Its share of all contributions towards fraud, 0 to 1. */
  readonly share: number;
}

/** Reasons for one score; see {@link reasonCodes}. */
export interface ReasonCodes {
  /** For people who review, strongest first. */
  readonly analyst: readonly Reason[];
  /** The strongest that customers may be told, and nothing but words. */
  readonly customer: readonly CustomerReason[];
  /** Whether a list had to fall back on the rules' general wording, so that a person should look for the specific reasons. */
  readonly needsReview: boolean;
}

/**
 * The reasons for a row's score: equal input gives equal reasons.
 *
 * The share of a group is its contribution over the sum of all contributions towards fraud, those of features without a group
 * included, one by one. Values in texts are written as the rules' `formats` say, else whole where two decimals are enough and to four
 * digits where not; a missing one reads `missing`.
 *
 * @param explanation of the row, by the model whose features the rules were resolved for
 * @param row one value a feature, NaN when missing
 * @throws {ModelError} FEATURE_MISMATCH when explanation or row have another length than the rules' features; INVALID_RULES for what are no rules
 * @example
 * const rules = reasonRules(
 *   { groups: [{ id: 'amount', features: ['AMOUNT'], code: 'AMT_01', template: 'Amount of {value}', customer: true }] },
 *   ['AMOUNT'],
 * );
 * const model = linearModel({ featureNames: ['AMOUNT'], weights: [0.01], intercept: -5, missingValues: [50] });
 * reasonCodes(model.explain([500]), [500], rules).customer; // [{ code: 'AMT_01', text: 'Amount of 500' }]
 */
export function reasonCodes(explanation: Explanation, row: ArrayLike<number>, rules: ReasonRules): ReasonCodes {
  requireLengths(explanation, row, rules);
  const { sums, positiveSum } = addUp(explanation.contributions, rules);
  const floor = Math.max(rules.minShare * positiveSum, rules.minContribution);
  const ranked = rules.groups
    .map((group, g) => ({ group, contribution: sums[g]! }))
    .filter(({ contribution }) => contribution > 0 && contribution >= floor)
    .sort((a, b) => b.contribution - a.contribution || (a.group.id < b.group.id ? -1 : 1));
  const reasonOf = ({ group, contribution }: { group: ReasonGroup; contribution: number }): Reason => {
    const { state, wording } = stateOf(group, row, rules);
    const text = fillTemplate(wording.template, (name) => textOf(name === 'value' ? group.features[0]! : name, row, rules));
    return { code: wording.code, text, group: group.id, state, contribution, share: contribution / positiveSum };
  };
  const analyst = ranked.slice(0, rules.maxReasons).map(reasonOf);
  const told = ranked.filter(({ group }) => group.customer === true).slice(0, rules.maxReasons);
  const customer = told.map((each) => toCustomer(reasonOf(each)));
  const fallback: Reason = {
    code: rules.fallback.code,
    text: rules.fallback.template,
    group: undefined,
    state: 'value',
    contribution: positiveSum,
    share: positiveSum > 0 ? 1 : 0,
  };
  return {
    analyst: analyst.length > 0 ? analyst : [fallback],
    customer: customer.length > 0 ? customer : [toCustomer(fallback)],
    needsReview: analyst.length === 0 || customer.length === 0,
  };
}

const toCustomer = ({ code, text }: Reason): CustomerReason => ({ code, text });

function requireLengths(explanation: Explanation, row: ArrayLike<number>, rules: ReasonRules): void {
  const { groups, formats, positions, groupOf, featureNames }: Partial<ReasonRules> = isPlainObject(rules) ? rules : {};
  const haveMembers = Array.isArray(groups) && Array.isArray(featureNames) && isPlainObject(formats);
  if (!haveMembers || !(positions instanceof Map) || !(groupOf instanceof Int32Array)) {
    throw new ModelError('INVALID_RULES', `reasonCodes: rules is ${showValue(rules)}, expected what reasonRules gives`);
  }
  const contributions = isPlainObject(explanation) ? explanation.contributions : undefined;
  if (!isArrayLike(contributions) || !isArrayLike(row)) {
    throw new ModelError(
      'FEATURE_MISMATCH',
      `reasonCodes: contributions is ${showValue(contributions)}, row is ${showValue(row)}; pass what model.explain gives, and its row`,
    );
  }
  for (const [what, length] of [
    ['explanation', contributions.length],
    ['row', row.length],
  ] as const) {
    if (length === featureNames.length) continue;
    throw new ModelError(
      'FEATURE_MISMATCH',
      `reasonCodes: ${what} has ${length} values, the rules are for ${featureNames.length} features; resolve them for this model by reasonRules`,
      { details: { what, length, expected: featureNames.length } },
    );
  }
}

/** What each group adds to the margin, and the sum of what adds to it: groups, and features without one. */
function addUp(contributions: Float64Array, rules: ReasonRules): { sums: Float64Array; positiveSum: number } {
  const sums = new Float64Array(rules.groups.length);
  let positiveSum = 0;
  for (let j = 0; j < contributions.length; j++) {
    const group = rules.groupOf[j]!;
    if (group >= 0) sums[group]! += contributions[j]!;
    else positiveSum += Math.max(0, contributions[j]!);
  }
  for (const sum of sums) positiveSum += Math.max(0, sum);
  return { sums, positiveSum };
}

function valueOf(feature: string, row: ArrayLike<number>, rules: ReasonRules): number {
  const position = rules.positions.get(feature)!;
  return featureOf(row[position], position);
}

function stateOf(
  group: ReasonGroup,
  row: ArrayLike<number>,
  rules: ReasonRules,
): { state: Reason['state']; wording: ReasonWording } {
  const value = valueOf(group.features[0]!, row, rules);
  if (group.missing && Number.isNaN(value)) return { state: 'missing', wording: group.missing };
  if (group.low && value < group.low.below) return { state: 'low', wording: group.low };
  return { state: 'value', wording: group };
}

function textOf(feature: string, row: ArrayLike<number>, rules: ReasonRules): string {
  const value = valueOf(feature, row, rules);
  if (Number.isNaN(value)) return 'missing';
  const format = Object.hasOwn(rules.formats, feature) ? rules.formats[feature] : undefined;
  // Rounded as the model rounds it, and then to as few digits, so that its noise is in no decimal.
  const shown = format ? shortestFloat32(Math.fround(value)) * (format.factor ?? 1) : value;
  if (!Number.isFinite(shown)) return 'infinite';
  return format ? formatDecimals(shown, format.decimals) : formatFeature(shown);
}
