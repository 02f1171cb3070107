/**
 * One decision tree as parallel arrays, one entry a node; node 0 is the root.
 *
 * At a split the rule is: float32 feature <= float32 threshold goes left, anything larger right, a missing value (NaN) where
 * `missingLeft` says. So -Infinity goes left and Infinity right. A library that splits by `x < t` (XGBoost) is represented by the next
 * float32 below t.
 *
 * A split that lists categories looks at the code, which is the feature without its fraction: listed codes go left, all others right
 * (negative, infinite and never seen ones too), a missing value where `missingLeft` says.
 */
import { isPlainObject, showValue } from '@fraudops/core';
import { ModelError } from './model-error.js';
import { requireMagnitude } from './model.js';
import { MAX_CATEGORY_CODE, MAX_TREE_DEPTH } from './model-limits.js';

/**
 * One decision tree, one entry a node in each array; node 0 is the root. At a split, a feature up to the threshold goes left, a larger one right,
 * a missing one (NaN) where `missingLeft` says; at a split that lists categories, listed codes go left. All arrays have one length; they
 * belong to the model and are never written to.
 */
export interface TreeArrays {
  /** Position of the feature that a split looks at; -1 marks a leaf. */
  readonly feature: Int32Array;
  /** Largest value that goes left; finite. Ignored at a leaf. */
  readonly threshold: Float32Array;
  /** Node that smaller values go to; -1 at a leaf. */
  readonly left: Int32Array;
  /** Node that larger values go to; -1 at a leaf. */
  readonly right: Int32Array;
  /** 1 when a missing value goes left, 0 when right. Ignored at a leaf. */
  readonly missingLeft: Uint8Array;
  /** Log-odds that a leaf adds to the margin. Ignored at a split. */
  readonly value: Float64Array;
  /** Weight of the training rows that came by, usually their sum of hessians; 0 or more. */
  readonly cover: Float64Array;
  /**
   * Where the codes of each node begin in `categories`, and one entry more, where the last ones end. A node with codes is a category
   * split. Absent, like `categories`, when there is none.
   */
  readonly categoryStarts?: Int32Array;
  /** Codes that go left, ascending for each node, 0 to {@link MAX_CATEGORY_CODE}. */
  readonly categories?: Int32Array;
  /** 1 at a split by threshold that takes values of at most 1e-35 in size for missing (LightGBM's missing type Zero). Absent: none does. */
  readonly zeroIsMissing?: Uint8Array;
}

/** The names of a tree's arrays. */
const TREE_ARRAY_NAMES = ['feature', 'threshold', 'left', 'right', 'missingLeft', 'value', 'cover'] as const;

/** @throws {ModelError} INVALID_MODEL unless the tree has every array it needs, each of its type, so that nothing is rounded or wraps unseen */
export function requireTreeForm(what: string, tree: TreeArrays): void {
  if (!isPlainObject(tree)) throw invalid(what, `${showValue(tree)}, expected an object of arrays`);
  for (const [name, type] of Object.entries(ARRAY_TYPES)) {
    const array = tree[name];
    if (array instanceof type || (array === undefined && OPTIONAL_ARRAYS.has(name))) continue;
    throw invalid(what, `${name} is ${showValue(array)}, expected ${/^[AEIO]/.test(type.name) ? 'an' : 'a'} ${type.name}`);
  }
}

const ARRAY_TYPES = {
  feature: Int32Array,
  threshold: Float32Array,
  left: Int32Array,
  right: Int32Array,
  missingLeft: Uint8Array,
  value: Float64Array,
  cover: Float64Array,
  categoryStarts: Int32Array,
  categories: Int32Array,
  zeroIsMissing: Uint8Array,
} satisfies Record<keyof TreeArrays, unknown>;

const OPTIONAL_ARRAYS: ReadonlySet<string> = new Set(['categoryStarts', 'categories', 'zeroIsMissing']);

/**
 * Throws unless the arrays make one tree: every child in range, every node but the root the child of exactly one split (so no cycles
 * and no orphans), numbers finite, depth bounded.
 *
 * @param what name for messages, such as `trees[3]`
 * @throws {ModelError} INVALID_MODEL naming node and value, or TOO_LARGE for the depth
 */
export function requireValidTree(what: string, tree: TreeArrays, featureCount: number): void {
  const nodeCount = tree.feature.length;
  if (nodeCount === 0) throw invalid(what, 'no nodes, a tree has at least a root');
  for (const name of TREE_ARRAY_NAMES) {
    if (tree[name].length !== nodeCount)
      throw invalid(what, `${name} has ${tree[name].length} entries, feature has ${nodeCount}`);
  }
  for (let node = 0; node < nodeCount; node++) requireValidNode(what, tree, node, featureCount);
  requireValidCategories(what, tree);
  requireValidZeros(what, tree);
  requireOneTree(what, tree);
}

