/**
 * Follows a graph from its inputs to its outputs, node by node in their order, and keeps what is known of each value. An operator that no
 * model of this package has makes its outputs unknown; that is an error only if the score depends on one.
 */
import { ModelError } from '../model-error.js';
import { MAX_FEATURES } from '../model-limits.js';
import type { FeatureColumn } from './feature-column.js';
import { linearClassifier, linearRegressor } from './linear-operators.js';
import { addConstant, clip, multiplyMatrix, power, scaleBy, sigmoid, subtract } from './margin-operators.js';
import { NodeAttributes } from './node-attributes.js';
import { ELEMENT_TYPES, ML_DOMAIN, type OnnxGraph, type OnnxNode } from './onnx-graph.js';
import { type SymbolicValue, unknown } from './symbolic-value.js';
import { type TreeReading, classifierTrees, ensembleTrees, regressorTrees } from './tree-operators.js';
import { concatenate, fillMissing, impute, missingOf, scaleColumns } from './column-operators.js';

/** What operators are told beside their inputs. */
export interface GraphContext extends TreeReading {
  readonly featureCount: number;
}

/** Most columns that all nodes together make of the features. */
const MAX_COLUMNS = 100 * MAX_FEATURES;

type Operator = (inputs: readonly SymbolicValue[], node: OnnxNode, context: GraphContext) => SymbolicValue;

/** What reads the features. */
const onColumns =
  (read: (node: OnnxNode, columns: readonly FeatureColumn[], context: GraphContext) => SymbolicValue): Operator =>
  ([input], node, context) =>
    input?.kind === 'columns' ? read(node, input.columns, context) : unknown(`${node.operator} of what are not the features`);

/** What leaves scores as they are. */
const unchanged: Operator = ([input], node) => input ?? unknown(`${node.operator} without input`);

const NUMBER_TYPES: ReadonlySet<number> = new Set([ELEMENT_TYPES.float, ELEMENT_TYPES.double]);

const cast: Operator = ([input], node) => {
  const to = new NodeAttributes(node).int('to', 0);
  if (!input || input.kind === 'label' || NUMBER_TYPES.has(to)) return input ?? unknown('Cast without input');
  return unknown(`Cast to element type ${to}, expected float or double`);
};

/** What changes the shape of a column of scores, and nothing else. */
const reshape: Operator = ([input], node) =>
  input && (input.kind === 'score' || input.kind === 'margin' || input.kind === 'label' || input.kind === 'complement')
    ? input
    : unknown(`${node.operator} of what is no column of scores`);

const OPERATORS: Readonly<Record<string, Operator>> = {
  Identity: unchanged,
  Cast: cast,
  Flatten: reshape,
  Reshape: reshape,
  Squeeze: reshape,
  Unsqueeze: reshape,
  Concat: concatenate,
  IsNaN: ([input]) => missingOf(input),
  Where: fillMissing,
  MatMul: ([input, weights], _node, { featureCount }) => multiplyMatrix(input, weights, undefined, featureCount),
  Gemm: ([input, weights, intercept], node, { featureCount }) => gemm(node, input, weights, intercept, featureCount),
  Add: ([a, b]) => (b?.kind === 'constant' ? addConstant(a, b, 1) : addConstant(b, a, 1)),
  Sub: ([a, b]) => subtract(a, b),
  Mul: ([a, b]) => (b?.kind === 'constant' ? scaleBy(a, b) : scaleBy(b, a)),
  Pow: ([a, b]) => power(a, b),
  Clip: ([input, low, high]) => clip(input, low, high),
  Sigmoid: ([input]) => sigmoid(input),
};

const ML_OPERATORS: Readonly<Record<string, Operator>> = {
  Scaler: onColumns(scaleColumns),
  Imputer: onColumns(impute),
  TreeEnsembleRegressor: onColumns((node, columns, context) => regressorTrees(node, columns, context)),
  TreeEnsemble: onColumns((node, columns, context) => ensembleTrees(node, columns, context)),
  LinearRegressor: onColumns((node, columns, { featureCount }) => linearRegressor(node, columns, featureCount)),
  // What makes maps of two columns, or makes rows of two columns add up to 1, which those of a score do.
  ZipMap: ([input]) => (input?.kind === 'classes' ? input : unknown('ZipMap of what are not the scores of two classes')),
  Normalizer: ([input], node) =>
    input?.kind === 'classes' && new NodeAttributes(node).text('norm', 'MAX') === 'L1'
      ? input
      : unknown('Normalizer of what are not the scores of two classes'),
};

/** Classifiers have two outputs, a label and the scores. */
const ML_CLASSIFIERS: Readonly<Record<string, Operator>> = {
  TreeEnsembleClassifier: onColumns((node, columns, context) => classifierTrees(node, columns, context)),
  LinearClassifier: onColumns((node, columns, { featureCount }) => linearClassifier(node, columns, featureCount)),
};

/**
 * The values of the graph's outputs, in their order.
 *
 * @throws {ModelError} INVALID_MODEL when a value is used before it is made, or made twice; and what reading trees throws
 */
