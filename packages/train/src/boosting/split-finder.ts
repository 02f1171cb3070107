/**
 * Finds the best split of a node by one feature. Numbers without further rules go through the kernel, which tries every cut in a few
 * nanoseconds; l1, monotone constraints, counts of rows and categories take the way of `ConstrainedSearch`.
 *
 * Missing values are tried on both sides. Where the node has none, those that come later follow the heavier child.
 */
import type { BinTable, FeatureBins } from './bin-table.js';
import type { BoostingRules } from './boosting-options.js';
import { ConstrainedSearch } from './constrained-search.js';
import type { StepBounds } from './leaf-strength.js';
import type { Quanta } from './quantised-gradients.js';
import { type NodeSums, type Split, writeSplit } from './split-record.js';
import type { TrainingMemory } from './training-memory.js';

/** A node, as far as the search for its split goes. */
export interface SearchedNode extends NodeSums {
  readonly bounds: StepBounds;
}

/** Finds splits under the same rules, in one thread. */
export class SplitFinder {
  readonly #memory: TrainingMemory;
  readonly #table: BinTable;
  readonly #rules: BoostingRules;
  readonly #constrained: ConstrainedSearch;
  readonly #onlyConstrained: boolean;
  readonly #minGain: number;
  #quanta: Quanta = { gradient: 1, hessian: 1 };
  #leastHessian = 1;

  constructor(memory: TrainingMemory, table: BinTable, rules: BoostingRules) {
    this.#memory = memory;
    this.#table = table;
    this.#rules = rules;
    this.#minGain = rules.minGain;
    this.#constrained = new ConstrainedSearch(memory, rules, this.#minGain);
    this.#onlyConstrained = rules.l1 > 0 || rules.minRowsPerLeaf > 1 || rules.monotone.some((direction) => direction !== 0);
  }

  /** What sums are worth in the tree to come. */
  set quanta(quanta: Quanta) {
    this.#quanta = quanta;
    // A side without hessian would be empty, or all certain: nothing to learn there.
    this.#leastHessian = Math.max(1, Math.ceil(this.#rules.minChildWeight / quanta.hessian));
  }

  /** Whether the node has weight, rows enough for two sides. */
  canSplit({ hessian, rows }: NodeSums): boolean {
    return hessian >= 2 * this.#leastHessian && (this.#rules.minRowsPerLeaf === 1 || rows >= 2 * this.#rules.minRowsPerLeaf);
  }

  /**
   * Leaves the best split by this feature at `record`, or that there is none which gains more than minGain with minChildWeight of hessian
   * on both sides. Of equal gains the lowest bin wins.
   *
   * @param sums address of the feature's pairs
   * @param counts address of its counts of rows, if rows are counted
   */
  find(node: SearchedNode, feature: number, sums: number, counts: number, record: number): void {
    const bins = this.#table.features[feature]!;
    if (this.#onlyConstrained || bins.isCategory) {
      const search = { node, feature, bins, sums, counts, quanta: this.#quanta, leastHessian: this.#leastHessian };
      writeSplit(this.#memory, record, this.#constrained.find(search));
    } else {
      writeSplit(this.#memory, record, this.#findCut(node, feature, bins, sums, record));
    }
  }

  /** Scores of cuts are in quanta: G^2 / (H + l2) of whole numbers, so a gain of 1 is worth hessian / gradient^2 of them. */
  #findCut(node: SearchedNode, feature: number, bins: FeatureBins, sums: number, found: number): Split | undefined {
    const { kernel, ints, float64 } = this.#memory;
    const { gradient, hessian } = node;
    const l2 = this.#rules.l2 / this.#quanta.hessian;
    const perScore = (this.#quanta.gradient * this.#quanta.gradient) / this.#quanta.hessian;
    const before = (gradient * gradient) / (hessian + l2);
    const missingHessian = ints[sums / 4 + 2 * bins.missingBin]!;
    const missingGradient = ints[sums / 4 + 2 * bins.missingBin + 1]!;
    const anyMissing = missingHessian !== 0 || missingGradient !== 0;
    const leastHessian = this.#leastHessian;
    let least = before + (2 * this.#minGain) / perScore;
    let missingLeft = false;
    // Behind the last bin only missing values are left.
    const cuts = anyMissing ? bins.count + 1 : bins.count;
    let bin = kernel.findCut(sums, cuts, 0, 0, gradient, hessian, l2, leastHessian, least, found);
    if (anyMissing) {
      if (bin >= 0) least = float64[found / 8]!;
      const { count } = bins;
      const other = kernel.findCut(
        sums,
        count,
        missingGradient,
        missingHessian,
        gradient,
        hessian,
        l2,
        leastHessian,
        least,
        found,
      );
      missingLeft = other >= 0;
      if (missingLeft) bin = other;
    }
    if (bin < 0) return undefined;
    const left = { gradient: float64[found / 8 + 1]!, hessian: float64[found / 8 + 2]!, rows: 0 };
    return {
      gain: 0.5 * (float64[found / 8]! - before) * perScore,
      feature,
      bin,
      missingLeft: anyMissing ? missingLeft : left.hessian >= hessian - left.hessian,
      left,
      categoryBits: undefined,
    };
  }
}
