/**
 * Seeded randomness. All randomness of the SDK comes from here, so the same seed gives the same bytes out.
 *
 * The generator is sfc32 (Chris Doty-Humphrey's Small Fast Counter, 128 bits of state, period at least 2^32, passes PractRand),
 * seeded through SplitMix32 steps over the seed's characters. It is not for secrets.
 */
export interface Random {
  /** Uniform in [0, 1), 32 bits of resolution. */
  next(): number;
  /** Uniform integer in [0, bound), bound at most 2^32. */
  integer(bound: number): number;
  /** Uniform in [low, high). */
  between(low: number, high: number): number;
  /** Normal with the given mean and standard deviation (Box-Muller; default 0, 1). */
  normal(mean?: number, standardDeviation?: number): number;
  /** Exponential with the given mean. */
  exponential(mean: number): number;
  /** Poisson with the given mean (Knuth's product up to 30, split into parts above). */
  poisson(mean: number): number;
  /** Shuffles in place (Fisher-Yates). */
  shuffle(values: { length: number; [index: number]: number }): void;
  /** An independent generator for a named part, so that parts don't disturb each other's sequence. */
  fork(label: string | number): Random;
}

/**
 * @param seed any finite number or string; equal seeds give equal sequences
 * @example seededRandom(7).next() === seededRandom(7).next(); // true
 */
export function seededRandom(seed: number | string): Random {
  return new Sfc32(String(seed));
}

class Sfc32 implements Random {
  readonly #seed: string;
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;
  #spareNormal: number | undefined;

  constructor(seed: string) {
    this.#seed = seed;
    let state = 0x9e3779b9;
    for (let i = 0; i < seed.length; i++) state = mix32(state ^ seed.charCodeAt(i));
    this.#a = state = mix32(state);
    this.#b = state = mix32(state);
    this.#c = mix32(state);
    for (let i = 0; i < 12; i++) this.#next32();
  }

  #next32(): number {
    const sum = (((this.#a + this.#b) | 0) + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (this.#c << 21) | (this.#c >>> 11);
    this.#c = (this.#c + sum) | 0;
    return sum >>> 0;
  }

  next(): number {
    return this.#next32() / 0x1_0000_0000;
  }

  integer(bound: number): number {
    if (!(bound >= 1 && bound <= 2 ** 32)) throw new RangeError(`integer: bound is ${bound}, expected 1 to 2^32`);
    return Math.floor(this.next() * bound);
  }

  between(low: number, high: number): number {
    return low + (high - low) * this.next();
  }

  normal(mean = 0, standardDeviation = 1): number {
    let standard = this.#spareNormal;
    if (standard === undefined) {
      // 1 - next() is never 0, so the logarithm is finite.
      const radius = Math.sqrt(-2 * Math.log(1 - this.next()));
      const angle = 2 * Math.PI * this.next();
      standard = radius * Math.cos(angle);
      this.#spareNormal = radius * Math.sin(angle);
    } else {
      this.#spareNormal = undefined;
    }
    return mean + standardDeviation * standard;
  }

  exponential(mean: number): number {
    return -mean * Math.log(1 - this.next());
  }

  poisson(mean: number): number {
    let events = 0;
    // A Poisson of a large mean is the sum of Poissons of its parts; small parts keep exp() far from underflow.
    for (let rest = mean; rest > 0; rest -= 30) {
      const limit = Math.exp(-Math.min(rest, 30));
      for (let product = this.next(); product > limit; product *= this.next()) events++;
    }
    return events;
  }

  shuffle(values: { length: number; [index: number]: number }): void {
    for (let i = values.length - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      const held = values[i]!;
      values[i] = values[j]!;
      values[j] = held;
    }
  }

  fork(label: string | number): Random {
    // Encoded, so that the fork `a/b` is not the fork `b` of the fork `a`.
    return new Sfc32(`${this.#seed}/${encodeURIComponent(label)}`);
  }
}

/** One SplitMix32 step: adds the golden-ratio constant and mixes (constants of MurmurHash3's finalizer). */
function mix32(value: number): number {
  let z = (value + 0x9e3779b9) | 0;
  z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
  z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
  return z ^ (z >>> 16);
}
