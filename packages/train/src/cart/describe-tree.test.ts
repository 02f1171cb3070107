import { type TreeArrays, treeModel } from '@fraudops/model';
import { describe, expect, it } from 'vitest';
import { describeTree } from './describe-tree.js';

const tree: TreeArrays = {
  feature: Int32Array.of(0, 1, -1, -1, -1),
  threshold: Float32Array.of(220.1, 5.5, 0, 0, 0),
  left: Int32Array.of(1, 3, -1, -1, -1),
  right: Int32Array.of(2, 4, -1, -1, -1),
  missingLeft: Uint8Array.of(0, 1, 0, 0, 0),
  value: Float64Array.of(0, 0, 0.646, 0.0123, 0.001),
  cover: Float64Array.of(10_000, 9_870, 130, 870, 9_000),
};

const parts = { featureNames: ['AMOUNT', 'HOUR'], baseMargin: 0, trees: [tree] };

describe('describeTree', () => {
  it('writes rules with names, where missing values go, and shares of frauds', () => {
    expect(describeTree(treeModel({ ...parts, link: 'identity' }))).toBe(
      [
        'if AMOUNT <= 220.1:',
        '  if HOUR <= 5.5, or missing:',
        '    1.23 % fraud (cover 870)',
        '  else:',
        '    0.1 % fraud (cover 9,000)',
        'else, or if missing:',
        '  64.6 % fraud (cover 130)',
      ].join('\n'),
    );
  });

  it('says what a leaf adds where it is one of several, or log-odds', () => {
    expect(describeTree(treeModel(parts))).toContain('  adds 0.646 (cover 130)');
  });

  it('writes category splits', () => {
    const categorical = {
      ...tree,
      categoryStarts: Int32Array.of(0, 0, 2, 2, 2, 2),
      categories: Int32Array.of(1, 7),
      threshold: Float32Array.of(220.1, 0, 0, 0, 0),
    };
    expect(describeTree(treeModel({ ...parts, trees: [categorical] }))).toContain('  if HOUR in {1, 7}, or missing:');
  });

  it('refuses trees that are not there or that nobody would read', () => {
    expect(() => describeTree(treeModel(parts), 1)).toThrow('describeTree: there is no tree 1, the model has 1, counted from 0');
    const leaves = 600;
    const chain = Array.from({ length: 2 * leaves - 1 }, (_, node) => node);
    const isLeaf = (node: number): boolean => node % 2 === 1 || node === 2 * leaves - 2;
    const deep: TreeArrays = {
      feature: Int32Array.from(chain, (node) => (isLeaf(node) ? -1 : 0)),
      threshold: new Float32Array(chain.length),
      left: Int32Array.from(chain, (node) => (isLeaf(node) ? -1 : node + 1)),
      right: Int32Array.from(chain, (node) => (isLeaf(node) ? -1 : node + 2)),
      missingLeft: new Uint8Array(chain.length),
      value: new Float64Array(chain.length),
      cover: new Float64Array(chain.length),
    };
    expect(() => describeTree(treeModel({ ...parts, trees: [deep] }))).toThrow(
      'the tree has 600 leaves, at most 512 are described',
    );
  });
});
