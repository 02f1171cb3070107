/**
 * Draws rows for a tree by a hash of seed, tree and row: each row is in or out by itself, so the members of a crew can draw their own
 * rows, and the result is the same however many they are.
 */

/** Which rows a tree learns from. */
export class RowSampling {
  readonly #threshold: number;
  readonly #seed: number;
  #treeSeed = 0;

  /** @param rate share of the rows, above 0, at most 1 */
  constructor(rate: number, seed: number) {
    this.#threshold = rate * 2 ** 32;
    this.#seed = hashOfSeed(seed);
  }

  get takesAll(): boolean {
    return this.#threshold === 2 ** 32;
  }

  startTree(tree: number): void {
    this.#treeSeed = mix(this.#seed ^ mix(tree + 1));
  }

  takes(row: number): boolean {
    return mix(row ^ this.#treeSeed) >>> 0 < this.#threshold;
  }

  /** Writes the drawn rows among start to end to index[start .. ); returns where they end. */
  fill(index: Int32Array, start: number, end: number): number {
    let at = start;
    for (let row = start; row < end; row++) if (this.takes(row)) index[at++] = row;
    return at;
  }
}

function hashOfSeed(seed: number): number {
  const [low, high] = new Int32Array(Float64Array.of(seed).buffer);
  return mix(mix(low!) ^ high!);
}

/** The finaliser of MurmurHash3 (Appleby): every bit of the input changes each bit of the output half of the time. */
function mix(value: number): number {
  let hash = Math.imul(value ^ (value >>> 16), 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
  return hash ^ (hash >>> 16);
}
