/** The inputs of an ONNX Runtime session, filled from columns of features. */
import type { FeatureMatrix } from '@fraudops/core';
import type { InferenceSession, Tensor } from 'onnxruntime-node';
import { ModelError } from '../model-error.js';

/** One input: which features it takes, and how. */
export interface RuntimeInput {
  readonly name: string;
  readonly type: 'float32' | 'float64' | 'int64';
  /** Position of the first feature, and how many there are. */
  readonly first: number;
  readonly width: number;
  /** Whether it is [N] instead of [N, width]. */
  readonly isFlat: boolean;
}

const TYPES = ['float32', 'float64', 'int64'] as const;

/** @throws {ModelError} UNSUPPORTED_MODEL for inputs that are not of numbers; FEATURE_MISMATCH for other numbers of features */
export function requireInputs(session: InferenceSession, featureCount: number): RuntimeInput[] {
  const { inputMetadata } = session;
  const isSingle = inputMetadata.length === 1;
  if (!isSingle && inputMetadata.length !== featureCount) throw mismatch(`${inputMetadata.length} inputs`, featureCount);
  return inputMetadata.map((input, i) => {
    const type = TYPES.find((each) => input.isTensor && each === input.type);
    if (!input.isTensor || !type || input.shape.length > 2) {
      throw new ModelError(
        'UNSUPPORTED_MODEL',
        `onnxRuntimeModel: input ${input.name} is ${input.isTensor ? `${input.type} of ${input.shape.length} dimensions` : 'no tensor'}, ` +
          'expected float, double or int64 of shape [N, number of features]',
        { details: { input: input.name } },
      );
    }
    const declared = input.shape[1];
    const expected = isSingle ? featureCount : 1;
    if (typeof declared === 'number' && declared > 0 && declared !== expected)
      throw mismatch(`input ${input.name} [N, ${declared}]`, expected);
    return { name: input.name, type, first: isSingle ? 0 : i, width: expected, isFlat: input.shape.length === 1 };
  });
}

/** The rows from `start` on, as the session takes them. @throws {ModelError} NOT_FINITE for what no integer can say */
export function inputTensors(
  runtime: { readonly Tensor: typeof Tensor },
  inputs: readonly RuntimeInput[],
  matrix: FeatureMatrix,
  start: number,
  rowCount: number,
): Record<string, Tensor> {
  return Object.fromEntries(
    inputs.map((input) => {
      const dims = input.isFlat ? [rowCount] : [rowCount, input.width];
      return [input.name, new runtime.Tensor(input.type, valuesOf(input, matrix, start, rowCount), dims)];
    }),
  );
}

function valuesOf(
  input: RuntimeInput,
  matrix: FeatureMatrix,
  start: number,
  rowCount: number,
): Float32Array | Float64Array | BigInt64Array {
  const values = input.type === 'float64' ? new Float64Array(rowCount * input.width) : new Float32Array(rowCount * input.width);
  for (let j = 0; j < input.width; j++) {
    const column = matrix.columns[input.first + j]!;
    for (let i = 0; i < rowCount; i++) values[i * input.width + j] = column[start + i]!;
  }
  if (input.type !== 'int64') return values;
  return BigInt64Array.from(values, (value, at) => {
    if (Number.isFinite(value)) return BigInt(Math.trunc(value));
    const name = matrix.names[input.first + (at % input.width)]!;
    throw new ModelError(
      'NOT_FINITE',
      `feature ${name}: ${value}, the file takes integers, which are never missing or infinite`,
      {
        details: { name },
      },
    );
  });
}

function mismatch(what: string, expected: number): ModelError {
  return new ModelError(
    'FEATURE_MISMATCH',
    `onnxRuntimeModel: ${what} for ${expected} features; pass featureNames with one name a column`,
  );
}
