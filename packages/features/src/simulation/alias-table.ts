import type { Random } from '@fraudops/core';

/**
 * Draws an index in proportion to its weight in constant time, by Walker's alias method as Vose (1991) builds it: every slot holds one
 * index and hands a part of its probability to another, its alias.
 *
 * @example new AliasTable([1, 3]).draw(random); // 1 in three draws of four
 */
export class AliasTable {
  readonly #keep: Float64Array;
  readonly #alias: Uint32Array;

  /** @param weights at least one, none negative; when all are 0, each index is as likely as the others */
  constructor(weights: ArrayLike<number>) {
    const size = weights.length;
    let total = 0;
    for (let i = 0; i < size; i++) total += weights[i]!;
    this.#keep = Float64Array.from(weights, (weight) => (total > 0 ? (weight * size) / total : 1));
    this.#alias = Uint32Array.from({ length: size }, (_, i) => i);
    // Both lists in one array: indices with less than an average share grow from its start, the others from its end.
    const order = new Uint32Array(size);
    let [small, large] = [0, size];
    for (let i = 0; i < size; i++) order[this.#keep[i]! < 1 ? small++ : --large] = i;
    while (small > 0 && large < size) {
      const poor = order[--small]!;
      const rich = order[large]!;
      this.#alias[poor] = rich;
      this.#keep[rich]! -= 1 - this.#keep[poor]!;
      if (this.#keep[rich]! < 1) {
        large++;
        order[small++] = rich;
      }
    }
    // What is left differs from 1 by rounding only.
    while (small > 0) this.#keep[order[--small]!] = 1;
    while (large < size) this.#keep[order[large++]!] = 1;
  }

  /** An index; takes two numbers from the generator. */
  draw(random: Random): number {
    const slot = Math.floor(random.next() * this.#keep.length);
    return random.next() < this.#keep[slot]! ? slot : this.#alias[slot]!;
  }
}
