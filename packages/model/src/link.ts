/**
 * How the sum of a model becomes a score, when no calibration says otherwise.
 *
 * - `logistic`: the margin is log-odds, p = 1 / (1 + exp(-margin)). Boosted trees and linear models.
 * - `identity`: the margin is the probability itself, a mean of the shares of frauds in the leaves. Forests. What rounding puts outside
 *   0 to 1 is clipped.
 * - `exp2`: 2 to the power of the margin, at most 1. Isolation forests, whose margin is minus the mean path length over the one expected
 *   (Liu, Ting and Zhou 2008, equation 2): an anomaly score from 0 to 1, no probability.
 */
import { showValue } from '@fraudops/core';
import { logistic } from './logistic.js';
import { ModelError } from './model-error.js';

/**
 * How the sum of a model becomes a score: `logistic` of log-odds (boosted trees, linear models), `identity` of a mean of shares of frauds (forests),
 * or `exp2`, 2 to the power of the margin (isolation forests: an anomaly score, no probability).
 */
export type Link = 'logistic' | 'identity' | 'exp2';

const LINKS: Readonly<Record<Link, (margin: number) => number>> = {
  logistic,
  identity: (margin) => Math.min(1, Math.max(0, margin)),
  exp2: (margin) => Math.min(1, 2 ** margin),
};

/** The function of a link. */
export const linkFunction = (link: Link): ((margin: number) => number) => LINKS[link];

/** The link. @throws {ModelError} INVALID_MODEL unless it is one */
export function requireLink(link: unknown): Link {
  if (typeof link === 'string' && Object.hasOwn(LINKS, link)) return link as Link;
  throw new ModelError('INVALID_MODEL', `link: ${showValue(link)}, expected ${Object.keys(LINKS).join(', ')}`);
}
