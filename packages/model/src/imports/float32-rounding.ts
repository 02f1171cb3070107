import type { LinearModel } from '../linear-model.js';
import type { Model } from '../model.js';
import { goesLeft } from '../scoring/split-rule.js';
import type { TreeArrays } from '../tree-arrays.js';
import type { TreeModel } from '../tree-model.js';

/**
 * What the margin of a row changes by when leaves are added one by one in float32, as XGBoost does, not in float64; 0 for a linear model.
 *
 * @param values one float32 a feature
 */
export function float32Rounding(model: Model, values: ArrayLike<number>): number {
  const parts = model as LinearModel | TreeModel;
  if (parts.kind === 'linear') return 0;
  let exact = parts.baseMargin;
  let rounded = Math.fround(exact);
  for (const tree of parts.trees) {
    const value = leafValue(tree, values);
    exact += value;
    rounded = Math.fround(rounded + value);
  }
  return rounded - exact;
}

function leafValue(tree: TreeArrays, values: ArrayLike<number>): number {
  let node = 0;
  for (let feature = tree.feature[node]!; feature >= 0; feature = tree.feature[node]!) {
    node = goesLeft(tree, node, values[feature]!) ? tree.left[node]! : tree.right[node]!;
  }
  return tree.value[node]!;
}
