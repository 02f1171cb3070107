/**
 * Sorts float32 values by their bits, eleven at a time, in three passes (least significant digit first). Read as a whole number, the
 * bits of a positive float ascend with its value; those of a negative one descend, and are turned around first.
 */

const DIGIT_BITS = 11;
const DIGITS = 1 << DIGIT_BITS;
const PASSES = 3;

/** Sorts values[0 .. count) where they are; none may be NaN. Keeps its room between calls. */
export class FloatSorter {
  #keys = new Uint32Array(0);
  #other = new Uint32Array(0);

  sort(values: Float32Array, count: number): void {
    if (this.#keys.length < count) {
      this.#keys = new Uint32Array(count);
      this.#other = new Uint32Array(count);
    }
    const bits = new Uint32Array(values.buffer, values.byteOffset, count);
    let keys = this.#keys;
    let other = this.#other;
    for (let i = 0; i < count; i++) {
      const bit = bits[i]!;
      keys[i] = bit >>> 31 === 1 ? ~bit : bit | 0x8000_0000;
    }
    for (let pass = 0; pass < PASSES; pass++) {
      sortByDigit(keys, other, count, pass * DIGIT_BITS);
      [keys, other] = [other, keys];
    }
    for (let i = 0; i < count; i++) {
      const key = keys[i]!;
      bits[i] = key >>> 31 === 1 ? key & 0x7fff_ffff : ~key;
    }
  }
}

function sortByDigit(from: Uint32Array, to: Uint32Array, count: number, shift: number): void {
  const places = new Uint32Array(DIGITS);
  for (let i = 0; i < count; i++) places[(from[i]! >>> shift) & (DIGITS - 1)]!++;
  let place = 0;
  for (let digit = 0; digit < DIGITS; digit++) {
    const size = places[digit]!;
    places[digit] = place;
    place += size;
  }
  for (let i = 0; i < count; i++) {
    const key = from[i]!;
    to[places[(key >>> shift) & (DIGITS - 1)]!++] = key;
  }
}
