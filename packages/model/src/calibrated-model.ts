import type { Calibration } from './calibration.js';
import { type LinearModel, linearModel } from './linear-model.js';
import type { Model } from './model.js';
import { requireOwnModel } from './required-arguments.js';
import { type TreeModel, treeModel } from './tree-model.js';

export { type Calibration, MAX_CALIBRATION_POINTS } from './calibration.js';

/**
 * The same model with another calibration.
 *
 * @param model one of {@link linearModel}, {@link treeModel} or `modelFromJson`
 * @param calibration undefined takes the calibration away
 * @throws {ModelError} INVALID_MODEL or TOO_LARGE, naming the number that breaks a rule
 * @example withCalibration(model, { kind: 'prior', logOddsShift: Math.log(0.05) }); // trained on 5 % of the genuine rows
 */
export function withCalibration<Kind extends Model>(model: Kind, calibration: Calibration | undefined): Kind {
  const parts: Model = model;
  requireOwnModel('withCalibration', parts);
  const calibrated: Model =
    parts.kind === 'linear'
      ? linearModel({ ...linearParts(parts), calibration })
      : treeModel({ ...treeParts(parts), calibration });
  return calibrated as Kind;
}

function linearParts({ featureNames, weights, intercept, missingValues }: LinearModel) {
  return { featureNames, weights, intercept, missingValues };
}

function treeParts({ featureNames, baseMargin, trees, link }: TreeModel) {
  return { featureNames, baseMargin, trees, link };
}
