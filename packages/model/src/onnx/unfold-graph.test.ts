import { describe, expect, it } from 'vitest';
import { NODE_KINDS, emptyBranchGraph } from './branch-graph.js';
import { treeOfBranchGraph } from './unfold-graph.js';

/** Nodes as [kind, limit, yes, no, missing goes to yes]; a leaf as its value. All look at feature 0. */
function graphOf(
  nodes: readonly (number | [kind: keyof typeof NODE_KINDS, limit: number, yes: number, no: number, missingYes: boolean])[],
) {
  const graph = emptyBranchGraph(nodes.length);
  nodes.forEach((node, i) => {
    if (typeof node === 'number') graph.value[i] = node;
    else {
      [graph.kind[i], graph.limit[i], graph.yes[i], graph.no[i]] = [NODE_KINDS[node[0]], node[1], node[2], node[3]];
      graph.missingYes[i] = Number(node[4]);
    }
  });
  return graph;
}

const treeOf = (nodes: Parameters<typeof graphOf>[0], categories = 1000) =>
  treeOfBranchGraph('tree', graphOf(nodes), { nodes: 100_000, categories });

describe('treeOfBranchGraph', () => {
  it('makes one split of comparisons with codes that share their end', () => {
    const tree = treeOf([['equals', 7, 3, 1, false], ['equals', 2, 3, 2, true], -1, 1]);
    expect(tree).toMatchObject({
      feature: Int32Array.of(0, -1, -1),
      missingLeft: Uint8Array.of(1, 0, 0),
      value: Float64Array.of(0, 1, -1),
      categories: Int32Array.of(2, 7),
    });
  });

  it('copies a node with several parents', () => {
    const tree = treeOf([['atMost', 5, 1, 2, false], ['atMost', 1, 3, 4, false], ['atMost', 9, 4, 3, true], 1, 2]);
    expect(tree.feature.length).toBe(7);
    expect(tree.categories).toBeUndefined();
  });

  it('tells infinite from missing values where the limit is infinite', () => {
    const tree = treeOf([['atMost', Number.POSITIVE_INFINITY, 1, 2, false], 1, 2]);
    expect(Array.from(tree.value.filter((_, node) => tree.feature[node] === -1)).sort((a, b) => a - b)).toEqual([1, 1, 2]);
  });

  it('refuses a graph that would grow without bound', () => {
    // Each node leads to the next by both branches: 2^40 leaves.
    const doubling = Array.from(
      { length: 40 },
      (_, i) => ['atMost', i % 2, i + 1, i + 1, false] as ['atMost', number, number, number, boolean],
    );
    expect(() => treeOf([...doubling, 1])).toThrow(expect.objectContaining({ code: 'TOO_LARGE' }));
  });

  it('refuses cycles, codes that are none and more categories than allowed', () => {
    expect(() => treeOf([['atMost', 1, 1, 2, false], ['atMost', 1, 1, 2, false], 1])).toThrow('tree has a cycle');
    expect(() => treeOf([['equals', 2.5, 1, 2, false], 1, 2])).toThrow('compares for equality with 2.5, expected a category');
    expect(() => treeOf([['equals', 2, 1, 2, false], 1, 2], 0)).toThrow(expect.objectContaining({ code: 'TOO_LARGE' }));
  });
});
