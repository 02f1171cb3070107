/**
 * Splits that ONNX has no operator for, as chains of nodes that it has: x <= limit, the limits ascending. Each node of a chain sends
 * what is within its limit to the left or the right child of the split, and the rest to the next node. So a split on category codes is a
 * union of intervals, {3, 4, 9} being 3 <= x < 5 or 9 <= x < 10, and fractions are cut off by the same rule as here.
 *
 * ONNX Runtime takes a child with several parents only if at most one of them has it as its false branch: in a chain that is the last.
 */
import { nextFloat32Below } from '../float32-neighbours.js';
import { ZERO_SIZE } from '../scoring/split-rule.js';
import type { TreeArrays } from '../tree-arrays.js';

/** The side of a split that features of at most `limit`, and above the limit before, go to. */
interface ChainLink {
  readonly limit: number;
  readonly isLeft: boolean;
}

/** A split as links; what is above the last limit goes to the side that the last link does not name. */
export type IntervalChain = readonly ChainLink[];

/** The chain of a split; one link for a plain threshold. */
export function intervalChain(tree: TreeArrays, node: number): IntervalChain {
  const begin = tree.categoryStarts?.[node] ?? 0;
  const end = tree.categoryStarts?.[node + 1] ?? 0;
  if (end > begin) return categoryChain(tree.categories!.subarray(begin, end));
  const threshold = tree.threshold[node]!;
  if (tree.zeroIsMissing?.[node] === 1) return zeroChain(threshold, tree.missingLeft[node] === 1);
  return [{ limit: threshold, isLeft: true }];
}

/** How many links a category split has: two for each run of codes without a gap. */
export function categoryChain(codes: ArrayLike<number>): IntervalChain {
  const links: ChainLink[] = [];
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i]!;
    // What is above -1 and below 1 has the code 0.
    if (i === 0 || code !== codes[i - 1]! + 1) links.push({ limit: code === 0 ? -1 : nextFloat32Below(code), isLeft: false });
    if (codes[i + 1] !== code + 1) links.push({ limit: nextFloat32Below(code + 1), isLeft: true });
  }
  return links;
}

/** A threshold around which a zero goes where a missing value goes. */
export function zeroChain(threshold: number, missingLeft: boolean): IntervalChain {
  const belowZero = nextFloat32Below(-ZERO_SIZE);
  const limits = [belowZero, ZERO_SIZE, threshold].sort((a, b) => a - b);
  const links: ChainLink[] = [];
  for (const limit of limits) {
    const isZero = limit > belowZero && limit <= ZERO_SIZE;
    links.push({ limit, isLeft: isZero ? missingLeft : limit <= threshold });
  }
  return withoutRepeats(links);
}

/** Links that follow one of the same side, and those that end where the rest begins, say nothing. */
function withoutRepeats(links: readonly ChainLink[]): IntervalChain {
  const merged: ChainLink[] = [];
  for (const link of links) {
    if (merged.at(-1)?.limit === link.limit) continue;
    if (merged.at(-1)?.isLeft === link.isLeft) merged.pop();
    merged.push(link);
  }
  if (merged.at(-1)?.isLeft === false) merged.pop();
  return merged;
}
