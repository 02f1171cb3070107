import { NOWHERE } from './window-ends.js';

/**
 * A set of places that tells the first and the last one in a range: a binary tree in one array, whose leaves are the places and whose
 * other nodes say whether any place below is in the set. Adding and asking take steps in the logarithm of the places.
 */
export class PlaceSet {
  /** 1 where a place, or any below a node, is in the set. The root is 1, and the nodes below i are 2 i and 2 i + 1. */
  readonly #nodes: Uint8Array;
  /** Number of leaves: a power of two. */
  #leaves = 1;

  /** @param mostPlaces most places that {@link clear} is asked for */
  constructor(mostPlaces: number) {
    this.#nodes = new Uint8Array(2 * leavesFor(mostPlaces));
  }

  /** Begins anew with so many places, none of them in the set. */
  clear(size: number): void {
    this.#leaves = leavesFor(size);
    this.#nodes.fill(0, 0, 2 * this.#leaves);
  }

  add(place: number): void {
    for (let node = place + this.#leaves; node > 0 && this.#nodes[node] === 0; node >>= 1) this.#nodes[node] = 1;
  }

  /** First of the set's places from `from` to `to - 1`, {@link NOWHERE} when there is none. */
  first(from: number, to: number): number {
    if (from >= to) return NOWHERE;
    const nodes = this.#nodes;
    let node = from + this.#leaves;
    // From an empty node to what is right of it: the sibling, or of a right sibling the parent's one.
    for (; nodes[node] === 0; node = node % 2 === 0 ? node + 1 : (node + 1) >> 1) if (isPowerOfTwo(node + 1)) return NOWHERE;
    while (node < this.#leaves) node = 2 * node + (nodes[2 * node] === 1 ? 0 : 1);
    const place = node - this.#leaves;
    return place < to ? place : NOWHERE;
  }

  /** Last of the set's places from `from` to `to - 1`, {@link NOWHERE} when there is none. */
  last(from: number, to: number): number {
    if (from >= to) return NOWHERE;
    const nodes = this.#nodes;
    let node = to - 1 + this.#leaves;
    for (; nodes[node] === 0; node = node % 2 === 1 ? node - 1 : (node - 1) >> 1) if (isPowerOfTwo(node)) return NOWHERE;
    while (node < this.#leaves) node = 2 * node + nodes[2 * node + 1]!;
    const place = node - this.#leaves;
    return place >= from ? place : NOWHERE;
  }
}

function leavesFor(places: number): number {
  let leaves = 1;
  while (leaves < places) leaves *= 2;
  return leaves;
}

function isPowerOfTwo(node: number): boolean {
  return (node & (node - 1)) === 0;
}
