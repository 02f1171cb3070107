/**
 * Sums over any range of places, kept while values are added: a binary tree in one array, whose leaves are the places and whose other
 * nodes hold the sum of the two below. Adding and summing take steps in the logarithm of the places. A sum is put together from nodes
 * within the range only, so it is exact whenever the values of the range allow it, whatever stands beside.
 */
export class RangeSums {
  readonly sums: Float64Array;
  readonly #nodes: Float64Array;
  readonly #width: number;
  #size = 0;

  /** @param width how many sums are kept side by side @param mostPlaces most places that {@link clear} is asked for */
  constructor(width: number, mostPlaces: number) {
    this.sums = new Float64Array(width);
    this.#nodes = new Float64Array(2 * mostPlaces * width);
    this.#width = width;
  }

  /** Begins anew with so many places, all of them 0. */
  clear(size: number): void {
    this.#size = size;
    this.#nodes.fill(0, 0, 2 * size * this.#width);
  }

  /** Adds to one of the sums at a place. A node that passes 2^53 is NaN from then on. */
  add(place: number, slot: number, value: number): void {
    const nodes = this.#nodes;
    for (let node = place + this.#size; node > 0; node >>= 1) {
      const sum = nodes[node * this.#width + slot]! + value;
      nodes[node * this.#width + slot] = Math.abs(sum) <= Number.MAX_SAFE_INTEGER ? sum : Number.NaN;
    }
  }

  /** Sums over the places `from` to `to - 1` into {@link sums}; NaN when one passes 2^53 on the way. */
  sum(from: number, to: number): void {
    this.sums.fill(0);
    let left = from + this.#size;
    let right = to + this.#size;
    while (left < right) {
      if (left % 2 === 1) this.#gather(left++);
      if (right % 2 === 1) this.#gather(--right);
      left >>= 1;
      right >>= 1;
    }
  }

  #gather(node: number): void {
    for (let slot = 0; slot < this.#width; slot++) {
      const sum = this.sums[slot]! + this.#nodes[node * this.#width + slot]!;
      this.sums[slot] = Math.abs(sum) <= Number.MAX_SAFE_INTEGER ? sum : Number.NaN;
    }
  }
}
