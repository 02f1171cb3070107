/**
 * Platt scaling: p = logistic(slope * margin + intercept), with slope and intercept that minimise the weighted log loss against smoothed
 * targets (Platt 1999): (n1 + 1) / (n1 + 2) for frauds and 1 / (n0 + 2) for genuine rows, where n1 and n0 are the weights of the classes.
 * The targets keep the fit finite when margins separate the classes.
 *
 * Found by Newton's method with a halving line search (Lin, Lin and Weng 2007), on margins that are centred and scaled first, so that
 * neither their unit nor their distance from 0 costs digits.
 */
import { logistic } from '@fraudops/model';
import { TrainError } from '../train-error.js';
import { requireCalibrationRows } from './calibration-rows.js';

/** A calibration by two numbers. */
export interface PlattCalibration {
  readonly kind: 'platt';
  /** Above 0. */
  readonly slope: number;
  readonly intercept: number;
}

/**
 * Platt scaling, p = logistic(slope * margin + intercept): the slope and intercept that minimise the weighted log loss against Platt's smoothed
 * targets. The same minimum as scikit-learn's sigmoid calibration, closer to it.
 *
 * Take rows of a later time than the training rows and earlier than the test rows. Both classes are needed; 20 frauds or more are
 * advised, ten for each of the two numbers.
 *
 * @param margins n finite numbers, a model's margins
 * @param labels n values, 0 or 1; rows whose label is unknown are left out by the caller
 * @param weights n numbers, 0 to 1e9; default 1 each
 * @throws {TrainError} EMPTY, LENGTH_MISMATCH, INVALID_LABEL, INVALID_WEIGHT, INVALID_SCORE, ONE_CLASS; UNINFORMATIVE when margins are all
 *   the same or higher for genuine rows; NOT_CONVERGED
 * @example fitPlatt([-3, -1, 0, 2], [0, 0, 1, 1]); // { kind: 'platt', slope: 0.777..., intercept: 0.388... }
 */
export function fitPlatt(margins: ArrayLike<number>, labels: ArrayLike<number>, weights?: ArrayLike<number>): PlattCalibration {
  requireCalibrationRows('fitPlatt', margins, labels, weights);
  const rows = standardise(margins, labels, weights);
  const { slope, intercept } = minimise(rows);
  const ownSlope = slope / rows.scale;
  if (!(ownSlope > 0 && Number.isFinite(ownSlope))) {
    throw new TrainError(
      'UNINFORMATIVE',
      `fitPlatt: the best slope is ${ownSlope}, expected above 0; the margins don't rank frauds above genuine rows`,
      { details: { slope: ownSlope } },
    );
  }
  return { kind: 'platt', slope: ownSlope, intercept: intercept - ownSlope * rows.mean };
}

interface PlattRows {
  /** (margin - mean) / scale. */
  readonly margins: Float64Array;
  readonly targets: Float64Array;
  readonly weights: ArrayLike<number> | undefined;
  readonly mean: number;
  readonly scale: number;
  /** Log-odds of the targets' mean: the best intercept without a slope. */
  readonly startIntercept: number;
}

function standardise(margins: ArrayLike<number>, labels: ArrayLike<number>, weights: ArrayLike<number> | undefined): PlattRows {
  const size = [0, 0];
  let mean = 0;
  let total = 0;
  for (let i = 0; i < margins.length; i++) {
    const weight = weights?.[i] ?? 1;
    size[labels[i]!]! += weight;
    total += weight;
    // A running mean: a sum of large margins could overflow.
    if (weight > 0) mean += (margins[i]! - mean) * (weight / total);
  }
  let scale = 0;
  for (let i = 0; i < margins.length; i++) {
    if ((weights?.[i] ?? 1) > 0) scale = Math.max(scale, Math.abs(margins[i]! - mean));
  }
  if (!(scale > 0 && Number.isFinite(scale))) {
    throw new TrainError('UNINFORMATIVE', `fitPlatt: margins differ by ${scale} from their mean, expected margins that differ`);
  }
  const [genuine, frauds] = size as [number, number];
  const targetOf = [1 / (genuine + 2), (frauds + 1) / (frauds + 2)];
  const targetMean = (genuine * targetOf[0]! + frauds * targetOf[1]!) / total;
  return {
    margins: Float64Array.from(margins, (margin) => (margin - mean) / scale),
    targets: Float64Array.from(labels, (label) => targetOf[label]!),
    weights,
    mean,
    scale,
    startIntercept: Math.log(targetMean / (1 - targetMean)),
  };
}

