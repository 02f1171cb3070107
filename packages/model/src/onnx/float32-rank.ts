/**
 * The order of all float32 numbers, counted: the bits of a float32, read as an integer, ascend with its size, and the sign is a bit of its
 * own. Halving a range of ranks finds where a function of a float32 changes, exactly, in at most 32 steps.
 */
const floats = new Float32Array(1);
const bits = new Int32Array(floats.buffer);

/** The rank of Infinity; that of -Infinity is its negative. */
export const INFINITY_RANK = 0x7f800000;

/** Where a float32 stands: 0 for both zeros, 1 for the smallest number above, -1 for the largest below, and so on. */
export function rankOfFloat32(value: number): number {
  floats[0] = value;
  const raw = bits[0]!;
  return raw >= 0 ? raw : -(raw & 0x7fffffff);
}

/** The float32 at a rank; beyond the infinities it is an infinity. */
export function float32AtRank(rank: number): number {
  const bounded = Math.max(-INFINITY_RANK, Math.min(INFINITY_RANK, rank));
  bits[0] = bounded >= 0 ? bounded : -bounded | 0x80000000;
  return floats[0]!;
}
