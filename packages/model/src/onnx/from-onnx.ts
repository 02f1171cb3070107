/**
 * Imports a binary classifier from an ONNX file, if what the file computes is a model of this package: trees or a linear model, with what
 * converters put before (Scaler, Imputer, Concat, Cast) and after (Sigmoid, Clip, ZipMap, two columns of scores).
 *
 * Everything else is refused by the name of the operator; `onnxRuntimeModel` runs such files. Nothing from a file is executed, and a
 * damaged or hostile one costs time and memory in proportion to its size only.
 */
import { type OptionKinds, isArrayLike, isPlainObject, showValue } from '@fraudops/core';
import {
  IMPORT_OPTIONS,
  type ImportOptions,
  certifyImport,
  importedFeatureNames,
  requireImportOptions,
  unsupported,
} from '../imports/imported-model.js';
import type { ParityCertificate } from '../imports/parity-certificate.js';
import { type LinearModel, linearModel } from '../linear-model.js';
import { MAX_LISTED_CATEGORIES, MAX_NODES } from '../model-limits.js';
import { ModelError } from '../model-error.js';
import { type TreeModel, treeModel } from '../tree-model.js';
import { evaluateGraph, featureInputs } from './evaluate-graph.js';
import { ELEMENT_TYPES, ML_DOMAIN, type OnnxFile } from './onnx-graph.js';
import { readOnnx } from './read-onnx.js';
import type { Score, SymbolicValue } from './symbolic-value.js';
import { FEATURE_NAMES_KEY } from './to-onnx.js';

/** How {@link fromOnnx} reads. */
export interface FromOnnxOptions extends ImportOptions {
  /** Name of the output that holds the scores. Default: the first that does. */
  readonly output?: string | undefined;
  /**
   * What an output is that is a plain sum, such as that of a regressor: log-odds (`margin`), or a probability. Default: refused, since
   * the file doesn't say.
   */
  readonly sumIs?: 'margin' | 'probability' | undefined;
  /**
   * What a missing feature counts as, for a linear model whose file says nothing of that: one value a feature, values by the features'
   * names, or one for all. Take the means of the training rows; 0 where features were standardised.
   */
  readonly missingValues?: number | readonly number[] | Readonly<Record<string, number>> | undefined;
}

const OPTIONS: OptionKinds<FromOnnxOptions> = { ...IMPORT_OPTIONS, output: 'text', sumIs: 'checked', missingValues: 'checked' };

/** Where an ONNX file comes from. */
export interface OnnxSource {
  readonly library: 'onnx';
  /** The program that wrote the file, with its version; empty if it doesn't say. */
  readonly producer: string;
  readonly irVersion: number;
  /** Version of the operators for trees and linear models; undefined when the file has none. */
  readonly mlOpset: number | undefined;
  /** The output that holds the scores. */
  readonly output: string;
}

/** What {@link fromOnnx} returns. */
export interface ImportedOnnxModel {
  readonly model: TreeModel | LinearModel;
  /** Undefined when it was imported `withoutCertificate`. */
  readonly certificate: ParityCertificate | undefined;
  /** What the file says that a user of its scores should know. */
  readonly warnings: readonly string[];
  readonly source: OnnxSource;
}

/**
 * The model in an ONNX file.
 *
 * Understood are TreeEnsembleClassifier and TreeEnsembleRegressor (ai.onnx.ml 1 to 4), TreeEnsemble (5), LinearClassifier and
 * LinearRegressor, and MatMul or Gemm with Add and Sigmoid; of classifiers those of two classes, the second being fraud. Comparisons
 * decide every float32 as the file does, and a missing feature goes where the file says.
 *
 * @throws {ModelError} CERTIFICATE_MISSING or CERTIFICATE_FAILED, see {@link ImportOptions}; INVALID_MODEL for what is no ONNX file or
 *   damaged; UNSUPPORTED_MODEL naming the operator or the rule; TOO_LARGE; FEATURE_MISMATCH for as many names as there are no features
 * @example
 * const { model } = fromOnnx(await readFile('model.onnx'), { certify: { rows, probabilities } });
 * model.score(row);
 */
