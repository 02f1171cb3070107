/**
 * What the operators for trees compute, as ONNX Runtime does it: which outputs hold scores, and of which class.
 *
 * A classifier must know two classes; the second is fraud. Its leaves vote for class 0 alone, which stands for the second class then
 * (the form that converters of XGBoost and LightGBM write), or for both.
 */
import type { TreeArrays } from '../tree-arrays.js';
import { type BranchGraph, type TreeBudget } from './branch-graph.js';
import { type Votes, readTreeLists, readVotes } from './ensemble-lists.js';
import { readTreeTensors } from './ensemble-tensors.js';
import type { FeatureColumn } from './feature-column.js';
import { NodeAttributes } from './node-attributes.js';
import type { OnnxNode } from './onnx-graph.js';
import { type ModelSum, type SymbolicValue, unknown } from './symbolic-value.js';
import { treeOfBranchGraph } from './unfold-graph.js';

/** What reading operators for trees shares. */
export interface TreeReading {
  readonly budget: TreeBudget;
  readonly warnings: Set<string>;
}

/** The output of TreeEnsembleRegressor. */
export function regressorTrees(node: OnnxNode, columns: readonly FeatureColumn[], reading: TreeReading): SymbolicValue {
  const attributes = new NodeAttributes(node);
  const refusal = refuseUnusual(node, attributes.int('n_targets', 1), attributes.text('aggregate_function', 'SUM'));
  if (refusal) return refusal;
  if (attributes.text('post_transform', 'NONE') !== 'NONE') {
    return unknown('TreeEnsembleRegressor with a post_transform, which runtimes treat differently; use a Sigmoid node');
  }
  const graphs = readTreeLists(node, columns, readVotes(attributes, 'target'), { factors: new Map([[0, 1]]) });
  const share = attributes.text('aggregate_function', 'SUM') === 'AVERAGE' ? 1 / Math.max(1, graphs.length) : 1;
  const sum = treeSum(node, graphs, baseOf(attributes, 0), reading, share);
  return { kind: 'margin', sum, slope: 1, shift: 0 };
}

/** The output of TreeEnsemble. */
export function ensembleTrees(node: OnnxNode, columns: readonly FeatureColumn[], reading: TreeReading): SymbolicValue {
  const attributes = new NodeAttributes(node);
  // 0 is the average, 1 the sum.
  const aggregate = ['AVERAGE', 'SUM', 'MIN', 'MAX'][attributes.int('aggregate_function', 1)] ?? 'unknown';
  const refusal = refuseUnusual(node, attributes.int('n_targets', 1), aggregate);
  if (refusal) return refusal;
  if (attributes.int('post_transform', 0) !== 0) {
    return unknown('TreeEnsemble with a post_transform, which runtimes treat differently; use a Sigmoid node');
  }
  const graphs = readTreeTensors(node, columns);
  const share = aggregate === 'AVERAGE' ? 1 / Math.max(1, graphs.length) : 1;
  return { kind: 'margin', sum: treeSum(node, graphs, 0, reading, share), slope: 1, shift: 0 };
}

function refuseUnusual(node: OnnxNode, targets: number, aggregate: string): SymbolicValue | undefined {
  if (targets !== 1) return unknown(`${node.operator} with ${targets} targets, expected 1`);
  if (aggregate !== 'SUM' && aggregate !== 'AVERAGE')
    return unknown(`${node.operator} with aggregate_function ${aggregate.slice(0, 50)}`);
  return undefined;
}

/** The second output of TreeEnsembleClassifier. */
export function classifierTrees(node: OnnxNode, columns: readonly FeatureColumn[], reading: TreeReading): SymbolicValue {
  const attributes = new NodeAttributes(node);
  const classes = attributes.optionalInts('classlabels_int64s') ?? attributes.optionalTexts('classlabels_strings') ?? [];
  if (classes.length !== 2) return unknown(`TreeEnsembleClassifier with ${classes.length} classes, expected 2`);
  const votes = readVotes(attributes, 'class');
  const transform = attributes.text('post_transform', 'NONE');
  const hasVotesFor = [0, 1].map((id) => Array.prototype.includes.call(votes.classIds, id));
  if (hasVotesFor[0] && hasVotesFor[1]) return twoColumnTrees(node, columns, votes, transform, reading);
  if (!hasVotesFor[0])
    return unknown('TreeEnsembleClassifier whose leaves vote for class 1 alone, for which runtimes give no probability');
  return oneColumnTrees(node, columns, votes, transform, reading);
}

