/**
 * Rows for a parity certificate. For a split, the path to it is read off the tree, and the row gets values that follow this path, so
 * that the value put to the test there decides something: the threshold, and one float32 to either side. The features that the path
 * leaves open get values that other splits are close to. Then come missing, infinite and zero values, odd categories, and random rows.
 */
import { type OptionKinds, type Random, seededRandom, showValue } from '@fraudops/core';
import { ModelError } from '../model-error.js';
import type { Model } from '../model.js';
import type { TreeArrays } from '../tree-arrays.js';
import { requireCount, requireOptions, requireOwnModel } from '../required-arguments.js';
import type { TreeModel } from '../tree-model.js';
import { MAX_FLOAT32, nextFloat32Above, nextFloat32Below } from '../float32-neighbours.js';
import { PathToNode } from './path-to-node.js';
import { splitsByFeature } from './row-kinds.js';

/** Options of {@link certificateRows}. */
export interface CertificateRowsOptions {
  readonly seed: number | string;
  /** Splits that are put to the test, three or more rows each; of more, as many are drawn. Default 1000, at most 100,000. */
  readonly splits?: number;
  /** Random rows at the end. Default 200, at most 100,000. */
  readonly randomRows?: number;
  /**
   * False leaves missing values out of the rows of a linear model, for libraries that give no score for them: a certificate asks for them
   * only of trees. Default true.
   */
  readonly missing?: boolean;
}

const WHERE = 'certificateRows';

const OPTIONS: OptionKinds<CertificateRowsOptions> = {
  seed: 'checked',
  splits: 'checked',
  randomRows: 'checked',
  missing: 'flag',
};

/** Features that get a row each for every odd value; of more, the first ones. */
const MAX_ODD_FEATURES = 200;
/** Values near splits that are kept of each feature, to fill the features that a row leaves open. */
const MAX_POOL = 64;
/** The largest value that LightGBM takes for 0. */
const TINY = Math.fround(1e-35);
/** Most values in all rows. */
const MAX_ROW_VALUES = 20_000_000;

/** Codes beyond every list: too large for an exact float32 and for a 32-bit integer, and below 0. */
const ODD_CODES = [16_777_215, 16_777_216, 1e10, -1, -2, MAX_FLOAT32];

/**
 * Rows on which another library shows whether it scores as the model does, one float32 (or NaN) a feature.
 *
 * @throws {ModelError} TOO_LARGE when rows times features pass 20,000,000; INVALID_OPTION; INVALID_MODEL for what is no model of this package
 * @example
 * const rows = certificateRows(model, { seed: 1 });
 * await writeFile('rows.csv', rows.map((row) => row.join(',')).join('\n'));
 */
export function certificateRows(model: Model, options: CertificateRowsOptions): number[][] {
  requireOwnModel(WHERE, model);
  requireOptions(WHERE, options, OPTIONS);
  const splits = requireCount(WHERE, 'splits', options.splits, { low: 0, high: 100_000, default: 1000 });
  const randomRows = requireCount(WHERE, 'randomRows', options.randomRows, { low: 0, high: 100_000, default: 200 });
  const { seed } = options;
  if (typeof seed !== 'string' && !Number.isFinite(seed)) {
    throw new ModelError('INVALID_OPTION', `${WHERE}: seed is ${showValue(seed)}, expected a finite number or a text`);
  }
  const rowLimit = 3 * splits + randomRows + MAX_ODD_FEATURES * 20;
  if (rowLimit * model.featureNames.length > MAX_ROW_VALUES) {
    throw new ModelError(
      'TOO_LARGE',
      `certificateRows: up to ${rowLimit} rows of ${model.featureNames.length} values; ask for fewer splits`,
    );
  }
  const random = seededRandom(seed);
  if (model.kind === 'linear') return linearRows(model.featureNames.length, randomRows, options.missing ?? true, random);
  const pools = poolsOf(model, random.fork('pools'));
  const drawRow = () => pools.map((pool) => pool[random.integer(pool.length)]!);
  const rows = [...splitRows(model, splits, random, drawRow), ...oddRows(model, drawRow)];
  rows.push(model.featureNames.map(() => Number.NaN));
  for (let i = 0; i < randomRows; i++) rows.push(drawRow());
  return rows;
}

function linearRows(featureCount: number, randomRows: number, withMissing: boolean, random: Random): number[][] {
  const rows = [0, 1].map((value) => new Array<number>(featureCount).fill(value));
  if (withMissing) rows.push(new Array<number>(featureCount).fill(Number.NaN));
  for (let feature = 0; feature < Math.min(featureCount, MAX_ODD_FEATURES); feature++) {
    const row = Array.from({ length: featureCount }, () => Math.fround(random.normal()));
    if (withMissing) row[feature] = Number.NaN;
    rows.push(row);
  }
  for (let i = 0; i < randomRows; i++) rows.push(Array.from({ length: featureCount }, () => Math.fround(random.normal(0, 10))));
  return rows;
}

