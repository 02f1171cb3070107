/**
 * The log loss of logistic regression over centred columns, plus half the sum of penalty_j * coefficient_j^2, with its derivatives. The
 * coefficients are those of the used columns, then the intercept, which is not penalised.
 *
 * Rows are taken in blocks whose margins stay in the first cache, columns four at a time. Sums are in a fixed order.
 */
import type { CenteredColumns } from './centered-columns.js';
import { type FourColumns, addColumn, addFourColumns, sumAlongColumn, sumAlongFourColumns } from './column-sums.js';

/** Rows of a block. The product of so many factors from 1 to 2 stays far below the largest float64. */
const BLOCK_ROWS = 512;

/** See the module's comment. */
export class LogisticLoss {
  readonly #columns: CenteredColumns;
  readonly #labels: Uint8Array;
  readonly #weights: Float64Array | undefined;
  readonly #penalties: Float64Array;
  readonly #fours: readonly FourColumns[];
  readonly #singles: readonly number[];
  readonly #block = new Float64Array(BLOCK_ROWS);

  /** @param penalties one a used column */
  constructor(columns: CenteredColumns, labels: Uint8Array, weights: Float64Array | undefined, penalties: Float64Array) {
    this.#columns = columns;
    this.#labels = labels;
    this.#weights = weights;
    this.#penalties = penalties;
    const { fours, singles } = groupColumns(columns);
    this.#fours = fours;
    this.#singles = singles;
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
    const { matrix, used, means, scales } = this.#columns;
    const intercept = used.length;
    const slopes = Float64Array.from(used, (feature, j) => coefficients[j]! / scales[feature]!);
    const rowCount = this.#labels.length;
    const block = this.#block;
    gradient.fill(0);
    let loss = 0;
    for (let start = 0; start < rowCount; start += BLOCK_ROWS) {
      const count = Math.min(BLOCK_ROWS, rowCount - start);
      block.fill(coefficients[intercept]!);
      for (const four of this.#fours) addFourColumns(block, start, count, four, slopes);
      for (const j of this.#singles) addColumn(block, start, count, matrix.columns[used[j]!]!, slopes[j]!, means[used[j]!]!);
      loss += this.#weights
        ? weightedResiduals(block, this.#labels, this.#weights, start, count)
        : plainResiduals(block, this.#labels, start, count);
      for (const four of this.#fours) sumAlongFourColumns(gradient, block, start, count, four);
      for (const j of this.#singles) {
        gradient[j]! += sumAlongColumn(block, start, count, matrix.columns[used[j]!]!, means[used[j]!]!);
      }
      for (let i = 0; i < count; i++) gradient[intercept]! += block[i]!;
    }
    for (let j = 0; j < intercept; j++) {
      const pull = this.#penalties[j]! * coefficients[j]!;
      loss += 0.5 * pull * coefficients[j]!;
      gradient[j] = gradient[j]! / scales[used[j]!]! + pull;
    }
    return loss;
  }
}

/** Used columns without missing values in groups of four, and all others. */
function groupColumns({ matrix, used, means, hasMissing }: CenteredColumns): { fours: FourColumns[]; singles: number[] } {
  const complete = used.flatMap((feature, j) => (hasMissing[feature]! ? [] : [j]));
  const fours: FourColumns[] = [];
  for (let k = 0; k + 4 <= complete.length; k += 4) {
    const [first, second, third, fourth] = [complete[k]!, complete[k + 1]!, complete[k + 2]!, complete[k + 3]!];
    const column = (j: number): Float32Array => matrix.columns[used[j]!]!;
    const mean = (j: number): number => means[used[j]!]!;
    const data = { a: column(first), b: column(second), c: column(third), d: column(fourth) };
    const centers = { meanA: mean(first), meanB: mean(second), meanC: mean(third), meanD: mean(fourth) };
    fours.push({ ...data, ...centers, first, second, third, fourth });
  }
  const grouped = new Set(complete.slice(0, 4 * fours.length));
  return { fours, singles: used.flatMap((_, j) => (grouped.has(j) ? [] : [j])) };
}

/** Turns margins into probability - label, and returns the loss. One logarithm of the product serves the whole block. */
function plainResiduals(block: Float64Array, labels: Uint8Array, start: number, count: number): number {
  let product = 1;
  let linear = 0;
  for (let i = 0; i < count; i++) {
    const margin = block[i]!;
    const label = labels[start + i]!;
    const small = Math.exp(-Math.abs(margin));
    const larger = 1 / (1 + small);
    product *= 1 + small;
    linear += (margin > 0 ? margin : 0) - label * margin;
    block[i] = (margin >= 0 ? larger : small * larger) - label;
  }
  return linear + Math.log(product);
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
