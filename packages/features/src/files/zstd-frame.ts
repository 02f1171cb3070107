/**
 * Inflates a Zstandard frame (RFC 8878) whose size is known from elsewhere, such as the header of a page.
 *
 * fzstd does the work. It makes room for what the frame's header says before it looks at the rest, so the header is read here first; and
 * it isn't given the place to write to, which it would turn into a string.
 *
 * @param inflate `decompressZstd` of hyparquet-compressors
 * @param size how many bytes come out
 * @throws {Error} when the bytes are no such frame
 */
export function inflateZstdFrame(inflate: (frame: Uint8Array) => Uint8Array, frame: Uint8Array, size: number): Uint8Array {
  requireSmallFrame(frame, size);
  const output = inflate(frame);
  if (output.length !== size) throw new Error(`a Zstandard frame of ${output.length} bytes, expected ${size}`);
  return output;
}

const FRAME_MAGIC = 0xfd2f_b528;
/** Largest window of a frame that doesn't say its size, as of `zstd` without `--long`. */
const MAX_WINDOW_BYTES = 2 ** 27;

function requireSmallFrame(frame: Uint8Array, size: number): void {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  if (view.getUint32(0, true) !== FRAME_MAGIC) throw new Error('no Zstandard frame');
  const descriptor = view.getUint8(4);
  const isSingleSegment = (descriptor & 0b10_0000) !== 0;
  const sizeBytes = descriptor >> 6 === 0 ? Number(isSingleSegment) : 1 << (descriptor >> 6);
  const at = (isSingleSegment ? 5 : 6) + [0, 1, 2, 4][descriptor & 3]!;
  if (sizeBytes > 0) {
    let contentSize = sizeBytes === 2 ? 256 : 0;
    for (let i = 0; i < sizeBytes; i++) contentSize += view.getUint8(at + i) * 2 ** (8 * i);
    if (contentSize !== size) throw new Error(`a Zstandard frame of ${contentSize} bytes, expected ${size}`);
  }
  if (isSingleSegment) return;
  const window = view.getUint8(5);
  const base = 2 ** (10 + (window >> 3));
  if (base + (base / 8) * (window & 7) > MAX_WINDOW_BYTES) throw new Error('a Zstandard frame with too large a window');
}
