/**
 * Inflates an LZ4 frame, in which Arrow files compress their buffers unless told otherwise (LZ4 Frame Format 1.6.4 and LZ4 Block Format,
 * 2022). Blocks may refer to those before them; checksums are skipped.
 *
 * @param frame one frame, and nothing behind it
 * @param size how many bytes come out
 * @throws {Error} when the bytes are no such frame
 */
export function inflateLz4Frame(frame: Uint8Array, size: number): Uint8Array {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  if (view.getUint32(0, true) !== FRAME_MAGIC) throw new Error('no LZ4 frame');
  const flags = frame[4]!;
  const hasContentSize = (flags & 0b1000) !== 0;
  const hasDictionary = (flags & 0b1) !== 0;
  const checksumBytes = (flags & 0b10000) === 0 ? 0 : 4;
  if (hasDictionary) throw new Error('an LZ4 frame with a dictionary of its own');
  let position = 6 + (hasContentSize ? 8 : 0) + 1;
  const output = new Uint8Array(size);
  let written = 0;
  for (;;) {
    const header = view.getUint32(position, true);
    position += 4;
    if (header === 0) break;
    const length = header & 0x7fff_ffff;
    if (position + length > frame.length) throw new Error('an LZ4 block ends behind its frame');
    const block = frame.subarray(position, position + length);
    if (header >>> 31 === 1) {
      if (written + length > size) throw new Error('an LZ4 frame is longer than it says');
      output.set(block, written);
      written += length;
    } else {
      written = inflateBlock(block, output, written);
    }
    position += length + checksumBytes;
  }
  if (written !== size) throw new Error(`an LZ4 frame of ${written} bytes, expected ${size}`);
  return output;
}

const FRAME_MAGIC = 0x184d_2204;

/** Inflates a block behind what is written already; returns where the output ends then. */
function inflateBlock(block: Uint8Array, output: Uint8Array, from: number): number {
  let position = 0;
  let written = from;
  const longLength = (nibble: number): number => {
    let length = nibble;
    if (nibble === 15) {
      for (let byte = 255; byte === 255; ) {
        if (position >= block.length) throw new Error('an LZ4 block ends early');
        byte = block[position++]!;
        length += byte;
      }
    }
    return length;
  };
  while (position < block.length) {
    const token = block[position++]!;
    const literals = longLength(token >> 4);
    if (position + literals > block.length || written + literals > output.length) throw new Error('an LZ4 block ends early');
    output.set(block.subarray(position, position + literals), written);
    position += literals;
    written += literals;
    // The last sequence is literals only.
    if (position === block.length) break;
    const distance = block[position]! | (block[position + 1]! << 8);
    position += 2;
    const length = longLength(token & 15) + MIN_MATCH;
    if (!(distance > 0 && distance <= written && written + length <= output.length))
      throw new Error('an LZ4 match outside its frame');
    // A match may reach into what it writes, so bytes go one by one.
    for (let i = 0; i < length; i++, written++) output[written] = output[written - distance]!;
  }
  return written;
}

const MIN_MATCH = 4;
