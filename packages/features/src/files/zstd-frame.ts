/**
 * Inflates a Zstandard frame (RFC 8878) whose size is known from elsewhere, such as the header of a page.
 *
 * fzstd does the work. It trusts what a frame says of itself: it makes room for any size in a header, appends frame after frame, and takes
 * a frame that ends early for zeros. So the headers of the blocks are read here first, and fzstd gets a frame whose header has the size
 * that is expected, with a mark behind its last block: the mark is at the end of the output only when the blocks have that size.
 *
 * @param inflate `decompressZstd` of hyparquet-compressors
 * @param size how many bytes come out, at most 2^30
 * @throws {Error} when the bytes are not exactly one such frame
 */
export function inflateZstdFrame(inflate: (frame: Uint8Array) => Uint8Array, frame: Uint8Array, size: number): Uint8Array {
  const { blocks, lastBlock } = requireFrameOf(size, frame);
  const output = inflate(markedFrame(blocks, lastBlock, size));
  if (output.length !== size + MARK.length || MARK.some((byte, i) => output[size + i] !== byte))
    throw new Error(`a Zstandard frame that has not the expected ${size} bytes`);
  return output.subarray(0, size);
}

const FRAME_MAGIC = 0xfd2f_b528;
/** Most bytes that a block stands for. */
const MAX_BLOCK_BYTES = 128 * 1024;
const MARK = Uint8Array.of(0x9e, 0x37, 0x79, 0xb9, 0x7f, 0x4a, 0x7c, 0x15);

interface FrameBlocks {
  readonly blocks: Uint8Array;
  /** Where the header of the last one begins. */
  readonly lastBlock: number;
}

function requireFrameOf(size: number, frame: Uint8Array): FrameBlocks {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  if (view.getUint32(0, true) !== FRAME_MAGIC) throw new Error('no Zstandard frame');
  const descriptor = view.getUint8(4);
  if ((descriptor & 0b11) !== 0) throw new Error('a Zstandard frame that needs a dictionary');
  const isSingleSegment = (descriptor & 0b10_0000) !== 0;
  const sizeBytes = descriptor >> 6 === 0 ? Number(isSingleSegment) : 1 << (descriptor >> 6);
  const sizeAt = isSingleSegment ? 5 : 6;
  if (sizeBytes > 0) {
    let contentSize = sizeBytes === 2 ? 256 : 0;
    for (let i = 0; i < sizeBytes; i++) contentSize += view.getUint8(sizeAt + i) * 2 ** (8 * i);
    if (contentSize !== size) throw new Error(`a Zstandard frame of ${contentSize} bytes, expected ${size}`);
  }
  const start = sizeAt + sizeBytes;
  const { lastBlock, end } = requireBlocksOf(size, view, start);
  const checksumBytes = (descriptor & 0b100) === 0 ? 0 : 4;
  if (end + checksumBytes !== frame.length) throw new Error('a Zstandard frame with bytes behind its end, or too few');
  return { blocks: frame.subarray(start, end), lastBlock: lastBlock - start };
}

/** Where the last block begins and ends. Blocks that stand for more than the size, or can't for so much, are refused. */
function requireBlocksOf(size: number, view: DataView, start: number): { lastBlock: number; end: number } {
  let [least, most] = [0, 0];
  for (let at = start; ; ) {
    const header = view.getUint16(at, true) | (view.getUint8(at + 2) << 16);
    const [type, blockSize] = [(header >> 1) & 3, header >> 3];
    const end = at + 3 + (type === RLE ? 1 : blockSize);
    // A compressed block is shorter than what it stands for (RFC 8878, 3.1.1.2.3); the size of the others is known.
    least += blockSize;
    most += type === COMPRESSED ? MAX_BLOCK_BYTES : blockSize;
    if (least > size) throw new Error(`a Zstandard frame of more than ${size} bytes`);
    if ((header & 1) === 0) {
      at = end;
      continue;
    }
    if (most < size) throw new Error(`a Zstandard frame of at most ${most} bytes, expected ${size}`);
    return { lastBlock: at, end };
  }
}

const [RLE, COMPRESSED] = [1, 2];

/** The blocks and the mark as one segment that says its size, without checksum. */
function markedFrame(blocks: Uint8Array, lastBlock: number, size: number): Uint8Array {
  const header = new DataView(new ArrayBuffer(9));
  header.setUint32(0, FRAME_MAGIC, true);
  header.setUint8(4, 0b1010_0000);
  header.setUint32(5, size + MARK.length, true);
  const markHeader = Uint8Array.of((MARK.length << 3) | 1, 0, 0);
  const marked = new Uint8Array(header.byteLength + blocks.length + markHeader.length + MARK.length);
  marked.set(new Uint8Array(header.buffer));
  marked.set(blocks, header.byteLength);
  marked[header.byteLength + lastBlock]! &= ~1;
  marked.set(markHeader, header.byteLength + blocks.length);
  marked.set(MARK, header.byteLength + blocks.length + markHeader.length);
  return marked;
}
