import { featureMatrix } from '@fraudops/core';
import { type TreeArrays, treeModel } from '@fraudops/model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { float32Below } from './cart-tree.js';
import { describeTree } from './describe-tree.js';
import { trainCart } from './train-cart.js';

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

  it('escapes what a name could forge lines or hide text with', () => {
    const featureNames = ['A\nelse:\r\u2028', 'H\u202eRUO\u200b\u0007'];
    const lines = describeTree(treeModel({ ...parts, featureNames })).split('\n');
    expect(lines).toHaveLength(7);
    expect(lines[0]).toBe('if A\\u{a}else:\\u{d}\\u{2028} <= 220.1:');
    expect(lines[1]).toBe('  if H\\u{202e}RUO\\u{200b}\\u{7} <= 5.5, or missing:');
  });

  it('writes the threshold between two values, not the float32 below it', () => {
    const matrix = featureMatrix(['x'], [Float32Array.of(1, 2, 3, 4)]);
    const cart = trainCart(matrix, Uint8Array.of(0, 0, 1, 1), { minRowsToSplit: 2 });
    expect(describeTree(cart)).toMatch(/^if x < 2.5:\n/);
  });

  it('rounds thresholds when asked to', () => {
    const long = { ...tree, threshold: Float32Array.of(2.2194176, 1234.5678, 0, 0, 0) };
    const text = describeTree(treeModel({ ...parts, trees: [long] }), 0, { digits: 3 });
    expect(text).toContain('if AMOUNT <= 2.22:');
    expect(text).toContain('  if HOUR <= 1230, or missing:');
    expect(() => describeTree(treeModel(parts), 0, { digits: 0 })).toThrow('describeTree: digits: 0');
  });

  it('reads back as the rule of the tree, for every float32', () => {
    const float32 = fc.float({ noNaN: true, noDefaultInfinity: true });
    fc.assert(
      fc.property(float32, float32, (threshold, value) => {
        const stump = { ...tree, threshold: Float32Array.of(threshold, 5.5, 0, 0, 0) };
        const [, sign, number] = describeTree(treeModel({ ...parts, trees: [stump] })).match(/^if AMOUNT (<=?) (\S+):/)!;
        const bound = Math.fround(Number(number));
        for (const x of [value, threshold, float32Below(threshold), -float32Below(-threshold)]) {
          expect(sign === '<' ? x < bound : x <= bound).toBe(x <= threshold);
        }
      }),
    );
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
