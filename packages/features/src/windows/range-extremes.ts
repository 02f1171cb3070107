/**
 * Least or greatest value over any range of places, kept while values are added: a binary tree in one array, whose leaves are the places
 * and whose other nodes hold the extreme of the two below. Adding and asking take steps in the logarithm of the places.
 */
export class RangeExtremes {
  /** Values with the sign that makes the greatest one the extreme; NaN where there is none. */
  readonly #nodes: Float64Array;
  readonly #sign: 1 | -1;
  #size = 0;

  /** @param mostPlaces most places that {@link clear} is asked for */
  constructor(extreme: 'min' | 'max', mostPlaces: number) {
    this.#nodes = new Float64Array(2 * mostPlaces);
    this.#sign = extreme === 'max' ? 1 : -1;
  }

  /** Begins anew with so many places, none of which has a value. */
  clear(size: number): void {
    this.#size = size;
    this.#nodes.fill(Number.NaN, 0, 2 * size);
  }

  /** Sets the value of a place that has none; NaN leaves it without. */
  add(place: number, value: number): void {
    const nodes = this.#nodes;
    const signed = value * this.#sign;
    for (let node = place + this.#size; node > 0 && isFurther(signed, nodes[node]!); node >>= 1) nodes[node] = signed;
  }

  /** Extreme of the places `from` to `to - 1`; NaN when none has a value, and never the negative zero. */
  extreme(from: number, to: number): number {
    const nodes = this.#nodes;
    let found = Number.NaN;
    let left = from + this.#size;
    let right = to + this.#size;
    while (left < right) {
      if (left % 2 === 1) {
        if (isFurther(nodes[left]!, found)) found = nodes[left]!;
        left++;
      }
      if (right % 2 === 1) {
        right--;
        if (isFurther(nodes[right]!, found)) found = nodes[right]!;
      }
      left >>= 1;
      right >>= 1;
    }
    // Adding 0 makes the negative zero, which compares as equal, the positive one.
    return found * this.#sign + 0;
  }
}

/** Whether a value is beyond the extreme of others; the first one that isn't missing is. */
function isFurther(value: number, extreme: number): boolean {
  return value > extreme || (Number.isNaN(extreme) && !Number.isNaN(value));
}
