/**
 * How much of a model a set of rows puts to the test. Of a tree model: the splits that send some row left and some row right, so that with
 * all of them every leaf is reached. Of a linear model: the weights whose feature takes different values.
 *
 * Some splits can't send rows both ways, since the path to them contradicts itself. So what is asked for is a share of what rows made for
 * the purpose show.
 */
import { seededRandom } from '@fraudops/core';
import type { LinearModel } from '../linear-model.js';
import type { Model } from '../model.js';
import { goesLeft } from '../scoring/split-rule.js';
import type { TreeArrays } from '../tree-arrays.js';
import type { TreeModel } from '../tree-model.js';
import { drawSplits, valuesAtSplit } from './certificate-rows.js';
import { PathToNode } from './path-to-node.js';

/** How much of a model rows have shown. */
export interface ModelCoverage {
  /** What is counted: splits of a tree model, weights of a linear one. */
  readonly of: 'splits' | 'weights';
  /** How many the model has. */
  readonly total: number;
  /** Splits that sent rows both ways; weights whose feature had finite values at least 0.001 apart. */
  readonly shown: number;
  /**
   * How many had to be shown: of a tree model, 80 % of its splits, of at most 1,000 splits and only of those that rows can be sent both ways
   * at; of a linear model, all.
   */
  readonly required: number;
}

/** Splits of a larger model of which the share is asked for. */
const MAX_ASKED_SPLITS = 1000;
const ASKED_SHARE = 0.8;
/** How far apart the values of a feature have to be to show its weight. */
const MIN_VALUE_RANGE = 0.001;

/** Counts what rows show of a model. */
export interface CoverageCounter {
  /** @param values one float32 a feature */
  count(values: readonly number[]): void;
  coverage(): ModelCoverage;
}

export function coverageCounter(model: Model): CoverageCounter {
  const parts = model as LinearModel | TreeModel;
  return parts.kind === 'linear' ? new WeightCounter(parts) : new SplitCounter(parts);
}

class WeightCounter implements CoverageCounter {
  readonly #lowest: Float64Array;
  readonly #highest: Float64Array;

  constructor(model: LinearModel) {
    this.#lowest = new Float64Array(model.weights.length).fill(Number.POSITIVE_INFINITY);
    this.#highest = new Float64Array(model.weights.length).fill(Number.NEGATIVE_INFINITY);
  }

  count(values: readonly number[]): void {
    values.forEach((value, feature) => {
      if (!Number.isFinite(value)) return;
      this.#lowest[feature] = Math.min(this.#lowest[feature]!, value);
      this.#highest[feature] = Math.max(this.#highest[feature]!, value);
    });
  }

  coverage(): ModelCoverage {
    const total = this.#lowest.length;
    const shown = this.#lowest.reduce((count, lowest, i) => count + Number(this.#highest[i]! - lowest >= MIN_VALUE_RANGE), 0);
    return Object.freeze({ of: 'weights', total, shown, required: total });
  }
}

class SplitCounter implements CoverageCounter {
  /** A tree's nodes: 1 when a row went left there, 2 right, 3 both. */
  readonly #ways: readonly Uint8Array[];

  constructor(readonly model: TreeModel) {
    this.#ways = model.trees.map(({ feature }) => new Uint8Array(feature.length));
  }

  count(values: readonly number[]): void {
    this.model.trees.forEach((tree, i) => markWays(tree, values, this.#ways[i]!));
  }

  coverage(): ModelCoverage {
    let total = 0;
    let shown = 0;
    for (const [i, { feature }] of this.model.trees.entries()) {
      for (const position of feature) if (position >= 0) total++;
      for (const ways of this.#ways[i]!) if (ways === 3) shown++;
    }
    return Object.freeze({ of: 'splits', total, shown, required: Math.ceil(ASKED_SHARE * reachableSplits(this.model)) });
  }
}

function markWays(tree: TreeArrays, values: readonly number[], ways: Uint8Array): void {
  let node = 0;
  for (let feature = tree.feature[node]!; feature >= 0; feature = tree.feature[node]!) {
    const isLeft = goesLeft(tree, node, values[feature]!);
    ways[node]! |= isLeft ? 1 : 2;
    node = isLeft ? tree.left[node]! : tree.right[node]!;
  }
}

/** Of at most 1,000 splits, drawn without choice: how many send rows both ways that are made to reach them. */
function reachableSplits(model: TreeModel): number {
  const random = seededRandom('coverage');
  let reachable = 0;
  for (const { tree, nodes } of drawSplits(model, MAX_ASKED_SPLITS, random)) {
    const path = new PathToNode(tree);
    const ways = new Uint8Array(tree.feature.length);
    for (const node of nodes) {
      ways[node] = 0;
      for (const value of valuesAtSplit(tree, node)) {
        const row = new Array<number>(model.featureNames.length).fill(Number.NaN);
        path.follow(node, row, random);
        row[tree.feature[node]!] = value;
        markWays(tree, row, ways);
      }
      if (ways[node] === 3) reachable++;
    }
  }
  return reachable;
}
