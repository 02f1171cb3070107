/**
 * Reads LightGBM models: the text of `save_model('model.txt')`, formats v2 to v4, and the JSON of `dump_model()`. Objectives of two
 * classes; boosting gbdt, dart, goss and rf.
 *
 * LightGBM compares features in double precision, this package as float32. Splits decide the same for every value that is a float32,
 * NaN and infinities included. A double right beside a threshold may be rounded across it: give LightGBM float32 features as well.
 */
import { ModelError } from '../model-error.js';
import { MAX_FEATURES } from '../model-limits.js';
import { treeModel, type TreeModel } from '../tree-model.js';
import { parseDecimal } from './decimal-number.js';
import { MAX_FLOAT32 } from '../float32-neighbours.js';
import { requireText } from './foreign-file.js';
import { describeValue } from './foreign-object.js';
import {
  IMPORT_OPTIONS,
  certifyImport,
  type ImportedCategories,
  importedFeatureNames,
  type ImportedModel,
  type ImportOptions,
  requireImportOptions,
  unsupported,
} from './imported-model.js';
import { type LightgbmContent, readLightgbmDump } from './lightgbm-dump.js';
import { type LightgbmBlock, type LightgbmText, readLightgbmText } from './lightgbm-text.js';
import { lightgbmTree } from './lightgbm-tree.js';
import { parseTolerantJson } from './tolerant-json.js';
import type { TreeBudget } from './xgboost-tree.js';

/** Options of {@link fromLightgbm}. */
export type LightgbmImportOptions = ImportOptions;

const WHERE = 'fromLightgbm';

/**
 * The model of a LightGBM file.
 *
 * The model's margin is log-odds: LightGBM's raw score times the sigmoid parameter, for random forests divided by the number of trees.
 * Margins of a certificate are LightGBM's raw scores (`raw_score=True`) as they are.
 *
 * Warnings about `is_unbalance` and `scale_pos_weight` come from the parameters in the text file; `dump_model()` leaves them out, so a dump
 * gives no such warning, whatever the training was.
 *
 * @param file the text of a model file or its bytes, the JSON text of `dump_model()`, or what JSON.parse made of it
 * @throws {ModelError} UNSUPPORTED_MODEL naming what can't be represented (other objectives, linear trees), UNSUPPORTED_VERSION,
 * INVALID_MODEL naming the place and the rule, TOO_LARGE, CERTIFICATE_MISSING, CERTIFICATE_FAILED, FEATURE_MISMATCH
 * @example
 * const { model } = fromLightgbm(await readFile('model.txt', 'utf8'), { certify: { rows, margins: rawScores } });
 */
export function fromLightgbm(file: Uint8Array | string | object, options: LightgbmImportOptions = {}): ImportedModel<TreeModel> {
  requireImportOptions(WHERE, options, IMPORT_OPTIONS);
  const content = readContent(file);
  const marginPerRaw = marginPerRawScore(content);
  if (content.featureCount > MAX_FEATURES) {
    throw new ModelError('TOO_LARGE', `${WHERE}: ${content.featureCount} features, at most ${MAX_FEATURES} are allowed`);
  }
  const featureNames = importedFeatureNames(WHERE, options, content.featureNames, content.featureCount);
  const model = treeModel({ featureNames, baseMargin: 0, trees: content.readTrees(marginPerRaw) });
  return {
    model,
    certificate: certifyImport(model, options, { marginPerRaw }),
    warnings: [...warningsOf(content.parameters), ...infinityWarnings(model)],
    source: { library: 'lightgbm', version: content.version, objective: content.objective },
    categories: categoriesOf(content, featureNames),
  };
}

function readContent(file: unknown): LightgbmContent {
  if (typeof file !== 'string' && !(file instanceof Uint8Array)) return requireSupported(readLightgbmDump(file));
  const text = requireText(WHERE, file);
  if (text.startsWith('{')) return requireSupported(readLightgbmDump(parseTolerantJson(text)));
  return requireSupported(contentOfText(readLightgbmText(text)));
}

