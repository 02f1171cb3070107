/** What a margin is, word for word as TreeArrays says it and without regard to speed: the oracle of the scorers' tests. */
import type { TreeArrays } from '../tree-arrays.js';

/** The base margin and the leaf of each tree, added in order. */
export function literalMargin(trees: readonly TreeArrays[], baseMargin: number, row: ArrayLike<number>): number {
  let margin = baseMargin;
  for (const tree of trees) {
    let node = 0;
    while (tree.feature[node] !== -1) {
      const isLeft = literallyLeft(tree, node, Math.fround(row[tree.feature[node]!]!));
      node = isLeft ? tree.left[node]! : tree.right[node]!;
    }
    margin += tree.value[node]!;
  }
  return margin;
}

function literallyLeft(tree: TreeArrays, node: number, x: number): boolean {
  const isTiny = x >= -Math.fround(1e-35) && x <= Math.fround(1e-35);
  const isMissing = Number.isNaN(x) || (isTiny && tree.zeroIsMissing?.[node] === 1);
  if (isMissing) return tree.missingLeft[node] === 1;
  const codes = Array.from(tree.categories ?? []).slice(tree.categoryStarts?.[node], tree.categoryStarts?.[node + 1]);
  return codes.length > 0 ? codes.some((code) => code === Math.trunc(x)) : x <= tree.threshold[node]!;
}
