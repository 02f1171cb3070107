/**
 * The TreeEnsembleRegressor of a tree model: all nodes of all trees in parallel lists, and a list of the leaves' votes.
 *
 * Every split is `BRANCH_LEQ`, for which ONNX Runtime has a fast path; category splits and splits at which zero is missing are chains of
 * them. A node of a tree keeps its number, and the further nodes of chains are numbered after the last. Covers travel as hit rates,
 * which runtimes ignore, so that a model that is read back can still be explained.
 */
import { ModelError } from '../model-error.js';
import { MAX_NODES } from '../model-limits.js';
import type { TreeArrays } from '../tree-arrays.js';
import type { TreeModel } from '../tree-model.js';
import type { GraphBuilder } from './graph-builder.js';
import { type IntervalChain, intervalChain } from './interval-chain.js';
import { ML_DOMAIN } from './onnx-graph.js';

/** Most nodes of the chain of one split: ONNX Runtime descends a chain by recursion when it loads a file. */
export const MAX_CHAIN_LINKS = 4096;

const SUM_OF_NO_TREES: TreeArrays = {
  feature: Int32Array.of(-1),
  threshold: new Float32Array(1),
  left: Int32Array.of(-1),
  right: Int32Array.of(-1),
  missingLeft: new Uint8Array(1),
  value: new Float64Array(1),
  cover: new Float64Array(1),
};

/** Adds the value `margin`. @throws {ModelError} UNSUPPORTED_MODEL or TOO_LARGE, see `toOnnx` */
export function addTreeEnsemble(graph: GraphBuilder, model: TreeModel): void {
  // The operator needs a tree.
  const trees = model.trees.length > 0 ? model.trees : [SUM_OF_NO_TREES];
  const lists = new EnsembleLists(countNodes(trees));
  trees.forEach((tree, t) => lists.addTree(t, tree));
  const base = requireFloat32('baseMargin', model.baseMargin);
  const ints = (values: ArrayLike<number>) => ({ kind: 'ints' as const, value: Float64Array.from(values) });
  const leafTrees = lists.treeIds.filter((_, row) => lists.modes[row] === 'LEAF');
  const attributes = {
    n_targets: { kind: 'int' as const, value: 1 },
    base_values: { kind: 'floats' as const, value: Float32Array.of(base) },
    nodes_treeids: ints(lists.treeIds),
    nodes_nodeids: ints(lists.nodeIds),
    nodes_featureids: ints(lists.featureIds),
    nodes_values: { kind: 'floats' as const, value: lists.values },
    nodes_hitrates: { kind: 'floats' as const, value: lists.hitRates },
    nodes_modes: { kind: 'strings' as const, value: lists.modes },
    nodes_truenodeids: ints(lists.trueIds),
    nodes_falsenodeids: ints(lists.falseIds),
    nodes_missing_value_tracks_true: ints(lists.missingTracksTrue),
    target_treeids: ints(leafTrees),
    target_nodeids: ints(lists.nodeIds.filter((_, row) => lists.modes[row] === 'LEAF')),
    target_ids: ints(new Uint8Array(leafTrees.length)),
    target_weights: { kind: 'floats' as const, value: Float32Array.from(lists.leafWeights) },
  };
  graph.add('TreeEnsembleRegressor', ['features'], 'margin', attributes, ML_DOMAIN);
}

/**
 * How far a sum in float32 may be from the one in float64: each of n + 1 additions, and each leaf, rounds by up to 2^-24 of a size
 * that is at most the sum of the largest leaf of each tree.
 */
export function largestMarginError(model: TreeModel): number {
  const largestLeaf = (tree: TreeArrays) => tree.value.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const largestSum = model.trees.reduce((sum, tree) => sum + largestLeaf(tree), Math.abs(model.baseMargin));
  return (model.trees.length + 2) * 2 ** -24 * largestSum;
}

