import { z } from 'zod';
import { ServeError } from './serve-error.js';

/** What is done with a transaction. */
export type Decision = 'approve' | 'review' | 'decline';

/** All decisions, mildest first. */
export const DECISIONS = ['approve', 'review', 'decline'] as const satisfies readonly Decision[];

/**
 * Turns a score into a decision: `score >= declineThreshold` declines, else `score >= reviewThreshold` sends to review, else approves.
 * Both are probabilities, 0 <= review <= decline. A threshold above 1 is never reached, so `declineThreshold: 2` never declines.
 */
export interface DecisionPolicy {
  readonly reviewThreshold: number;
  readonly declineThreshold: number;
}

/**
 * Used when neither the bundle nor the caller has a policy: review when fraud is likelier than not, decline when it is nine times
 * likelier than not. They suit calibrated scores; thresholds chosen by cost belong into the bundle's `policy.json`.
 */
export const DEFAULT_POLICY: DecisionPolicy = { reviewThreshold: 0.5, declineThreshold: 0.9 };

// Loose: a bundle's policy may also say where its thresholds come from.
const policySchema = z.looseObject({ reviewThreshold: z.number().min(0), declineThreshold: z.number().min(0) });

/**
 * A policy out of JSON, checked. Members besides the two thresholds are ignored.
 *
 * @param where for messages, such as `policy.json of fraud version 3`
 * @throws {ServeError} INVALID_OPTION when a threshold is missing, negative, or review is above decline
 */
export function policyFromJson(json: unknown, where: string): DecisionPolicy {
  const parsed = policySchema.safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new ServeError(
      'INVALID_OPTION',
      `${where}: ${issue?.path.join('.') || 'policy'}: ${issue?.message}; give both thresholds`,
    );
  }
  const { reviewThreshold, declineThreshold } = parsed.data;
  if (reviewThreshold > declineThreshold) {
    throw new ServeError(
      'INVALID_OPTION',
      `${where}: reviewThreshold is ${reviewThreshold}, expected at most declineThreshold, which is ${declineThreshold}`,
      { details: { reviewThreshold, declineThreshold } },
    );
  }
  return { reviewThreshold, declineThreshold };
}

/**
 * The decision that a policy takes at a score.
 *
 * @example decide(0.7, { reviewThreshold: 0.5, declineThreshold: 0.9 }); // 'review'
 */
export function decide(score: number, policy: DecisionPolicy): Decision {
  if (score >= policy.declineThreshold) return 'decline';
  return score >= policy.reviewThreshold ? 'review' : 'approve';
}
