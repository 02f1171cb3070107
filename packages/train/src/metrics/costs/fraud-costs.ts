/**
 * What frauds and alerts cost, with losses that depend on the amount (Elkan 2001; Bahnsen et al. 2013). An alert is reviewed by a person:
 *
 *     no alert, genuine:   0
 *     no alert, fraud:     missCost = lossShare * amount + chargebackFee
 *     alert, genuine:      reviewCost + insultCost
 *     alert, fraud:        reviewCost + (1 - reviewRecall) * missCost
 *
 * So with probability p an alert is expected to save p * reviewRecall * missCost - reviewCost - (1 - p) * insultCost, and is worth it when
 * that is above 0. The probability from which it is falls as the amount grows. Amounts and costs are in one currency and unit; whole
 * minor units (cents) keep the sums exact.
 */
import type { OptionKinds } from '@fraudops/core';
import { requireOptions } from '../../required-arguments.js';
import { requireOption } from '../../training-data.js';
import { TrainError } from '../../train-error.js';
import { MAX_AMOUNT } from '../scored-labels.js';

/** Costs of decisions, in the unit of the amounts. */
export interface FraudCosts {
  /** Of reviewing one alert, 0 to 1e12. */
  readonly reviewCost: number;
  /** Of stopping a genuine customer for a review: sales lost, customers who leave; 0 to 1e12, default 0. */
  readonly insultCost?: number;
  /** Share of a missed fraud's amount that is lost, 0 to 100; default 1. */
  readonly lossShare?: number;
  /** Cost of each missed fraud besides the amount, such as the chargeback's fee; 0 to 1e12, default 0. */
  readonly chargebackFee?: number;
  /** Share of frauds under review that are recognised and stopped, above 0 to 1; default 1. */
  readonly reviewRecall?: number;
  /** Of declining a genuine transaction without a review, 0 to 1e12; without it nothing is declined unseen. */
  readonly declineCost?: number;
}

/** {@link FraudCosts} with their defaults; `declineCost` is null when nothing is declined without a review. */
export interface CompleteFraudCosts extends Required<Omit<FraudCosts, 'declineCost'>> {
  readonly declineCost: number | null;
}

const COSTS: OptionKinds<FraudCosts> = {
  reviewCost: 'checked',
  insultCost: 'checked',
  lossShare: 'checked',
  chargebackFee: 'checked',
  reviewRecall: 'checked',
  declineCost: 'checked',
};

/** The costs with defaults. @throws {TrainError} INVALID_OPTION naming the cost, or when missing a fraud costs nothing */
export function completeCosts(what: string, costs: FraudCosts): CompleteFraudCosts {
  requireOptions(what, costs, COSTS, 'costs');
  const cost = (name: keyof FraudCosts, fallback: number, range = { low: 0, high: MAX_AMOUNT }) =>
    requireOption(`${what}: costs.${name}`, costs[name], { ...range, default: fallback });
  const complete = {
    reviewCost: cost('reviewCost', Number.NaN),
    insultCost: cost('insultCost', 0),
    lossShare: cost('lossShare', 1, { low: 0, high: 100 }),
    chargebackFee: cost('chargebackFee', 0),
    reviewRecall: cost('reviewRecall', 1, { low: Number.MIN_VALUE, high: 1 }),
    declineCost: costs.declineCost === undefined ? null : cost('declineCost', 0),
  };
  if (complete.lossShare === 0 && complete.chargebackFee === 0) {
    throw new TrainError(
      'INVALID_OPTION',
      `${what}: costs.lossShare and costs.chargebackFee are 0, so a missed fraud costs nothing; set one of them`,
    );
  }
  return complete;
}

/** Cost of missing a fraud of the amount. */
export function missCost(costs: CompleteFraudCosts, amount: number): number {
  return costs.lossShare * amount + costs.chargebackFee;
}

/** What reviewing a transaction is expected to save; negative when it is not worth it. */
export function reviewSavings(costs: CompleteFraudCosts, probability: number, amount: number): number {
  return probability * costs.reviewRecall * missCost(costs, amount) - costs.reviewCost - (1 - probability) * costs.insultCost;
}

/** What declining a transaction unseen is expected to save; minus infinity when that is not done. */
export function declineSavings(costs: CompleteFraudCosts, probability: number, amount: number): number {
  if (costs.declineCost === null) return Number.NEGATIVE_INFINITY;
  return probability * missCost(costs, amount) - (1 - probability) * costs.declineCost;
}

/** What a review is expected to save beyond the best that can be done without one: declining unseen, or nothing. */
export function reviewWorth(costs: CompleteFraudCosts, probability: number, amount: number): number {
  return reviewSavings(costs, probability, amount) - Math.max(0, declineSavings(costs, probability, amount));
}

/**
 * What an alert is expected to save, p * reviewRecall * missCost - reviewCost - (1 - p) * insultCost, where missCost, the cost of a missed
 * fraud, is lossShare * amount + chargebackFee. Rank alerts
 * by it, not by probability, when there are more than can be reviewed.
 *
 * @param probability calibrated, 0 to 1
 * @param amount 0 to 1e12
 * @throws {TrainError} INVALID_OPTION
 * @example expectedSavings(0.1, 500, { reviewCost: 20 }); // 30
 */
export function expectedSavings(probability: number, amount: number, costs: FraudCosts): number {
  requireOption('expectedSavings: probability', probability, { low: 0, high: 1, default: Number.NaN });
  requireOption('expectedSavings: amount', amount, { low: 0, high: MAX_AMOUNT, default: Number.NaN });
  return reviewSavings(completeCosts('expectedSavings', costs), probability, amount);
}

/**
 * Elkan's threshold: the probability from which an alert on a transaction of the amount is worth its review,
 * (reviewCost + insultCost) / (reviewRecall * missCost + insultCost). Above 1 when no probability is enough; then the amount is too small
 * to be worth a review.
 *
 * @param amount 0 to 1e12
 * @returns null when neither a fraud of that amount nor an insult costs anything, so that no alert is worth anything
 * @throws {TrainError} INVALID_OPTION
 * @example elkanThreshold(500, { reviewCost: 20, insultCost: 5 }); // 0.0495
 */
export function elkanThreshold(amount: number, costs: FraudCosts): number | null {
  requireOption('elkanThreshold: amount', amount, { low: 0, high: MAX_AMOUNT, default: Number.NaN });
  const complete = completeCosts('elkanThreshold', costs);
  const stake = complete.reviewRecall * missCost(complete, amount) + complete.insultCost;
  return stake === 0 ? null : (complete.reviewCost + complete.insultCost) / stake;
}
