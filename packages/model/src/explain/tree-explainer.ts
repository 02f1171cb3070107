/**
 * Explains margins of tree ensembles: exact path-dependent TreeSHAP, the contributions that XGBoost's `pred_contribs`, LightGBM's
 * `pred_contrib` and shap's TreeExplainer give.
 */
import type { TreeModelParts } from '../tree-model.js';
import { PathScratch, pathTreeShap } from './path-tree-shap.js';
import { treeShapes } from './tree-shape.js';

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

/** The explainer of a model's trees. Made once, since it computes tables; its rows then allocate nothing. */
export function treeExplainer(parts: Pick<TreeModelParts, 'featureNames' | 'baseMargin' | 'trees'>): TreeExplainer {
  const shapes = treeShapes(parts.trees, parts.featureNames.length);
  const splitting = shapes.filter(({ depth }) => depth > 0);
  const scratch = new PathScratch(
    splitting.reduce((most, { depth }) => Math.max(most, depth), 0),
    splitting.reduce((most, { pathFeatures }) => Math.max(most, pathFeatures), 0),
  );
  return {
    base: shapes.reduce((sum, { expected }) => sum + expected, parts.baseMargin),
    explain(row, contributions) {
      contributions.fill(0);
      for (const shape of splitting) pathTreeShap(shape, scratch, row, contributions);
    },
  };
}
