/**
 * The reference scorer: walks each row from the root to its leaf, tree by tree. Takes any trees.
 */
import type { FeatureMatrix } from '@fraudops/core';
import type { TreeArrays } from '../tree-arrays.js';
import { ZERO_SIZE, isListed } from './split-rule.js';
import type { ScoredTrees, TreeScorer } from './tree-scorer.js';

/** Rows scored together: their features stay in the first cache while tree after tree passes over them. */
const BLOCK_ROWS = 64;

/** See {@link TreeScorer}. */
export function flatScorer({ featureCount, baseMargin, trees }: ScoredTrees): TreeScorer {
  const flat = flatten(trees);
  const rowMargin = new Float64Array(1);
  return {
    marginOf(row) {
      rowMargin[0] = baseMargin;
      addLeaves(flat, row, featureCount, rowMargin, 0, 1);
      return rowMargin[0];
    },
    addMargins({ columns, rowCount }: FeatureMatrix, margins) {
      const block = new Float32Array(BLOCK_ROWS * featureCount);
      for (let start = 0; start < rowCount; start += BLOCK_ROWS) {
        const rows = Math.min(BLOCK_ROWS, rowCount - start);
        for (let j = 0; j < featureCount; j++) {
          const column = columns[j]!;
          for (let i = 0; i < rows; i++) block[i * featureCount + j] = column[start + i]!;
        }
        addLeaves(flat, block, featureCount, margins, start, rows);
      }
    },
  };
}

/** Kinds of splits, in `FlatTrees.kind`. */
const NUMERIC = 0;
const ZERO_IS_MISSING = 1;
const CATEGORY = 2;

/** All trees in one set of arrays; children are positions in it. */
interface FlatTrees {
  readonly roots: Int32Array;
  readonly feature: Int32Array;
  readonly threshold: Float32Array;
  readonly left: Int32Array;
  readonly right: Int32Array;
  readonly missingLeft: Uint8Array;
  readonly kind: Uint8Array;
  /** Where the codes of a node begin in `categories`, and where they end. */
  readonly categoryBegin: Int32Array;
  readonly categoryEnd: Int32Array;
  readonly categories: Int32Array;
  readonly value: Float64Array;
}

function flatten(trees: readonly TreeArrays[]): FlatTrees {
  const nodeCount = trees.reduce((sum, tree) => sum + tree.feature.length, 0);
  const flat: FlatTrees = {
    roots: new Int32Array(trees.length),
    feature: new Int32Array(nodeCount),
    threshold: new Float32Array(nodeCount),
    left: new Int32Array(nodeCount),
    right: new Int32Array(nodeCount),
    missingLeft: new Uint8Array(nodeCount),
    kind: new Uint8Array(nodeCount),
    categoryBegin: new Int32Array(nodeCount),
    categoryEnd: new Int32Array(nodeCount),
    categories: new Int32Array(trees.reduce((sum, tree) => sum + (tree.categories?.length ?? 0), 0)),
    value: new Float64Array(nodeCount),
  };
  let root = 0;
  let category = 0;
  trees.forEach((tree, t) => {
    flat.roots[t] = root;
    flat.feature.set(tree.feature, root);
    flat.threshold.set(tree.threshold, root);
    flat.missingLeft.set(tree.missingLeft, root);
    flat.value.set(tree.value, root);
    if (tree.zeroIsMissing) flat.kind.set(tree.zeroIsMissing, root);
    if (tree.categories) flat.categories.set(tree.categories, category);
    for (let node = 0; node < tree.feature.length; node++) {
      flat.left[root + node] = root + tree.left[node]!;
      flat.right[root + node] = root + tree.right[node]!;
      const begin = tree.categoryStarts?.[node] ?? 0;
      const end = tree.categoryStarts?.[node + 1] ?? 0;
      if (end > begin) flat.kind[root + node] = CATEGORY;
      flat.categoryBegin[root + node] = category + begin;
      flat.categoryEnd[root + node] = category + end;
    }
    root += tree.feature.length;
    category += tree.categories?.length ?? 0;
  });
  return flat;
}

/** Adds every tree's leaf to margins[first + i] for each of the rows, whose features lie one row after the other. Allocates nothing. */
function addLeaves(
  flat: FlatTrees,
  rows: Float32Array,
  featureCount: number,
  margins: Float64Array,
  first: number,
  rowCount: number,
): void {
  const { roots, feature, threshold, left, right, missingLeft, kind, value } = flat;
  for (let t = 0; t < roots.length; t++) {
    const root = roots[t]!;
    for (let i = 0; i < rowCount; i++) {
      const offset = i * featureCount;
      let node = root;
      let position = feature[node]!;
      while (position >= 0) {
        const x = rows[offset + position]!;
        const goesLeft =
          kind[node] === NUMERIC
            ? // Only NaN differs from itself.
              // oxlint-disable-next-line no-self-compare
              x <= threshold[node]! || (x !== x && missingLeft[node] === 1)
            : goesLeftSpecially(flat, node, x);
        node = goesLeft ? left[node]! : right[node]!;
        position = feature[node]!;
      }
      margins[first + i]! += value[node]!;
    }
  }
}

/** The rare kinds of splits. */
function goesLeftSpecially(flat: FlatTrees, node: number, x: number): boolean {
  const isZeroMissing = flat.kind[node] === ZERO_IS_MISSING;
  if (Number.isNaN(x) || (isZeroMissing && Math.abs(x) <= ZERO_SIZE)) return flat.missingLeft[node] === 1;
  if (isZeroMissing) return x <= flat.threshold[node]!;
  return isListed(flat.categories, flat.categoryBegin[node]!, flat.categoryEnd[node]!, Math.trunc(x));
}
