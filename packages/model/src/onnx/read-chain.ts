/** Finds splits by category, and splits at which zero is missing, among the comparisons of a graph; see `unfold-graph.ts`. */
import { nextFloat32Above } from '../float32-neighbours.js';
import { ModelError } from '../model-error.js';
import { MAX_CATEGORY_CODE } from '../model-limits.js';
import { ZERO_SIZE } from '../scoring/split-rule.js';
import { type BranchGraph, type TreeBudget, NODE_KINDS } from './branch-graph.js';
import { zeroChain } from './interval-chain.js';

/** A split that a chain says; left and right are nodes of the graph. */
export interface ReadChain {
  readonly threshold: number;
  readonly left: number;
  readonly right: number;
  readonly missingLeft: boolean;
  readonly zeroIsMissing: boolean;
  readonly categories: readonly number[];
}

/** Reads the chains of one graph, each once, however often its nodes are copied: so the time is bounded by the size of the graph. */
export class ChainReader {
  readonly #known = new Map<number, ReadChain | undefined>();

  constructor(
    readonly what: string,
    readonly graph: BranchGraph,
    /** How many branches lead to each node. */
    readonly parents: Int32Array,
    readonly budget: TreeBudget,
  ) {}

  /**
   * The split that begins at a node; undefined when it is a plain comparison with a limit. Its categories count against the budget at
   * every call, since every caller lists them.
   */
  chainAt(node: number): ReadChain | undefined {
    if (!this.#known.has(node)) this.#read(node);
    const chain = this.#known.get(node);
    if (chain) spend(this.budget, chain.categories.length);
    return chain;
  }

  #read(node: number): void {
    const { what, graph, parents, budget } = this;
    if (graph.kind[node] !== NODE_KINDS.atMost) {
      this.#known.set(node, readCodes(what, graph, node, parents, budget));
      return;
    }
    // Without a shared end it is no chain, or a chain of one.
    const links = parents[graph.yes[node]!]! < 2 ? [node] : ascendingLinks(graph, node, parents);
    const chain = readZeros(graph, links) ?? readIntervals(graph, links, budget);
    if (chain) this.#known.set(node, chain);
    else for (const link of links) this.#known.set(link, undefined);
  }
}

/** Comparisons of one feature, each the no-branch of the one before and of nothing else. */
function chainFrom(
  graph: BranchGraph,
  node: number,
  parents: Int32Array,
  belongs: (next: number, last: number) => boolean,
): number[] {
  const links = [node];
  for (let last = node; ; ) {
    const next = graph.no[last]!;
    if (parents[next] !== 1 || graph.feature[next] !== graph.feature[node] || !belongs(next, last)) return links;
    links.push(next);
    last = next;
  }
}

/** A chain of comparisons with codes that all lead to the same node, or a comparison with a set of them. */
function readCodes(what: string, graph: BranchGraph, node: number, parents: Int32Array, budget: TreeBudget): ReadChain {
  const isCode = (kind: number | undefined) => kind === NODE_KINDS.equals || kind === NODE_KINDS.isMember;
  const links = chainFrom(graph, node, parents, (next) => isCode(graph.kind[next]) && graph.yes[next] === graph.yes[node]);
  const codes = new Set<number>();
  for (const link of links) {
    for (const code of graph.members.get(link) ?? [graph.limit[link]!]) {
      if (!(Number.isInteger(code) && code >= 0 && code <= MAX_CATEGORY_CODE)) {
        throw new ModelError(
          'UNSUPPORTED_MODEL',
          `onnx: ${what} compares for equality with ${code}, expected a category, a whole number from 0 to ${MAX_CATEGORY_CODE}`,
          { details: { code } },
        );
      }
      spend(budget, 1);
      codes.add(code + 0);
    }
  }
  if (codes.size === 0) throw new ModelError('UNSUPPORTED_MODEL', `onnx: ${what} compares with an empty set of categories`);
  return {
    threshold: 0,
    left: graph.yes[node]!,
    right: graph.no[links.at(-1)!]!,
    missingLeft: links.some((link) => graph.missingYes[link] === 1),
    zeroIsMissing: false,
    categories: [...codes].sort((a, b) => a - b),
  };
}

function ascendingLinks(graph: BranchGraph, node: number, parents: Int32Array): number[] {
  return chainFrom(
    graph,
    node,
    parents,
    (next, last) => graph.kind[next] === NODE_KINDS.atMost && graph.limit[next]! > graph.limit[last]!,
  );
}

/** The node where a missing value leaves a chain. */
function endOfMissing(graph: BranchGraph, links: readonly number[]): number {
  const link = links.find((each) => graph.missingYes[each] === 1);
  return link === undefined ? graph.no[links.at(-1)!]! : graph.yes[link]!;
}

/** Three limits, two of them around zero. */
function readZeros(graph: BranchGraph, links: readonly number[]): ReadChain | undefined {
  if (links.length !== 3) return undefined;
  const left = graph.yes[links[0]!]!;
  const right = graph.no[links[2]!]!;
  const missing = endOfMissing(graph, links);
  if (left === right || (missing !== left && missing !== right)) return undefined;
  const limits = links.map((link) => graph.limit[link]!);
  // The threshold is the limit that is not at zero.
  const threshold = limits.find((limit) => Math.abs(limit) > 2 * ZERO_SIZE);
  if (threshold === undefined) return undefined;
  const expected = zeroChain(threshold, missing === left);
  const isSame =
    expected.length === 3 &&
    expected.every(({ limit, isLeft }, i) => limit === limits[i] && graph.yes[links[i]!] === (isLeft ? left : right));
  return isSame ? { threshold, left, right, missingLeft: missing === left, zeroIsMissing: true, categories: [] } : undefined;
}

/** Intervals of whole numbers: what is below and above all of them goes one way, what is in them the other. */
function readIntervals(graph: BranchGraph, links: readonly number[], budget: TreeBudget): ReadChain | undefined {
  const right = graph.yes[links[0]!]!;
  const left = links.map((link) => graph.yes[link]!).find((end) => end !== right);
  const missing = endOfMissing(graph, links);
  if (left === undefined || graph.no[links.at(-1)!] !== right || (missing !== left && missing !== right)) return undefined;
  const categories: number[] = [];
  let first = firstCodeAbove(graph.limit[links[0]!]!);
  for (const link of links.slice(1)) {
    const limit = graph.limit[link]!;
    const next = firstCodeAbove(limit);
    if (first === undefined || next === undefined || (graph.yes[link] !== left && graph.yes[link] !== right)) return undefined;
    if (graph.yes[link] === left) {
      spend(budget, next - first);
      for (let code = first; code < next; code++) categories.push(code);
    }
    first = next;
  }
  return { threshold: 0, left, right, missingLeft: missing === left, zeroIsMissing: false, categories };
}

/** The code whose values begin right above a limit; undefined when none does. */
function firstCodeAbove(limit: number): number | undefined {
  if (limit === -1) return 0;
  const code = nextFloat32Above(limit);
  return Number.isInteger(code) && code >= 1 && code <= MAX_CATEGORY_CODE + 1 ? code : undefined;
}

function spend(budget: TreeBudget, codes: number): void {
  budget.categories -= codes;
  if (budget.categories < 0) {
    throw new ModelError('TOO_LARGE', 'onnx: the trees list more categories than are allowed; see MAX_LISTED_CATEGORIES');
  }
}
