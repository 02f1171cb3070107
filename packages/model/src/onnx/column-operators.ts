/** What operators do to the features before a model looks at them; see {@link FeatureColumn}. */
import { MAX_FEATURES } from '../model-limits.js';
import type { FeatureColumn } from './feature-column.js';
import { NodeAttributes } from './node-attributes.js';
import type { OnnxNode } from './onnx-graph.js';
import { type SymbolicValue, unknown } from './symbolic-value.js';

/** Most times that a feature is scaled. */
const MAX_STEPS = 8;

/** Scaler: (x - offset) * scale. */
export function scaleColumns(node: OnnxNode, columns: readonly FeatureColumn[]): SymbolicValue {
  const attributes = new NodeAttributes(node);
  const offsets = attributes.numbers('offset');
  const scales = attributes.numbers('scale');
  if (columns.some(({ steps }) => steps.length >= MAX_STEPS)) return unknown(`more than ${MAX_STEPS} Scaler nodes in a row`);
  const isFit = (list: ArrayLike<number>) => list.length === 1 || list.length === columns.length;
  if (!isFit(offsets) || !isFit(scales)) return unknown('Scaler with as many numbers as there are no features');
  return {
    kind: 'columns',
    columns: columns.map((column, j) => ({
      ...column,
      steps: [...column.steps, { offset: offsets[offsets.length === 1 ? 0 : j]!, scale: scales[scales.length === 1 ? 0 : j]! }],
    })),
  };
}

/** Imputer: a value in the place of a missing one. */
export function impute(node: OnnxNode, columns: readonly FeatureColumn[]): SymbolicValue {
  const attributes = new NodeAttributes(node);
  if (!attributes.has('imputed_value_floats')) return unknown('Imputer of integers, which have no missing values');
  if (!Number.isNaN(attributes.float('replaced_value_float', 0))) return unknown('Imputer that replaces a number, expected NaN');
  return fill(columns, attributes.numbers('imputed_value_floats'), 'Imputer');
}

/** IsNaN. */
export function missingOf(input: SymbolicValue | undefined): SymbolicValue {
  return input?.kind === 'columns' ? { kind: 'missing', columns: input.columns } : unknown('IsNaN of what are not the features');
}

/** Where(IsNaN(features), constants, features). */
export function fillMissing([condition, replacement, otherwise]: readonly SymbolicValue[]): SymbolicValue {
  if (condition?.kind !== 'missing' || replacement?.kind !== 'constant' || otherwise?.kind !== 'columns') {
    return unknown('Where, but of missing features, numbers and the features');
  }
  if (condition.columns !== otherwise.columns) return unknown('Where of other features than those looked at');
  return fill(otherwise.columns, replacement.tensor.values, 'Where');
}

function fill(columns: readonly FeatureColumn[], values: ArrayLike<number>, operator: string): SymbolicValue {
  if (values.length !== 1 && values.length !== columns.length) {
    return unknown(`${operator} with ${values.length} numbers for ${columns.length} features`);
  }
  if (columns.some(({ steps, missingValue }) => steps.length > 0 || !Number.isNaN(missingValue))) {
    return unknown(`${operator} after features are scaled or filled in`);
  }
  return {
    kind: 'columns',
    columns: columns.map((column, j) => ({ ...column, missingValue: values[values.length === 1 ? 0 : j]! })),
  };
}

/** Concat along axis 1: of features, or of the scores of two classes. */
export function concatenate(inputs: readonly SymbolicValue[], node: OnnxNode): SymbolicValue {
  const axis = new NodeAttributes(node).int('axis', 1);
  if (axis !== 1 && axis !== -1) return unknown(`Concat along axis ${axis}, expected 1`);
  const columns = inputs.flatMap((input) => (input.kind === 'columns' ? [input.columns] : []));
  const width = columns.reduce((sum, each) => sum + each.length, 0);
  if (width > MAX_FEATURES) return unknown(`Concat of ${width} columns, at most ${MAX_FEATURES} are allowed`);
  if (inputs.length > 0 && columns.length === inputs.length) return { kind: 'columns', columns: columns.flat() };
  const [first, second] = inputs;
  if (inputs.length === 2 && first?.kind === 'complement' && second?.kind === 'score' && first.score === second.score) {
    return { kind: 'classes', score: second.score };
  }
  return unknown('Concat of what are not features or the scores of two classes');
}
