/**
 * Which way a row goes at a split, said once for everything that needs it literally: see {@link TreeArrays}.
 *
 * As a function of the feature a split is piecewise constant. The values where it may change are its cuts: between two neighbouring ones,
 * upper end included, all values go the same way.
 */
import { nextFloat32Above, nextFloat32Below } from '../float32-neighbours.js';
import type { TreeArrays } from '../tree-arrays.js';

/** Numbers of at most this size are zero to splits with `zeroIsMissing`; LightGBM's kZeroThreshold, a float32. */
export const ZERO_SIZE = Math.fround(1e-35);

/** Whether float32 x goes left at a split. Allocates nothing. */
export function goesLeft(tree: TreeArrays, node: number, x: number): boolean {
  if (Number.isNaN(x) || (tree.zeroIsMissing?.[node] === 1 && Math.abs(x) <= ZERO_SIZE)) return tree.missingLeft[node] === 1;
  const { categoryStarts, categories } = tree;
  if (categoryStarts && categories && categoryStarts[node + 1]! > categoryStarts[node]!) {
    return isListed(categories, categoryStarts[node]!, categoryStarts[node + 1]!, Math.trunc(x));
  }
  return x <= tree.threshold[node]!;
}

/** Whether the code is among codes[begin] to codes[end - 1], which ascend. */
export function isListed(codes: Int32Array, begin: number, end: number, code: number): boolean {
  let low = begin;
  let high = end;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (codes[middle]! < code) low = middle + 1;
    else high = middle;
  }
  return low < end && codes[low] === code;
}

/** How many numbers {@link cutsOf} gives, at most. */
export function countCuts({ zeroIsMissing, categoryStarts }: TreeArrays, node: number): number {
  const codes = categoryStarts ? categoryStarts[node + 1]! - categoryStarts[node]! : 0;
  if (codes > 0) return 2 * codes;
  return zeroIsMissing?.[node] === 1 ? 3 : 1;
}

/** The cuts of a split, in any order, all finite and float32. */
export function cutsOf(tree: TreeArrays, node: number): number[] {
  const { categoryStarts, categories, threshold, zeroIsMissing } = tree;
  if (categoryStarts && categories && categoryStarts[node + 1]! > categoryStarts[node]!) {
    const codes = categories.subarray(categoryStarts[node], categoryStarts[node + 1]);
    // Code 0 is all of -1 to 1, both excluded.
    return Array.from(codes).flatMap((code) => [code === 0 ? -1 : nextFloat32Below(code), nextFloat32Below(code + 1)]);
  }
  const cuts = [threshold[node]!];
  if (zeroIsMissing?.[node] === 1) cuts.push(ZERO_SIZE, -nextFloat32Above(ZERO_SIZE));
  return cuts;
}
