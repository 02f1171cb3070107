/**
 * The search for splits under every rule there is: l1, monotone constraints, least numbers of rows, categories. It tries the same cuts as
 * the kernel, one by one.
 *
 * Categories are parted as LightGBM does (Ke et al. 2017; Fisher 1958 for the ordering): with few of them, each against the rest; with
 * more, they are ordered by gradient over smoothed hessian, and cut in that order from either end. Such a split chooses among many and
 * so has to gain more: its l2 is higher while it is judged.
 */
import type { FeatureBins } from './bin-table.js';
import type { BoostingRules } from './boosting-options.js';
import { leafStep, leafStrength } from './leaf-strength.js';
import type { Quanta } from './quantised-gradients.js';
import type { SearchedNode } from './split-finder.js';
import { BIT_WORDS, type NodeSums, type Split } from './split-record.js';
import type { TrainingMemory } from './training-memory.js';

/** Where to search. Addresses are of the feature's pairs and counts. */
export interface Search {
  readonly node: SearchedNode;
  readonly feature: number;
  readonly bins: FeatureBins;
  readonly sums: number;
  readonly counts: number;
  readonly quanta: Quanta;
  readonly leastHessian: number;
}

/** Up to this many categories, each is tried against the rest (LightGBM's max_cat_to_onehot). */
const FEW_CATEGORIES = 4;
/** Categories that go left at most when they are ordered (max_cat_threshold). */
const MOST_LEFT_CATEGORIES = 32;
/** Added to the hessian by which categories are ordered (cat_smooth). */
const CATEGORY_SMOOTHING = 10;
/** Added to l2 while an ordered split is judged (cat_l2). */
const CATEGORY_L2 = 10;

/** See the module's comment. */
export class ConstrainedSearch {
  readonly #memory: TrainingMemory;
  readonly #rules: BoostingRules;
  readonly #minGain: number;

  constructor(memory: TrainingMemory, rules: BoostingRules, minGain: number) {
    this.#memory = memory;
    this.#rules = rules;
    this.#minGain = minGain;
  }

  find(search: Search): Split | undefined {
    const trial = new Trial(search, this.#rules, this.#minGain, this.#sumsOf(search, search.bins.missingBin));
    if (search.bins.isCategory) this.#tryCategories(search, trial);
    else this.#tryCuts(search, trial);
    return trial.best;
  }

  #tryCuts(search: Search, trial: Trial): void {
    let left = NOTHING;
    for (let bin = 0; bin <= search.bins.count; bin++) {
      left = plus(left, this.#sumsOf(search, bin));
      trial.try({ bin, left, extraL2: 0 });
    }
  }

  #tryCategories(search: Search, trial: Trial): void {
    const categories: Category[] = [];
    for (let bin = 0; bin < search.bins.count; bin++) {
      const sums = this.#sumsOf(search, bin);
      if (sums.hessian > 0) categories.push({ bin, sums });
    }
    if (categories.length <= FEW_CATEGORIES) {
      for (const { bin, sums } of categories) trial.try({ bin, left: sums, extraL2: 0, categoryBins: [bin] });
      return;
    }
    const { quanta } = search;
    const ratio = ({ sums }: Category) =>
      (sums.gradient * quanta.gradient) / (sums.hessian * quanta.hessian + CATEGORY_SMOOTHING);
    categories.sort((a, b) => ratio(a) - ratio(b) || a.bin - b.bin);
    this.#tryPrefixes(categories, trial);
    this.#tryPrefixes(categories.toReversed(), trial);
  }

  #tryPrefixes(categories: readonly Category[], trial: Trial): void {
    let left = NOTHING;
    const categoryBins: number[] = [];
    for (const { bin, sums } of categories.slice(0, MOST_LEFT_CATEGORIES)) {
      left = plus(left, sums);
      categoryBins.push(bin);
      trial.try({ bin, left, extraL2: CATEGORY_L2, categoryBins });
    }
  }

  #sumsOf({ sums, counts }: Search, bin: number): NodeSums {
    const { ints } = this.#memory;
    const counted = this.#memory.layout.counted;
    return {
      hessian: ints[sums / 4 + 2 * bin]!,
      gradient: ints[sums / 4 + 2 * bin + 1]!,
      rows: counted ? ints[counts / 4 + bin]! : 0,
    };
  }
}

