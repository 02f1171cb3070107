/**
 * The rule at a split, node by node, as scoring applies it: see the module's comment of `tree-arrays.ts`.
 */
import type { TreeArrays } from '../tree-arrays.js';

/** LightGBM's missing type Zero: values of at most this size count as missing. */
export const TINY = Math.fround(1e-35);

/**
 * Whether a float32 feature goes to the left child.
 *
 * @param tree a valid tree
 * @param node a split of it
 * @param x the value of the feature that the split looks at; NaN when missing
 */
export function goesLeft(tree: TreeArrays, node: number, x: number): boolean {
  if (Number.isNaN(x)) return tree.missingLeft[node] === 1;
  const begin = tree.categoryStarts?.[node] ?? 0;
  const end = tree.categoryStarts?.[node + 1] ?? 0;
  if (end > begin) return isListed(tree.categories!, begin, end, Math.trunc(x));
  if (tree.zeroIsMissing?.[node] === 1 && Math.abs(x) <= TINY) return tree.missingLeft[node] === 1;
  return x <= tree.threshold[node]!;
}

/** Whether the code is among categories[begin] to categories[end - 1], which ascend. */
function isListed(categories: Int32Array, begin: number, end: number, code: number): boolean {
  let low = begin;
  let high = end;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (categories[middle]! < code) low = middle + 1;
    else high = middle;
  }
  return low < end && categories[low] === code;
}