function requireValidNode(what: string, tree: TreeArrays, node: number, featureCount: number): void {
  const feature = tree.feature[node]!;
  if (feature < -1 || feature >= featureCount) {
    throw invalid(what, `feature[${node}] is ${feature}, expected -1 for a leaf or 0 to ${featureCount - 1}`);
  }
  for (const side of ['left', 'right'] as const) {
    const child = tree[side][node]!;
    if (feature === -1 && child !== -1) throw invalid(what, `${side}[${node}] is ${child}, expected -1 at a leaf`);
    if (feature !== -1 && (child < 1 || child >= tree.feature.length)) {
      throw invalid(what, `${side}[${node}] is ${child}, expected 1 to ${tree.feature.length - 1} at a split`);
    }
  }
  if (!Number.isFinite(tree.threshold[node]!))
    throw invalid(what, `threshold[${node}] is ${tree.threshold[node]}, expected a finite number`);
  if (tree.missingLeft[node]! > 1) throw invalid(what, `missingLeft[${node}] is ${tree.missingLeft[node]}, expected 0 or 1`);
  if (!(tree.cover[node]! >= 0 && tree.cover[node]! < Number.POSITIVE_INFINITY)) {
    throw invalid(what, `cover[${node}] is ${tree.cover[node]}, expected a finite number of 0 or more`);
  }
  requireMagnitude(`${what}: value[${node}]`, tree.value[node]);
}

function requireValidCategories(what: string, { feature, categoryStarts, categories }: TreeArrays): void {
  if (categoryStarts === undefined && categories === undefined) return;
  if (categoryStarts === undefined || categories === undefined) {
    throw invalid(what, 'it has only one of categoryStarts and categories, expected both or none');
  }
  const nodeCount = feature.length;
  if (categoryStarts.length !== nodeCount + 1) {
    throw invalid(what, `categoryStarts has ${categoryStarts.length} entries, expected ${nodeCount + 1}, one more than nodes`);
  }
  if (categoryStarts[0] !== 0 || categoryStarts[nodeCount] !== categories.length) {
    throw invalid(
      what,
      `categoryStarts goes from ${categoryStarts[0]} to ${categoryStarts[nodeCount]}, expected 0 to ${categories.length}`,
    );
  }
  for (let node = 0; node < nodeCount; node++) {
    const begin = categoryStarts[node]!;
    const end = categoryStarts[node + 1]!;
    if (end < begin) throw invalid(what, `categoryStarts[${node + 1}] is ${end}, expected no less than the one before`);
    if (end > begin && feature[node] === -1) throw invalid(what, `node ${node} is a leaf and lists categories`);
    for (let i = begin; i < end; i++) {
      const code = categories[i]!;
      if (code < 0 || code > MAX_CATEGORY_CODE || (i > begin && code <= categories[i - 1]!)) {
        throw invalid(
          what,
          `categories[${i}] is ${code}, expected 0 to ${MAX_CATEGORY_CODE}, more than the one before it in node ${node}`,
        );
      }
    }
  }
}

function requireValidZeros(what: string, { feature, categoryStarts, zeroIsMissing }: TreeArrays): void {
  if (zeroIsMissing === undefined) return;
  if (zeroIsMissing.length !== feature.length) {
    throw invalid(what, `zeroIsMissing has ${zeroIsMissing.length} entries, feature has ${feature.length}`);
  }
  for (let node = 0; node < feature.length; node++) {
    const isNumeric = feature[node] !== -1 && !(categoryStarts && categoryStarts[node + 1]! > categoryStarts[node]!);
    if (zeroIsMissing[node]! > (isNumeric ? 1 : 0)) {
      throw invalid(
        what,
        `zeroIsMissing[${node}] is ${zeroIsMissing[node]}, expected ${isNumeric ? '0 or 1' : '0 at this node'}`,
      );
    }
  }
}

/** Walks down from the root, level by level. A node met twice is in a cycle or has two parents; one never met is an orphan. */
function requireOneTree(what: string, tree: TreeArrays): void {
  const nodeCount = tree.feature.length;
  const met = new Uint8Array(nodeCount);
  const queue = new Int32Array(nodeCount);
  met[0] = 1;
  let queued = 1;
  let depth = 0;
  for (let levelStart = 0; levelStart < queued; depth++) {
    if (depth > MAX_TREE_DEPTH) {
      throw new ModelError('TOO_LARGE', `${what}: deeper than ${MAX_TREE_DEPTH} splits, which is the limit`, {
        details: { limit: MAX_TREE_DEPTH },
      });
    }
    const levelEnd = queued;
    for (let i = levelStart; i < levelEnd; i++) {
      const node = queue[i]!;
      if (tree.feature[node] === -1) continue;
      for (const child of [tree.left[node]!, tree.right[node]!]) {
        if (met[child] === 1) throw invalid(what, `node ${child} is reached twice, every node but the root has one parent`);
        met[child] = 1;
        queue[queued++] = child;
      }
    }
    levelStart = levelEnd;
  }
  if (queued < nodeCount) throw invalid(what, `node ${met.indexOf(0)} is not reached from the root`);
}

function invalid(what: string, rule: string): ModelError {
  return new ModelError('INVALID_MODEL', `${what}: ${rule}`, { details: { what } });
}
