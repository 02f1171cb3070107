/**
 * Preprocessing: filling, clipping, logarithms and scaling of features, fitted on given rows only and saved with the model, so that a
 * request is treated as the training rows were.
 *
 * A preprocessing is a list of steps. Each is fitted on what the steps before it made of the rows. Every step treats each column by itself
 * and rounds to float32, in a matrix and in a single row alike, so {@link Preprocessing.apply} and {@link Preprocessing.applyRow} give the
 * same bits.
 */
import { type FeatureMatrix, type Json, canonicalJson, featureMatrix, sha256Hex } from '@fraudops/core';
import { z } from 'zod';
import { FeatureError } from '../feature-error.js';
import { parseSaved } from '../parse-saved.js';
import { requireFittedNames, requireLength } from './fitted-features.js';
import { type FittedStep, MAX_PREPROCESSED_COLUMNS, fitStep, fittedStepSchema, operationOf } from './fitted-step.js';
import type { PreprocessingStep } from './preprocessing-step.js';
import { scalerFromJson } from './standard-scaler.js';
import { type ValueOperation, operate, valueOperation } from './value-operation.js';

/** See {@link fitPreprocessing}. */
export interface Preprocessing {
  /** Names of the features that it takes, in order. */
  readonly inputNames: readonly string[];
  /** Names of the features that it gives: the same, then the indicators of missing values, in order of the steps. */
  readonly names: readonly string[];
  /** The steps with what they learned. */
  readonly steps: readonly FittedStep[];
  /** First 16 hexadecimal digits of the SHA-256 of the canonical JSON: equal versions mean equal results. */
  readonly version: string;
  /** A preprocessed copy. @throws {FeatureError} UNKNOWN_FIELD when names or their order differ */
  apply(matrix: FeatureMatrix): FeatureMatrix;
  /**
   * Preprocesses one row. Nothing is allocated.
   *
   * @param row features in the order of `inputNames`
   * @param into receives features in the order of `names`, and is returned; may be `row` itself when there are no indicators
   * @throws {FeatureError} INVALID_VALUE when a length differs
   */
  applyRow<Into extends Float32Array | Float64Array>(row: Float32Array | Float64Array, into: Into): Into;
  /** The preprocessing as data; see {@link preprocessingFromJson}. */
  toJson(): Json;
}

/** Most steps of a preprocessing. */
export const MAX_PREPROCESSING_STEPS = 100;

/**
 * Fits steps, one after the other. Takes memory for one copy of the matrix.
 *
 * @param matrix the rows to fit on: those trained on, never those tested on
 * @param steps 1 to 100; see {@link impute}, {@link clip}, {@link log}, {@link standardize} and {@link robustScale}
 * @throws {FeatureError} UNKNOWN_FIELD for a column that isn't there, DUPLICATE_NAME when a step names one twice or an indicator has the
 *   name of another column, INVALID_VALUE when a step learns from infinite values, INVALID_OPTION, TOO_LARGE
 * @example
 * const preprocessing = fitPreprocessing(trainingMatrix, [
 *   impute({ with: 'median', indicators: true }),
 *   log({ columns: ['AMOUNT'] }),
 *   standardize(),
 * ]);
 * const model = trainLogistic(preprocessing.apply(trainingMatrix), labels);
 */
export function fitPreprocessing(matrix: FeatureMatrix, steps: readonly PreprocessingStep[]): Preprocessing {
  if (steps.length === 0 || steps.length > MAX_PREPROCESSING_STEPS) {
    throw new FeatureError('INVALID_OPTION', `fitPreprocessing: ${steps.length} steps, expected 1 to ${MAX_PREPROCESSING_STEPS}`);
  }
  const names = planColumns('fitPreprocessing', matrix.names, steps);
  const values = new Map(matrix.names.map((name, j) => [name, matrix.columns[j]!.slice()]));
  const fitted = steps.map((step) => {
    const columns = [...(step.columns ?? matrix.names)];
    const treated = columns.map((name) => values.get(name)!);
    const result = fitStep(step, columns, treated);
    if (result.type === 'impute' && result.indicators) {
      for (const [i, name] of columns.entries()) values.set(indicatorName(name), treated[i]!.map(isMissing));
    }
    for (const [i, column] of treated.entries()) operateOn(operationOf(result, i), column);
    return result;
  });
  return new FittedPreprocessing([...matrix.names], names, fitted);
}

/**
 * Names of all columns after all steps.
 *
 * @param where who asks, for messages
 * @throws {FeatureError} when a step names a column that isn't there or one twice, or an indicator would have the name of another column
 */
