/**
 * The float32 numbers next to a number. Every feature is a float32 when a split looks at it, so `x < t` and `x <= t` in any precision
 * become `x <= s` for one float32 s, exactly.
 */

/** The largest finite float32. */
export const MAX_FLOAT32 = 3.4028234663852886e38;

const view = new DataView(new ArrayBuffer(4));

/** The smallest float32 above a float32; Infinity stays. @example nextFloat32Above(1); // 1.0000001192092896 */
export function nextFloat32Above(x: number): number {
  if (x === Number.POSITIVE_INFINITY) return x;
  // Both zeros have the same neighbours.
  view.setFloat32(0, x === 0 ? 0 : x);
  view.setInt32(0, view.getInt32(0) + (x < 0 ? -1 : 1));
  // Adding 0 turns the -0 above the largest negative number into 0.
  return view.getFloat32(0) + 0;
}

/** The largest float32 below a float32; -Infinity stays. */
export function nextFloat32Below(x: number): number {
  return 0 - nextFloat32Above(-x);
}

/** The largest float32 that is at most x, so that `v <= x` and `v <= largestFloat32AtMost(x)` agree for every float32 v. */
export function largestFloat32AtMost(x: number): number {
  const rounded = Math.fround(x);
  return rounded > x ? nextFloat32Below(rounded) : rounded;
}

/** The largest float32 that is less than x, so that `v < x` and `v <= largestFloat32Below(x)` agree for every float32 v. */
export function largestFloat32Below(x: number): number {
  const rounded = Math.fround(x);
  return rounded >= x ? nextFloat32Below(rounded) : rounded;
}
