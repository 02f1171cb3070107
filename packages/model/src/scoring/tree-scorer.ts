/**
 * Walks rows down the trees of a model and adds up leaves in the order of the trees, so that one row and a batch give the same bits.
 */
import type { FeatureMatrix } from '@fraudops/core';
import type { TreeArrays } from '../tree-arrays.js';
import { flatScorer } from './flat-scorer.js';

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

/** The scorer for these trees. */
export function treeScorer(trees: ScoredTrees): TreeScorer {
  return flatScorer(trees);
}
