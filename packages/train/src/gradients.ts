import { logistic } from '@fraudops/model';

/**
 * First and second derivatives of the weighted log loss by the margin: gradient = weight (p - label), hessian = weight p (1 - p).
 *
 * They are rounded to a grid of a power of two, fine enough to lose nothing that matters (52 bits for the sum over all rows) and coarse
 * enough that every sum of them is exact in float64. So sums don't depend on their order, and subtracting histograms is exact.
 */
export class Gradients {
  /** gradient and hessian of row i at 2 i and 2 i + 1. */
  readonly pairs: Float64Array;
  readonly #labels: Uint8Array;
  readonly #weights: Float64Array | undefined;
  readonly #stepsPerUnit: number;

  constructor(labels: Uint8Array, weights?: Float64Array) {
    const totalWeight = weights ? weights.reduce((sum, weight) => sum + weight, 0) : labels.length;
    this.pairs = new Float64Array(2 * labels.length);
    this.#labels = labels;
    this.#weights = weights;
    this.#stepsPerUnit = 2 ** (52 - Math.ceil(Math.log2(totalWeight)));
  }

  /** Derivatives at these margins. */
  update(margins: Float64Array): void {
    const steps = this.#stepsPerUnit;
    const weights = this.#weights;
    for (let i = 0; i < margins.length; i++) {
      const probability = logistic(margins[i]!);
      const scaled = weights ? weights[i]! * steps : steps;
      this.pairs[2 * i] = Math.round(scaled * (probability - this.#labels[i]!)) / steps;
      this.pairs[2 * i + 1] = Math.round(scaled * (probability * (1 - probability))) / steps;
    }
  }
}
