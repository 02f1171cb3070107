/** The working part of a forest: grows any of its trees over binned features. Trees don't depend on each other. */
import { seededRandom } from '@fraudops/core';
import { MAX_NODES, type TreeArrays } from '@fraudops/model/forms';
import { TrainError } from '../train-error.js';
import { Bag } from './bag.js';
import type { ColumnBins } from './column-bins.js';
import { type GiniTree, GiniTreeGrower, type GiniTreeRules } from './grow-gini-tree.js';
import { type OutOfBagSums, addOutOfBag, outOfBagSums } from './out-of-bag.js';

/** The options of a forest, checked. Plain data, so that it can go to a thread. */
export interface ForestRules extends GiniTreeRules {
  readonly trees: number;
  readonly bins: number;
  readonly bootstrap: boolean;
  readonly outOfBag: boolean;
  readonly seed: number;
  /** Rounded by `exactWeights`; undefined for 1 each. */
  readonly weights: Float64Array | undefined;
}

/** Some trees of a forest. */
export interface ForestPart {
  readonly trees: readonly TreeArrays[];
  readonly outOfBag: OutOfBagSums | undefined;
}

/** Which trees to grow: the first, and every `step`-th after it. */
export interface ForestShare {
  readonly first: number;
  readonly step: number;
  /** Told of each grown tree. */
  readonly grown: () => void;
}

/** See the module's comment. */
export class ForestGrower {
  readonly #rules: ForestRules;
  readonly #bins: ColumnBins;
  readonly #bag: Bag;
  readonly #grower: GiniTreeGrower;

  /** @param rules checked, and so are labels */
  constructor(bins: ColumnBins, labels: Uint8Array, rules: ForestRules) {
    this.#rules = rules;
    this.#bins = bins;
    this.#bag = new Bag(labels, rules.weights);
    this.#grower = new GiniTreeGrower(bins, this.#bag, rules.weights, rules);
  }

  /** @throws {TrainError} INVALID_OPTION when the trees outgrow what a model holds */
  grow({ first, step, grown }: ForestShare): ForestPart {
    const { seed, bootstrap } = this.#rules;
    const sums = this.#rules.outOfBag ? outOfBagSums(this.#bins.rowCount) : undefined;
    const trees: TreeArrays[] = [];
    let nodeCount = 0;
    for (let t = first; t < this.#rules.trees; t += step) {
      const random = seededRandom(seed).fork(`tree ${t}`);
      this.#bag.fill(bootstrap ? random : undefined);
      const tree = this.#grower.grow(random);
      if (sums) addOutOfBag(sums, tree, this.#bag, this.#bins);
      trees.push(this.#toArrays(tree));
      requireForestNodes((nodeCount += tree.feature.length));
      grown();
    }
    return { trees, outOfBag: sums };
  }

  #toArrays(tree: GiniTree): TreeArrays {
    const { cuts } = this.#bins;
    const { trees } = this.#rules;
    return {
      feature: Int32Array.from(tree.feature),
      threshold: Float32Array.from(tree.feature, (feature, node) =>
        feature < 0 ? 0 : (cuts[feature]![tree.bin[node]!] ?? LARGEST_FLOAT),
      ),
      left: Int32Array.from(tree.left),
      right: Int32Array.from(tree.right),
      missingLeft: Uint8Array.from(tree.missingLeft, Number),
      value: Float64Array.from(tree.fraud, (fraud, node) =>
        tree.feature[node]! < 0 ? fraud / (fraud + tree.genuine[node]!) / trees : 0,
      ),
      cover: Float64Array.from(tree.genuine, (genuine, node) => genuine + tree.fraud[node]!),
    };
  }
}

/** Where all present values go left: the largest finite float32. */
const LARGEST_FLOAT = Math.fround(3.4028234663852886e38);

/** @throws {TrainError} INVALID_OPTION beyond what a model holds */
export function requireForestNodes(nodeCount: number): void {
  if (nodeCount <= MAX_NODES) return;
  throw new TrainError(
    'INVALID_OPTION',
    `trainForest: the trees have ${nodeCount} nodes, a model holds at most ${MAX_NODES}; raise minRowsPerLeaf, or lower trees or depth`,
    { details: { nodeCount, limit: MAX_NODES } },
  );
}