/** For each feature, values that are close to its splits: thresholds, the float32 above, codes, and a missing one. */
function poolsOf(model: TreeModel, random: Random): number[][] {
  const splits = splitsByFeature(model);
  return model.featureNames.map((_, feature) => {
    const { thresholds, codes } = splits.get(feature) ?? { thresholds: new Set<number>(), codes: new Set<number>() };
    const values = [...thresholds, ...codes];
    random.shuffle(values);
    const drawn = values.slice(0, MAX_POOL);
    const above = drawn.filter((value) => thresholds.has(value)).map((value) => Math.min(MAX_FLOAT32, nextFloat32Above(value)));
    return [...drawn, ...above, 0, Number.NaN];
  });
}

function splitRows(model: TreeModel, limit: number, random: Random, drawRow: () => number[]): number[][] {
  const rows: number[][] = [];
  for (const { tree, nodes } of drawSplits(model, limit, random)) {
    const path = new PathToNode(tree);
    for (const node of nodes) {
      const feature = tree.feature[node]!;
      for (const value of valuesAtSplit(tree, node)) {
        const row = drawRow();
        path.follow(node, row, random);
        row[feature] = value;
        rows.push(row);
      }
    }
  }
  return rows;
}

/** Up to `limit` splits of all trees, drawn without replacement, by tree. */
export function drawSplits(model: TreeModel, limit: number, random: Random): { tree: TreeArrays; nodes: number[] }[] {
  const counts = model.trees.map((tree) => tree.feature.reduce((count, feature) => count + Number(feature >= 0), 0));
  let unseen = counts.reduce((sum, count) => sum + count, 0);
  let wanted = Math.min(limit, unseen);
  return model.trees.map((tree) => {
    const nodes: number[] = [];
    for (let node = 0; node < tree.feature.length; node++) {
      if (tree.feature[node] === -1) continue;
      // Selection sampling (Knuth, algorithm S): each of the splits that are left has the same chance.
      if (random.next() * unseen-- < wanted) {
        nodes.push(node);
        wanted--;
      }
    }
    return { tree, nodes };
  });
}

/** Values that put a split to the test; between them they go both ways, if the tree allows it. */
export function valuesAtSplit(tree: TreeArrays, node: number): number[] {
  const begin = tree.categoryStarts?.[node] ?? 0;
  const end = tree.categoryStarts?.[node + 1] ?? 0;
  if (end > begin) return [tree.categories![begin]!, tree.categories![end - 1]!, tree.categories![end - 1]! + 1];
  const threshold = tree.threshold[node]!;
  const below = nextFloat32Below(threshold);
  // A threshold within what counts as missing: values right beside it don't tell it from others.
  if (tree.zeroIsMissing?.[node] === 1 && Math.abs(threshold) <= TINY) {
    return [-nextFloat32Above(TINY), threshold, nextFloat32Above(TINY)];
  }
  return threshold === MAX_FLOAT32 ? [below, threshold, Number.NaN] : [below, threshold, nextFloat32Above(threshold)];
}

/** Every feature that is split, in turn missing, infinite, zero and nearly zero, and of categories that no split lists. */
function oddRows(model: TreeModel, drawRow: () => number[]): number[][] {
  const rows: number[][] = [];
  const numbers = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0];
  const tinyNumbers = [TINY, -TINY, nextFloat32Above(TINY), -nextFloat32Above(TINY)];
  for (const [feature, { codes, thresholds }] of [...splitsByFeature(model)].slice(0, MAX_ODD_FEATURES)) {
    const all = codes.size === 0 ? [...numbers, ...tinyNumbers] : [...numbers, ...ODD_CODES, ...unseenCodes(codes)];
    // A threshold at the largest float32 tells missing values from others; libraries differ on which of them Infinity is.
    const odd = thresholds.has(MAX_FLOAT32) ? all.filter((value) => value !== Number.POSITIVE_INFINITY) : all;
    for (const value of odd) {
      const row = drawRow();
      row[feature] = value;
      rows.push(row);
    }
  }
  return rows;
}

/** The smallest code that no split lists, and the one after the largest. */
function unseenCodes(codes: ReadonlySet<number>): number[] {
  let gap = 0;
  let largest = 0;
  for (const code of codes) largest = Math.max(largest, code);
  while (codes.has(gap)) gap++;
  return [gap, largest + 1];
}
