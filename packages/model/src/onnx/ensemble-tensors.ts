/** Reads TreeEnsemble (ai.onnx.ml 5): interior nodes and leaves in lists of their own, that all trees share, and the trees' roots. */
import { ModelError } from '../model-error.js';
import { MAX_CATEGORY_CODE, MAX_NODES, MAX_TREES } from '../model-limits.js';
import { type Comparison, setBranch } from './branch-comparison.js';
import { type BranchGraph, NODE_KINDS, emptyBranchGraph } from './branch-graph.js';
import type { FeatureColumn } from './feature-column.js';
import { NodeAttributes } from './node-attributes.js';
import type { OnnxNode } from './onnx-graph.js';

const COMPARISONS: readonly Comparison[] = ['atMost', 'below', 'atLeast', 'above', 'equals', 'differs', 'isMember'];

/**
 * The trees; a leaf's value is its weight.
 *
 * @throws {ModelError} INVALID_MODEL, UNSUPPORTED_MODEL for more than one target, TOO_LARGE
 */
export function readTreeTensors(node: OnnxNode, columns: readonly FeatureColumn[]): BranchGraph[] {
  const attributes = new NodeAttributes(node);
  const lists = readLists(attributes);
  if (lists.targetIds.some((id) => id !== 0) || attributes.int('n_targets', 1) !== 1) {
    throw new ModelError('UNSUPPORTED_MODEL', 'onnx: TreeEnsemble with several targets, expected one; export one score');
  }
  if (lists.roots.length > MAX_TREES) throw tooLarge(`${lists.roots.length} trees, at most ${MAX_TREES} are allowed`);
  let nodeCount = 0;
  return Array.from(lists.roots, (root) => {
    const places = placesFrom(lists, root, MAX_NODES - nodeCount);
    nodeCount += places.length;
    return graphOf(lists, places, columns);
  });
}

type Lists = ReturnType<typeof readLists>;

function readLists(attributes: NodeAttributes) {
  const featureIds = attributes.ints('nodes_featureids');
  const count = featureIds.length;
  const modes = attributes.tensor('nodes_modes', count);
  const targetIds = attributes.ints('leaf_targetids');
  return {
    featureIds,
    modes,
    splits: attributes.tensor('nodes_splits', count),
    trueIds: attributes.ints('nodes_truenodeids', count),
    falseIds: attributes.ints('nodes_falsenodeids', count),
    trueLeafs: attributes.ints('nodes_trueleafs', count),
    falseLeafs: attributes.ints('nodes_falseleafs', count),
    tracksTrue: attributes.optionalInts('nodes_missing_value_tracks_true', count),
    roots: attributes.ints('tree_roots'),
    targetIds,
    weights: attributes.tensor('leaf_weights', targetIds.length),
    members: memberSets(modes, attributes.has('membership_values') ? attributes.tensor('membership_values') : undefined),
  };
}

/** The sets of nodes of mode 6, in the order of the nodes, NaN between them. */
function memberSets(modes: Float64Array, values: Float64Array | undefined): Map<number, number[]> {
  const sets = new Map<number, number[]>();
  let at = 0;
  modes.forEach((mode, node) => {
    if (COMPARISONS[mode] !== 'isMember') return;
    const set: number[] = [];
    for (; values && at < values.length && !Number.isNaN(values[at]!); at++) set.push(values[at]!);
    at++;
    if (set.some((code) => !(Number.isInteger(code) && code >= 0 && code <= MAX_CATEGORY_CODE))) {
      throw new ModelError(
        'UNSUPPORTED_MODEL',
        `onnx: TreeEnsemble node ${node} lists what is no category, expected whole numbers of 0 or more`,
      );
    }
    sets.set(node, set);
  });
  return sets;
}

/** Nodes and leaves below a root, the root first; a leaf is written as -1 minus its number. */
function placesFrom(lists: Lists, root: number, limit: number): number[] {
  const places = [root];
  const met = new Set(places);
  for (let i = 0; i < places.length; i++) {
    const place = places[i]!;
    if (place < 0) {
      if (!(-1 - place < lists.weights.length)) throw damaged(`leaf ${-1 - place} does not exist`);
      continue;
    }
    if (!(place < lists.featureIds.length)) throw damaged(`node ${place} does not exist`);
    for (const child of [childOf(lists.trueIds, lists.trueLeafs, place), childOf(lists.falseIds, lists.falseLeafs, place)]) {
      if (met.has(child)) continue;
      met.add(child);
      if (places.push(child) > limit) throw tooLarge(`more than ${MAX_NODES} nodes, which is the limit`);
    }
  }
  return places;
}

function childOf(ids: Float64Array, isLeaf: Float64Array, node: number): number {
  const id = ids[node]!;
  if (!(id >= 0)) throw damaged(`node ${node} has a child that does not exist`);
  return isLeaf[node] === 1 ? -1 - id : id;
}

function graphOf(lists: Lists, places: readonly number[], columns: readonly FeatureColumn[]): BranchGraph {
  const graph = emptyBranchGraph(places.length);
  const positions = new Map(places.map((place, position) => [place, position]));
  places.forEach((place, position) => {
    if (place < 0) {
      graph.kind[position] = NODE_KINDS.leaf;
      graph.value[position] = lists.weights[-1 - place]!;
      return;
    }
    const comparison = COMPARISONS[lists.modes[place]!];
    if (!comparison) throw damaged(`node ${place} has mode ${lists.modes[place]}, expected 0 to 6`);
    const members = lists.members.get(place);
    setBranch(graph, position, {
      comparison,
      column: columns[lists.featureIds[place]!],
      // A set may be separated by NaN where a limit would stand.
      value: members ? 0 : lists.splits[place]!,
      ...(members && { members }),
      yes: positions.get(childOf(lists.trueIds, lists.trueLeafs, place))!,
      no: positions.get(childOf(lists.falseIds, lists.falseLeafs, place))!,
      missingTracksTrue: lists.tracksTrue?.[place] === 1,
    });
  });
  return graph;
}

function damaged(message: string): ModelError {
  return new ModelError('INVALID_MODEL', `onnx: TreeEnsemble: ${message}; the file is damaged, fetch it again`);
}

function tooLarge(message: string): ModelError {
  return new ModelError('TOO_LARGE', `onnx: TreeEnsemble: ${message}`);
}
