/**
 * Calibration as part of a model: it takes the place of the link and turns the margin into a probability that can be believed. It never
 * changes how a model ranks rows, but for ties that isotonic calibration makes, and nothing in explanations, which are those of the margin.
 *
 * - Platt (1999): p = logistic(slope * margin + intercept), slope above 0.
 * - Isotonic (Zadrozny and Elkan 2002): linear interpolation between points of ascending margin, constant outside them.
 * - Prior: p = logistic(margin + logOddsShift), which undoes undersampling or class weights (Elkan 2001, Dal Pozzolo et al. 2015).
 */
import { type Json, isPlainObject, showValue } from '@fraudops/core';
import { logistic } from './logistic.js';
import { ModelError } from './model-error.js';
import { requireMagnitude } from './model.js';

/**
 * Takes the place of a model's link and turns its margin into a probability that can be believed: `platt` is
 * logistic(slope * margin + intercept) with a slope above 0, `isotonic` linear between points of ascending margin and constant outside,
 * `prior` logistic(margin + logOddsShift), which undoes undersampling or class weights.
 */
export type Calibration =
  | { readonly kind: 'platt'; readonly slope: number; readonly intercept: number }
  | {
      readonly kind: 'isotonic';
      /** Strictly ascending; 1 to {@link MAX_CALIBRATION_POINTS}. */
      readonly margins: readonly number[];
      /** One a margin, 0 to 1, never descending. */
      readonly probabilities: readonly number[];
    }
  | { readonly kind: 'prior'; readonly logOddsShift: number };

/** Most points of an isotonic calibration. */
export const MAX_CALIBRATION_POINTS = 100_000;

/**
 * The function from margin to probability.
 *
 * @param calibration one that {@link requireCalibration} gave
 */
export function calibrationFunction(calibration: Calibration): (margin: number) => number {
  switch (calibration.kind) {
    case 'platt': {
      const { slope, intercept } = calibration;
      return (margin) => logistic(slope * margin + intercept);
    }
    case 'prior': {
      const { logOddsShift } = calibration;
      return (margin) => logistic(margin + logOddsShift);
    }
    default: {
      const margins = Float64Array.from(calibration.margins);
      const probabilities = Float64Array.from(calibration.probabilities);
      return (margin) => interpolate(margins, probabilities, margin);
    }
  }
}

function interpolate(margins: Float64Array, probabilities: Float64Array, margin: number): number {
  let low = 0;
  let high = margins.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (margins[middle]! <= margin) low = middle + 1;
    else high = middle;
  }
  if (low === 0) return probabilities[0]!;
  if (low === margins.length) return probabilities[low - 1]!;
  const share = (margin - margins[low - 1]!) / (margins[low]! - margins[low - 1]!);
  const [below, above] = [probabilities[low - 1]!, probabilities[low]!];
  // Rounding must not lead past the upper point.
  return Math.min(above, below + share * (above - below));
}

/** A checked, frozen copy. @throws {ModelError} INVALID_MODEL or TOO_LARGE, naming the number that breaks a rule */
export function requireCalibration(calibration: Calibration): Calibration {
  if (!isPlainObject(calibration)) {
    throw new ModelError(
      'INVALID_MODEL',
      `calibration: ${showValue(calibration)}, expected an object of kind platt, isotonic or prior`,
    );
  }
  switch (calibration.kind) {
    case 'platt': {
      const slope = requireMagnitude('calibration.slope', calibration.slope);
      if (slope <= 0) throw invalid(`slope: ${slope}, expected above 0, since a higher margin means more suspicion`);
      return Object.freeze({
        kind: 'platt',
        slope,
        intercept: requireMagnitude('calibration.intercept', calibration.intercept) + 0,
      });
    }
    case 'prior':
      return Object.freeze({
        kind: 'prior',
        logOddsShift: requireMagnitude('calibration.logOddsShift', calibration.logOddsShift) + 0,
      });
    case 'isotonic':
      return requireIsotonic(calibration.margins, calibration.probabilities);
    default: {
      const { kind } = calibration as { kind: unknown };
      throw invalid(`kind: ${showValue(kind)}, expected platt, isotonic or prior`);
    }
  }
}

function requireIsotonic(margins: readonly number[], probabilities: readonly number[]): Calibration {
  if (!Array.isArray(margins) || !Array.isArray(probabilities)) {
    throw invalid(`margins and probabilities: ${showValue(margins)} and ${showValue(probabilities)}, expected arrays`);
  }
  if (margins.length > MAX_CALIBRATION_POINTS) {
    throw new ModelError('TOO_LARGE', `calibration: ${margins.length} points, at most ${MAX_CALIBRATION_POINTS} are allowed`, {
      details: { length: margins.length, limit: MAX_CALIBRATION_POINTS },
    });
  }
  if (margins.length === 0 || margins.length !== probabilities.length) {
    throw invalid(`${margins.length} margins and ${probabilities.length} probabilities, expected as many of each, at least one`);
  }
  for (let i = 0; i < margins.length; i++) {
    requireMagnitude(`calibration.margins[${i}]`, margins[i]);
    const probability = probabilities[i];
    if (!(typeof probability === 'number' && probability >= 0 && probability <= 1)) {
      throw invalid(`probabilities[${i}]: ${showValue(probability)}, expected 0 to 1`);
    }
    if (i > 0 && !(margins[i]! > margins[i - 1]!))
      throw invalid(`margins[${i}]: ${margins[i]}, expected more than the one before`);
    if (i > 0 && !(probability >= probabilities[i - 1]!)) {
      throw invalid(`probabilities[${i}]: ${probability}, expected no less than the one before`);
    }
  }
  const withoutMinusZero = (value: number) => value + 0;
  return Object.freeze({
    kind: 'isotonic',
    margins: Object.freeze(margins.map(withoutMinusZero)),
    probabilities: Object.freeze(probabilities.map(withoutMinusZero)),
  });
}

/** A calibration as plain data; it is plain data already. */
export const calibrationJson = (calibration: Calibration): Json => ({ ...calibration });

function invalid(rule: string): ModelError {
  return new ModelError('INVALID_MODEL', `calibration.${rule}`);
}
