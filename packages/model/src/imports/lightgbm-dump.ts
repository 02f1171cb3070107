/** The JSON of LightGBM's `dump_model()`: trees as objects within objects, with the same numbers as the text file. */
import { ModelError } from '../model-error.js';
import { MAX_CATEGORY_CODE, MAX_TREE_DEPTH } from '../model-limits.js';
import type { TreeArrays } from '../tree-arrays.js';
import { requireCategoryCount, requireNodeCount, requireTreeCount } from '../tree-model.js';
import { describeValue, ForeignObject } from './foreign-object.js';
import { unsupported } from './imported-model.js';
import { type LightgbmMissing, setLightgbmSplit } from './lightgbm-tree.js';
import { TreeBuilder } from './tree-builder.js';
import type { TreeBudget } from './xgboost-tree.js';

/** What a LightGBM model consists of, however it was saved. */
export interface LightgbmContent {
  readonly version: string;
  /** Empty if the file has none. */
  readonly objective: string;
  readonly classCount: number;
  readonly treesPerIteration: number;
  /** Whether the output is the mean of the trees, not their sum. */
  readonly isAverage: boolean;
  readonly treeCount: number;
  readonly featureCount: number;
  readonly featureNames: readonly string[];
  /** Positions of features that take codes of categories. */
  readonly categoricalFeatures: readonly number[];
  readonly parameters: ReadonlyMap<string, string>;
  readonly pandasCategorical: unknown;
  /** The trees, their leaves multiplied by the scale. */
  readonly readTrees: (scale: number) => TreeArrays[];
}

/** @throws {ModelError} INVALID_MODEL naming the place, UNSUPPORTED_MODEL, TOO_LARGE */
export function readLightgbmDump(json: unknown): LightgbmContent {
  const dump = new ForeignObject('', json);
  const featureNames = dump.texts('feature_names');
  const trees = dump.list('tree_info');
  requireTreeCount(trees.length);
  const infos = dump.optionalObject('feature_infos');
  return {
    version: dump.text('version'),
    objective: dump.has('objective') ? dump.text('objective') : '',
    classCount: dump.count('num_class'),
    treesPerIteration: dump.count('num_tree_per_iteration'),
    isAverage: dump.get('average_output') === true,
    treeCount: trees.length,
    featureCount: dump.count('max_feature_idx') + 1,
    featureNames,
    categoricalFeatures: featureNames.flatMap((name, i) =>
      infos?.has(name) && infos.object(name).list('values').length > 0 ? [i] : [],
    ),
    parameters: new Map(),
    pandasCategorical: dump.get('pandas_categorical'),
    readTrees: (scale) => {
      const budget: TreeBudget = { nodes: 0, categories: 0 };
      return trees.map((tree, i) => dumpedTree(new ForeignObject(`tree_info[${i}]`, tree), featureNames.length, scale, budget));
    },
  };
}

/** Nodes in the order in which they are met, with their children's numbers; leaves have none. */
interface ListedNode {
  readonly node: ForeignObject;
  readonly depth: number;
  left: number;
}

function dumpedTree(tree: ForeignObject, featureCount: number, scale: number, budget: TreeBudget): TreeArrays {
  const listed: ListedNode[] = [{ node: tree.object('tree_structure'), depth: 0, left: -1 }];
  for (let i = 0; i < listed.length; i++) {
    const entry = listed[i]!;
    if (!entry.node.has('split_feature')) continue;
    if (entry.depth === MAX_TREE_DEPTH) {
      throw new ModelError('TOO_LARGE', `${tree.place}: deeper than ${MAX_TREE_DEPTH} splits, which is the limit`);
    }
    entry.left = listed.length;
    for (const side of ['left_child', 'right_child']) {
      // All nodes of a tree share its place: a path of a thousand names helps nobody.
      listed.push({ node: new ForeignObject(tree.place, entry.node.get(side)), depth: entry.depth + 1, left: -1 });
    }
    requireNodeCount((budget.nodes += 2));
  }
  requireNodeCount((budget.nodes += 1));
  const builder = new TreeBuilder(tree.place, listed.length);
  listed.forEach(({ node, left }, position) => {
    if (left < 0) setLeaf(builder, position, node, scale);
    else setSplit(builder, position, node, left, featureCount, budget);
  });
  return builder.build();
}

function setLeaf(builder: TreeBuilder, position: number, node: ForeignObject, scale: number): void {
  if (node.has('leaf_coeff') || node.has('leaf_const')) {
    throw unsupported(node.place, 'a tree with linear models in its leaves; train with linear_tree=false');
  }
  // A tree of one leaf has no count.
  builder.setLeaf(position, node.number('leaf_value') * scale, node.has('leaf_count') ? node.number('leaf_count') : 0);
}

function setSplit(
  builder: TreeBuilder,
  position: number,
  node: ForeignObject,
  left: number,
  featureCount: number,
  budget: TreeBudget,
): void {
  const feature = node.count('split_feature');
  if (feature >= featureCount) {
    throw new ModelError('INVALID_MODEL', `${node.placeOf('split_feature')}: ${feature}, expected less than ${featureCount}`);
  }
  const parts = { feature, left, right: left + 1, cover: node.number('internal_count') };
  const decision = node.text('decision_type');
  if (decision === '==') {
    const codes = readCodes(node);
    requireCategoryCount((budget.categories += codes.length));
    builder.setCategorySplit(position, { ...parts, missingLeft: false, codes });
    return;
  }
  if (decision !== '<=') throw unsupported(node.place, `decision_type ${describeValue(decision)}, expected <= or ==`);
  const missing = node.text('missing_type');
  if (missing !== 'None' && missing !== 'Zero' && missing !== 'NaN') {
    throw unsupported(node.place, `missing_type ${describeValue(missing)}, expected None, Zero or NaN`);
  }
  setLightgbmSplit(builder, position, {
    ...parts,
    threshold: node.number('threshold'),
    defaultLeft: node.get('default_left') === true,
    missing: missing satisfies LightgbmMissing,
  });
}

/** Codes written as `1||5||33`. */
function readCodes(node: ForeignObject): number[] {
  const text = node.text('threshold');
  return text.split('||').map((word) => {
    const code = /^\d{1,8}$/.test(word) ? Number(word) : Number.NaN;
    if (!(code <= MAX_CATEGORY_CODE)) {
      throw new ModelError(
        'INVALID_MODEL',
        `${node.placeOf('threshold')}: ${describeValue(word)}, expected a code up to ${MAX_CATEGORY_CODE}`,
      );
    }
    return code;
  });
}