interface Category {
  readonly bin: number;
  readonly sums: NodeSums;
}

interface Parting {
  readonly bin: number;
  readonly left: NodeSums;
  readonly extraL2: number;
  /** Bins that go left, when the feature is a category. */
  readonly categoryBins?: readonly number[];
}

const NOTHING: NodeSums = { gradient: 0, hessian: 0, rows: 0 };

function plus(a: NodeSums, b: NodeSums): NodeSums {
  return { gradient: a.gradient + b.gradient, hessian: a.hessian + b.hessian, rows: a.rows + b.rows };
}

/** Judges one parting after the other and keeps the best. */
class Trial {
  best: Split | undefined;
  readonly #anyMissing: boolean;

  constructor(
    readonly search: Search,
    readonly rules: BoostingRules,
    readonly minGain: number,
    readonly missing: NodeSums,
  ) {
    this.#anyMissing = missing.hessian !== 0 || missing.gradient !== 0;
  }

  /** With missing values on the right, then on the left; where they count for nothing, on the heavier side. */
  try(parting: Parting): void {
    const { left } = parting;
    const isLeftHeavier = left.hessian >= this.search.node.hessian - left.hessian;
    if (this.#anyMissing || !isLeftHeavier) this.#judge(parting, left, false);
    if (this.#anyMissing || isLeftHeavier) this.#judge(parting, plus(left, this.missing), true);
  }

  #judge(parting: Parting, left: NodeSums, missingLeft: boolean): void {
    const { node, feature, leastHessian } = this.search;
    const { minRowsPerLeaf } = this.rules;
    if (left.hessian < leastHessian || node.hessian - left.hessian < leastHessian) return;
    if (minRowsPerLeaf > 1 && (left.rows < minRowsPerLeaf || node.rows - left.rows < minRowsPerLeaf)) return;
    const gain = this.#gain(left, parting);
    if (!(gain > (this.best?.gain ?? this.minGain))) return;
    this.best = {
      gain,
      feature,
      bin: parting.bin,
      missingLeft,
      left,
      categoryBits: parting.categoryBins && bitsOf(parting.categoryBins),
    };
  }

  #gain(left: NodeSums, parting: Parting): number {
    const { node, feature, bins, quanta } = this.search;
    // With all numbers on one side, and missing values on the other, nothing depends on the feature's value.
    const direction = parting.bin < bins.count ? this.rules.monotone[feature]! : 0;
    const penalties = { l1: this.rules.l1, l2: this.rules.l2 + parting.extraL2 };
    const leftGradient = left.gradient * quanta.gradient;
    const leftHessian = left.hessian * quanta.hessian;
    const rightGradient = (node.gradient - left.gradient) * quanta.gradient;
    const rightHessian = (node.hessian - left.hessian) * quanta.hessian;
    const leftStep = leafStep(leftGradient, leftHessian, penalties, node.bounds);
    const rightStep = leafStep(rightGradient, rightHessian, penalties, node.bounds);
    if (direction * (rightStep - leftStep) < 0) return Number.NEGATIVE_INFINITY;
    const gradient = node.gradient * quanta.gradient;
    const hessian = node.hessian * quanta.hessian;
    const before = leafStrength(gradient, hessian, leafStep(gradient, hessian, this.rules, node.bounds), this.rules);
    const after =
      leafStrength(leftGradient, leftHessian, leftStep, penalties) +
      leafStrength(rightGradient, rightHessian, rightStep, penalties);
    return 0.5 * (after - before);
  }
}

function bitsOf(bins: readonly number[]): Uint32Array {
  const bits = new Uint32Array(BIT_WORDS);
  for (const bin of bins) bits[bin >>> 5]! |= 2 ** (bin & 31);
  return bits;
}
