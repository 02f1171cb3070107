/**
 * Tree ensemble: margin = base margin + the value of the leaf that the row reaches in each tree, added in the order of the trees.
 */
import type { FeatureMatrix, Json } from '@fraudops/core';
import { logistic } from './logistic.js';
import { ModelError } from './model-error.js';
import { MAX_NODES, MAX_TREES } from './model-limits.js';
import { type Model, requireFeatureNames, requireMagnitude, requireMatrix, requireRow } from './model.js';
import { type TreeArrays, requireValidTree } from './tree-arrays.js';

/** What a tree model is made of. */
export interface TreeModelParts {
  /** 1 to {@link MAX_FEATURES} distinct names. */
  readonly featureNames: readonly string[];
  /** Log-odds before any tree, usually those of the fraud rate of the training rows. */
  readonly baseMargin: number;
  /** 0 to {@link MAX_TREES} trees of together at most {@link MAX_NODES} nodes. */
  readonly trees: readonly TreeArrays[];
}

/** A tree ensemble; see {@link treeModel}. */
export interface TreeModel extends Model {
  readonly kind: 'trees';
  readonly baseMargin: number;
  readonly trees: readonly TreeArrays[];
}

/**
 * A tree ensemble over copies of its parts.
 *
 * @throws {ModelError} INVALID_MODEL or TOO_LARGE, naming the tree, the node and the rule
 * @example
 * const stump: TreeArrays = {
 *   feature: Int32Array.of(0, -1, -1), threshold: Float32Array.of(220, 0, 0),
 *   left: Int32Array.of(1, -1, -1), right: Int32Array.of(2, -1, -1), missingLeft: Uint8Array.of(1, 0, 0),
 *   value: Float64Array.of(0, -1, 4), cover: Float64Array.of(10, 9, 1),
 * };
 * const model = treeModel({ featureNames: ['AMOUNT'], baseMargin: -3, trees: [stump] });
 * model.margin([220]); // -4
 * model.margin([221]); // 1
 */
export function treeModel(parts: TreeModelParts): TreeModel {
  const featureNames = requireFeatureNames(parts.featureNames);
  // Adding 0 turns -0 into 0, which JSON can't tell apart.
  const baseMargin = requireMagnitude('baseMargin', parts.baseMargin) + 0;
  requireTreeCount(parts.trees.length);
  let nodeCount = 0;
  for (const tree of parts.trees) requireNodeCount((nodeCount += tree.feature.length));
  const trees = parts.trees.map((tree, i) => {
    requireValidTree(`trees[${i}]`, tree, featureNames.length);
    return copyTree(tree);
  });
  return new TreeScorer(featureNames, baseMargin, Object.freeze(trees));
}

/** @throws {ModelError} TOO_LARGE beyond {@link MAX_TREES} */
export function requireTreeCount(count: number): void {
  if (count > MAX_TREES) {
    throw new ModelError('TOO_LARGE', `trees: ${count} trees, at most ${MAX_TREES} are allowed`, {
      details: { count, limit: MAX_TREES },
    });
  }
}

/** @throws {ModelError} TOO_LARGE beyond {@link MAX_NODES} */
export function requireNodeCount(count: number): void {
  if (count > MAX_NODES) {
    throw new ModelError('TOO_LARGE', `trees: ${count} nodes or more, at most ${MAX_NODES} are allowed`, {
      details: { count, limit: MAX_NODES },
    });
  }
}

function copyTree(tree: TreeArrays): TreeArrays {
  return Object.freeze({
    feature: tree.feature.slice(),
    threshold: tree.threshold.slice(),
    left: tree.left.slice(),
    right: tree.right.slice(),
    missingLeft: tree.missingLeft.slice(),
    value: tree.value.slice(),
    cover: tree.cover.slice(),
  });
}

/** Rows scored together: their features stay in the first cache while tree after tree passes over them. */
const BLOCK_ROWS = 64;

/** All trees in one set of arrays; children are positions in it. */
interface FlatTrees {
  readonly roots: Int32Array;
  readonly feature: Int32Array;
  readonly threshold: Float32Array;
  readonly left: Int32Array;
  readonly right: Int32Array;
  readonly missingLeft: Uint8Array;
  readonly value: Float64Array;
}

