/**
 * Bytes that grow, and their reading: texts as UTF-8, and whole numbers of either sign up to 2^53 as varints (7 bits a byte, the lowest
 * first; the lowest bit of the first byte is the sign), so that small differences take one byte.
 */
export class ByteWriter {
  #bytes = new Uint8Array(1024);
  #length = 0;

  /** Bytes written. */
  get length(): number {
    return this.#length;
  }

  /** Writes a whole number. */
  difference(value: number): void {
    this.#room(8);
    let left = Math.abs(value);
    let byte = (left % 64) * 2 + (value < 0 ? 1 : 0);
    left = Math.floor(left / 64);
    while (left > 0) {
      this.#bytes[this.#length++] = byte + 128;
      byte = left % 128;
      left = Math.floor(left / 128);
    }
    this.#bytes[this.#length++] = byte;
  }

  /** Writes a text; its length is not written. */
  text(text: string): void {
    this.#room(text.length * 3);
    this.#length += new TextEncoder().encodeInto(text, this.#bytes.subarray(this.#length)).written;
  }

  /** What was written. */
  bytes(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  #room(count: number): void {
    if (this.#length + count <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + count));
    larger.set(this.#bytes);
    this.#bytes = larger;
  }
}

/** Reads what a {@link ByteWriter} wrote. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  #at: number;

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.#at = at;
  }

  /** The next whole number. */
  difference(): number {
    let byte = this.#bytes[this.#at++]!;
    const sign = byte % 2 === 0 ? 1 : -1;
    let value = Math.floor((byte % 128) / 2);
    for (let scale = 64; byte >= 128; scale *= 128) {
      byte = this.#bytes[this.#at++]!;
      value += (byte % 128) * scale;
    }
    // Plus zero, so that no difference is minus zero.
    return sign * value + 0;
  }
}
