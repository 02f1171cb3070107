/**
 * Explanations of many rows, for summaries: which features matter, and which values push where.
 */
import { type FeatureMatrix, isPlainObject, showValue } from '@fraudops/core';
import type { Explanation } from '../explanation.js';
import { ModelError } from '../model-error.js';
import { type Model, requireMatrix } from '../model.js';
import { requireModel } from '../required-arguments.js';

/** Explanations of the rows of a matrix; see {@link explainBatch}. */
export interface BatchExplanation extends Pick<Explanation, 'method' | 'space' | 'base'> {
  /** Names of the features, in the order of `contributions`. */
  readonly names: readonly string[];
  readonly rowCount: number;
  /** One array of `rowCount` contributions a feature: row i of feature j is `contributions[j][i]`. */
  readonly contributions: readonly Float64Array[];
  /** The rows' margins. */
  readonly margins: Float64Array;
}

/** Most contributions of a {@link BatchExplanation}, rows times features: 400 MB. */
export const MAX_BATCH_CONTRIBUTIONS = 50_000_000;

/**
 * {@link Model.explain} of every row of a matrix, by columns: base plus contributions[0][i] and so on is margins[i]. Some thousand rows, drawn
 * at random, are enough for a summary.
 *
 * @param matrix the model's features in its order, at least one row, at most {@link MAX_BATCH_CONTRIBUTIONS} values
 * @throws {ModelError} FEATURE_MISMATCH for another matrix or one without rows, TOO_LARGE, and NOT_FINITE as explaining one row does
 * @example explainBatch(model, takeRows(matrix, positions)).contributions[0]; // Float64Array, one contribution of feature 0 a row
 */
export function explainBatch(model: Model, matrix: FeatureMatrix): BatchExplanation {
  requireModel('explainBatch', model, 'explain');
  requireMatrix(model, matrix);
  const { names, columns, rowCount } = matrix;
  if (rowCount === 0) throw new ModelError('FEATURE_MISMATCH', 'explainBatch: matrix has no rows, expected at least one');
  if (rowCount * names.length > MAX_BATCH_CONTRIBUTIONS) {
    throw new ModelError(
      'TOO_LARGE',
      `explainBatch: ${rowCount} rows of ${names.length} features, at most ${MAX_BATCH_CONTRIBUTIONS} values are allowed; draw fewer rows`,
      { details: { rowCount, features: names.length, limit: MAX_BATCH_CONTRIBUTIONS } },
    );
  }
  const contributions = columns.map(() => new Float64Array(rowCount));
  const margins = new Float64Array(rowCount);
  const row = new Float32Array(columns.length);
  let explanation: Explanation | undefined;
  for (let i = 0; i < rowCount; i++) {
    for (let j = 0; j < row.length; j++) row[j] = columns[j]![i]!;
    explanation = model.explain(row);
    for (let j = 0; j < row.length; j++) contributions[j]![i] = explanation.contributions[j]!;
    margins[i] = explanation.margin;
  }
  const { method, space, base } = explanation!;
  return { method, space, base, names: [...names], rowCount, contributions, margins };
}

/**
 * Mean of the absolute contributions of each feature, (1/n) * sum |phi_ij|: how much it moves margins, the usual bar chart of a SHAP summary.
 * One number a feature, in the order of `names`, in units of the margin.
 *
 * @throws {ModelError} FEATURE_MISMATCH for what explainBatch did not give
 * @example meanAbsoluteContributions(explainBatch(model, matrix)); // Float64Array [0.41, 0.02, ...]
 */
export function meanAbsoluteContributions(batch: Pick<BatchExplanation, 'contributions' | 'rowCount'>): Float64Array {
  requireContributions(batch);
  const { contributions, rowCount } = batch;
  return Float64Array.from(contributions, (column) => column.reduce((sum, value) => sum + Math.abs(value), 0) / rowCount);
}

function requireContributions(batch: Pick<BatchExplanation, 'contributions' | 'rowCount'>): void {
  const { contributions, rowCount }: Partial<BatchExplanation> = isPlainObject(batch) ? batch : {};
  const isColumn = (column: unknown) => column instanceof Float64Array && column.length === rowCount;
  if (Array.isArray(contributions) && contributions.every(isColumn) && rowCount! > 0) return;
  throw new ModelError(
    'FEATURE_MISMATCH',
    `meanAbsoluteContributions: ${showValue(batch)} with contributions ${showValue(contributions)} and rowCount ${showValue(rowCount)}, expected what explainBatch gives`,
  );
}