export function fromOnnx(bytes: Uint8Array, options: FromOnnxOptions): ImportedOnnxModel {
  requireImportOptions('fromOnnx', options, OPTIONS);
  requireMissingValues(options.missingValues);
  if (!(bytes instanceof Uint8Array))
    throw new ModelError('INVALID_MODEL', `fromOnnx: the file is ${showValue(bytes)}, expected bytes`);
  const file = readOnnx(bytes);
  const warnings = new Set<string>();
  const inputs = featureInputs(file.graph);
  const featureCount = inputs.reduce((sum, { width }) => sum + width, 0);
  if (featureCount === 0) throw unsupported('fromOnnx', 'a graph without inputs, expected features');
  warnOfPrecision(file, warnings);
  const values = evaluateGraph(file.graph, {
    featureCount,
    budget: { nodes: MAX_NODES, categories: MAX_LISTED_CATEGORIES },
    warnings,
  });
  const { name, score } = chooseScore(file, values, options);
  const names =
    inputs.every(({ width }) => width === 1) && inputs.length > 1 ? inputs.map((input) => input.name) : namesInMetadata(file);
  const featureNames = importedFeatureNames('fromOnnx', options, names, featureCount);
  const model = modelOf(score, featureNames, options);
  return {
    model,
    certificate: certifyImport(model, options),
    warnings: [...warnings],
    source: {
      library: 'onnx',
      producer: `${file.producerName} ${file.producerVersion}`.trim().slice(0, 200),
      irVersion: file.irVersion,
      mlOpset: file.opsets.get(ML_DOMAIN),
      output: name,
    },
  };
}

function warnOfPrecision({ graph }: OnnxFile, warnings: Set<string>): void {
  if (graph.inputs.some(({ elementType }) => elementType === ELEMENT_TYPES.double)) {
    warnings.add(
      'the file takes float64 features: here they are rounded to float32 first, which matters within 1e-7 of a threshold',
    );
  }
  if (graph.inputs.some(({ elementType }) => elementType === ELEMENT_TYPES.int64 || elementType === ELEMENT_TYPES.int32)) {
    warnings.add('the file takes integers: here they are rounded to float32, which is exact up to 16,777,216');
  }
}

/** The output that was asked for, or else the first that holds scores, or else the first that could. */
function chooseScore(file: OnnxFile, values: readonly SymbolicValue[], options: FromOnnxOptions): { name: string; score: Score } {
  const outputs = file.graph.outputs.map(({ name }, i) => ({ name, value: values[i]! }));
  const candidates = options.output === undefined ? outputs : outputs.filter(({ name }) => name === options.output);
  if (candidates.length === 0) {
    const known = outputs.map(({ name }) => name.slice(0, 100)).join(', ');
    throw unsupported('fromOnnx', `no output ${String(options.output).slice(0, 100)}, expected one of ${known}`);
  }
  const isScore = ({ value: { kind } }: (typeof outputs)[number]) => kind === 'score' || kind === 'classes';
  const chosen =
    candidates.find(isScore) ??
    candidates.find(({ value }) => value.kind === 'margin') ??
    candidates.find(({ value }) => value.kind === 'unknown') ??
    candidates[0]!;
  return { name: chosen.name, score: scoreOf(chosen.name, chosen.value, options) };
}

