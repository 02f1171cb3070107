/**
 * Tree ensemble: margin = base margin + the value of the leaf that the row reaches in each tree, added in the order of the trees.
 */
import { type FeatureMatrix, type Json, type OptionKinds, showValue } from '@fraudops/core';
import { type Calibration, calibrationFunction, calibrationJson, requireCalibration } from './calibration.js';
import { type TreeExplainer, treeExplainer } from './explain/tree-explainer.js';
import type { Explanation } from './explanation.js';
import { type Link, linkFunction, requireLink } from './link.js';
import { ModelError } from './model-error.js';
import { MAX_LISTED_CATEGORIES, MAX_NODES, MAX_TREES } from './model-limits.js';
import { type Model, featureOf, requireFeatureNames, requireMagnitude, requireMatrix, requireRow } from './model.js';
import { requireOptions } from './required-arguments.js';
import { type TreeScorer, treeScorer } from './scoring/tree-scorer.js';
import { type TreeArrays, requireTreeForm, requireValidTree } from './tree-arrays.js';

/** What a tree model is made of. */
export interface TreeModelParts {
  /** 1 to {@link MAX_FEATURES} distinct names. */
  readonly featureNames: readonly string[];
  /** Log-odds before any tree, usually those of the fraud rate of the training rows. */
  readonly baseMargin: number;
  /** 0 to {@link MAX_TREES} trees of together at most {@link MAX_NODES} nodes. */
  readonly trees: readonly TreeArrays[];
  /** How the margin becomes a score; default `logistic`. */
  readonly link?: Link;
  /** Takes the place of the link. */
  readonly calibration?: Calibration | undefined;
}

/** A tree ensemble; see {@link treeModel}. */
export interface TreeModel extends Model {
  readonly kind: 'trees';
  readonly baseMargin: number;
  readonly trees: readonly TreeArrays[];
  readonly link: Link;
}

/** A model is spread into the parts of another, so its kind may be there. */
const PARTS: OptionKinds<TreeModelParts & Pick<TreeModel, 'kind'>> = {
  kind: 'checked',
  featureNames: 'checked',
  baseMargin: 'checked',
  trees: 'checked',
  link: 'checked',
  calibration: 'checked',
};

/**
 * A tree ensemble over copies of its parts.
 *
 * @throws {ModelError} INVALID_MODEL, INVALID_OPTION or TOO_LARGE, naming the tree, the node and the rule
 * @example
 * const stump: TreeArrays = {
 *   feature: Int32Array.of(0, -1, -1), threshold: Float32Array.of(220, 0, 0),
 *   left: Int32Array.of(1, -1, -1), right: Int32Array.of(2, -1, -1), missingLeft: Uint8Array.of(1, 0, 0),
 *   value: Float64Array.of(0, -1, 4), cover: Float64Array.of(10, 9, 1),
 * };
 * const model = treeModel({ featureNames: ['AMOUNT'], baseMargin: -3, trees: [stump] });
 * model.margin([220]); // -4
 * model.margin([221]); // 1
 */
export function treeModel(parts: TreeModelParts): TreeModel {
  requireOptions('treeModel', parts, PARTS, 'parts');
  const featureNames = requireFeatureNames(parts.featureNames);
  // Adding 0 turns -0 into 0, which JSON can't tell apart.
  const baseMargin = requireMagnitude('baseMargin', parts.baseMargin) + 0;
  if (!Array.isArray(parts.trees)) {
    throw new ModelError('INVALID_MODEL', `trees: ${showValue(parts.trees)}, expected an array of trees`);
  }
  requireTreeCount(parts.trees.length);
  requireSizes(parts.trees);
  const trees = parts.trees.map((tree, i) => {
    requireValidTree(`trees[${i}]`, tree, featureNames.length);
    return copyTree(tree);
  });
  const calibration = parts.calibration === undefined ? undefined : requireCalibration(parts.calibration);
  return new TreeEnsemble(
    featureNames,
    baseMargin,
    Object.freeze(trees),
    requireLink(parts.link === undefined ? 'logistic' : parts.link),
    calibration,
  );
}

/** Of all trees together, before any is looked at. */
function requireSizes(trees: readonly TreeArrays[]): void {
  let nodeCount = 0;
  let categoryCount = 0;
  for (const [i, tree] of trees.entries()) {
    requireTreeForm(`trees[${i}]`, tree);
    requireNodeCount((nodeCount += tree.feature.length));
    requireCategoryCount((categoryCount += tree.categories?.length ?? 0));
  }
}

/** @throws {ModelError} TOO_LARGE beyond {@link MAX_TREES} */
export function requireTreeCount(count: number): void {
  if (count > MAX_TREES) {
    throw new ModelError('TOO_LARGE', `trees: ${count} trees, at most ${MAX_TREES} are allowed`, {
      details: { count, limit: MAX_TREES },
    });
  }
}

