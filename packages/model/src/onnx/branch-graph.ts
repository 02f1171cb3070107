/**
 * A tree as ONNX has it: a graph of comparisons from a root to leaves, in which a node may have several parents.
 * `unfold-graph.ts` makes a tree of this package of it.
 */

/** Kinds of nodes. */
export const NODE_KINDS = { leaf: 0, atMost: 1, equals: 2, isMember: 3 } as const;

/** Parallel arrays, one entry a node; node 0 is the root. */
export interface BranchGraph {
  /** See {@link NODE_KINDS}. */
  readonly kind: Uint8Array;
  /** Position among the features of the model. */
  readonly feature: Int32Array;
  /** A float32, or the code that `equals` looks for. Infinity is allowed, which sends all to `yes` that is not missing. */
  readonly limit: Float64Array;
  /** Where the comparison leads when it holds. */
  readonly yes: Int32Array;
  readonly no: Int32Array;
  /** 1 where a missing value goes to `yes`. */
  readonly missingYes: Uint8Array;
  readonly value: Float64Array;
  readonly cover: Float64Array;
  /** Codes that `isMember` looks for. */
  readonly members: ReadonlyMap<number, readonly number[]>;
}

/** What the trees of a file may still grow by, all together. */
export interface TreeBudget {
  nodes: number;
  /** Codes that splits list. */
  categories: number;
}

/** Empty arrays for a number of nodes, all leaves of value 0. */
export function emptyBranchGraph(nodeCount: number) {
  return {
    kind: new Uint8Array(nodeCount),
    feature: new Int32Array(nodeCount),
    limit: new Float64Array(nodeCount),
    yes: new Int32Array(nodeCount).fill(-1),
    no: new Int32Array(nodeCount).fill(-1),
    missingYes: new Uint8Array(nodeCount),
    value: new Float64Array(nodeCount),
    cover: new Float64Array(nodeCount),
    members: new Map<number, readonly number[]>(),
  };
}
