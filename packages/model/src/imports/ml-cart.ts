/**
 * Reads decision trees of ml-cart (npm, DecisionTreeClassifier). Its rule: `x < splitValue` goes left in double precision, everything
 * else right, NaN too; a leaf holds the share of each class among its training rows.
 */
import { ModelError } from '../model-error.js';
import { MAX_FEATURES, MAX_TREE_DEPTH } from '../model-limits.js';
import { requireNodeCount, treeModel, type TreeModel } from '../tree-model.js';
import { largestFloat32Below } from '../float32-neighbours.js';
import { requireText } from './foreign-file.js';
import { ForeignObject } from './foreign-object.js';
import {
  IMPORT_OPTIONS,
  certifyImport,
  importedFeatureNames,
  type ImportedModel,
  type ImportOptions,
  requireImportOptions,
  unsupported,
} from './imported-model.js';
import { parseTolerantJson } from './tolerant-json.js';
import { TreeBuilder } from './tree-builder.js';

/** Options of {@link fromMlCart}. */
export type MlCartImportOptions = ImportOptions;

const WHERE = 'fromMlCart';

/** Nodes in the order in which they are met. */
interface ListedNode {
  readonly node: ForeignObject;
  readonly depth: number;
  readonly parent: number;
  /** Number of the left child, the right one follows; -1 at a leaf. */
  left: number;
  cover: number;
}

/**
 * The tree of an ml-cart classifier of the classes 0 and 1, as a model whose margin is the probability of class 1 itself.
 *
 * The file doesn't say how many features there are: without `featureNames`, as many as the splits look at. It counts training rows at
 * splits but not at all leaves; leaves without a count share what is left of their parent's, which only explanations depend on.
 *
 * @param file the text of JSON.stringify(classifier), or what JSON.parse made of it
 * @throws {ModelError} UNSUPPORTED_MODEL for regression trees and more than two classes, INVALID_MODEL naming the rule, TOO_LARGE,
 * CERTIFICATE_MISSING, CERTIFICATE_FAILED, FEATURE_MISMATCH
 * @example
 * const { model } = fromMlCart(JSON.stringify(classifier), { featureNames: ['AMOUNT', 'AT_NIGHT'], withoutCertificate: true });
 */
export function fromMlCart(file: string | object, options: MlCartImportOptions = {}): ImportedModel<TreeModel> {
  requireImportOptions(WHERE, options, IMPORT_OPTIONS);
  const root = new ForeignObject('', typeof file === 'string' ? parseTolerantJson(requireText(WHERE, file)) : file);
  if (root.text('name') !== 'DTClassifier') {
    throw unsupported(WHERE, `a model named ${root.text('name').slice(0, 100)}, expected DTClassifier`);
  }
  const nodes = listNodes(root.object('root'));
  const featureCount = nodes.reduce((count, { node, left }) => (left < 0 ? count : Math.max(count, splitColumn(node) + 1)), 1);
  const featureNames = importedFeatureNames(WHERE, options, [], options.featureNames?.length ?? featureCount);
  const isCounted = countRows(nodes);
  const builder = new TreeBuilder('root', nodes.length);
  nodes.forEach((listed, position) => setNode(builder, position, listed, featureNames.length));
  const model = treeModel({ featureNames, baseMargin: 0, trees: [builder.build()], link: 'identity' });
  return {
    model,
    certificate: certifyImport(model, options),
    warnings: isCounted ? [] : ['the file has no number of training rows for some leaves: explanations weigh these by guess'],
    source: { library: 'ml-cart', version: '', objective: 'DTClassifier' },
    categories: [],
  };
}

function listNodes(root: ForeignObject): ListedNode[] {
  const nodes: ListedNode[] = [{ node: root, depth: 0, parent: -1, left: -1, cover: 0 }];
  for (let i = 0; i < nodes.length; i++) {
    const listed = nodes[i]!;
    if (!(listed.node.has('left') && listed.node.has('right'))) continue;
    if (listed.depth === MAX_TREE_DEPTH) {
      throw new ModelError('TOO_LARGE', `${WHERE}: deeper than ${MAX_TREE_DEPTH} splits, which is the limit`);
    }
    listed.left = nodes.length;
    for (const side of ['left', 'right']) {
      const node = new ForeignObject('node', listed.node.get(side));
      nodes.push({ node, depth: listed.depth + 1, parent: i, left: -1, cover: 0 });
    }
    requireNodeCount(nodes.length);
  }
  return nodes;
}

function splitColumn(node: ForeignObject): number {
  const column = node.count('splitColumn');
  if (column < MAX_FEATURES) return column;
  throw new ModelError('TOO_LARGE', `${WHERE}: splitColumn is ${column}, at most ${MAX_FEATURES} features are allowed`);
}

/** Sets the numbers of training rows. Whether the file has all of them, directly or as what a sibling leaves. */
function countRows(nodes: ListedNode[]): boolean {
  const rowsIn = ({ node }: ListedNode) => (node.has('numberSamples') ? node.count('numberSamples') : undefined);
  let isCounted = true;
  const root = nodes[0]!;
  root.cover = rowsIn(root) ?? 1;
  for (const parent of nodes) {
    if (parent.left < 0) continue;
    const [left, right] = [nodes[parent.left]!, nodes[parent.left + 1]!];
    const leftRows = rowsIn(left);
    const rightRows = rowsIn(right);
    isCounted &&= leftRows !== undefined || rightRows !== undefined;
    left.cover = leftRows ?? Math.max(0, rightRows === undefined ? parent.cover / 2 : parent.cover - rightRows);
    right.cover = rightRows ?? Math.max(0, parent.cover - left.cover);
  }
  return isCounted;
}

function setNode(builder: TreeBuilder, position: number, { node, left, cover }: ListedNode, featureCount: number): void {
  if (left < 0) {
    builder.setLeaf(position, shareOfFraud(node), cover);
    return;
  }
  const feature = splitColumn(node);
  if (feature >= featureCount) {
    throw new ModelError(
      'FEATURE_MISMATCH',
      `${WHERE}: a split by feature ${feature}, ${featureCount} are named; pass all featureNames`,
    );
  }
  const threshold = largestFloat32Below(node.number('splitValue'));
  builder.setNumericSplit(position, { feature, threshold, left, right: left + 1, missingLeft: false, cover });
}

/** The share of class 1. A leaf that has only seen class 0 holds one number. */
function shareOfFraud(node: ForeignObject): number {
  const value = node.get('distribution');
  if (typeof value === 'number') throw unsupported(WHERE, 'a regression tree, expected a DecisionTreeClassifier');
  const rows = node.list('distribution');
  const shares = new ForeignObject('node', { distribution: rows[0] }).numbers('distribution');
  if (rows.length !== 1 || shares.length === 0) throw new ModelError('INVALID_MODEL', `${WHERE}: a leaf without a distribution`);
  if (shares.length > 2) throw unsupported(WHERE, `${shares.length} classes, expected the classes 0 and 1`);
  const share = Number(shares[1] ?? 0);
  if (!(share >= 0 && share <= 1 + 1e-9)) {
    throw new ModelError('INVALID_MODEL', `${WHERE}: the share of class 1 in a leaf is ${share}, expected 0 to 1`);
  }
  return share;
}
