/** The few contributions worth keeping with a decision. */
import { isArrayLike, isPlainObject, showValue } from '@fraudops/core';
import type { Explanation } from '../explanation.js';
import { ModelError } from '../model-error.js';
import { requireCount } from '../required-arguments.js';

/** A feature and what it adds to the margin. */
export interface FeatureContribution {
  readonly feature: string;
  readonly contribution: number;
}

/**
 * The contributions that are largest in size, whichever way they push; of equal ones the first feature's comes first. Zeros are left out.
 *
 * @param featureNames those of the model
 * @param count most contributions, a whole number. Default 10
 * @throws {ModelError} FEATURE_MISMATCH when the explanation has another number of features; INVALID_OPTION
 * @example topContributions(model.explain(row), model.featureNames, 3); // [{ feature: 'AMOUNT', contribution: 1.3 }, ...]
 */
export function topContributions(
  explanation: Pick<Explanation, 'contributions'>,
  featureNames: readonly string[],
  count = 10,
): FeatureContribution[] {
  const most = requireCount('topContributions', 'count', count, { low: 0, high: Number.MAX_SAFE_INTEGER, default: 10 });
  const { contributions }: Partial<Explanation> = isPlainObject(explanation) ? explanation : {};
  if (!isArrayLike(contributions) || !Array.isArray(featureNames)) {
    throw new ModelError(
      'FEATURE_MISMATCH',
      `topContributions: contributions is ${showValue(contributions)}, featureNames is ${showValue(featureNames)}; pass an explanation and the model's featureNames`,
    );
  }
  if (contributions.length !== featureNames.length) {
    throw new ModelError(
      'FEATURE_MISMATCH',
      `topContributions: ${contributions.length} contributions for ${featureNames.length} names; pass the model's featureNames`,
      { details: { length: contributions.length, expected: featureNames.length } },
    );
  }
  return Array.from(contributions, (contribution, j) => ({ feature: featureNames[j]!, contribution }))
    .filter(({ contribution }) => contribution !== 0)
    .sort((a, b) => Math.abs(b.contribution) - Math.abs(a.contribution))
    .slice(0, most);
}
