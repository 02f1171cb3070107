/**
 * Margins of rows by a model's trees: leaves are added in the order of the trees, so that one row and a batch give the same bits.
 *
 * Rows are walked down the trees until about a thousand have come by; then the tables of mask-tables.ts are made, where the trees are
 * suited, and the kernel goes on with them. So a model that scores a handful of rows doesn't pay for tables (some 15 ms for 100 trees),
 * and the scores are the same bits before and after.
 */
import type { FeatureMatrix } from '@fraudops/core';
import type { TreeArrays } from '../tree-arrays.js';
import { flatScorer } from './flat-scorer.js';
import { maskKernel } from './mask-kernel.js';
import { maskBlocks } from './mask-tables.js';

/** What a scorer is made for. The trees keep the rules of `requireValidTree`. */
export interface ScoredTrees {
  readonly featureCount: number;
  readonly baseMargin: number;
  readonly trees: readonly TreeArrays[];
}

/** Margins of rows. */
export interface TreeScorer {
  /** The base margin and the leaves of one row of `featureCount` values, added in order. Allocates nothing. */
  marginOf(row: Float32Array): number;
  /** Adds each row's leaves to its margin, which holds the base margin. */
  addMargins(matrix: FeatureMatrix, margins: Float64Array): void;
}

/** Rows after which tables are made. */
const ROWS_BEFORE_TABLES = 1_000;

/** The scorer for these trees. */
export function treeScorer(trees: ScoredTrees): TreeScorer {
  let scorer = flatScorer(trees);
  let rowsLeft = ROWS_BEFORE_TABLES;
  const scorerFor = (rows: number): TreeScorer => {
    if (rowsLeft > 0) {
      rowsLeft -= rows;
      if (rowsLeft <= 0) scorer = kernelScorer(trees) ?? scorer;
    }
    return scorer;
  };
  return {
    marginOf: (row) => scorerFor(1).marginOf(row),
    addMargins: (matrix, margins) => scorerFor(matrix.rowCount).addMargins(matrix, margins),
  };
}

function kernelScorer({ trees, baseMargin }: ScoredTrees): TreeScorer | undefined {
  const blocks = maskBlocks(trees);
  return blocks && maskKernel(blocks, baseMargin);
}
