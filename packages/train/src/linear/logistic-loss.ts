/**
 * The log loss of logistic regression over centred columns, plus half the sum of penalty_j * coefficient_j^2, with its derivatives. The
 * coefficients are those of the used columns, then the intercept, which is not penalised.
 *
 * Rows are taken in blocks, see row-sums.ts. Sums are in a fixed order.
 */
import { slopesOf } from './centered-columns.js';
import { BLOCK_ROWS, type LabelledRows, type RowSums } from './row-sums.js';

/** See the module's comment. */
export class LogisticLoss {
  readonly #rows: LabelledRows;
  readonly #penalties: Float64Array;
  readonly #sums: RowSums;

  /**
   * @param sums of the same rows
   * @param penalties one a used column
   */
  constructor(rows: LabelledRows, sums: RowSums, penalties: Float64Array) {
    this.#rows = rows;
    this.#sums = sums;
    this.#penalties = penalties;
  }

  /** The loss; writes its first derivatives to `gradient`. */
  evaluate(coefficients: Float64Array, gradient: Float64Array): number {
    const { used, scales } = this.#rows.columns;
    const intercept = used.length;
    const slopes = slopesOf(this.#rows.columns, coefficients);
    const rowCount = this.#rows.labels.length;
    gradient.fill(0);
    let loss = 0;
    for (let start = 0; start < rowCount; start += BLOCK_ROWS) {
      this.#sums.load(start, Math.min(BLOCK_ROWS, rowCount - start), slopes, coefficients[intercept]!);
      loss += this.#sums.toResiduals();
      this.#sums.addTo(gradient);
    }
    for (let j = 0; j < intercept; j++) {
      const pull = this.#penalties[j]! * coefficients[j]!;
      loss += 0.5 * pull * coefficients[j]!;
      gradient[j] = gradient[j]! / scales[used[j]!]! + pull;
    }
    return loss;
  }
}