/** All nodes with those of chains, counted before any list is made. */
function countNodes(trees: readonly TreeArrays[]): number {
  let count = 0;
  for (const [t, tree] of trees.entries()) {
    count += tree.feature.length;
    for (let node = 0; node < tree.feature.length; node++) {
      if (tree.feature[node] === -1) continue;
      const links = intervalChain(tree, node).length;
      if (links > MAX_CHAIN_LINKS) {
        throw tooLarge(
          `toOnnx: trees[${t}] node ${node} needs ${links} comparisons, at most ${MAX_CHAIN_LINKS} are allowed`,
          links,
        );
      }
      count += links - 1;
    }
    if (count > MAX_NODES) throw tooLarge(`toOnnx: ${count} nodes or more, at most ${MAX_NODES} are allowed`, count);
  }
  return count;
}

/** The operator's lists, one entry a node; rows of a tree follow one another, its root first. */
class EnsembleLists {
  readonly treeIds: Int32Array;
  readonly nodeIds: Int32Array;
  readonly featureIds: Int32Array;
  readonly values: Float32Array;
  readonly hitRates: Float32Array;
  readonly modes: ('LEAF' | 'BRANCH_LEQ')[] = [];
  readonly trueIds: Int32Array;
  readonly falseIds: Int32Array;
  readonly missingTracksTrue: Uint8Array;
  /** Of the leaves, in the order of their rows. */
  readonly leafWeights: number[] = [];

  constructor(count: number) {
    this.treeIds = new Int32Array(count);
    this.nodeIds = new Int32Array(count);
    this.featureIds = new Int32Array(count);
    this.values = new Float32Array(count);
    this.hitRates = new Float32Array(count);
    this.trueIds = new Int32Array(count);
    this.falseIds = new Int32Array(count);
    this.missingTracksTrue = new Uint8Array(count);
  }

  addTree(treeId: number, tree: TreeArrays): void {
    const nodeCount = tree.feature.length;
    const chains: { node: number; chain: IntervalChain; firstId: number }[] = [];
    let nextId = nodeCount;
    for (let node = 0; node < nodeCount; node++) {
      const row = this.#addRow(treeId, node, tree, node);
      if (tree.feature[node] === -1) {
        this.modes[row] = 'LEAF';
        this.leafWeights.push(requireFloat32(`trees[${treeId}].value[${node}]`, tree.value[node]!));
        continue;
      }
      const chain = intervalChain(tree, node);
      this.#addLink(row, tree, node, chain, 0, nextId);
      chains.push({ node, chain, firstId: nextId });
      nextId += chain.length - 1;
    }
    for (const { node, chain, firstId } of chains) {
      for (let i = 1; i < chain.length; i++) {
        const row = this.#addRow(treeId, firstId + i - 1, tree, node);
        this.#addLink(row, tree, node, chain, i, firstId + i);
      }
    }
  }

  #addRow(treeId: number, nodeId: number, tree: TreeArrays, node: number): number {
    const row = this.modes.push('BRANCH_LEQ') - 1;
    this.treeIds[row] = treeId;
    this.nodeIds[row] = nodeId;
    this.hitRates[row] = Math.min(tree.cover[node]!, 3e38);
    return row;
  }

  /** The link at position i of the chain of a split; the one after it gets the number nextId. */
  #addLink(row: number, tree: TreeArrays, node: number, chain: IntervalChain, i: number, nextId: number): void {
    const { limit, isLeft } = chain[i]!;
    const [left, right] = [tree.left[node]!, tree.right[node]!];
    this.featureIds[row] = tree.feature[node]!;
    this.values[row] = limit;
    this.trueIds[row] = isLeft ? left : right;
    this.falseIds[row] = i + 1 < chain.length ? nextId : isLeft ? right : left;
    // A missing value leaves the chain at the first link that leads to its side, or at the end.
    this.missingTracksTrue[row] = (tree.missingLeft[node] === 1) === isLeft ? 1 : 0;
  }
}

function requireFloat32(what: string, value: number): number {
  const rounded = Math.fround(value);
  if (Number.isFinite(rounded)) return rounded;
  throw new ModelError(
    'UNSUPPORTED_MODEL',
    `toOnnx: ${what} is ${value}, ONNX holds numbers of float32; train with a lower rate`,
    {
      details: { what, value },
    },
  );
}

function tooLarge(message: string, count: number): ModelError {
  return new ModelError('TOO_LARGE', message, { details: { count } });
}