export function evaluateGraph(graph: OnnxGraph, context: GraphContext): SymbolicValue[] {
  const values = new Map<string, SymbolicValue>();
  const define = (name: string, value: SymbolicValue) => {
    if (values.has(name)) throw invalid(`value ${showName(name)} is made twice`);
    values.set(name, value);
  };
  for (const tensor of graph.initializers) define(tensor.name, { kind: 'constant', tensor });
  let feature = 0;
  for (const { name, width } of featureInputs(graph)) {
    const columns = Array.from({ length: width }, (_, j) => ({ feature: feature + j, missingValue: Number.NaN, steps: [] }));
    feature += width;
    define(name, { kind: 'columns', columns });
  }
  let columnCount = 0;
  for (const node of graph.nodes) {
    const inputs = node.inputs.map((name): SymbolicValue => {
      if (name === '') return unknown('an input that is left out');
      return values.get(name) ?? fail(`value ${showName(name)} is used before it is made`);
    });
    const results = evaluate(node, inputs, context);
    columnCount += results.reduce((sum, value) => sum + (value.kind === 'columns' ? value.columns.length : 0), 0);
    if (columnCount > MAX_COLUMNS)
      throw new ModelError('TOO_LARGE', `onnx: more than ${MAX_COLUMNS} columns are made of the features`);
    node.outputs.forEach((name, i) => {
      if (name !== '') define(name, results[i] ?? unknown(`output ${i} of ${node.operator.slice(0, 100)}`));
    });
  }
  return graph.outputs.map(({ name }) => values.get(name) ?? fail(`output ${showName(name)} is never made`));
}

/** The inputs that are no constants, with their numbers of columns. @throws {ModelError} UNSUPPORTED_MODEL, or TOO_LARGE */
export function featureInputs(graph: OnnxGraph): { name: string; width: number }[] {
  const constants = new Set(graph.initializers.map(({ name }) => name));
  const inputs = graph.inputs.filter(({ name }) => !constants.has(name));
  let count = 0;
  return inputs.map(({ name, elementType, shape }) => {
    const isNumber = [ELEMENT_TYPES.float, ELEMENT_TYPES.double, ELEMENT_TYPES.int64, ELEMENT_TYPES.int32].some(
      (each) => each === elementType,
    );
    const width = inputs.length > 1 ? (shape[1] ?? 1) : shape[1];
    if (!isNumber || shape.length > 2 || width === undefined || !(width >= 1)) {
      throw new ModelError(
        'UNSUPPORTED_MODEL',
        `onnx: input ${showName(name)} has element type ${elementType} and shape [${shape.join(', ')}], expected numbers of shape [N, number of features]`,
      );
    }
    count += width;
    if (count > MAX_FEATURES) throw new ModelError('TOO_LARGE', `onnx: more than ${MAX_FEATURES} features, which is the limit`);
    return { name, width };
  });
}

function evaluate(node: OnnxNode, inputs: readonly SymbolicValue[], context: GraphContext): SymbolicValue[] {
  const name = node.operator;
  if (node.domain === ML_DOMAIN && Object.hasOwn(ML_CLASSIFIERS, name)) {
    return [{ kind: 'label' }, firstUnknown(inputs) ?? ML_CLASSIFIERS[name]!(inputs, node, context)];
  }
  const operators = node.domain === ML_DOMAIN ? ML_OPERATORS : node.domain === '' ? OPERATORS : {};
  // What labels are made of is of no interest.
  if (inputs.some(({ kind }) => kind === 'label') && name !== 'Concat') return [{ kind: 'label' }];
  const operator = Object.hasOwn(operators, name) ? operators[name]! : undefined;
  if (name === 'Constant' && node.domain === '') return [constantOf(node)];
  if (!operator)
    return [
      firstUnknown(inputs) ?? unknown(`operator ${showName(name)}${node.domain === '' ? '' : ` of ${showName(node.domain)}`}`),
    ];
  const isOptional = name === 'Clip' || name === 'Gemm';
  return [(isOptional ? undefined : firstUnknown(inputs)) ?? operator(inputs, node, context)];
}

const firstUnknown = (inputs: readonly SymbolicValue[]) => inputs.find(({ kind }) => kind === 'unknown');

function constantOf(node: OnnxNode): SymbolicValue {
  const value = node.attributes.get('value');
  return value?.kind === 'tensor' ? { kind: 'constant', tensor: value.value } : unknown('Constant of what is no tensor');
}

function gemm(
  node: OnnxNode,
  input: SymbolicValue | undefined,
  weights: SymbolicValue | undefined,
  intercept: SymbolicValue | undefined,
  featureCount: number,
): SymbolicValue {
  const attributes = new NodeAttributes(node);
  const isPlain = attributes.float('alpha', 1) === 1 && attributes.float('beta', 1) === 1 && attributes.int('transA', 0) === 0;
  if (!isPlain) return unknown('Gemm with alpha, beta or transA');
  return multiplyMatrix(input, weights, intercept, featureCount);
}

function fail(message: string): never {
  throw invalid(message);
}

function invalid(message: string): ModelError {
  return new ModelError('INVALID_MODEL', `onnx: ${message}; the file is damaged, fetch it again`);
}

const showName = (name: string): string => JSON.stringify(name.slice(0, 100));
