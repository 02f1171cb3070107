/** Weights of rows: the caller's times positiveWeight for frauds. In memory they are float32, in a unit that makes the largest at most 1. */
export class RowWeights {
  readonly #labels: Uint8Array;
  readonly #weights: Float64Array | undefined;
  readonly #positiveWeight: number;
  /** What a weight of 1 in memory stands for: a power of two. */
  readonly unit: number;

  constructor(labels: Uint8Array, weights: Float64Array | undefined, positiveWeight: number) {
    this.#labels = labels;
    this.#weights = weights;
    this.#positiveWeight = positiveWeight;
    let largest = Math.max(1, positiveWeight);
    if (weights) {
      largest = 0;
      for (let row = 0; row < labels.length; row++) largest = Math.max(largest, this.#weightOf(row));
    }
    this.unit = 2 ** Math.ceil(Math.log2(largest));
  }

  /** Writes the weights of rows start to end. */
  write(target: Float32Array, start: number, end: number): void {
    for (let row = start; row < end; row++) target[row] = this.#weightOf(row) / this.unit;
  }

  /** What a model without trees says of every row. */
  logOddsOfFraud(): number {
    let frauds = 0;
    let genuine = 0;
    for (let row = 0; row < this.#labels.length; row++) {
      if (this.#labels[row] === 1) frauds += this.#weightOf(row);
      else genuine += this.#weightOf(row);
    }
    return Math.log(frauds / genuine);
  }

  #weightOf(row: number): number {
    const weight = this.#weights ? this.#weights[row]! : 1;
    return this.#labels[row] === 1 ? weight * this.#positiveWeight : weight;
  }
}
