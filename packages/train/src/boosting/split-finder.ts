/**
 * Finds the best split of a node by a member's share of the features. Numbers without further rules go through the kernel, all of them in
 * one call, which tries two cuts at a time; l1, monotone constraints, counts of rows and categories take the way of `ConstrainedSearch`.
 *
 * Missing values are tried on both sides. Where the node has none, those that come later follow the heavier child.
 */
import type { BinTable } from './bin-table.js';
import type { BoostingRules } from './boosting-options.js';
import { ConstrainedSearch } from './constrained-search.js';
import type { StepBounds } from './leaf-strength.js';
import type { Quanta } from './quantised-gradients.js';
import { type NodeSums, readGain, writeSplit } from './split-record.js';
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
  /** Where the kernel finds the features that it searches. */
  readonly #searched: number;
  #searchedCount = 0;
  /** The other features. */
  #constrainedFeatures: Int32Array = new Int32Array(0);
  #quanta: Quanta = { gradient: 1, hessian: 1 };
  #leastHessian = 1;

  /** @param memberIndex of the crew's member in whose thread it is */
  constructor(memory: TrainingMemory, table: BinTable, rules: BoostingRules, memberIndex: number) {
    this.#memory = memory;
    this.#table = table;
    this.#rules = rules;
    this.#searched = memory.layout.searched + 4 * memory.layout.featureCount * memberIndex;
    this.#minGain = rules.minGain;
    this.#constrained = new ConstrainedSearch(memory, rules, this.#minGain);
    this.#onlyConstrained = rules.l1 > 0 || rules.minRowsPerLeaf > 1 || rules.monotone.some((direction) => direction !== 0);
  }

  /**
   * @param quanta what sums are worth in the tree to come
   * @param features that it may split by and that this member searches, ascending
   */
  startTree(quanta: Quanta, features: Int32Array): void {
    const isConstrained = (feature: number) => this.#onlyConstrained || this.#table.features[feature]!.isCategory;
    const plain = features.filter((feature) => !isConstrained(feature));
    this.#memory.ints.set(plain, this.#searched / 4);
    this.#searchedCount = plain.length;
    this.#constrainedFeatures = features.filter(isConstrained);
    this.#quanta = quanta;
    // A side without hessian would be empty, or all certain: nothing to learn there.
    this.#leastHessian = Math.max(1, Math.ceil(this.#rules.minChildWeight / quanta.hessian));
  }

  /** Whether the node has weight, rows enough for two sides. */
  canSplit({ hessian, rows }: NodeSums): boolean {
    return hessian >= 2 * this.#leastHessian && (this.#rules.minRowsPerLeaf === 1 || rows >= 2 * this.#rules.minRowsPerLeaf);
  }

  /**
   * Leaves the best split by the tree's features at `record`, or that there is none which gains more than minGain with minChildWeight of
   * hessian on both sides. Of equal gains the first feature wins, and of its cuts the lowest bin.
   *
   * @param histogram address of the node's
   */
  find(node: SearchedNode, histogram: number, record: number): void {
    this.#findPlain(node, histogram, record);
    for (const feature of this.#constrainedFeatures) {
      const bins = this.#table.features[feature]!;
      const sums = histogram + bins.place;
      const counts = histogram + this.#table.pairBytes + bins.place / 2;
      const search = { node, feature, bins, sums, counts, quanta: this.#quanta, leastHessian: this.#leastHessian };
      const split = this.#constrained.find(search);
      if (split && isBetter(split, readGain(this.#memory, record))) writeSplit(this.#memory, record, split);
    }
  }

  /** Scores of cuts are in quanta: G^2 / (H + l2) of whole numbers, so a gain of 1 is worth hessian / gradient^2 of them. */
  #findPlain({ gradient, hessian }: SearchedNode, histogram: number, record: number): void {
    const { kernel, layout } = this.#memory;
    const l2 = this.#rules.l2 / this.#quanta.hessian;
    const perScore = (this.#quanta.gradient * this.#quanta.gradient) / this.#quanta.hessian;
    const before = (gradient * gradient) / (hessian + l2);
    const leastScore = before + (2 * this.#minGain) / perScore;
    kernel.findSplit(
      histogram,
      layout.features,
      this.#searched,
      this.#searchedCount,
      gradient,
      hessian,
      l2,
      this.#leastHessian,
      leastScore,
      before,
      perScore,
      record,
    );
  }
}

/** A split, as far as it is compared with others. */
interface Candidate {
  readonly gain: number;
  readonly feature: number;
}

/** Larger gains first, of equal ones the first feature. */
export function isBetter(a: Candidate, b: Candidate): boolean {
  return a.gain > b.gain || (a.gain === b.gain && a.feature < b.feature);
}
