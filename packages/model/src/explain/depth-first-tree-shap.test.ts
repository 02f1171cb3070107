import { seededRandom } from '@fraudops/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { treeModel } from '../tree-model.js';
import { depthFirstTreeShap } from './depth-first-tree-shap.js';
import {
  type LongPathWishes,
  longPath,
  pathMargin,
  pathShapley,
  randomRows,
  randomTrees,
  shapleyByDefinition,
} from './explained-trees.fixture.js';
import { partByTableSize, quadratureTables } from './quadrature-tables.js';
import { quadratureTreeShap } from './quadrature-tree-shap.js';
import { treeShapes } from './tree-shape.js';

/** Rows that pass all splits of a long path, most of them, and half of them. */
function pathRows(featureCount: number): Float32Array[] {
  const random = seededRandom('rows');
  return [1, 0.95, 0.5].map((oddsOfLeft) =>
    Float32Array.from({ length: featureCount }, () => (random.next() < oddsOfLeft ? -1 : 1)),
  );
}

function explained(wishes: LongPathWishes, row: Float32Array): { base: number; contributions: Float64Array } {
  const shapes = treeShapes([longPath(wishes)], wishes.featureCount);
  const contributions = new Float64Array(wishes.featureCount);
  depthFirstTreeShap(shapes, wishes.featureCount)(row, contributions);
  return { base: shapes[0]!.expected, contributions };
}

describe('depthFirstTreeShap', () => {
  it('gives the bits of the kernels with tables', () =>
    fc.assert(
      fc.property(
        fc.integer(),
        fc.integer({ min: 1, max: 40 }),
        fc.nat(100),
        fc.boolean(),
        (seed, featureCount, splits, chain) => {
          const trees = randomTrees(seed, 2, { featureCount, splits, chain });
          const { packed } = partByTableSize(treeShapes(trees, featureCount));
          const [addWithout, addWith] = [depthFirstTreeShap(packed, featureCount), quadratureTreeShap(quadratureTables(packed))];
          for (const row of randomRows(seed, 3, featureCount)) {
            const [without, withTables] = [new Float64Array(featureCount), new Float64Array(featureCount)];
            addWithout(row, without);
            addWith(row, withTables);
            expect(without).toEqual(withTables);
          }
        },
      ),
    ));

  it.each([
    { featureCount: 6, splits: 200 },
    { featureCount: 9, splits: 500 },
  ])('equals the definition on long paths that repeat features, %j', (shape) => {
    for (const leftShare of [0.1, 0.5, 0.9]) {
      for (const row of pathRows(shape.featureCount)) {
        const { contributions } = explained({ ...shape, leftShare }, row);
        const expected = shapleyByDefinition(longPath({ ...shape, leftShare }), row);
        contributions.forEach((value, j) => expect(Math.abs(value - expected[j]!)).toBeLessThan(1e-12));
      }
    }
  });

  it.each([
    { featureCount: 200, splits: 200 },
    { featureCount: 30, splits: 200 },
    { featureCount: 50, splits: 300 },
    { featureCount: 100, splits: 1000 },
  ])('keeps its digits and adds up where the definition is out of reach, %j', (shape) => {
    for (const leftShare of [0.01, 0.5, 0.9]) {
      for (const row of pathRows(shape.featureCount)) {
        const wishes = { ...shape, leftShare };
        const { base, contributions } = explained(wishes, row);
        const total = contributions.reduce((sum, value) => sum + value, base);
        expect(Math.abs(total - pathMargin(wishes, row))).toBeLessThan(1e-12);
        expect(Math.abs(contributions[7]! - pathShapley(wishes, row, 7))).toBeLessThan(1e-12);
      }
    }
  });

  it('gives the same bits again after another row', () => {
    const trees = randomTrees(1, 5, { featureCount: 6, splits: 20 });
    const add = depthFirstTreeShap(treeShapes(trees, 6), 6);
    const [row, other] = randomRows(2, 2, 6);
    const [first, between, again] = [new Float64Array(6), new Float64Array(6), new Float64Array(6)];
    add(row!, first);
    add(other!, between);
    add(row!, again);
    expect(again).toEqual(first);
  });

  it('explains a model whose tree is too large for tables, with a long path that repeats features', () => {
    const tree = longPath({ featureCount: 50, splits: 300, leftShare: 0.5, bushSplits: 2 ** 17 });
    const model = treeModel({ featureNames: Array.from({ length: 50 }, (_, j) => `f${j}`), baseMargin: 0, trees: [tree] });
    const { base, contributions, margin } = model.explain(new Float32Array(50).fill(-1));
    expect(Math.abs(contributions.reduce((sum, value) => sum + value, base) - margin)).toBeLessThan(1e-10);
  });
});
