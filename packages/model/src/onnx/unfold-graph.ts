/**
 * Makes a tree of a graph of comparisons, in which nodes may have several parents, in three ways, tried in this order:
 *
 * 1. Chains of comparisons with a code, and chains of ascending limits that share their ends, become one split by category or one split
 *    at which zero is missing: what `interval-chain.ts` writes is read back as it was.
 * 2. A plain comparison with a limit becomes a split; one with Infinity, which tells missing values from all others, becomes two.
 * 3. A node with several parents is copied for each, as long as the tree does not grow too much.
 */
import { MAX_FLOAT32 } from '../float32-neighbours.js';
import { ModelError } from '../model-error.js';
import { MAX_TREE_DEPTH } from '../model-limits.js';
import type { TreeArrays } from '../tree-arrays.js';
import { type BranchGraph, type TreeBudget, NODE_KINDS } from './branch-graph.js';
import { ChainReader } from './read-chain.js';
import { TreeCollector } from './tree-collector.js';

/** A tree may grow to this many times its nodes, and some, by copying nodes with several parents. */
const LARGEST_GROWTH = 16;
const FREE_NODES = 1024;

/**
 * The tree.
 *
 * @param what name for messages, such as `trees[3]`
 * @throws {ModelError} INVALID_MODEL for a child that does not exist or a cycle; TOO_LARGE; UNSUPPORTED_MODEL for a comparison that a
 *   split can't be
 */
export function treeOfBranchGraph(what: string, graph: BranchGraph, budget: TreeBudget): TreeArrays {
  const chains = new ChainReader(what, graph, countParents(what, graph), budget);
  const limit = Math.min(budget.nodes, LARGEST_GROWTH * graph.kind.length + FREE_NODES);
  const tree = new TreeCollector();
  // Nodes of the graph, each at the position of the node of the tree that it becomes; -1 - n is the rest of node n.
  const sources = [0];
  const depths = [0];
  let node = 0;
  const child = (source: number): number => {
    const depth = depths[node]! + 1;
    if (sources.length >= limit || depth > MAX_TREE_DEPTH) {
      const rule =
        depth > MAX_TREE_DEPTH ? `is deeper than ${MAX_TREE_DEPTH} splits` : `shares nodes that would become more than ${limit}`;
      throw new ModelError('TOO_LARGE', `onnx: ${what} ${rule}, which is the limit`, { details: { limit } });
    }
    depths.push(depth);
    return sources.push(source) - 1;
  };
  for (; node < sources.length; node++) {
    const isRest = sources[node]! < 0;
    const source = isRest ? -1 - sources[node]! : sources[node]!;
    if (graph.kind[source] === NODE_KINDS.leaf) {
      tree.addLeaf(graph.value[source]!, graph.cover[source]!);
      continue;
    }
    const [yes, no] = [graph.yes[source]!, graph.no[source]!];
    const plain = {
      feature: graph.feature[source]!,
      cover: graph.cover[source]!,
      threshold: Math.min(graph.limit[source]!, MAX_FLOAT32),
      missingLeft: graph.missingYes[source] === 1,
      zeroIsMissing: false,
      categories: [],
    };
    const chain = chains.chainAt(source);
    if (chain) {
      tree.addSplit({ ...plain, ...chain, left: child(chain.left), right: child(chain.right) });
    } else if (graph.limit[source] !== Number.POSITIVE_INFINITY) {
      tree.addSplit({ ...plain, left: child(yes), right: child(no) });
    } else if (isRest) {
      tree.addSplit({ ...plain, missingLeft: true, left: child(plain.missingLeft ? yes : no), right: child(yes) });
    } else {
      // Thresholds are finite, so what is infinite is told from what is missing by a second split, the rest.
      tree.addSplit({ ...plain, missingLeft: false, left: child(yes), right: child(-1 - source) });
    }
  }
  budget.nodes -= sources.length;
  return tree.arrays();
}

/** How many branches lead to each node that the root leads to. @throws {ModelError} INVALID_MODEL for a missing child or a cycle */
function countParents(what: string, graph: BranchGraph): Int32Array {
  const nodeCount = graph.kind.length;
  const parents = new Int32Array(nodeCount);
  const met = new Uint8Array(nodeCount);
  const reached = [0];
  met[0] = 1;
  for (let i = 0; i < reached.length; i++) {
    const node = reached[i]!;
    if (graph.kind[node] === NODE_KINDS.leaf) continue;
    for (const child of [graph.yes[node]!, graph.no[node]!]) {
      if (!(child >= 0 && child < nodeCount)) throw invalid(`${what} node ${node} has a child that does not exist`);
      parents[child]!++;
      if (met[child] === 1) continue;
      met[child] = 1;
      reached.push(child);
    }
  }
  requireNoCycle(what, graph, parents, reached.length);
  return parents;
}

/** Takes away nodes without parents until none is left; a cycle would remain. */
function requireNoCycle(what: string, graph: BranchGraph, parents: Int32Array, reached: number): void {
  const open = parents.slice();
  const ready = open[0] === 0 ? [0] : [];
  for (let i = 0; i < ready.length; i++) {
    const node = ready[i]!;
    if (graph.kind[node] === NODE_KINDS.leaf) continue;
    for (const child of [graph.yes[node]!, graph.no[node]!]) if (--open[child]! === 0) ready.push(child);
  }
  if (ready.length < reached) throw invalid(`${what} has a cycle`);
}

function invalid(message: string): ModelError {
  return new ModelError('INVALID_MODEL', `onnx: ${message}; the file is damaged, fetch it again`);
}