function oneColumnTrees(
  node: OnnxNode,
  columns: readonly FeatureColumn[],
  votes: Votes,
  transform: string,
  reading: TreeReading,
): SymbolicValue {
  const attributes = new NodeAttributes(node);
  if ((attributes.optionalNumbers('base_values')?.length ?? 0) > 1) {
    return unknown('TreeEnsembleClassifier with two base_values for one column of votes, for which runtimes mix up columns');
  }
  const graphs = readTreeLists(node, columns, votes, { factors: new Map([[0, 1]]) });
  const sum = treeSum(node, graphs, baseOf(attributes, 0), reading);
  const isPositive = !Array.prototype.some.call(votes.weights, (weight: number) => weight < 0);
  if (transform === 'LOGISTIC') {
    if (isPositive) {
      reading.warnings.add(
        'no leaf is below 0: ONNX Runtime before 1.30 would give the raw sum of this file instead of a probability',
      );
    }
    return { kind: 'classes', score: { sum, link: 'logistic', calibration: undefined } };
  }
  if (transform === 'NONE' && isPositive) return { kind: 'classes', score: { sum, link: 'identity', calibration: undefined } };
  return unknown(
    `TreeEnsembleClassifier with post_transform ${transform.slice(0, 50)} of one column of votes, which is no probability`,
  );
}

function twoColumnTrees(
  node: OnnxNode,
  columns: readonly FeatureColumn[],
  votes: Votes,
  transform: string,
  reading: TreeReading,
): SymbolicValue {
  const attributes = new NodeAttributes(node);
  if (transform === 'NONE') {
    const factors = new Map([
      [0, 0],
      [1, 1],
    ]);
    const sum = treeSum(node, readTreeLists(node, columns, votes, { factors }), baseOf(attributes, 1), reading);
    return { kind: 'classes', score: { sum, link: 'identity', calibration: undefined } };
  }
  if (transform === 'SOFTMAX' && everyLeafVotesTwice(attributes, votes)) {
    // exp(b) / (exp(a) + exp(b)) is the logistic function of b - a.
    const factors = new Map([
      [0, -1],
      [1, 1],
    ]);
    const base = baseOf(attributes, 1) - baseOf(attributes, 0);
    const sum = treeSum(node, readTreeLists(node, columns, votes, { factors }), base, reading);
    return { kind: 'classes', score: { sum, link: 'logistic', calibration: undefined } };
  }
  return unknown(`TreeEnsembleClassifier with post_transform ${transform.slice(0, 50)} of two columns of votes`);
}

/** A leaf that votes for one class only would skip the SOFTMAX. */
function everyLeafVotesTwice(attributes: NodeAttributes, votes: Votes): boolean {
  const leaves = attributes.texts('nodes_modes').filter((mode) => mode === 'LEAF').length;
  const ones = Array.prototype.filter.call(votes.classIds, (id: number) => id === 1).length;
  const distinct = new Set(Array.from(votes.classIds, (id, i) => `${votes.treeIds[i]} ${votes.nodeIds[i]} ${id}`));
  return ones === leaves && votes.classIds.length === 2 * leaves && distinct.size === 2 * leaves;
}

function baseOf(attributes: NodeAttributes, position: number): number {
  return attributes.optionalNumbers('base_values')?.[position] ?? 0;
}

function treeSum(node: OnnxNode, graphs: BranchGraph[], base: number, { budget, warnings }: TreeReading, share = 1): ModelSum {
  if (graphs.some(({ cover }) => cover.every((each) => each === 0))) {
    warnings.add(
      'the file has no covers (nodes_hitrates): scores are right, but explanations need to know how many rows went each way',
    );
  }
  if (graphs.some(({ kind }) => kind.some((each) => each > 1))) {
    warnings.add('splits compare categories for equality: here a code counts without its fraction, so 3.5 is in category 3');
  }
  const trees = graphs.map((graph, t): TreeArrays => {
    const tree = treeOfBranchGraph(`${node.operator} trees[${t}]`, graph, budget);
    return share === 1 ? tree : { ...tree, value: tree.value.map((value) => value * share) };
  });
  return { kind: 'trees', baseMargin: base, trees };
}