function planColumns(
  where: string,
  inputNames: readonly string[],
  steps: readonly (PreprocessingStep | FittedStep)[],
): readonly string[] {
  const names = new Set(inputNames);
  for (const { columns = inputNames, ...step } of steps) {
    const odd = columns.find((name) => !names.has(name));
    if (odd !== undefined) {
      const message = `${where}: ${step.type} names the column ${odd}, which isn't there; there are ${[...names].slice(0, 20).join(', ')}`;
      throw new FeatureError('UNKNOWN_FIELD', message, { column: odd });
    }
    if (columns.length === 0)
      throw new FeatureError('INVALID_OPTION', `${where}: ${step.type} names no column; leave the step out`);
    if (new Set(columns).size < columns.length) {
      throw new FeatureError('DUPLICATE_NAME', `${where}: ${step.type} names a column twice; name each once`, { columns });
    }
    if (step.type !== 'impute' || !step.indicators) continue;
    for (const name of columns.map(indicatorName)) {
      if (names.has(name)) {
        const message = `${where}: the indicator ${name} has the name of a column that is there; rename that one, or add indicators once`;
        throw new FeatureError('DUPLICATE_NAME', message, { column: name });
      }
      names.add(name);
    }
  }
  if (names.size <= MAX_PREPROCESSED_COLUMNS) return [...names];
  throw new FeatureError('TOO_LARGE', `${where}: ${names.size} columns, at most ${MAX_PREPROCESSED_COLUMNS} are allowed`);
}

function indicatorName(name: string): string {
  return `${name}_MISSING`;
}

const MISSING = valueOperation('isMissing');

function isMissing(value: number): number {
  return operate(MISSING, value);
}

function operateOn(operation: ValueOperation, column: Float32Array): void {
  for (let i = 0; i < column.length; i++) column[i] = operate(operation, column[i]!);
}

/** How one column comes about: from one input, by operations one after the other. */
interface ColumnRecipe {
  readonly source: number;
  readonly operations: ValueOperation[];
}

class FittedPreprocessing implements Preprocessing {
  readonly inputNames: readonly string[];
  readonly names: readonly string[];
  readonly steps: readonly FittedStep[];
  readonly version: string;
  readonly #json: Json;
  readonly #recipes: readonly ColumnRecipe[];

  constructor(inputNames: readonly string[], names: readonly string[], steps: readonly FittedStep[]) {
    this.inputNames = inputNames;
    this.names = names;
    this.steps = steps;
    this.#json = { formatVersion: 1, kind: 'preprocessing', inputNames, steps: steps as unknown as Json };
    this.version = sha256Hex(canonicalJson(this.#json)).slice(0, 16);
    this.#recipes = recipesOf(inputNames, names, steps);
  }

  apply(matrix: FeatureMatrix): FeatureMatrix {
    requireFittedNames('preprocessing', this.inputNames, matrix);
    const columns = this.#recipes.map(({ source, operations }) => {
      const column = matrix.columns[source]!.slice();
      for (const operation of operations) operateOn(operation, column);
      return column;
    });
    return featureMatrix(this.names, columns);
  }

  applyRow<Into extends Float32Array | Float64Array>(row: Float32Array | Float64Array, into: Into): Into {
    requireLength('preprocessing', 'the row', row.length, this.inputNames.length);
    requireLength('preprocessing', 'into', into.length, this.names.length);
    for (let j = 0; j < this.#recipes.length; j++) {
      const { source, operations } = this.#recipes[j]!;
      let value = Math.fround(row[source]!);
      for (let i = 0; i < operations.length; i++) value = operate(operations[i]!, value);
      into[j] = value;
    }
    return into;
  }

  toJson(): Json {
    return this.#json;
  }
}

function recipesOf(
  inputNames: readonly string[],
  names: readonly string[],
  steps: readonly FittedStep[],
): readonly ColumnRecipe[] {
  const recipes = new Map<string, ColumnRecipe>(inputNames.map((name, source) => [name, { source, operations: [] }]));
  for (const step of steps) {
    for (const [i, name] of step.columns.entries()) {
      const { source, operations } = recipes.get(name)!;
      if (step.type === 'impute' && step.indicators) {
        recipes.set(indicatorName(name), { source, operations: [...operations, MISSING] });
      }
      operations.push(operationOf(step, i));
    }
  }
  return names.map((name) => recipes.get(name)!);
}

const savedPreprocessing = z.strictObject({
  formatVersion: z.literal(1),
  kind: z.literal('preprocessing'),
  inputNames: z.array(z.string()).min(1).max(MAX_PREPROCESSED_COLUMNS),
  steps: z.array(fittedStepSchema).min(1).max(MAX_PREPROCESSING_STEPS),
});

/**
 * The preprocessing that {@link Preprocessing.toJson} saved, of the same version and giving the same bits. It also takes what
 * {@link StandardScaler.toJson} saved, as the one step {@link standardize}.
 *
 * @throws {FeatureError} INVALID_JSON when the data has another form, else as {@link fitPreprocessing}
 */
export function preprocessingFromJson(json: unknown): Preprocessing {
  if ((json as { kind?: unknown } | null | undefined)?.kind === 'standard') {
    const { names, means, scales } = scalerFromJson(json);
    const steps: FittedStep[] = [{ type: 'standardize', columns: names, means, scales }];
    return new FittedPreprocessing(names, planColumns('preprocessingFromJson', names, steps), steps);
  }
  const saved = parseSaved('preprocessingFromJson', savedPreprocessing, json, 'save preprocessings with toJson()');
  const { inputNames, steps } = saved;
  if (new Set(inputNames).size < inputNames.length) {
    throw new FeatureError(
      'INVALID_JSON',
      'preprocessingFromJson: inputNames hold a name twice; save preprocessings with toJson()',
    );
  }
  return new FittedPreprocessing(inputNames, planColumns('preprocessingFromJson', inputNames, steps), steps);
}
