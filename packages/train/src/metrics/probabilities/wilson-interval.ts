import { showValue } from '@fraudops/core';
import { requireOption } from '../../training-data.js';
import { TrainError } from '../../train-error.js';

/** Lower and upper end. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** Quantile of the standard normal that leaves 2.5 % above it. */
const Z_95 = 1.959963984540054;

/**
 * Wilson's interval for a share (Wilson 1927): unlike share +- z * standard error it stays within 0 and 1 and holds its promise for few
 * events, even none.
 *
 * @param successes 0 to `trials`
 * @param trials above 0
 * @param z half the width in standard errors, 0 to 10; default 1.96, which is 95 %
 * @throws {TrainError} INVALID_OPTION
 * @example wilsonInterval(0, 10); // { low: 0, high: 0.278 }
 */
export function wilsonInterval(successes: number, trials: number, z?: number): Interval {
  const width = requireOption('wilsonInterval: z', z, { low: 0, high: 10, default: Z_95 });
  const areNumbers = Number.isFinite(trials) && Number.isFinite(successes);
  if (!(areNumbers && trials > 0 && successes >= 0 && successes <= trials)) {
    throw new TrainError(
      'INVALID_OPTION',
      `wilsonInterval: ${showValue(successes)} of ${showValue(trials)}, expected at least one trial and 0 to that many successes`,
    );
  }
  const share = successes / trials;
  const square = (width * width) / trials;
  const center = share + square / 2;
  const reach = width * Math.sqrt((share * (1 - share) + square / 4) / trials);
  // At the ends the terms cancel but for their last bits.
  const low = successes === 0 ? 0 : (center - reach) / (1 + square);
  const high = successes === trials ? 1 : (center + reach) / (1 + square);
  return { low, high };
}
