import { logistic } from '@fraudops/model';
import type { CenteredColumns } from './centered-columns.js';

/** Rows gathered at a time: block and Hessian stay in cache. */
const BLOCK_ROWS = 128;

/**
 * The penalised log loss of logistic regression over centred columns, with its first and second derivatives. The coefficients are those
 * of the used columns, then the intercept. The penalty is on the features' own weights, which are coefficient / scale.
 */
export class LogisticLoss {
  /** Derivative at the coefficients last evaluated. */
  readonly gradient: Float64Array;
  /** Second derivatives there, row after row; the lower triangle is filled. */
  readonly hessian: Float64Array;
  /** Whether there is a penalty, and so one solution whatever the features. */
  readonly isPenalised: boolean;
  readonly #columns: CenteredColumns;
  readonly #labels: Uint8Array;
  readonly #weights: Float64Array | undefined;
  readonly #penalties: Float64Array;
  readonly #block: Float64Array;

  constructor(columns: CenteredColumns, labels: Uint8Array, weights: Float64Array | undefined, l2: number) {
    const size = columns.used.length + 1;
    this.isPenalised = l2 > 0;
    this.#columns = columns;
    this.#labels = labels;
    this.#weights = weights;
    this.#penalties = Float64Array.from(columns.used, (feature) => l2 / columns.scales[feature]! ** 2);
    this.gradient = new Float64Array(size);
    this.hessian = new Float64Array(size * size);
    this.#block = new Float64Array(BLOCK_ROWS * size).fill(1);
  }

  /** Where to begin: no weights, and the intercept that gives the rows' share of frauds. */
  start(): Float64Array {
    let frauds = 0;
    let total = 0;
    for (let i = 0; i < this.#labels.length; i++) {
      const weight = this.#weights?.[i] ?? 1;
      frauds += weight * this.#labels[i]!;
      total += weight;
    }
    const coefficients = new Float64Array(this.gradient.length);
    coefficients[coefficients.length - 1] = Math.log(frauds / (total - frauds));
    return coefficients;
  }

  /** The objective; sets `gradient` and `hessian`. */
  evaluate(coefficients: Float64Array): number {
    const { rowCount } = this.#columns.matrix;
    const size = coefficients.length;
    this.gradient.fill(0);
    this.hessian.fill(0);
    let objective = 0;
    for (let start = 0; start < rowCount; start += BLOCK_ROWS) {
      objective += this.#addBlock(coefficients, start, Math.min(start + BLOCK_ROWS, rowCount));
    }
    for (let j = 0; j < size - 1; j++) {
      const penalty = this.#penalties[j]!;
      objective += 0.5 * penalty * coefficients[j]! ** 2;
      this.gradient[j]! += penalty * coefficients[j]!;
      this.hessian[j * size + j]! += penalty;
    }
    return objective;
  }

  #addBlock(coefficients: Float64Array, start: number, end: number): number {
    const block = this.#gather(start, end);
    const size = coefficients.length;
    const { gradient, hessian } = this;
    let objective = 0;
    for (let i = start; i < end; i++) {
      const row = (i - start) * size;
      let margin = 0;
      for (let j = 0; j < size; j++) margin += coefficients[j]! * block[row + j]!;
      const weight = this.#weights?.[i] ?? 1;
      const label = this.#labels[i]!;
      const probability = logistic(margin);
      objective += weight * (Math.log1p(Math.exp(-Math.abs(margin))) + Math.max(margin, 0) - label * margin);
      const slope = weight * (probability - label);
      const curvature = weight * probability * (1 - probability);
      for (let j = 0; j < size; j++) {
        const value = block[row + j]!;
        gradient[j]! += slope * value;
        const curved = curvature * value;
        const line = j * size;
        for (let k = 0; k <= j; k++) hessian[line + k]! += curved * block[row + k]!;
      }
    }
    return objective;
  }

  /** The used columns of some rows, one row after the other, centred and scaled; missing values at the mean, the last entry a 1. */
  #gather(start: number, end: number): Float64Array {
    const { matrix, used, means, scales } = this.#columns;
    const block = this.#block;
    const size = used.length + 1;
    for (let j = 0; j < used.length; j++) {
      const feature = used[j]!;
      const column = matrix.columns[feature]!;
      const mean = means[feature]!;
      const scale = scales[feature]!;
      for (let i = start; i < end; i++) {
        const value = column[i]!;
        block[(i - start) * size + j] = Number.isNaN(value) ? 0 : (value - mean) / scale;
      }
    }
    return block;
  }
}
