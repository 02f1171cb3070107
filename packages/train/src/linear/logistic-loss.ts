/**
 * The log loss of logistic regression over centred columns, plus half the sum of penalty_j * coefficient_j^2, with its derivatives. The
 * coefficients are those of the used columns, then the intercept, which is not penalised.
 *
 * Rows are taken in blocks, see row-sums.ts. Sums are in a fixed order.
 */
import type { CenteredColumns } from './centered-columns.js';
import { BLOCK_ROWS, type RowSums } from './row-sums.js';

/** See the module's comment. */
export class LogisticLoss {
  readonly #columns: CenteredColumns;
  readonly #labels: Uint8Array;
  readonly #weights: Float64Array | undefined;
  readonly #penalties: Float64Array;
  readonly #sums: RowSums;

  /**
   * @param sums of the same columns
   * @param penalties one a used column
   */
  constructor(
    columns: CenteredColumns,
    sums: RowSums,
    labels: Uint8Array,
    weights: Float64Array | undefined,
    penalties: Float64Array,
  ) {
    this.#columns = columns;
    this.#sums = sums;
    this.#labels = labels;
    this.#weights = weights;
    this.#penalties = penalties;
  }

  /** Where to begin: no weights, and the intercept that gives the rows' share of frauds. */
  start(): Float64Array {
    let frauds = 0;
    let total = 0;
    for (let i = 0; i < this.#labels.length; i++) {
      const weight = this.#weights ? this.#weights[i]! : 1;
      frauds += weight * this.#labels[i]!;
      total += weight;
    }
    const coefficients = new Float64Array(this.#penalties.length + 1);
    coefficients[coefficients.length - 1] = Math.log(frauds / (total - frauds));
    return coefficients;
  }

  /** The loss; writes its first derivatives to `gradient`. */
  evaluate(coefficients: Float64Array, gradient: Float64Array): number {
    const { used, scales } = this.#columns;
    const intercept = used.length;
    const slopes = Float64Array.from(used, (feature, j) => coefficients[j]! / scales[feature]!);
    const rowCount = this.#labels.length;
    const { factors } = this.#sums;
    gradient.fill(0);
    let loss = 0;
    for (let start = 0; start < rowCount; start += BLOCK_ROWS) {
      const count = Math.min(BLOCK_ROWS, rowCount - start);
      this.#sums.load(start, count, slopes, coefficients[intercept]!);
      loss += this.#weights
        ? weightedResiduals(factors, this.#labels, this.#weights, start, count)
        : plainResiduals(factors, this.#labels, start, count);
      this.#sums.addTo(gradient);
      let sum = 0;
      for (let i = 0; i < count; i++) sum += factors[i]!;
      gradient[intercept]! += sum;
    }
    for (let j = 0; j < intercept; j++) {
      const pull = this.#penalties[j]! * coefficients[j]!;
      loss += 0.5 * pull * coefficients[j]!;
      gradient[j] = gradient[j]! / scales[used[j]!]! + pull;
    }
    return loss;
  }
}

/** Rows whose factors from 1 to 2 are multiplied: their product stays far below the largest float64. */
const PRODUCT_ROWS = 512;

/** Turns margins into probability - label, and returns the loss. One logarithm of a product serves many rows. */
function plainResiduals(block: Float64Array, labels: Uint8Array, start: number, count: number): number {
  let product = 1;
  let loss = 0;
  for (let i = 0; i < count; i++) {
    const margin = block[i]!;
    const label = labels[start + i]!;
    const small = Math.exp(-Math.abs(margin));
    const larger = 1 / (1 + small);
    product *= 1 + small;
    loss += (margin > 0 ? margin : 0) - label * margin;
    block[i] = (margin >= 0 ? larger : small * larger) - label;
    if (i % PRODUCT_ROWS === PRODUCT_ROWS - 1) {
      loss += Math.log(product);
      product = 1;
    }
  }
  return loss + Math.log(product);
}

/** The same with weights, which count the residuals as well as the loss. */
function weightedResiduals(block: Float64Array, labels: Uint8Array, weights: Float64Array, start: number, count: number): number {
  let loss = 0;
  for (let i = 0; i < count; i++) {
    const margin = block[i]!;
    const label = labels[start + i]!;
    const weight = weights[start + i]!;
    const small = Math.exp(-Math.abs(margin));
    const larger = 1 / (1 + small);
    loss += weight * (Math.log1p(small) + (margin > 0 ? margin : 0) - label * margin);
    block[i] = weight * ((margin >= 0 ? larger : small * larger) - label);
  }
  return loss;
}