function scoreOf(name: string, value: SymbolicValue, { sumIs }: FromOnnxOptions): Score {
  const where = `fromOnnx: output ${name.slice(0, 100)}`;
  switch (value.kind) {
    case 'score':
    case 'classes':
      return value.score;
    case 'unknown':
      throw unsupported(where, `${value.reason}; run the file by onnxRuntimeModel`);
    case 'margin': {
      const { sum, slope, shift } = value;
      if (sumIs !== undefined && sumIs !== 'margin' && sumIs !== 'probability') {
        throw new ModelError('INVALID_OPTION', `${where}: sumIs is ${showValue(sumIs)}, expected margin or probability`);
      }
      if (sumIs === undefined) {
        throw unsupported(where, 'a sum, of which the file does not say what it is; pass sumIs: margin or probability', 'sumIs');
      }
      if (slope !== 1 || shift !== 0) throw unsupported(where, 'a sum that is scaled or shifted after it was made');
      if (sumIs === 'probability' && sum.kind === 'linear') throw unsupported(where, 'a linear sum that is no margin');
      return { sum, link: sumIs === 'probability' ? 'identity' : 'logistic', calibration: undefined };
    }
    default:
      throw unsupported(where, 'no score of a model; run the file by onnxRuntimeModel');
  }
}

function modelOf(score: Score, featureNames: readonly string[], options: FromOnnxOptions): TreeModel | LinearModel {
  const { sum, link, calibration } = score;
  if (sum.kind === 'trees') return treeModel({ featureNames, baseMargin: sum.baseMargin, trees: sum.trees, link, calibration });
  const given = missingValueOf(options.missingValues, featureNames);
  const missingValues = sum.missingValues.map((value, j) => {
    const filled = Number.isNaN(value) ? given(j) : value;
    if (filled !== undefined) return filled;
    // A feature that is not looked at needs no value.
    if (sum.weights[j] === 0) return 0;
    throw unsupported(
      'fromOnnx',
      `the file does not say what a missing ${featureNames[j]} counts as; pass missingValues, one a feature, such as the training means`,
      'missingValues',
    );
  });
  return linearModel({ featureNames, weights: sum.weights, intercept: sum.intercept, missingValues, calibration });
}

/** Their form; what they hold is looked at by the model that takes them. */
function requireMissingValues(missingValues: unknown): void {
  const isKnown = missingValues === undefined || typeof missingValues === 'number' || isPlainObject(missingValues);
  if (isKnown || isList(missingValues)) return;
  throw new ModelError(
    'INVALID_OPTION',
    `fromOnnx: options.missingValues is ${showValue(missingValues)}, expected a number, one a feature, or an object of them by feature`,
  );
}

/** What the options say of a feature by its position; undefined when they don't. */
function missingValueOf(
  missingValues: FromOnnxOptions['missingValues'],
  featureNames: readonly string[],
): (position: number) => number | undefined {
  if (typeof missingValues !== 'object') return () => missingValues;
  if (isList(missingValues)) return (position) => missingValues[position];
  const unknown = Object.keys(missingValues).find((name) => !featureNames.includes(name));
  if (unknown !== undefined) {
    throw new ModelError(
      'FEATURE_MISMATCH',
      `fromOnnx: missingValues names ${unknown}, which is no feature of the model; its features are ${featureNames.slice(0, 20).join(', ')}`,
      { details: { feature: unknown } },
    );
  }
  return (position) => {
    const name = featureNames[position]!;
    return Object.hasOwn(missingValues, name) ? missingValues[name] : undefined;
  };
}

const isList = (values: unknown): values is readonly number[] =>
  Array.isArray(values) || (ArrayBuffer.isView(values) && isArrayLike(values));

/** The names that `toOnnx` writes. */
function namesInMetadata(file: OnnxFile): readonly string[] {
  const text = file.metadata.get(FEATURE_NAMES_KEY);
  if (text === undefined) return [];
  try {
    const names: unknown = JSON.parse(text);
    if (Array.isArray(names) && names.every((name) => typeof name === 'string')) return names;
  } catch {
    // Said below.
  }
  throw new ModelError('INVALID_MODEL', `fromOnnx: metadata ${FEATURE_NAMES_KEY} is no JSON array of names; pass featureNames`);
}
