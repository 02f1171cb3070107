/**
 * One tree of a LightGBM text file. Splits have numbers from 0, leaves -1 for the first, -2 for the second and so on. Bits of
 * decision_type: 1 category split, 2 missing goes left, then two for what counts as missing: 0 nothing, 1 zero and NaN, 2 NaN.
 */
import { ModelError } from '../model-error.js';
import { MAX_CATEGORY_CODE } from '../model-limits.js';
import type { TreeArrays } from '../tree-arrays.js';
import { requireCategoryCount, requireNodeCount } from '../tree-model.js';
import { largestFloat32AtMost, MAX_FLOAT32, nextFloat32Below } from '../float32-neighbours.js';
import { unsupported } from './imported-model.js';
import type { LightgbmBlock } from './lightgbm-text.js';
import { TreeBuilder } from './tree-builder.js';
import type { TreeBudget } from './xgboost-tree.js';

/** What counts as missing at a split of numbers. */
export type LightgbmMissing = 'None' | 'Zero' | 'NaN';
const MISSING: readonly LightgbmMissing[] = ['None', 'Zero', 'NaN'];

/** A split of numbers as LightGBM describes it: `x <= threshold` in double precision. */
export interface LightgbmSplit {
  readonly feature: number;
  readonly threshold: number;
  readonly defaultLeft: boolean;
  readonly missing: LightgbmMissing;
  readonly left: number;
  readonly right: number;
  readonly cover: number;
}

/** LightGBM takes every value this close to 0 for 0 before it looks at a split. */
const ZERO_BAND = Math.fround(1e-35);

/**
 * Sets a split of numbers. Missing values go the default way where NaN or zero count as missing; where nothing does, LightGBM takes them
 * for 0. An infinite threshold, by which LightGBM tells missing values from all others, becomes the largest float32: only an infinite
 * feature goes another way then.
 */
export function setLightgbmSplit(builder: TreeBuilder, node: number, split: LightgbmSplit): void {
  const { feature, left, right, cover } = split;
  builder.setNumericSplit(node, {
    feature,
    left,
    right,
    cover,
    threshold: float32Threshold(split.threshold),
    missingLeft: split.missing === 'None' ? split.threshold >= 0 : split.defaultLeft,
    zeroIsMissing: split.missing === 'Zero',
  });
}

/** The float32 s for which `x <= s` decides as LightGBM does. A threshold within the zero band has all of the band on one side. */
function float32Threshold(threshold: number): number {
  if (Math.abs(threshold) <= ZERO_BAND) return threshold >= 0 ? ZERO_BAND : nextFloat32Below(-ZERO_BAND);
  return Math.min(MAX_FLOAT32, largestFloat32AtMost(threshold));
}

/**
 * @param scale what every leaf is multiplied by
 * @throws {ModelError} INVALID_MODEL naming tree and key, UNSUPPORTED_MODEL for linear trees, TOO_LARGE
 */
export function lightgbmTree(block: LightgbmBlock, featureCount: number, scale: number, budget: TreeBudget): TreeArrays {
  if (block.has('is_linear') && block.count('is_linear') !== 0) {
    throw unsupported(block.place, 'a tree with linear models in its leaves; train with linear_tree=false');
  }
  const leafCount = block.count('num_leaves');
  if (leafCount < 1) throw invalid(block, 'num_leaves is 0, expected at least 1');
  requireNodeCount((budget.nodes += 2 * leafCount - 1));
  const splitCount = leafCount - 1;
  const leafValue = block.numbers('leaf_value', leafCount);
  const leafCover = leafCount === 1 && !block.has('leaf_count') ? [0] : block.numbers('leaf_count', leafCount);
  const builder = new TreeBuilder(block.place, 2 * leafCount - 1);
  for (let leaf = 0; leaf < leafCount; leaf++) builder.setLeaf(splitCount + leaf, leafValue[leaf]! * scale, leafCover[leaf]!);
  if (splitCount > 0) setSplits(block, builder, leafCount, featureCount, budget);
  return builder.build();
}

function setSplits(
  block: LightgbmBlock,
  builder: TreeBuilder,
  leafCount: number,
  featureCount: number,
  budget: TreeBudget,
): void {
  const splitCount = leafCount - 1;
  const feature = block.wholeNumbers('split_feature', splitCount, 0, featureCount - 1);
  const threshold = block.numbers('threshold', splitCount);
  const decision = block.wholeNumbers('decision_type', splitCount, 0, 15);
  const left = block.wholeNumbers('left_child', splitCount, -leafCount, splitCount - 1);
  const right = block.wholeNumbers('right_child', splitCount, -leafCount, splitCount - 1);
  const cover = block.numbers('internal_count', splitCount);
  const codesOf = categoryCodes(block, budget);
  // Leaves come after the splits: leaf -1 is node splitCount, leaf -2 the one after.
  const nodeOf = (child: number) => (child >= 0 ? child : splitCount - 1 - child);
  for (let node = 0; node < splitCount; node++) {
    const bits = decision[node]!;
    const split = { feature: feature[node]!, left: nodeOf(left[node]!), right: nodeOf(right[node]!), cover: cover[node]! };
    if ((bits & 1) === 1) {
      builder.setCategorySplit(node, { ...split, missingLeft: false, codes: codesOf(node, threshold[node]!) });
      continue;
    }
    const missing = MISSING[bits >> 2];
    if (missing === undefined) throw invalid(block, `decision_type[${node}] is ${bits}, whose missing type is unknown`);
    setLightgbmSplit(builder, node, { ...split, threshold: threshold[node]!, defaultLeft: (bits & 2) === 2, missing });
  }
}

/** The codes of a category split: its threshold is the number of a bit set, bit k of which stands for code k. */
function categoryCodes(block: LightgbmBlock, budget: TreeBudget): (node: number, index: number) => number[] {
  const setCount = block.has('num_cat') ? block.count('num_cat') : 0;
  if (setCount === 0) {
    return (node) => {
      throw invalid(block, `decision_type[${node}] is a category split, but num_cat is 0`);
    };
  }
  requireCategoryCount(setCount);
  const boundaries = block.wholeNumbers('cat_boundaries', setCount + 1, 0, 2 ** 31 - 1);
  const wordCount = boundaries[setCount]!;
  requireCategoryCount(wordCount);
  const words = block.wholeNumbers('cat_threshold', wordCount, 0, 2 ** 32 - 1);
  return (node, index) => {
    const begin = boundaries[index];
    const end = boundaries[index + 1];
    if (begin === undefined || end === undefined || end < begin || end > wordCount) {
      throw invalid(block, `threshold[${node}] is ${index}, which is no category set`);
    }
    const codes: number[] = [];
    for (let word = begin; word < end; word++) {
      for (let bit = 0; bit < 32; bit++) if ((words[word]! >>> bit) & 1) codes.push((word - begin) * 32 + bit);
      requireCategoryCount(budget.categories + codes.length);
    }
    if (codes.length > 0 && codes.at(-1)! > MAX_CATEGORY_CODE) {
      throw unsupported(block.place, `category code ${codes.at(-1)}, expected at most ${MAX_CATEGORY_CODE}; use smaller codes`);
    }
    budget.categories += codes.length;
    return codes;
  };
}

function invalid(block: LightgbmBlock, rule: string): ModelError {
  return new ModelError('INVALID_MODEL', `${block.place}: ${rule}`, { details: { place: block.place } });
}