/** @throws {ModelError} TOO_LARGE beyond {@link MAX_NODES} */
export function requireNodeCount(count: number): void {
  if (count > MAX_NODES) {
    throw new ModelError('TOO_LARGE', `trees: ${count} nodes or more, at most ${MAX_NODES} are allowed`, {
      details: { count, limit: MAX_NODES },
    });
  }
}

/** @throws {ModelError} TOO_LARGE beyond {@link MAX_LISTED_CATEGORIES} */
export function requireCategoryCount(count: number): void {
  if (count > MAX_LISTED_CATEGORIES) {
    throw new ModelError('TOO_LARGE', `trees: ${count} listed categories or more, at most ${MAX_LISTED_CATEGORIES} are allowed`, {
      details: { count, limit: MAX_LISTED_CATEGORIES },
    });
  }
}

function copyTree(tree: TreeArrays): TreeArrays {
  return Object.freeze({
    feature: tree.feature.slice(),
    threshold: tree.threshold.slice(),
    left: tree.left.slice(),
    right: tree.right.slice(),
    missingLeft: tree.missingLeft.slice(),
    value: tree.value.slice(),
    cover: tree.cover.slice(),
    ...(tree.categories && { categoryStarts: tree.categoryStarts!.slice(), categories: tree.categories.slice() }),
    ...(tree.zeroIsMissing && { zeroIsMissing: tree.zeroIsMissing.slice() }),
  });
}

/** What the margin is with each link. */
const SPACES: Readonly<Record<Link, Explanation['space']>> = { logistic: 'log_odds', identity: 'probability', exp2: 'log2' };

class TreeEnsemble implements TreeModel {
  readonly kind = 'trees';
  readonly #row: Float32Array;
  readonly #scoreOf: (margin: number) => number;
  #scorer: TreeScorer | undefined;
  #explainer: TreeExplainer | undefined;

  constructor(
    readonly featureNames: readonly string[],
    readonly baseMargin: number,
    readonly trees: readonly TreeArrays[],
    readonly link: Link,
    readonly calibration: Calibration | undefined,
  ) {
    this.#row = new Float32Array(featureNames.length);
    this.#scoreOf = calibration ? calibrationFunction(calibration) : linkFunction(link);
  }

  margin(row: ArrayLike<number>): number {
    requireRow(this, row);
    for (let j = 0; j < this.#row.length; j++) this.#row[j] = featureOf(row[j], j);
    return this.#getScorer().marginOf(this.#row);
  }

  marginBatch(matrix: FeatureMatrix): Float64Array {
    requireMatrix(this, matrix);
    const margins = new Float64Array(matrix.rowCount).fill(this.baseMargin);
    this.#getScorer().addMargins(matrix, margins);
    return margins;
  }

  score(row: ArrayLike<number>): number {
    return this.#scoreOf(this.margin(row));
  }

  scoreBatch(matrix: FeatureMatrix): Float64Array {
    const scores = this.marginBatch(matrix);
    for (let i = 0; i < scores.length; i++) scores[i] = this.#scoreOf(scores[i]!);
    return scores;
  }

  explain(row: ArrayLike<number>): Explanation {
    const margin = this.margin(row);
    this.#explainer ??= treeExplainer(this);
    const contributions = new Float64Array(this.featureNames.length);
    // `margin` has rounded the row.
    this.#explainer.explain(this.#row, contributions);
    return {
      method: 'tree_path_dependent',
      space: SPACES[this.link],
      base: this.#explainer.base,
      contributions,
      margin,
      score: this.#scoreOf(margin),
    };
  }

  toJson(): Json {
    return {
      format: 'fraudops.model',
      formatVersion: 1,
      kind: this.kind,
      featureNames: this.featureNames,
      baseMargin: this.baseMargin,
      ...(this.link === 'logistic' ? {} : { link: this.link }),
      ...(this.calibration && { calibration: calibrationJson(this.calibration) }),
      trees: this.trees.map((tree) =>
        Object.fromEntries(
          Object.entries(tree).map(([name, array]) => [name, Array.from(array as ArrayLike<number>, withoutMinusZero)]),
        ),
      ),
    };
  }

  /** Made when first needed, like the explainer: a model that is only stored or exported needs none. */
  #getScorer(): TreeScorer {
    this.#scorer ??= treeScorer({ featureCount: this.featureNames.length, baseMargin: this.baseMargin, trees: this.trees });
    return this.#scorer;
  }
}

/** JSON can't tell -0 from 0, and neither can a sum or a comparison. */
const withoutMinusZero = (value: number): number => value + 0;
