/**
 * Explains margins of tree ensembles: exact path-dependent TreeSHAP, the contributions that XGBoost's `pred_contribs`, LightGBM's
 * `pred_contrib` and shap's TreeExplainer give.
 *
 * By quadrature, in WebAssembly where that is to be had, else in TypeScript, to the same bits. Trees beyond the bounds of its tables, which
 * are `MAX_TABLE_BYTES` a model and `MAX_TREE_SLOTS` nodes a tree, are explained by the same formulas without
 * tables, to the same bits again, but slowly.
 */
import { ModelError } from '../model-error.js';
import type { TreeArrays } from '../tree-arrays.js';
import { depthFirstTreeShap } from './depth-first-tree-shap.js';
import { kernelTreeShap } from './kernel-tree-shap.js';
import { partByTableSize, quadratureTables } from './quadrature-tables.js';
import { quadratureTreeShap } from './quadrature-tree-shap.js';
import { type TreeShape, treeShapes } from './tree-shape.js';

/** What an explainer is made for. The trees keep the rules of `requireValidTree`. */
export interface ExplainedTrees {
  readonly featureNames: readonly string[];
  readonly baseMargin: number;
  readonly trees: readonly TreeArrays[];
}

/** Explains rows of one ensemble; see {@link treeExplainer}. */
export interface TreeExplainer {
  /** Margin of an average row: base margin plus what each tree adds on average over its training rows. */
  readonly base: number;
  /**
   * Writes the contribution of every feature to the row's margin: base plus all of them is the margin, up to rounding.
   * @param row one float32 value a feature, NaN when missing
   * @param contributions one entry a feature, overwritten
   */
  explain(row: Float32Array, contributions: Float64Array): void;
}

/**
 * The explainer of a model's trees. Made once, since it computes tables; its rows then allocate nothing.
 *
 * @throws {ModelError} UNSUPPORTED_MODEL when a tree with splits has no cover at its root: how it shared out training rows is unknown then
 */
export function treeExplainer({ featureNames, baseMargin, trees }: ExplainedTrees): TreeExplainer {
  trees.forEach(requireCover);
  const shapes = treeShapes(trees, featureNames.length);
  const { packed, tooLarge } = partByTableSize(shapes);
  const addPacked = packedTreeShap(packed, featureNames.length);
  const addTooLarge = depthFirstTreeShap(tooLarge, featureNames.length);
  return {
    base: shapes.reduce((sum, { expected }) => sum + expected, baseMargin),
    explain(row, contributions) {
      contributions.fill(0);
      addPacked(row, contributions);
      addTooLarge(row, contributions);
    },
  };
}

function requireCover(tree: TreeArrays, t: number): void {
  if (tree.feature[0] === -1 || tree.cover[0]! > 0) return;
  throw new ModelError(
    'UNSUPPORTED_MODEL',
    `explain: trees[${t}]: cover of the root is 0, expected the weight of its training rows; import the model from a format that has it`,
    { details: { tree: t } },
  );
}

function packedTreeShap(
  shapes: readonly TreeShape[],
  featureCount: number,
): (row: Float32Array, contributions: Float64Array) => void {
  const tables = quadratureTables(shapes);
  return kernelTreeShap(tables, featureCount) ?? quadratureTreeShap(tables);
}
