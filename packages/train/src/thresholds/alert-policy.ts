/**
 * An alert policy turns a probability of fraud and an amount into a decision. It is plain data, kept in a bundle's `policy.json`.
 *
 * With costs a transaction is reviewed when that is expected to save more than `minimumSavings` (see {@link FraudCosts}) beyond what can be
 * done without a review; so the probability that is enough falls as the amount grows. What isn't reviewed is declined unseen when the costs
 * allow that (`declineCost`) and it is expected to save anything, else approved. Without costs, or
 * for a transaction whose amount is missing, the score alone decides: from `reviewThreshold` on it is reviewed, from `declineThreshold`
 * on declined. A policy whose `minimumSavings` is null never reviews: on the validation rows no alert was worth its review.
 *
 * Where reviews a day are bounded there are two such cuts. {@link chooseAlerts} sees whole days: it takes what saves more than
 * `minimumSavings` and keeps the day's best, which saves most. {@link decide} sees one transaction and can't know how busy its day will be,
 * so it asks for more, `onlineMinimumSavings`: the cut at which the validation days kept to the bound on average.
 *
 * Neither is ever negative, and `minimumScore` bounds alerts by score. So a quiet day has no alerts, however much time
 * investigators have.
 */
import { showValue } from '@fraudops/core';
import { z } from 'zod';
import { TrainError } from '../train-error.js';
import { type CompleteFraudCosts, declineSavings, reviewWorth } from '../metrics/costs/fraud-costs.js';

/** What is done with a transaction. */
export type AlertDecision = 'approve' | 'review' | 'decline';

const cost = z.number().min(0).max(1e12);

const costsSchema = z.strictObject({
  reviewCost: cost,
  insultCost: cost,
  lossShare: z.number().min(0).max(100),
  chargebackFee: cost,
  reviewRecall: z.number().gt(0).max(1),
  declineCost: cost.nullable(),
});

/** The form of a policy as JSON; members it doesn't name are kept, so that others can add theirs. */
export const alertPolicySchema = z.looseObject({
  format: z.literal('fraudops.alert-policy'),
  formatVersion: z.literal(1),
  /** Score from which a transaction is reviewed when its amount isn't known; above 1 is never. */
  reviewThreshold: z.number().min(0),
  /** Score from which it is declined when its amount isn't known; above 1 is never. */
  declineThreshold: z.number().min(0),
  /** No transaction of a lower score is an alert. */
  minimumScore: z.number().min(0).max(1),
  /** What a review must be expected to save, exceeded, where whole days are decided; null: nothing is reviewed. Without costs it says nothing. */
  minimumSavings: z.number().min(0).nullable(),
  /** The same where transactions are decided one by one; equals `minimumSavings` where reviews a day are not bounded. */
  onlineMinimumSavings: z.number().min(0).nullable(),
  /** What decisions cost; null: the score alone decides. */
  costs: costsSchema.nullable(),
  /** How many alerts can be reviewed a day; null: any number. */
  reviewsPerDay: z.number().int().min(1).nullable(),
});

/**
 * When a transaction is reviewed or declined, as plain data for a bundle's `policy.json`; {@link chooseThreshold} chooses one.
 *
 * With `costs` a transaction is reviewed when that is expected to save more than `minimumSavings` (for {@link decide}, which sees one
 * transaction at a time, `onlineMinimumSavings`), so the probability that is enough falls as the amount grows. Without costs, or where the
 * amount is missing, the score alone decides: from `reviewThreshold` on it is reviewed, from `declineThreshold` on declined.
 */
export type AlertPolicy = z.infer<typeof alertPolicySchema>;

/**
 * A policy out of JSON, checked.
 *
 * @param where for messages, such as `policy.json`
 * @throws {TrainError} INVALID_VALUE naming the member; also when reviewThreshold is above declineThreshold, or a missed fraud costs nothing
 * @example alertPolicyFromJson(JSON.parse(text), 'policy.json');
 */
export function alertPolicyFromJson(json: unknown, where = 'policy'): AlertPolicy {
  const parsed = alertPolicySchema.safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new TrainError(
      'INVALID_VALUE',
      `${where}: ${issue?.path.join('.') || 'policy'}: ${issue?.message}; choose the threshold again`,
    );
  }
  const { reviewThreshold, declineThreshold, costs } = parsed.data;
  if (costs?.lossShare === 0 && costs.chargebackFee === 0) {
    throw new TrainError(
      'INVALID_VALUE',
      `${where}: costs.lossShare and costs.chargebackFee are 0, so a missed fraud costs nothing; set one of them`,
    );
  }
  if (reviewThreshold > declineThreshold) {
    throw new TrainError(
      'INVALID_VALUE',
      `${where}: reviewThreshold is ${reviewThreshold}, expected at most declineThreshold, which is ${declineThreshold}`,
    );
  }
  return parsed.data;
}

/** The policy of the last decision, so that one policy is looked at once and not for every transaction. */
let lastDecided: AlertPolicy | undefined;

/**
 * The decision on one transaction, whatever else happens that day; allocates nothing. Where the policy bounds reviews a day they keep to it
 * on average only: for days that are over, or a queue that is sorted, {@link chooseAlerts} saves more.
 *
 * @param policy not written to between decisions
 * @param score calibrated probability of fraud, 0 to 1
 * @param amount in the unit of the policy's costs; undefined, null or NaN is missing
 * @throws {TrainError} INVALID_SCORE when the score is no number: what could not be scored must not pass as approved; INVALID_VALUE for what is no
 *   policy or no amount
 * @example decide(policy, 0.02, 5_000); // 'review', where decide(policy, 0.02, 10) is 'approve'
 */
export function decide(policy: AlertPolicy, score: number, amount?: number | null): AlertDecision {
  if (typeof score !== 'number' || Number.isNaN(score)) {
    throw new TrainError('INVALID_SCORE', `decide: score is ${showValue(score)}, expected a number; decide by other means`);
  }
  if (policy !== lastDecided) {
    alertPolicyFromJson(policy, 'decide');
    lastDecided = policy;
  }
  if (score < policy.minimumScore) return 'approve';
  const { costs, onlineMinimumSavings } = policy;
  if (costs === null || amount === undefined || amount === null || Number.isNaN(amount)) {
    if (score >= policy.declineThreshold) return 'decline';
    return score >= policy.reviewThreshold ? 'review' : 'approve';
  }
  if (typeof amount !== 'number') {
    throw new TrainError('INVALID_VALUE', `decide: amount is ${showValue(amount)}, expected a number, or null for missing`);
  }
  return decideByCost(costs, onlineMinimumSavings, score, amount);
}

/** {@link decide} from costs; `minimumSavings` null reviews nothing. */
export function decideByCost(
  costs: CompleteFraudCosts,
  minimumSavings: number | null,
  probability: number,
  amount: number,
): AlertDecision {
  if (minimumSavings !== null && reviewWorth(costs, probability, amount) > minimumSavings) return 'review';
  return declineSavings(costs, probability, amount) > 0 ? 'decline' : 'approve';
}