class TreeScorer implements TreeModel {
  readonly kind = 'trees';
  readonly #flat: FlatTrees;
  readonly #row: Float32Array;
  readonly #rowMargin = new Float64Array(1);

  constructor(
    readonly featureNames: readonly string[],
    readonly baseMargin: number,
    readonly trees: readonly TreeArrays[],
  ) {
    this.#flat = flatten(trees);
    this.#row = new Float32Array(featureNames.length);
  }

  margin(row: ArrayLike<number>): number {
    requireRow(this, row);
    for (let j = 0; j < this.#row.length; j++) this.#row[j] = row[j]!;
    this.#rowMargin[0] = this.baseMargin;
    addLeaves(this.#flat, this.#row, this.#row.length, this.#rowMargin, 0, 1);
    return this.#rowMargin[0];
  }

  score(row: ArrayLike<number>): number {
    return logistic(this.margin(row));
  }

  scoreBatch(matrix: FeatureMatrix): Float64Array {
    requireMatrix(this, matrix);
    const featureCount = this.featureNames.length;
    const block = new Float32Array(BLOCK_ROWS * featureCount);
    const scores = new Float64Array(matrix.rowCount).fill(this.baseMargin);
    for (let start = 0; start < matrix.rowCount; start += BLOCK_ROWS) {
      const rows = Math.min(BLOCK_ROWS, matrix.rowCount - start);
      for (let j = 0; j < featureCount; j++) {
        const column = matrix.columns[j]!;
        for (let i = 0; i < rows; i++) block[i * featureCount + j] = column[start + i]!;
      }
      addLeaves(this.#flat, block, featureCount, scores, start, rows);
    }
    for (let i = 0; i < scores.length; i++) scores[i] = logistic(scores[i]!);
    return scores;
  }

  toJson(): Json {
    return {
      format: 'fraudops.model',
      formatVersion: 1,
      kind: this.kind,
      featureNames: this.featureNames,
      baseMargin: this.baseMargin,
      trees: this.trees.map((tree) =>
        Object.fromEntries(
          Object.entries(tree).map(([name, array]) => [name, Array.from(array as ArrayLike<number>, withoutMinusZero)]),
        ),
      ),
    };
  }
}

/** JSON can't tell -0 from 0, and neither can a sum or a comparison. */
const withoutMinusZero = (value: number): number => value + 0;

function flatten(trees: readonly TreeArrays[]): FlatTrees {
  const nodeCount = trees.reduce((sum, tree) => sum + tree.feature.length, 0);
  const flat: FlatTrees = {
    roots: new Int32Array(trees.length),
    feature: new Int32Array(nodeCount),
    threshold: new Float32Array(nodeCount),
    left: new Int32Array(nodeCount),
    right: new Int32Array(nodeCount),
    missingLeft: new Uint8Array(nodeCount),
    value: new Float64Array(nodeCount),
  };
  let root = 0;
  trees.forEach((tree, t) => {
    flat.roots[t] = root;
    flat.feature.set(tree.feature, root);
    flat.threshold.set(tree.threshold, root);
    flat.missingLeft.set(tree.missingLeft, root);
    flat.value.set(tree.value, root);
    for (let node = 0; node < tree.feature.length; node++) {
      flat.left[root + node] = root + tree.left[node]!;
      flat.right[root + node] = root + tree.right[node]!;
    }
    root += tree.feature.length;
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
  const { roots, feature, threshold, left, right, missingLeft, value } = flat;
  for (let t = 0; t < roots.length; t++) {
    const root = roots[t]!;
    for (let i = 0; i < rowCount; i++) {
      const offset = i * featureCount;
      let node = root;
      let position = feature[node]!;
      while (position >= 0) {
        const x = rows[offset + position]!;
        // Only NaN differs from itself.
        // oxlint-disable-next-line no-self-compare
        node = x <= threshold[node]! || (x !== x && missingLeft[node] === 1) ? left[node]! : right[node]!;
        position = feature[node]!;
      }
      margins[first + i]! += value[node]!;
    }
  }
}
