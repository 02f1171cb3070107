import { describe, expect, it } from 'vitest';
import type { TreeArrays } from '../tree-arrays.js';
import { treeShapes } from './tree-shape.js';

/** Splits on feature 0, then both children on feature 1, with the covers of the four leaves. Nodes stand in no particular order. */
const treeOfCovers = (leafCovers: readonly number[]): TreeArrays => ({
  feature: Int32Array.of(0, -1, 1, 1, -1, -1, -1),
  threshold: new Float32Array(7),
  left: Int32Array.of(2, -1, 4, 1, -1, -1, -1),
  right: Int32Array.of(3, -1, 5, 6, -1, -1, -1),
  missingLeft: new Uint8Array(7),
  value: Float64Array.of(0, 30, 0, 0, 10, 20, 40),
  cover: Float64Array.of(
    leafCovers.reduce((sum, cover) => sum + cover, 0),
    leafCovers[2]!,
    leafCovers[0]! + leafCovers[1]!,
    leafCovers[2]! + leafCovers[3]!,
    leafCovers[0]!,
    leafCovers[1]!,
    leafCovers[3]!,
  ),
});
const shapeOfCovers = (leafCovers: readonly number[]) => treeShapes([treeOfCovers(leafCovers)], 2)[0]!;

describe('treeShapes', () => {
  it('visit each node before its children, the left subtree first', () =>
    expect([...shapeOfCovers([1, 1, 1, 1]).preorder]).toEqual([0, 2, 4, 5, 3, 1, 6]));

  it('know depth, features on a path, and the mean over training rows', () =>
    expect(shapeOfCovers([1, 1, 1, 1])).toMatchObject({ depth: 2, pathFeatures: 2, expected: 25 }));

  it('know the nearest split above on the same feature', () => {
    const tree = { ...treeOfCovers([1, 1, 1, 1]), feature: Int32Array.of(1, -1, 0, 1, -1, -1, -1) };
    expect([...treeShapes([tree], 2)[0]!.sameAbove]).toEqual([-1, -1, -1, 0, -1, -1, -1]);
  });

  it('give no share to a child that no training row reached', () => {
    const { leftShare, expected } = shapeOfCovers([0, 2, 1, 1]);
    expect([leftShare[0], leftShare[2], leftShare[3]]).toEqual([0.5, 0, 0.5]);
    expect(expected).toBe(27.5);
  });

  it('share evenly where no training row came by', () => {
    const { leftShare, expected } = shapeOfCovers([0, 0, 1, 3]);
    expect([leftShare[0], leftShare[2], leftShare[3]]).toEqual([0, 0.5, 0.25]);
    expect(expected).toBe(37.5);
  });

  it('stay finite for the largest covers', () => expect(shapeOfCovers([1e308, 1e308, 0, 5e-324]).leftShare[2]).toBe(0.5));
});
