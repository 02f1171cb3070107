/** What ordinary arithmetic says, from the features to a sum and from a sum to a score. */
import { linearSum } from './linear-operators.js';
import { type ModelSum, type SymbolicValue, unknown } from './symbolic-value.js';

type Input = SymbolicValue | undefined;

/** Features times one column of weights, plus an intercept if there is one. */
export function multiplyMatrix(input: Input, weights: Input, intercept: Input, featureCount: number): SymbolicValue {
  if (input?.kind !== 'columns' || weights?.kind !== 'constant')
    return unknown('MatMul or Gemm of what are not features and numbers');
  const { shape, values } = weights.tensor;
  // As one column, or as one row that is transposed, the numbers are the same.
  if (values.length !== input.columns.length || shape.filter((size) => size !== 1).length > 1) {
    return unknown(
      `MatMul or Gemm with weights of shape [${shape.join(', ')}] for ${input.columns.length} features, expected one column`,
    );
  }
  const added = intercept === undefined ? undefined : scalarOf(intercept);
  if (intercept !== undefined && added === undefined) return unknown('Gemm that adds what is no number');
  const sum = linearSum(input.columns, values, added ?? 0, featureCount, added !== undefined);
  return { kind: 'margin', sum, slope: 1, shift: 0 };
}

/** A sum plus or minus a number. The first number that is added to a linear sum is its intercept. */
export function addConstant(input: Input, constant: Input, sign: 1 | -1): SymbolicValue {
  const number = scalarOf(constant);
  if (input?.kind !== 'margin' || number === undefined) return unknown('Add or Sub of what are not a sum and a number');
  const { sum, slope, shift } = input;
  if (sum.kind === 'linear' && !sum.isComplete && slope === 1 && shift === 0) {
    return { ...input, sum: { ...sum, intercept: sum.intercept + sign * number, isComplete: true } };
  }
  return { ...input, shift: shift + sign * number };
}

/** A sum minus a number, or one minus a score. */
export function subtract(a: Input, b: Input): SymbolicValue {
  if (scalarOf(a) === 1 && b?.kind === 'score') return { kind: 'complement', score: b.score };
  return addConstant(a, b, -1);
}

/** A sum times a number. */
export function scaleBy(input: Input, constant: Input): SymbolicValue {
  const factor = scalarOf(constant);
  if (factor === 1 && (input?.kind === 'classes' || input?.kind === 'score')) return input;
  if (input?.kind !== 'margin' || factor === undefined) return unknown('Mul of what are not a sum and a number');
  return { ...input, sum: completed(input.sum), slope: input.slope * factor, shift: input.shift * factor };
}

/** The logistic function of a sum; what was done to the sum is its calibration. */
export function sigmoid(input: Input): SymbolicValue {
  if (input?.kind !== 'margin') return unknown('Sigmoid of what is no sum of a model');
  const { sum, slope, shift } = input;
  if (!(slope > 0)) return unknown('Sigmoid of a sum times a number that is not above 0');
  const calibration =
    slope !== 1
      ? ({ kind: 'platt', slope, intercept: shift } as const)
      : shift !== 0
        ? ({ kind: 'prior', logOddsShift: shift } as const)
        : undefined;
  return { kind: 'score', score: { sum, link: 'logistic', calibration } };
}

/** A sum between 0 and 1 is a probability; a score stays what it is. */
export function clip(input: Input, low: Input, high: Input): SymbolicValue {
  if (scalarOf(low) !== 0 || scalarOf(high) !== 1) return unknown('Clip, but to 0 and 1');
  if (input?.kind === 'score') return input;
  if (input?.kind === 'margin' && input.sum.kind === 'trees' && input.slope === 1 && input.shift === 0) {
    return { kind: 'score', score: { sum: input.sum, link: 'identity', calibration: undefined } };
  }
  return unknown('Clip of what is no sum of trees');
}

/** Two to the power of a sum of trees, the score of an isolation forest. */
export function power(base: Input, exponent: Input): SymbolicValue {
  if (
    scalarOf(base) === 2 &&
    exponent?.kind === 'margin' &&
    exponent.sum.kind === 'trees' &&
    exponent.slope === 1 &&
    exponent.shift === 0
  ) {
    return { kind: 'score', score: { sum: exponent.sum, link: 'exp2', calibration: undefined } };
  }
  return unknown('Pow, but of 2 and a sum of trees');
}

/** Whatever is added after this is no intercept. */
const completed = (sum: ModelSum): ModelSum => (sum.kind === 'linear' ? { ...sum, isComplete: true } : sum);

function scalarOf(value: Input): number | undefined {
  return value?.kind === 'constant' && value.tensor.values.length === 1 ? value.tensor.values[0] : undefined;
}
