/**
 * Writes a tree model as an XGBoost model file of objective binary:logistic, which XGBoost 1.6 and later load from JSON.
 *
 * `x <= t` becomes `x < the next float32`; at category splits the children swap places, since XGBoost sends listed codes right. Leaves
 * are rounded to float32, which is all that XGBoost has.
 */
import { MAX_FLOAT32, nextFloat32Above } from '../float32-neighbours.js';
import { clampProbability, xgboostLogit } from '../imports/xgboost-base-margin.js';
import { logistic } from '../logistic.js';
import { ModelError } from '../model-error.js';
import type { Model } from '../model.js';
import { requireOwnModel } from '../required-arguments.js';
import type { TreeArrays } from '../tree-arrays.js';
import type { TreeModel } from '../tree-model.js';

const WHERE = 'toXgboostJson';
/** The parent of a root in XGBoost's files. */
const NO_PARENT = 2_147_483_647;
/** In place of infinity, which JSON can't hold: XGBoost reads it as float32 and gets infinity. */
const INFINITY_TEXT = '1E39';

/** So many decimal digits tell all float32 numbers apart. */
const MAX_FLOAT32_DIGITS = 9;

/** What the file holds. Float32Arrays stand for arrays that XGBoost reads as numbers with a fraction. */
type Content = string | number | Float32Array | readonly Content[] | { readonly [name: string]: Content };

/** A tree that adds 0: XGBoost ignores the base score of a model without trees. */
const CONSTANT_TREE: TreeArrays = {
  feature: Int32Array.of(-1),
  threshold: Float32Array.of(0),
  left: Int32Array.of(-1),
  right: Int32Array.of(-1),
  missingLeft: Uint8Array.of(0),
  value: Float64Array.of(0),
  cover: Float64Array.of(1),
};

/**
 * The model as the text of an XGBoost JSON file. Gains of splits are not known and written as 0.
 *
 * @throws {ModelError} UNSUPPORTED_MODEL for what XGBoost can't score the same: a linear model, another link than logistic, a calibration,
 * splits that take zero for missing, a feature that is split both by threshold and by category, names with [, ] or <
 * @example
 * await writeFile('model.json', toXgboostJson(model)); // xgb.Booster(model_file='model.json')
 */
export function toXgboostJson(model: Model): string {
  const source = requireExportable(model);
  const featureTypes = featureTypesOf(source);
  // What base_score, a float32 probability, can't hold of the base margin goes into the leaves of the first tree.
  const baseScore = clampProbability(Math.fround(logistic(source.baseMargin)));
  const remainder = source.baseMargin - xgboostLogit(baseScore);
  const trees = source.trees.length > 0 ? source.trees : [CONSTANT_TREE];
  return textOf({
    version: [3, 0, 0],
    learner: {
      attributes: {},
      feature_names: source.featureNames,
      feature_types: featureTypes,
      gradient_booster: {
        name: 'gbtree',
        model: {
          gbtree_model_param: { num_parallel_tree: '1', num_trees: String(trees.length) },
          iteration_indptr: Array.from({ length: trees.length + 1 }, (_, i) => i),
          tree_info: trees.map(() => 0),
          trees: trees.map((tree, id) => treeJson(tree, id, featureTypes.length, id === 0 ? remainder : 0)),
        },
      },
      learner_model_param: {
        base_score: String(baseScore),
        boost_from_average: '1',
        num_class: '0',
        num_feature: String(featureTypes.length),
        num_target: '1',
      },
      objective: { name: 'binary:logistic', reg_loss_param: { scale_pos_weight: '1' } },
    },
  });
}

function requireExportable(model: Model): TreeModel {
  requireOwnModel(WHERE, model);
  if (model.kind !== 'trees') throw unsupported(`a ${model.kind} model, expected trees`);
  const source = model;
  if (source.link !== 'logistic') {
    throw unsupported(
      `the link ${source.link}, expected logistic: XGBoost has no forests of mean shares; write ONNX with toOnnx`,
    );
  }
  if (source.calibration) {
    throw unsupported(`a ${source.calibration.kind} calibration; export withCalibration(model, undefined) and calibrate there`);
  }
  if (source.trees.some(({ zeroIsMissing }) => zeroIsMissing?.includes(1))) {
    throw unsupported('splits that take zero for missing; map zeros to NaN before training');
  }
  const name = source.featureNames.find((featureName) => /[[\]<]/.test(featureName));
  if (name !== undefined) throw unsupported(`the feature name ${JSON.stringify(name)}, XGBoost allows no [, ] or <; rename it`);
  return source;
}

/** `c` for features that are split by category, `float` for all others. */
function featureTypesOf({ featureNames, trees }: TreeModel): ('float' | 'c')[] {
  const types = new Map<number, 'float' | 'c'>();
  for (const tree of trees) {
    for (let node = 0; node < tree.feature.length; node++) {
      const position = tree.feature[node]!;
      if (position === -1) continue;
      const type = isCategorySplit(tree, node) ? 'c' : 'float';
      if ((types.get(position) ?? type) !== type) {
        throw unsupported(`the feature ${featureNames[position]}, which is split both by threshold and by category`);
      }
      types.set(position, type);
    }
  }
  return featureNames.map((_, position) => types.get(position) ?? 'float');
}

