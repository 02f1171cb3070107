import { type BinnedMatrix, MISSING_BIN } from './feature-bins.js';
import { FEATURE_STRIDE } from './histogram.js';

/** Sums over the rows of a node. */
export interface NodeSums {
  readonly gradient: number;
  readonly hessian: number;
}

/** The best way to part a node's rows: bins up to `bin` of `feature` go left. */
export interface Split {
  readonly gain: number;
  readonly feature: number;
  readonly bin: number;
  /** Whether missing values go left. */
  readonly missingLeft: boolean;
  readonly left: NodeSums;
  readonly right: NodeSums;
}

/** What a split must respect; see {@link BoostingOptions}. */
export interface SplitRules {
  readonly l2: number;
  readonly minChildWeight: number;
  readonly minGain: number;
}

/** Gains below this are rounding noise of the formula (the value XGBoost uses). */
const NOISE_GAIN = 1e-6;

/**
 * The split of largest gain, by XGBoost's second-order formula (Chen and Guestrin 2016, equation 7, with gamma = minGain):
 *
 *     gain = 1/2 [ GL^2 / (HL + l2) + GR^2 / (HR + l2) - G^2 / (H + l2) ]
 *
 * Missing values are tried on both sides. Where the node has none, those that come later follow the heavier child. Of equal gains the
 * first feature and the lowest bin win.
 *
 * @returns undefined when no split gains more than minGain with minChildWeight of hessian on both sides
 */
export function findSplit(histogram: Float64Array, node: NodeSums, bins: BinnedMatrix, rules: SplitRules): Split | undefined {
  const search = new SplitSearch(node, rules);
  for (let feature = 0; feature < bins.featureCount; feature++) search.tryFeature(histogram, feature, bins.cuts[feature]!.length);
  return search.best();
}

class SplitSearch {
  readonly #node: NodeSums;
  readonly #rules: SplitRules;
  readonly #leastHessian: number;
  readonly #before: number;
  #gain: number;
  #feature = -1;
  #bin = -1;
  #missingLeft = false;
  #leftGradient = 0;
  #leftHessian = 0;

  constructor(node: NodeSums, rules: SplitRules) {
    this.#node = node;
    this.#rules = rules;
    // A side without hessian would be empty, or all certain: nothing to learn there.
    this.#leastHessian = Math.max(rules.minChildWeight, Number.MIN_VALUE);
    this.#before = node.gradient ** 2 / (node.hessian + rules.l2);
    this.#gain = Math.max(rules.minGain, NOISE_GAIN);
  }

  /** Tries to cut behind every bin, and, if there are missing values, between them and all others. */
  tryFeature(histogram: Float64Array, feature: number, lastBin: number): void {
    const first = feature * FEATURE_STRIDE;
    const missingGradient = histogram[first + 2 * MISSING_BIN]!;
    const missingHessian = histogram[first + 2 * MISSING_BIN + 1]!;
    const anyMissing = missingHessian !== 0 || missingGradient !== 0;
    const lastCut = anyMissing ? lastBin : lastBin - 1;
    let gradient = 0;
    let hessian = 0;
    for (let bin = 0; bin <= lastCut; bin++) {
      gradient += histogram[first + 2 * bin]!;
      hessian += histogram[first + 2 * bin + 1]!;
      // To the right only less is left from here on.
      if (this.#node.hessian - hessian < this.#leastHessian) break;
      this.#tryCut(feature, bin, false, gradient, hessian);
      if (anyMissing && bin < lastBin) this.#tryCut(feature, bin, true, gradient + missingGradient, hessian + missingHessian);
    }
    if (this.#feature === feature && !anyMissing) this.#missingLeft = this.#leftHessian >= this.#node.hessian - this.#leftHessian;
  }

  #tryCut(feature: number, bin: number, missingLeft: boolean, leftGradient: number, leftHessian: number): void {
    const rightHessian = this.#node.hessian - leftHessian;
    if (leftHessian < this.#leastHessian || rightHessian < this.#leastHessian) return;
    const { l2 } = this.#rules;
    const rightGradient = this.#node.gradient - leftGradient;
    const after = (leftGradient * leftGradient) / (leftHessian + l2) + (rightGradient * rightGradient) / (rightHessian + l2);
    const gain = 0.5 * (after - this.#before);
    if (!(gain > this.#gain)) return;
    this.#gain = gain;
    this.#feature = feature;
    this.#bin = bin;
    this.#missingLeft = missingLeft;
    this.#leftGradient = leftGradient;
    this.#leftHessian = leftHessian;
  }

  best(): Split | undefined {
    if (this.#feature < 0) return undefined;
    return {
      gain: this.#gain,
      feature: this.#feature,
      bin: this.#bin,
      missingLeft: this.#missingLeft,
      left: { gradient: this.#leftGradient, hessian: this.#leftHessian },
      right: { gradient: this.#node.gradient - this.#leftGradient, hessian: this.#node.hessian - this.#leftHessian },
    };
  }
}
