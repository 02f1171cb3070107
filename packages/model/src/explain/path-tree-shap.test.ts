import { seededRandom } from '@fraudops/core';
import { describe, expect, it } from 'vitest';
import type { TreeArrays } from '../tree-arrays.js';
import { PathScratch, pathTreeShap } from './path-tree-shap.js';
import { quadratureTables } from './quadrature-tables.js';
import { quadratureTreeShap } from './quadrature-tree-shap.js';
import { treeShapes } from './tree-shape.js';

/** One long path to the left, each split on a feature of its own, with a leaf to the right of each. */
function longPath(splits: number, leftShare: number): TreeArrays {
  const random = seededRandom(splits);
  const nodes = { length: 2 * splits + 1 };
  const isSplit = (node: number): boolean => node % 2 === 0 && node < 2 * splits;
  return {
    feature: Int32Array.from(nodes, (_, node) => (isSplit(node) ? node / 2 : -1)),
    threshold: new Float32Array(nodes.length),
    left: Int32Array.from(nodes, (_, node) => (isSplit(node) ? node + 2 : -1)),
    right: Int32Array.from(nodes, (_, node) => (isSplit(node) ? node + 1 : -1)),
    missingLeft: new Uint8Array(nodes.length),
    value: Float64Array.from(nodes, () => random.between(-1, 1)),
    cover: Float64Array.from(nodes, (_, node) =>
      node % 2 === 0 ? leftShare ** (node / 2) : leftShare ** ((node - 1) / 2) * (1 - leftShare),
    ),
  };
}

describe('pathTreeShap', () => {
  it.each([0.01, 0.3, 0.5, 0.9, 0.999])(
    'keeps its digits on paths of 200 features that a row shares with %d of training rows',
    (share) => {
      const [shape] = treeShapes([longPath(200, share)], 200);
      const scratch = new PathScratch(shape!.depth, shape!.pathFeatures);
      const random = seededRandom('rows');
      for (const oddsOfLeft of [1, 0.95, 0.5]) {
        const row = Float32Array.from({ length: 200 }, () => (random.next() < oddsOfLeft ? -1 : 1));
        const byPaths = new Float64Array(200);
        const byQuadrature = new Float64Array(200);
        pathTreeShap(shape!, scratch, row, byPaths);
        quadratureTreeShap(quadratureTables([shape!]))(row, byQuadrature);
        byPaths.forEach((value, j) => expect(Math.abs(value - byQuadrature[j]!)).toBeLessThan(1e-13));
      }
    },
  );
});