/** Newton needs about ten steps; more mean that rounding stands in the way. */
const MOST_STEPS = 100;
/** The decrease that a step promises, relative to the loss, below which nothing is gained any more. */
const TOLERANCE = 1e-18;

interface Line {
  readonly slope: number;
  readonly intercept: number;
}

function minimise(rows: PlattRows): Line {
  let line: Line = { slope: 0, intercept: rows.startIntercept };
  let at = lossAt(rows, line);
  for (let step = 0; step < MOST_STEPS; step++) {
    const { slopeGradient, interceptGradient, slopeSlope, slopeIntercept, interceptIntercept } = at;
    const determinant = slopeSlope * interceptIntercept - slopeIntercept * slopeIntercept;
    if (!(determinant > 0)) break;
    const slopeStep = (interceptIntercept * slopeGradient - slopeIntercept * interceptGradient) / determinant;
    const interceptStep = (slopeSlope * interceptGradient - slopeIntercept * slopeGradient) / determinant;
    const promised = slopeGradient * slopeStep + interceptGradient * interceptStep;
    const smallest = TOLERANCE * Math.max(1, at.loss);
    if (!(promised > smallest)) return { slope: line.slope - slopeStep, intercept: line.intercept - interceptStep };
    let part = 1;
    let next: Line;
    let nextAt: LossAt;
    do {
      next = { slope: line.slope - part * slopeStep, intercept: line.intercept - part * interceptStep };
      nextAt = lossAt(rows, next);
      part /= 2;
    } while (nextAt.loss > at.loss - 1e-4 * part * promised && part > 1e-10);
    // The sum of the losses has no digits left to show progress: the line is as good as float64 can make it.
    if (nextAt.loss >= at.loss) return line;
    line = next;
    at = nextAt;
  }
  throw new TrainError('NOT_CONVERGED', `fitPlatt: no minimum after ${MOST_STEPS} steps; margins may be extreme, rescale them`);
}

interface LossAt {
  loss: number;
  slopeGradient: number;
  interceptGradient: number;
  slopeSlope: number;
  slopeIntercept: number;
  interceptIntercept: number;
}

/** The loss with its first and second derivatives. */
function lossAt({ margins, targets, weights }: PlattRows, { slope, intercept }: Line): LossAt {
  const at: LossAt = {
    loss: 0,
    slopeGradient: 0,
    interceptGradient: 0,
    slopeSlope: 0,
    slopeIntercept: 0,
    interceptIntercept: 0,
  };
  for (let i = 0; i < margins.length; i++) {
    const margin = margins[i]!;
    const weight = weights?.[i] ?? 1;
    if (weight === 0) continue;
    const logOdds = slope * margin + intercept;
    const probability = logistic(logOdds);
    at.loss += weight * (Math.log1p(Math.exp(-Math.abs(logOdds))) + Math.max(logOdds, 0) - targets[i]! * logOdds);
    const gradient = weight * (probability - targets[i]!);
    const curvature = weight * probability * (1 - probability);
    at.slopeGradient += gradient * margin;
    at.interceptGradient += gradient;
    at.slopeSlope += curvature * margin * margin;
    at.slopeIntercept += curvature * margin;
    at.interceptIntercept += curvature;
  }
  return at;
}
