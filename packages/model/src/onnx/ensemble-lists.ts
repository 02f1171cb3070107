/**
 * Reads TreeEnsembleRegressor and TreeEnsembleClassifier (ai.onnx.ml 1 to 4): lists with one entry a node and one a vote of a leaf.
 */
import { ModelError } from '../model-error.js';
import { MAX_NODES, MAX_TREES } from '../model-limits.js';
import { type BranchGraph, emptyBranchGraph, NODE_KINDS } from './branch-graph.js';
import { type Comparison, setBranch } from './branch-comparison.js';
import type { FeatureColumn } from './feature-column.js';
import { NodeAttributes } from './node-attributes.js';
import type { OnnxNode } from './onnx-graph.js';

/** Which classes the leaves vote for, and how the votes are counted. */
export interface VoteWeights {
  /** The factor of a vote for a class, by its number; a class that is absent is refused. */
  readonly factors: ReadonlyMap<number, number>;
}

/** The lists of the votes, as the file has them. */
export interface Votes {
  readonly treeIds: ArrayLike<number>;
  readonly nodeIds: ArrayLike<number>;
  readonly classIds: ArrayLike<number>;
  readonly weights: ArrayLike<number>;
}

const COMPARISONS: Readonly<Record<string, Comparison>> = {
  BRANCH_LEQ: 'atMost',
  BRANCH_LT: 'below',
  BRANCH_GTE: 'atLeast',
  BRANCH_GT: 'above',
  BRANCH_EQ: 'equals',
  BRANCH_NEQ: 'differs',
};

/** The votes. @throws {ModelError} INVALID_MODEL when the lists differ in length */
export function readVotes(attributes: NodeAttributes, prefix: 'target' | 'class'): Votes {
  const treeIds = attributes.ints(`${prefix}_treeids`);
  return {
    treeIds,
    nodeIds: attributes.ints(`${prefix}_nodeids`, treeIds.length),
    classIds: attributes.ints(`${prefix}_ids`, treeIds.length),
    weights: attributes.numbers(`${prefix}_weights`, treeIds.length),
  };
}

/**
 * The trees, in the order in which the lists name them first. A leaf's value is the sum of its votes, each times the factor of its class.
 *
 * @throws {ModelError} INVALID_MODEL, UNSUPPORTED_MODEL or TOO_LARGE
 */
export function readTreeLists(
  node: OnnxNode,
  columns: readonly FeatureColumn[],
  votes: Votes,
  factors: VoteWeights,
): BranchGraph[] {
  const attributes = new NodeAttributes(node);
  const treeIds = attributes.ints('nodes_treeids');
  const count = treeIds.length;
  if (count > MAX_NODES) throw tooLarge(`${count} nodes, at most ${MAX_NODES} are allowed`);
  const lists = {
    nodeIds: attributes.ints('nodes_nodeids', count),
    featureIds: attributes.ints('nodes_featureids', count),
    values: attributes.numbers('nodes_values', count),
    modes: attributes.texts('nodes_modes', count),
    trueIds: attributes.ints('nodes_truenodeids', count),
    falseIds: attributes.ints('nodes_falsenodeids', count),
    tracksTrue: attributes.optionalInts('nodes_missing_value_tracks_true', count),
    hitRates: attributes.optionalNumbers('nodes_hitrates', count),
  };
  const index = indexNodes(treeIds, lists.nodeIds);
  for (let row = 0; row < count; row++) {
    const treeId = treeIds[row]!;
    const graph = index.graphs[index.graphOfRow[row]!]!;
    const position = index.positionOfRow[row]!;
    const hitRate = lists.hitRates?.[row] ?? 0;
    graph.cover[position] = hitRate >= 0 && Number.isFinite(hitRate) ? hitRate : 0;
    const mode = lists.modes[row]!;
    if (mode === 'LEAF') continue;
    const comparison = COMPARISONS[mode];
    if (!comparison) throw damaged(`${node.operator}.nodes_modes[${row}] is ${mode.slice(0, 50)}, expected LEAF or BRANCH_...`);
    const [yes, no] = [index.find(treeId, lists.trueIds[row]!), index.find(treeId, lists.falseIds[row]!)];
    if (yes === undefined || no === undefined) throw damaged(`${node.operator}: node row ${row} has a child that does not exist`);
    setBranch(graph, position, {
      comparison,
      column: columns[lists.featureIds[row]!],
      value: lists.values[row]!,
      yes,
      no,
      missingTracksTrue: lists.tracksTrue?.[row] === 1,
    });
  }
  addVotes(node.operator, votes, factors, index);
  return index.graphs;
}

interface NodeIndex {
  readonly graphs: ReturnType<typeof emptyBranchGraph>[];
  /** Of each row: the number of its tree, and its position there. */
  readonly graphOfRow: Int32Array;
  readonly positionOfRow: Int32Array;
  /** The position of a node in its tree. */
  find(treeId: number, nodeId: number): number | undefined;
  graphOf(treeId: number): ReturnType<typeof emptyBranchGraph> | undefined;
}

/** Nodes of a tree are numbered in the order of their rows; the first is the root. */
function indexNodes(treeIds: ArrayLike<number>, nodeIds: ArrayLike<number>): NodeIndex {
  const trees = new Map<number, { number: number; positions: Map<number, number> }>();
  const graphOfRow = new Int32Array(treeIds.length);
  const positionOfRow = new Int32Array(treeIds.length);
  for (let row = 0; row < treeIds.length; row++) {
    let tree = trees.get(treeIds[row]!);
    if (!tree) {
      trees.set(treeIds[row]!, (tree = { number: trees.size, positions: new Map() }));
      if (trees.size > MAX_TREES) throw tooLarge(`more than ${MAX_TREES} trees, which is the limit`);
    }
    if (tree.positions.has(nodeIds[row]!)) throw damaged(`tree ${treeIds[row]} has node ${nodeIds[row]} twice`);
    graphOfRow[row] = tree.number;
    positionOfRow[row] = tree.positions.size;
    tree.positions.set(nodeIds[row]!, tree.positions.size);
  }
  const graphs = Array.from(trees.values(), ({ positions }) => emptyBranchGraph(positions.size));
  return {
    graphs,
    graphOfRow,
    positionOfRow,
    find: (treeId, nodeId) => trees.get(treeId)?.positions.get(nodeId),
    graphOf: (treeId) => graphs[trees.get(treeId)?.number ?? -1],
  };
}

function addVotes(operator: string, votes: Votes, { factors }: VoteWeights, index: NodeIndex): void {
  for (let i = 0; i < votes.treeIds.length; i++) {
    const [treeId, nodeId, classId] = [votes.treeIds[i]!, votes.nodeIds[i]!, votes.classIds[i]!];
    const graph = index.graphOf(treeId);
    const position = index.find(treeId, nodeId);
    if (!graph || position === undefined || graph.kind[position] !== NODE_KINDS.leaf) {
      throw damaged(`${operator}: vote ${i} is of node ${nodeId} of tree ${treeId}, which is no leaf`);
    }
    const factor = factors.get(classId);
    if (factor === undefined) throw damaged(`${operator}: vote ${i} is for class ${classId}, which does not exist`);
    graph.value[position]! += factor * votes.weights[i]!;
  }
}

function damaged(message: string): ModelError {
  return new ModelError('INVALID_MODEL', `onnx: ${message}; the file is damaged, fetch it again`);
}

function tooLarge(message: string): ModelError {
  return new ModelError('TOO_LARGE', `onnx: ${message}`);
}
