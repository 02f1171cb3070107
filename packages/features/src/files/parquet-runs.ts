/**
 * Small whole numbers as Parquet writes levels, booleans and dictionary indexes: runs of one number, and groups of eight packed bit by
 * bit (Parquet format, Encodings.md, "Run Length Encoding / Bit-Packing Hybrid").
 *
 * @param bytes runs, one after the other; bytes behind the last one needed are ignored
 * @param width bits of a number, 0 to 32
 * @param count how many numbers to read; a run that goes on is cut there
 * @throws {Error} when the bytes end before that, or the width is none
 * @example readHybridRuns(Uint8Array.of(0b1000, 1), 1, 3); // 1 1 1: a run of 4 that begins with three ones
 */
export function readHybridRuns(bytes: Uint8Array, width: number, count: number): Int32Array {
  if (!(width >= 0 && width <= 32)) throw new Error(`numbers of ${width} bits, at most 32 are possible`);
  const values = new Int32Array(count);
  if (width === 0) return values;
  const valueBytes = (width + 7) >> 3;
  let position = 0;
  let filled = 0;
  while (filled < count) {
    let header = 0;
    for (let shift = 0, byte = 0x80; (byte & 0x80) !== 0; shift += 7) {
      if (position >= bytes.length || shift > 28) throw new Error('runs end early');
      byte = bytes[position++]!;
      header |= (byte & 0x7f) << shift;
    }
    header >>>= 0;
    const size = header >>> 1;
    if ((header & 1) === 0) {
      if (position + valueBytes > bytes.length) throw new Error('runs end early');
      let value = 0;
      for (let i = 0; i < valueBytes; i++) value |= bytes[position++]! << (8 * i);
      const end = Math.min(count, filled + size);
      values.fill(value, filled, end);
      filled = end;
    } else {
      const packed = Math.min(count - filled, size * 8);
      if (position + Math.ceil((packed * width) / 8) > bytes.length) throw new Error('runs end early');
      unpackBits(bytes, position, width, values, filled, packed);
      position += size * width;
      filled += packed;
    }
  }
  return values;
}

/** Numbers packed from the lowest bit of each byte on. */
function unpackBits(bytes: Uint8Array, position: number, width: number, values: Int32Array, from: number, count: number): void {
  const mask = width === 32 ? -1 : (1 << width) - 1;
  let bits = 0;
  let available = 0;
  for (let i = 0; i < count; i++) {
    if (width <= 24) {
      while (available < width) {
        bits |= bytes[position++]! << available;
        available += 8;
      }
      values[from + i] = bits & mask;
      bits >>>= width;
      available -= width;
    } else {
      // More than 32 bits would be under way at once, so wide numbers are read from where they stand.
      const first = i * width;
      let value = 0;
      for (let bit = 0; bit < width; bit++) {
        const at = first + bit;
        value |= ((bytes[position + (at >> 3)]! >> (at & 7)) & 1) << bit;
      }
      values[from + i] = value;
    }
  }
}
