/**
 * A shift of the log-odds that undoes what training did to the fraud rate, or moves a model to another one. Exact for a model that is
 * right on the rows it was trained on; the ranking never changes.
 */
import { requireOptions } from '../required-arguments.js';
import { TrainError } from '../train-error.js';
import { requireOption } from '../training-data.js';

/** A calibration by one number. */
export interface PriorCalibration {
  readonly kind: 'prior';
  /** Added to the margin before the logistic function. */
  readonly logOddsShift: number;
}

/** What was done to the training rows, in exactly one of three ways. */
export type PriorChange =
  | {
      /** Share of the genuine rows that were kept, above 0 and at most 1; all frauds were kept. */
      readonly undersampling: number;
    }
  | {
      /** Weight of a fraud relative to a genuine row, above 0 and at most 1e9. */
      readonly positiveWeight: number;
    }
  | {
      /** Fraud rate of the training rows, above 0 and below 1. */
      readonly trainRate: number;
      /** Fraud rate where the model is used, above 0 and below 1. */
      readonly liveRate: number;
    };

/**
 * The shift as a calibration for `withCalibration`; only for models whose margin is log-odds, so not for forests.
 *
 * - `undersampling` b: ln b, which is p = b p_s / (b p_s - p_s + 1) (Dal Pozzolo et al. 2015)
 * - `positiveWeight` w: -ln w
 * - `trainRate` r, `liveRate` q: ln(q / (1 - q)) - ln(r / (1 - r)) (Elkan 2001)
 *
 * @throws {TrainError} INVALID_OPTION, also for more than one of the three; where several were done, their shifts add up
 * @example withCalibration(model, priorCorrection({ undersampling: 0.01 })); // a score of 0.5 becomes 0.0099
 */
export function priorCorrection(change: PriorChange): PriorCalibration {
  requireOptions('priorCorrection', change, CHANGES, 'change');
  requireOneWay(change);
  // Adding 0 turns -0 into 0.
  return { kind: 'prior', logOddsShift: logOddsShift(change) + 0 };
}

const CHANGES = { undersampling: 'checked', positiveWeight: 'checked', trainRate: 'checked', liveRate: 'checked' } as const;

/** Every part that a change may have. One that is undefined is left out. */
type ChangeParts = Partial<Record<keyof typeof CHANGES, number>>;

function requireOneWay(change: PriorChange): void {
  const given = (['undersampling', 'positiveWeight', 'trainRate', 'liveRate'] as const).filter(
    (name) => (change as ChangeParts)[name] !== undefined,
  );
  if (given.length === 1 || given.join() === 'trainRate,liveRate') return;
  const names = given.length === 0 ? 'nothing is' : `${given.join(' and ')} are`;
  throw new TrainError(
    'INVALID_OPTION',
    `priorCorrection: ${names} given, expected one of undersampling, positiveWeight, or trainRate with liveRate; where several were done, add the shifts`,
    { details: { given } },
  );
}

function logOddsShift(change: PriorChange): number {
  const { undersampling, positiveWeight, trainRate, liveRate } = change as ChangeParts;
  if (undersampling !== undefined) return Math.log(requirePart('undersampling', undersampling, 1));
  if (positiveWeight !== undefined) return -Math.log(requirePart('positiveWeight', positiveWeight, 1e9));
  return logOdds('liveRate', liveRate!) - logOdds('trainRate', trainRate!);
}

/** Smallest share: smaller ones are no more than a typing error. */
const SMALLEST = 1e-12;

const requirePart = (name: string, value: number, high: number): number =>
  requireOption(`priorCorrection: ${name}`, value, { low: SMALLEST, high, default: Number.NaN });

function logOdds(name: string, rate: number): number {
  const share = requirePart(name, rate, 1 - SMALLEST);
  return Math.log(share / (1 - share));
}
