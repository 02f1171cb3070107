/** A model that scores in another thread or process, and so answers later. */
import type { FeatureMatrix } from '@fraudops/core';

/**
 * What {@link Model} is, but for its answers, which are promises: programs such as ONNX Runtime only offer these. Names, order and the
 * checks of rows and matrices are the same.
 */
export interface AsyncModel {
  /** Names of the features, in the order in which rows hold them. */
  readonly featureNames: readonly string[];
  /**
   * Probability of fraud, 0 to 1.
   * @throws {ModelError} (rejects) FEATURE_MISMATCH when the row has another length
   */
  score(row: ArrayLike<number>): Promise<number>;
  /**
   * Probability of fraud of every row.
   * @throws {ModelError} (rejects) FEATURE_MISMATCH when the matrix has other names or another order
   */
  scoreBatch(matrix: FeatureMatrix): Promise<Float64Array>;
  /** Gives memory back; scoring is refused afterwards. */
  release(): Promise<void>;
}