function contentOfText({ header, trees, parameters, pandasCategorical }: LightgbmText): LightgbmContent {
  if (header.has('tree_sizes') && countWords(header.text('tree_sizes')) !== trees.length) {
    throw new ModelError(
      'INVALID_MODEL',
      `${WHERE}: ${trees.length} trees, the header lists the sizes of ${countWords(header.text('tree_sizes'))}`,
    );
  }
  const featureCount = header.count('max_feature_idx') + 1;
  return {
    version: header.text('version'),
    objective: header.has('objective') ? header.text('objective') : '',
    classCount: header.count('num_class'),
    treesPerIteration: header.count('num_tree_per_iteration'),
    isAverage: header.has('average_output'),
    treeCount: trees.length,
    featureCount,
    featureNames: header.text('feature_names').split(' '),
    categoricalFeatures: categoricalFeatures(header),
    parameters,
    pandasCategorical: pandasCategorical === undefined ? undefined : parseTolerantJson(pandasCategorical),
    readTrees: (scale) => {
      const budget: TreeBudget = { nodes: 0, categories: 0 };
      return trees.map((block) => lightgbmTree(block, featureCount, scale, budget));
    },
  };
}

function countWords(text: string): number {
  return text.split(' ').filter((word) => word !== '').length;
}

/** Positions of features that the file describes by a list of codes, not by a range like `[0:1]`. */
function categoricalFeatures(header: LightgbmBlock): number[] {
  if (!header.has('feature_infos')) return [];
  return header
    .text('feature_infos')
    .split(' ')
    .flatMap((info, position) => (info.startsWith('[') || info === 'none' ? [] : [position]));
}

function requireSupported(content: LightgbmContent): LightgbmContent {
  if (!['v2', 'v3', 'v4'].includes(content.version)) {
    throw new ModelError(
      'UNSUPPORTED_VERSION',
      `${WHERE}: format ${describeValue(content.version)}, this release reads v2, v3 and v4`,
    );
  }
  if (content.classCount !== 1 || content.treesPerIteration !== 1) {
    throw unsupported(WHERE, `${content.classCount} classes, expected a model of two classes, which LightGBM calls num_class=1`);
  }
  return content;
}

/** What turns the sum of the leaves into log-odds. @throws {ModelError} UNSUPPORTED_MODEL for objectives that score something else */
function marginPerRawScore({ objective, isAverage, treeCount }: LightgbmContent): number {
  const [name, ...parameters] = objective.split(' ');
  if (name !== 'binary' && name !== 'cross_entropy' && name !== 'xentropy') {
    const shown = objective === '' ? 'no objective (a custom loss)' : `the objective ${describeValue(objective)}`;
    throw unsupported(WHERE, `${shown}, expected binary or cross_entropy`);
  }
  const sigmoidText = parameters.find((parameter) => parameter.startsWith('sigmoid:'))?.slice('sigmoid:'.length);
  const sigmoid = name === 'binary' ? parseDecimal(sigmoidText ?? '') : 1;
  if (!(sigmoid > 0 && sigmoid < 1e6)) {
    throw new ModelError('INVALID_MODEL', `${WHERE}: the objective is ${describeValue(objective)}, expected a sigmoid above 0`);
  }
  return isAverage ? sigmoid / Math.max(1, treeCount) : sigmoid;
}

function warningsOf(parameters: ReadonlyMap<string, string>): string[] {
  const warnings: string[] = [];
  const advice = 'probabilities are not those of the training rows; calibrate them';
  if (parameters.get('is_unbalance') === '1') warnings.push(`is_unbalance was set: ${advice}`);
  const weight = parameters.get('scale_pos_weight');
  if (weight !== undefined && Number(weight) !== 1) warnings.push(`scale_pos_weight was ${weight.slice(0, 40)}: ${advice}`);
  return warnings;
}

function infinityWarnings({ trees }: TreeModel): string[] {
  if (!trees.some(({ threshold }) => threshold.includes(MAX_FLOAT32))) return [];
  return ['some splits only tell missing values from others: there a feature of +Infinity goes left in LightGBM, and right here'];
}

/** The lists of pandas_categorical, with the names of their features where there are as many category features as lists. */
function categoriesOf(content: LightgbmContent, featureNames: readonly string[]): ImportedCategories[] {
  const lists = content.pandasCategorical ?? [];
  if (!Array.isArray(lists)) throw new ModelError('INVALID_MODEL', `${WHERE}: pandas_categorical is no array`);
  const isClear = lists.length === content.categoricalFeatures.length;
  return lists.map((values: unknown, i) => {
    if (!Array.isArray(values) || values.some((value) => typeof value === 'object' && value !== null)) {
      throw new ModelError('INVALID_MODEL', `${WHERE}: pandas_categorical[${i}] is no array of plain values`);
    }
    return { feature: isClear ? featureNames[content.categoricalFeatures[i]!] : undefined, values };
  });
}
