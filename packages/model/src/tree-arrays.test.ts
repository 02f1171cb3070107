import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyTree } from './arbitrary-models.fixture.js';
import { type TreeArrays, requireValidTree } from './tree-arrays.js';

const tree: TreeArrays = {
  feature: Int32Array.of(0, 1, -1, -1, -1),
  threshold: Float32Array.of(1, 2, 0, 0, 0),
  left: Int32Array.of(1, 3, -1, -1, -1),
  right: Int32Array.of(2, 4, -1, -1, -1),
  missingLeft: Uint8Array.of(0, 1, 0, 0, 0),
  value: Float64Array.of(0, 0, 1, 2, 3),
  cover: Float64Array.of(6, 3, 3, 2, 1),
};

describe('requireValidTree', () => {
  it('accepts every tree grown by splitting leaves', () =>
    fc.assert(
      fc.property(anyTree, (grown) => {
        expect(() => requireValidTree('tree', grown, 3)).not.toThrow();
      }),
    ));

  it.each<[Partial<TreeArrays>, string]>([
    [{ feature: new Int32Array(0) }, 'tree: no nodes'],
    [{ left: Int32Array.of(1) }, 'tree: left has 1 entries, feature has 5'],
    [{ feature: Int32Array.of(0, 2, -1, -1, -1) }, 'feature[1] is 2, expected -1 for a leaf or 0 to 1'],
    [{ feature: Int32Array.of(0, -2, -1, -1, -1) }, 'feature[1] is -2'],
    [{ left: Int32Array.of(1, 5, -1, -1, -1) }, 'left[1] is 5, expected 1 to 4 at a split'],
    [{ right: Int32Array.of(0, 4, -1, -1, -1) }, 'right[0] is 0, expected 1 to 4 at a split'],
    [{ right: Int32Array.of(2, 4, 3, -1, -1) }, 'right[2] is 3, expected -1 at a leaf'],
    [{ threshold: Float32Array.of(1, Number.NaN, 0, 0, 0) }, 'threshold[1] is NaN'],
    [{ missingLeft: Uint8Array.of(2, 0, 0, 0, 0) }, 'missingLeft[0] is 2'],
    [{ value: Float64Array.of(0, 0, 1, Number.NaN, 0) }, 'value[3]: NaN'],
    [{ cover: Float64Array.of(0, 0, -1, 0, 0) }, 'cover[2] is -1'],
    [{ left: Int32Array.of(1, 2, -1, -1, -1) }, 'node 2 is reached twice'],
    [{ left: Int32Array.of(1, 1, -1, -1, -1) }, 'node 1 is reached twice'],
    [
      {
        feature: Int32Array.of(0, -1, -1, -1, -1),
        left: Int32Array.of(1, -1, -1, -1, -1),
        right: Int32Array.of(2, -1, -1, -1, -1),
      },
      'node 3 is not reached',
    ],
  ])('refuses %j', (change, message) => {
    expect(() => requireValidTree('tree', { ...tree, ...change }, 2)).toThrow(message);
  });

  it('refuses a cycle apart from the root', () => {
    const cycle = { ...tree, feature: Int32Array.of(-1, 0, 0), left: Int32Array.of(-1, 2, 1), right: Int32Array.of(-1, 2, 1) };
    const arrays = {
      threshold: new Float32Array(3),
      missingLeft: new Uint8Array(3),
      value: new Float64Array(3),
      cover: new Float64Array(3),
    };
    expect(() => requireValidTree('tree', { ...cycle, ...arrays }, 2)).toThrow('node 1 is not reached');
  });

  it('refuses a tree of more than 1,000 levels', () => {
    const nodes = 2 * 1001 + 1;
    const isSplit = (i: number) => i % 2 === 0 && i < nodes - 1;
    const chain: TreeArrays = {
      feature: Int32Array.from({ length: nodes }, (_, i) => (isSplit(i) ? 0 : -1)),
      threshold: new Float32Array(nodes),
      left: Int32Array.from({ length: nodes }, (_, i) => (isSplit(i) ? i + 1 : -1)),
      right: Int32Array.from({ length: nodes }, (_, i) => (isSplit(i) ? i + 2 : -1)),
      missingLeft: new Uint8Array(nodes),
      value: new Float64Array(nodes),
      cover: new Float64Array(nodes),
    };
    expect(() => requireValidTree('tree', chain, 1)).toThrow('deeper than 1000 splits');
  });
});
