/**
 * Reads XGBoost models: JSON (`save_model('model.json')`) and UBJ (`model.ubj`), of versions 1.0 to 3.x, boosters gbtree, dart and
 * gblinear, objectives of two classes.
 *
 * Scores are the same but for rounding: XGBoost adds leaves in float32, this package in float64. Splits decide the same for every
 * float32, NaN and infinities included; only for category values between -1 and 0 they may not.
 */
import type { OptionKinds } from '@fraudops/core';
import { linearModel, type LinearModel } from '../linear-model.js';
import { ModelError } from '../model-error.js';
import { MAX_FEATURES } from '../model-limits.js';
import { requireTreeCount, treeModel, type TreeModel } from '../tree-model.js';
import { describeValue, ForeignObject } from './foreign-object.js';
import { requireImportSize, requireText } from './foreign-file.js';
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
import { parseUbjson } from './ubjson.js';
import { requireXgboostObjective, xgboostBaseMargin } from './xgboost-base-margin.js';
import { xgboostCategories } from './xgboost-categories.js';
import { type TreeBudget, xgboostTree } from './xgboost-tree.js';

/** Options of {@link fromXgboost}. */
export interface XgboostImportOptions extends ImportOptions {
  /**
   * Which trees count in a file whose training was stopped early: `best`, those up to the best iteration, as `XGBClassifier` predicts; or
   * `all`, as `Booster.predict` does. Has to be said for such a file.
   */
  readonly iterations?: 'best' | 'all' | undefined;
}

const WHERE = 'fromXgboost';

const OPTIONS: OptionKinds<XgboostImportOptions> = { ...IMPORT_OPTIONS, iterations: 'checked' };

/**
 * The model of an XGBoost file.
 *
 * Margins are XGBoost's `output_margin`. The value of XGBClassifier's `missing` is not in the file: map it to NaN yourself.
 *
 * @param file bytes of a JSON or UBJ file, JSON text, or what JSON.parse made of it
 * @throws {ModelError} UNSUPPORTED_MODEL naming what can't be represented (other objectives, several outputs), UNSUPPORTED_VERSION,
 * INVALID_MODEL naming the place and the rule, TOO_LARGE, CERTIFICATE_MISSING, CERTIFICATE_FAILED, FEATURE_MISMATCH
 * @example
 * const { model, warnings } = fromXgboost(await readFile('model.ubj'), { certify: { rows, margins } });
 */
export function fromXgboost(
  file: Uint8Array | string | object,
  options: XgboostImportOptions = {},
): ImportedModel<TreeModel | LinearModel> {
  requireImportOptions(WHERE, options, OPTIONS);
  const root = new ForeignObject('', parseFile(file));
  const version = requireVersion(root);
  const learner = root.object('learner');
  const objective = requireXgboostObjective(learner);
  const parameters = learner.object('learner_model_param');
  requireOneOutput(parameters);
  const featureCount = parameters.count('num_feature');
  if (featureCount > MAX_FEATURES) {
    throw new ModelError('TOO_LARGE', `${WHERE}: ${featureCount} features, at most ${MAX_FEATURES} are allowed`);
  }
  const namesInFile = learner.has('feature_names') ? learner.texts('feature_names') : [];
  const featureNames = importedFeatureNames(WHERE, options, namesInFile, featureCount);
  const baseMargin = xgboostBaseMargin(parameters, objective, version);
  const booster = learner.object('gradient_booster');
  const model =
    booster.text('name') === 'gblinear'
      ? linearFrom(booster, featureNames, baseMargin)
      : treesFrom(learner, booster, featureNames, baseMargin, options.iterations);
  return {
    model,
    certificate: certifyImport(model, options, {
      float32Sums: booster.text('name') === 'gbtree' && !booster.object('model').has('weight_drop'),
    }),
    warnings: [...warningsOf(learner), ...emptinessWarnings(model)],
    source: { library: 'xgboost', version: version.join('.'), objective },
    categories: xgboostCategories(booster, featureNames),
  };
}

function parseFile(file: unknown): unknown {
  if (typeof file === 'string') return parseTolerantJson(requireText(WHERE, file));
  if (!(file instanceof Uint8Array)) return file;
  requireImportSize(WHERE, file);
  const [first, second] = file;
  // An object of UBJSON goes on with the type of a length, one of JSON with a quote or space.
  if (first === 0x7b && second !== undefined && 'iUIlL'.includes(String.fromCharCode(second))) return parseUbjson(file);
  const start = String.fromCharCode(...file.subarray(0, 4));
  if (start === 'binf' || start === 'bs64') {
    throw unsupported(WHERE, `the old binary format of XGBoost; save with save_model('model.json') or save_model('model.ubj')`);
  }
  return parseTolerantJson(requireText(WHERE, file));
}

function requireVersion(root: ForeignObject): readonly number[] {
  const version = Array.from(root.wholeNumbers('version', 0, 1_000_000));
  const major = version[0];
  if (major === undefined || major < 1 || major > 3) {
    throw new ModelError('UNSUPPORTED_VERSION', `${WHERE}: XGBoost ${version.join('.')}, this release reads 1.0 to 3.x`, {
      details: { version: version.slice(0, 3) },
    });
  }
  return version;
}

