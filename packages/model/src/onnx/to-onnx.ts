/**
 * Writes a model as an ONNX file that ONNX Runtime 1.20 to 1.30, Python's `onnx.checker` and MLflow take: IR version 8, operators of
 * `ai.onnx` 17 and `ai.onnx.ml` 3. One input, one output:
 *
 * - `features`, float32 [N, number of features], NaN where missing; the file's metadata hold the names;
 * - `probability`, float32 [N, 1]: the score of the model, calibrated. And `label`, int64 [N], if asked for.
 *
 * Trees become one TreeEnsembleRegressor, whose sum ONNX Runtime adds up in float32, and a Sigmoid. (The classifier operator would give
 * other numbers in other versions.) Linear models and calibrations are computed in float64.
 */
import { type OptionKinds, showValue } from '@fraudops/core';
import type { LinearModel } from '../linear-model.js';
import { ModelError } from '../model-error.js';
import type { Model } from '../model.js';
import type { TreeModel } from '../tree-model.js';
import { requireOptions, requireOwnModel } from '../required-arguments.js';
import { GraphBuilder } from './graph-builder.js';
import { ELEMENT_TYPES, ML_DOMAIN, type OnnxValue } from './onnx-graph.js';
import { addProbability } from './probability-nodes.js';
import { addTreeEnsemble, largestMarginError } from './tree-ensemble-nodes.js';
import { writeOnnx } from './write-onnx.js';

/** How {@link toOnnx} writes. */
export interface ToOnnxOptions {
  /** Adds the output `label`: 1 where the probability is at least this number, 0 to 1, and 0 elsewhere. Default: no labels. */
  readonly labelThreshold?: number;
}

const OPTIONS: OptionKinds<ToOnnxOptions> = { labelThreshold: 'checked' };

/** The key of the file's metadata under which the features' names stand, as a JSON array. */
export const FEATURE_NAMES_KEY = 'featureNames';

/**
 * The model as an ONNX file; the same model gives the same bytes.
 *
 * ONNX Runtime's probability differs from `model.score` by at most about 1e-6, since it adds leaves up in float32. Every split decides
 * every float32 the same, infinities, missing values, unknown categories and fractions included. A linear model gives NaN for an
 * infinite feature, which `model.score` refuses.
 *
 * @param model what `linearModel`, `treeModel` or `modelFromJson` made
 * @throws {ModelError} UNSUPPORTED_MODEL for leaves that float32 can't hold, and for isotonic calibration that is too steep for
 *   the rounding of margins: by over 1e8 per unit of margin for a linear model, by less for one of many or large terms; TOO_LARGE when category splits need too many nodes; INVALID_OPTION; INVALID_MODEL for what is no model of this package
 * @example await writeFile('model.onnx', toOnnx(model));
 */
export function toOnnx(model: Model, options: ToOnnxOptions = {}): Uint8Array {
  requireOptions('toOnnx', options, OPTIONS);
  requireOwnModel('toOnnx', model);
  const threshold = options.labelThreshold;
  if (threshold !== undefined && !(Number.isFinite(threshold) && threshold >= 0 && threshold <= 1)) {
    throw new ModelError('INVALID_OPTION', `toOnnx: labelThreshold is ${showValue(threshold)}, expected 0 to 1`);
  }
  const scored: LinearModel | TreeModel = model;
  const graph = new GraphBuilder();
  if (scored.kind === 'linear') {
    const margin = {
      name: addLinear(graph, scored),
      isDouble: true,
      largestError: largestSumError(scored),
      errorSource: 'sums of float64 in another order',
    };
    addProbability(graph, margin, scored.calibration ?? 'logistic');
  } else {
    addTreeEnsemble(graph, scored);
    const margin = {
      name: 'margin',
      isDouble: false,
      largestError: largestMarginError(scored),
      errorSource: 'sums of leaves in float32',
    };
    addProbability(graph, margin, scored.calibration ?? scored.link);
  }
  if (threshold !== undefined) addLabel(graph, threshold);
  return writeOnnx({
    irVersion: 8,
    producerName: 'fraudops',
    producerVersion: '',
    opsets: new Map([
      ['', 17],
      [ML_DOMAIN, 3],
    ]),
    metadata: new Map([[FEATURE_NAMES_KEY, JSON.stringify(model.featureNames)]]),
    graph: {
      name: 'fraudops',
      inputs: [{ name: 'features', elementType: ELEMENT_TYPES.float, shape: [undefined, model.featureNames.length] }],
      outputs: outputs(threshold !== undefined),
      initializers: graph.initializers,
      nodes: graph.nodes,
    },
  });
}

function outputs(withLabel: boolean): OnnxValue[] {
  const probability = { name: 'probability', elementType: ELEMENT_TYPES.float, shape: [undefined, 1] };
  return withLabel ? [probability, { name: 'label', elementType: ELEMENT_TYPES.int64, shape: [undefined] }] : [probability];
}

/** Features, missing ones replaced, times weights plus intercept, all in float64. */
function addLinear(graph: GraphBuilder, model: LinearModel): string {
  const featureCount = model.featureNames.length;
  graph.add('Cast', ['features'], 'features_double', { to: { kind: 'int', value: ELEMENT_TYPES.double } });
  graph.add('IsNaN', ['features_double'], 'is_missing');
  const missing = graph.doubles('missing_values', [1, featureCount], model.missingValues);
  graph.add('Where', ['is_missing', missing, 'features_double'], 'complete_features');
  graph.add('MatMul', ['complete_features', graph.doubles('weights', [featureCount, 1], model.weights)], 'weighted_sum');
  graph.add('Add', ['weighted_sum', graph.doubles('intercept', [1], [model.intercept])], 'margin');
  return 'margin';
}

/** The least error that margins of linear models are taken to have: a calibration may climb by 1e8 per unit of margin at most. */
const LEAST_SUM_ERROR = 1e-14;

/**
 * How far a sum in float64 may be from the one in another order: n + 1 terms differ by up to (n + 1) * 2^-52 times the sum of their sizes.
 * Features have no bound; terms are taken to be as large as those of the row of missing values, which stands for the average one, and the
 * margin as large as any that the calibration was fitted on. For rows of larger terms the error grows with them.
 */
function largestSumError({ weights, intercept, missingValues, calibration }: LinearModel): number {
  if (calibration?.kind !== 'isotonic') return 0;
  const terms = weights.reduce((sum, weight, j) => sum + Math.abs(weight * missingValues[j]!), Math.abs(intercept));
  const margin = Math.max(Math.abs(calibration.margins[0]!), Math.abs(calibration.margins.at(-1)!));
  return Math.max(LEAST_SUM_ERROR, (weights.length + 1) * 2 ** -52 * (terms + margin));
}

function addLabel(graph: GraphBuilder, threshold: number): void {
  const limit = graph.floats('label_threshold', [1], [threshold]);
  graph.add('GreaterOrEqual', ['probability', limit], 'is_fraud');
  graph.add('Cast', ['is_fraud'], 'label_column', { to: { kind: 'int', value: ELEMENT_TYPES.int64 } });
  graph.add('Reshape', ['label_column', graph.int64s('label_shape', [-1])], 'label');
}
