/** What the operators for linear models compute. Columns that were shifted, scaled or filled in are folded into weights and intercept. */
import { ModelError } from '../model-error.js';
import type { FeatureColumn } from './feature-column.js';
import { NodeAttributes } from './node-attributes.js';
import type { OnnxNode } from './onnx-graph.js';
import { type ModelSum, type SymbolicValue, unknown } from './symbolic-value.js';

/** The output of LinearRegressor. */
export function linearRegressor(node: OnnxNode, columns: readonly FeatureColumn[], featureCount: number): SymbolicValue {
  const attributes = new NodeAttributes(node);
  if (attributes.int('targets', 1) !== 1)
    return unknown(`LinearRegressor with ${attributes.int('targets', 1)} targets, expected 1`);
  if (attributes.text('post_transform', 'NONE') !== 'NONE') {
    return unknown('LinearRegressor with a post_transform, which runtimes ignore; use a Sigmoid node');
  }
  const weights = attributes.numbers('coefficients', columns.length);
  const intercept = attributes.optionalNumbers('intercepts')?.[0] ?? 0;
  return { kind: 'margin', sum: linearSum(columns, weights, intercept, featureCount, true), slope: 1, shift: 0 };
}

/** The second output of LinearClassifier: two rows of coefficients, of which the logistic function of the second is the score. */
export function linearClassifier(node: OnnxNode, columns: readonly FeatureColumn[], featureCount: number): SymbolicValue {
  const attributes = new NodeAttributes(node);
  const classes = attributes.optionalInts('classlabels_ints') ?? attributes.optionalTexts('classlabels_strings') ?? [];
  if (classes.length !== 2) return unknown(`LinearClassifier with ${classes.length} classes, expected 2`);
  const coefficients = Array.from(attributes.numbers('coefficients'));
  const intercepts = Array.from(attributes.optionalNumbers('intercepts') ?? []);
  const transform = attributes.text('post_transform', 'NONE');
  if (coefficients.length !== 2 * columns.length)
    return unknown('LinearClassifier with one row of coefficients, which runtimes treat differently');
  const first = coefficients.slice(0, columns.length);
  const second = coefficients.slice(columns.length);
  const [a, b] = [intercepts[0] ?? 0, intercepts[1] ?? 0];
  const isMirrored = second.every((weight, j) => weight === -first[j]!) && b === -a;
  const isSoftmax = transform === 'SOFTMAX';
  // Only mirrored rows make logistic functions that add up to 1; softmax always does, and is the logistic function of the difference.
  if (!isSoftmax && !(transform === 'LOGISTIC' && isMirrored)) {
    return unknown(`LinearClassifier with post_transform ${transform.slice(0, 50)} of rows that don't mirror each other`);
  }
  const weights = isSoftmax ? second.map((weight, j) => weight - first[j]!) : second;
  const sum = linearSum(columns, weights, isSoftmax ? b - a : b, featureCount, true);
  return { kind: 'classes', score: { sum, link: 'logistic', calibration: undefined } };
}

/**
 * The sum of weights times columns, over features. A column (x - offset) * scale adds weight * scale to the weight of its feature and
 * takes weight * scale * offset from the intercept.
 *
 * @param isComplete whether the intercept is there, or is still to be added
 */
export function linearSum(
  columns: readonly FeatureColumn[],
  weights: ArrayLike<number>,
  intercept: number,
  featureCount: number,
  isComplete: boolean,
): ModelSum {
  const featureWeights = new Array<number>(featureCount).fill(0);
  const missingValues = new Array<number>(featureCount).fill(Number.NaN);
  const met = new Set<number>();
  let base = intercept;
  columns.forEach((column, j) => {
    if (met.has(column.feature))
      throw new ModelError('UNSUPPORTED_MODEL', `onnx: feature ${column.feature} comes twice in a linear model`);
    met.add(column.feature);
    let [scale, shift] = [1, 0];
    for (const step of column.steps) {
      shift = (shift - step.offset) * step.scale;
      scale *= step.scale;
    }
    featureWeights[column.feature] = weights[j]! * scale;
    if (shift !== 0) base += weights[j]! * shift;
    missingValues[column.feature] = column.missingValue;
  });
  return { kind: 'linear', intercept: base, weights: featureWeights, missingValues, isComplete };
}