function requireOneOutput(parameters: ForeignObject): void {
  for (const [name, limit] of [
    ['num_class', 1],
    ['num_target', 1],
  ] as const) {
    if (parameters.has(name) && parameters.count(name) > limit) {
      throw unsupported(WHERE, `${name} is ${parameters.count(name)}, expected a model of two classes and one output`);
    }
  }
}

function linearFrom(booster: ForeignObject, featureNames: readonly string[], baseMargin: number): LinearModel {
  const weights = Array.from(booster.object('model').numbers('weights', featureNames.length + 1), Math.fround);
  const bias = weights.pop()!;
  return linearModel({
    featureNames,
    weights,
    intercept: bias + baseMargin,
    // XGBoost leaves missing features out of the sum.
    missingValues: new Float64Array(featureNames.length),
  });
}

function treesFrom(
  learner: ForeignObject,
  booster: ForeignObject,
  featureNames: readonly string[],
  baseMargin: number,
  iterations: XgboostImportOptions['iterations'],
): TreeModel {
  const name = booster.text('name');
  if (name !== 'gbtree' && name !== 'dart') {
    throw unsupported(WHERE, `the booster ${describeValue(name)}, expected gbtree, dart or gblinear`);
  }
  const model = (booster.optionalObject('gbtree') ?? booster).object('model');
  const trees = model.list('trees');
  requireTreeCount(trees.length);
  if (model.object('gbtree_model_param').count('num_trees') !== trees.length) {
    throw new ModelError(
      'INVALID_MODEL',
      `${WHERE}: ${trees.length} trees, the file says ${model.object('gbtree_model_param').count('num_trees')}`,
    );
  }
  // All trees of one output belong to group 0.
  model.wholeNumbers('tree_info', 0, 0, trees.length);
  const weightHolder = [booster, model].find((holder) => holder.has('weight_drop'));
  if (name === 'dart' && !weightHolder) throw new ModelError('INVALID_MODEL', `${WHERE}: dart without weight_drop`);
  const weights = weightHolder?.numbers('weight_drop', trees.length);
  const used = countTrees(learner, model, trees.length, iterations);
  const budget: TreeBudget = { nodes: 0, categories: 0 };
  return treeModel({
    featureNames,
    baseMargin,
    trees: trees.slice(0, used).map((tree, i) => {
      const place = model.placeOf(`trees[${i}]`);
      return xgboostTree(new ForeignObject(place, tree), featureNames.length, Math.fround(Number(weights?.[i] ?? 1)), budget);
    }),
  });
}

/** How many trees count, from the first one on. */
function countTrees(
  learner: ForeignObject,
  model: ForeignObject,
  treeCount: number,
  iterations: XgboostImportOptions['iterations'],
): number {
  const attributes = learner.optionalObject('attributes');
  if (iterations === 'all') return treeCount;
  if (!attributes?.has('best_iteration')) {
    if (iterations === undefined) return treeCount;
    throw new ModelError('INVALID_MODEL', `${WHERE}: no best_iteration in the file; pass iterations: 'all' or nothing`);
  }
  const rounds = attributes.count('best_iteration') + 1;
  const parameters = model.object('gbtree_model_param');
  const treesPerRound = parameters.has('num_parallel_tree') ? Math.max(1, parameters.count('num_parallel_tree')) : 1;
  const best = model.has('iteration_indptr')
    ? model.wholeNumbers('iteration_indptr', 0, treeCount)[rounds]
    : rounds * treesPerRound;
  if (best === undefined || best > treeCount) {
    throw new ModelError('INVALID_MODEL', `${WHERE}: best_iteration is ${rounds - 1}, the file has ${treeCount} trees`);
  }
  if (iterations === undefined && best < treeCount) {
    throw new ModelError(
      'INVALID_MODEL',
      `${WHERE}: training was stopped early, the best iteration has ${best} of ${treeCount} trees; pass iterations: 'best' to score as ` +
        `XGBClassifier does, or 'all' as Booster.predict does`,
      { details: { best, treeCount } },
    );
  }
  return best;
}

function emptinessWarnings(model: TreeModel | LinearModel): string[] {
  if (model.kind === 'linear' || model.trees.length > 0) return [];
  return ['the model has no trees: every row gets the same score; was it trained for 0 rounds?'];
}

function warningsOf(learner: ForeignObject): string[] {
  const parameters = learner.object('objective').optionalObject('reg_loss_param');
  if (!parameters?.has('scale_pos_weight') || parameters.number('scale_pos_weight') === 1) return [];
  const weight = parameters.number('scale_pos_weight');
  return [
    `scale_pos_weight was ${weight}: probabilities are too high by about that factor in the odds; calibrate them, or undo it with ` +
      `withCalibration(model, { kind: 'prior', logOddsShift: -Math.log(${weight}) })`,
  ];
}
