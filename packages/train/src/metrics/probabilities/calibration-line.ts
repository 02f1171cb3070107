import { requireLabelledProbabilities } from '../scored-labels.js';
import { LOG_LOSS_CLIP } from './log-loss.js';

/** Slope and intercept that log-odds need. */
export interface CalibrationLine {
  /** 1 is right; below 1 the probabilities are too extreme (overfitting), above 1 too timid. */
  readonly slope: number;
  /** 0 is right. */
  readonly intercept: number;
}

/** Newton steps at most; five to ten are usual. */
const MAX_STEPS = 100;
/** A step halved this often is below the resolution of float64. */
const MAX_HALVINGS = 40;

/**
 * Calibration slope and intercept (Cox 1958): the logistic regression of the labels on the log-odds of the probabilities,
 * logit P(y = 1) = intercept + slope * logit(p), at its maximum of likelihood. Probabilities nearer to 0 or 1 than 1e-15 count as 1e-15
 * away.
 *
 * @param probabilities n values from 0 to 1
 * @param labels n values, 0 or 1
 * @returns null where no finite line is best: one class only, one probability only, or a threshold that separates the classes perfectly
 * @throws {TrainError} EMPTY, LENGTH_MISMATCH, INVALID_LABEL or INVALID_SCORE, naming the first offending index
 * @example calibrationLine([0.2, 0.2, 0.2, 0.2, 0.2, 0.8, 0.8, 0.8, 0.8, 0.8], [1, 0, 0, 0, 0, 0, 1, 1, 1, 1]); // { slope: 1, intercept: 0 }
 */
export function calibrationLine(probabilities: ArrayLike<number>, labels: ArrayLike<number>): CalibrationLine | null {
  const rowCount = requireLabelledProbabilities('calibrationLine', probabilities, labels);
  const logOdds = new Float64Array(rowCount);
  for (let i = 0; i < rowCount; i++) {
    const probability = Math.min(1 - LOG_LOSS_CLIP, Math.max(LOG_LOSS_CLIP, probabilities[i]!));
    logOdds[i] = Math.log(probability) - Math.log1p(-probability);
  }
  return isSeparated(logOdds, labels) ? null : fitLine(logOdds, labels);
}

/** Whether the classes don't overlap in log-odds; they touch at most in one value. Then the likelihood has no maximum. */
function isSeparated(logOdds: Float64Array, labels: ArrayLike<number>): boolean {
  const least = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  const most = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < logOdds.length; i++) {
    const label = labels[i]!;
    least[label] = Math.min(least[label]!, logOdds[i]!);
    most[label] = Math.max(most[label]!, logOdds[i]!);
  }
  return most[0]! <= least[1]! || most[1]! <= least[0]!;
}

function fitLine(logOdds: Float64Array, labels: ArrayLike<number>): CalibrationLine | null {
  // A flat line at the share of frauds: from there Newton's steps don't overshoot as they do from probabilities near 0 and 1.
  let line: CalibrationLine = { slope: 0, intercept: logOddsOfFraud(labels, logOdds.length) };
  let state = derivatives(line, logOdds, labels);
  for (let step = 0; step < MAX_STEPS; step++) {
    const { byIntercept, bySlope, ii, is, ss } = state;
    const determinant = ii * ss - is * is;
    if (!(determinant > 0)) return null;
    const interceptStep = (ss * byIntercept - is * bySlope) / determinant;
    const slopeStep = (ii * bySlope - is * byIntercept) / determinant;
    let share = 1;
    let reached: CalibrationLine;
    let next: Derivatives;
    for (let halving = 0; ; halving++, share /= 2) {
      reached = { slope: line.slope + share * slopeStep, intercept: line.intercept + share * interceptStep };
      next = derivatives(reached, logOdds, labels);
      if (next.logLikelihood >= state.logLikelihood - 1e-12 * Math.abs(state.logLikelihood)) break;
      if (halving === MAX_HALVINGS) return line;
    }
    line = reached;
    state = next;
    if (
      Math.abs(slopeStep) <= 1e-12 * (1 + Math.abs(line.slope)) &&
      Math.abs(interceptStep) <= 1e-12 * (1 + Math.abs(line.intercept))
    )
      break;
  }
  return line;
}

function logOddsOfFraud(labels: ArrayLike<number>, rowCount: number): number {
  let frauds = 0;
  for (let i = 0; i < rowCount; i++) frauds += labels[i]!;
  return Math.log(frauds / (rowCount - frauds));
}

/** The log-likelihood, its gradient, and its negated second derivatives (intercept twice, mixed, slope twice). */
interface Derivatives {
  readonly logLikelihood: number;
  readonly byIntercept: number;
  readonly bySlope: number;
  readonly ii: number;
  readonly is: number;
  readonly ss: number;
}

function derivatives({ slope, intercept }: CalibrationLine, logOdds: Float64Array, labels: ArrayLike<number>): Derivatives {
  let [logLikelihood, byIntercept, bySlope, ii, is, ss] = [0, 0, 0, 0, 0, 0];
  for (let i = 0; i < logOdds.length; i++) {
    const x = logOdds[i]!;
    const margin = intercept + slope * x;
    // Written so that no exponential overflows.
    const small = Math.exp(-Math.abs(margin));
    const probability = margin >= 0 ? 1 / (1 + small) : small / (1 + small);
    logLikelihood += labels[i]! * margin - Math.max(margin, 0) - Math.log1p(small);
    const residual = labels[i]! - probability;
    const curvature = small / (1 + small) ** 2;
    byIntercept += residual;
    bySlope += residual * x;
    ii += curvature;
    is += curvature * x;
    ss += curvature * x * x;
  }
  return { logLikelihood, byIntercept, bySlope, ii, is, ss };
}