function treeJson(tree: TreeArrays, id: number, featureCount: number, remainder: number): Content {
  const { nodes, leftChildren, parents } = numberNodes(tree);
  const isLeaf = (node: number) => tree.feature[node] === -1;
  const leafOf = (node: number) => (isLeaf(node) ? float32Leaf(tree.value[node]! + remainder) : 0);
  const thresholdOf = (node: number) => (isCategorySplit(tree, node) ? 0 : nextFloat32Above(tree.threshold[node]!));
  const categoryPositions = nodes.flatMap((node, position) => (isCategorySplit(tree, node) ? [position] : []));
  const codes = categoryPositions.map((position) => Array.from(codesAt(tree, nodes[position]!)));
  let codeCount = 0;
  return {
    id,
    tree_param: {
      num_deleted: '0',
      num_feature: String(featureCount),
      num_nodes: String(nodes.length),
      size_leaf_vector: '1',
    },
    base_weights: Float32Array.from(nodes, leafOf),
    categories: codes.flat(),
    categories_nodes: categoryPositions,
    categories_segments: codes.map(({ length }) => (codeCount += length) - length),
    categories_sizes: codes.map(({ length }) => length),
    default_left: nodes.map((node) =>
      isLeaf(node) ? 0 : Number((tree.missingLeft[node] === 1) !== isCategorySplit(tree, node)),
    ),
    left_children: leftChildren,
    right_children: leftChildren.map((child) => (child === -1 ? -1 : child + 1)),
    loss_changes: new Float32Array(nodes.length),
    parents,
    split_conditions: Float32Array.from(nodes, (node) => (isLeaf(node) ? leafOf(node) : thresholdOf(node))),
    split_indices: nodes.map((node) => Math.max(0, tree.feature[node]!)),
    split_type: nodes.map((node) => Number(isCategorySplit(tree, node))),
    sum_hessian: Float32Array.from(nodes, (node) => Math.min(MAX_FLOAT32, tree.cover[node]!)),
  };
}

/** The nodes level by level, since XGBoost takes the right child to be the one after the left, whatever the file says. */
function numberNodes(tree: TreeArrays): { nodes: number[]; leftChildren: number[]; parents: number[] } {
  const nodes = [0];
  const leftChildren: number[] = [];
  const parents = [NO_PARENT];
  for (let position = 0; position < nodes.length; position++) {
    const node = nodes[position]!;
    leftChildren.push(tree.feature[node] === -1 ? -1 : nodes.length);
    if (tree.feature[node] === -1) continue;
    const [left, right] = [tree.left[node]!, tree.right[node]!];
    nodes.push(...(isCategorySplit(tree, node) ? [right, left] : [left, right]));
    parents.push(position, position);
  }
  return { nodes, leftChildren, parents };
}

function codesAt({ categoryStarts, categories }: TreeArrays, node: number): Int32Array {
  return categories && categoryStarts ? categories.subarray(categoryStarts[node], categoryStarts[node + 1]) : new Int32Array(0);
}

function isCategorySplit({ categoryStarts }: TreeArrays, node: number): boolean {
  return categoryStarts !== undefined && categoryStarts[node + 1]! > categoryStarts[node]!;
}

function float32Leaf(value: number): number {
  const rounded = Math.fround(value);
  if (Number.isFinite(rounded)) return rounded + 0;
  throw unsupported(`a leaf of ${value}, which no float32 holds`);
}

/** JSON text. XGBoost refuses a whole number where it expects one with a fraction, so all of these get an exponent. */
function textOf(content: Content): string {
  if (typeof content !== 'object') return JSON.stringify(content);
  if (content instanceof Float32Array) return `[${Array.from(content, float32Text).join(',')}]`;
  if (Array.isArray(content)) return `[${(content as readonly Content[]).map(textOf).join(',')}]`;
  const members = Object.entries(content as Record<string, Content>);
  return `{${members.map(([name, value]) => `${JSON.stringify(name)}:${textOf(value)}`).join(',')}}`;
}

function float32Text(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return INFINITY_TEXT;
  // The shortest that reads as the same float32.
  let text = value.toExponential(MAX_FLOAT32_DIGITS - 1);
  for (let digits = 1; digits < MAX_FLOAT32_DIGITS; digits++) {
    const shorter = value.toExponential(digits - 1);
    if (Math.fround(Number(shorter)) === value) {
      text = shorter;
      break;
    }
  }
  return text.replace('e+', 'E').replace('e', 'E');
}

function unsupported(rule: string): ModelError {
  return new ModelError('UNSUPPORTED_MODEL', `${WHERE}: ${rule}`);
}
