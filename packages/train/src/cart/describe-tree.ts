import { type OptionKinds, shortestFloat32, showValue } from '@fraudops/core';
import type { TreeModel } from '@fraudops/model';
import { requireOptions } from '../required-arguments.js';
import { TrainError } from '../train-error.js';
import { requireOption } from '../training-data.js';
import { float32Below } from './cart-tree.js';

/** Most leaves that are written out: nobody reads more. */
const MAX_DESCRIBED_LEAVES = 512;

/** Options of {@link describeTree}. */
export interface DescribeTreeOptions {
  /** Significant digits of thresholds, 1 to 9, such as 4 for a slide. Rules are then rounded; default: as many digits as keep them exact. */
  readonly digits?: number;
}

const OPTIONS: OptionKinds<DescribeTreeOptions> = { digits: 'checked' };

/**
 * A tree as rules that a person reads. Thresholds are written with as few digits as tell them apart from other float32, and with < where
 * that takes fewer: x < 2.5 is x <= 2.4999998 for every float32. Characters of a name that would break a line or hide text are written as
 * escapes, such as \u{a}.
 *
 * @param position which tree of the model; default the first
 * @param options see {@link DescribeTreeOptions}
 * @throws {TrainError} INVALID_OPTION when there is no such tree, or when it has more than 512 leaves; INVALID_VALUE for what is no tree model
 * @example
 * describeTree(trainCart(matrix, labels, { depth: 1 }));
 * // if AMOUNT < 220.5:
 * //   0.31 % fraud (cover 9,870)
 * // else, or if missing:
 * //   64.6 % fraud (cover 130)
 */
export function describeTree(model: TreeModel, position = 0, options: DescribeTreeOptions = {}): string {
  const trees: unknown = (model as Partial<TreeModel> | null | undefined)?.trees;
  if (!Array.isArray(trees)) {
    throw new TrainError('INVALID_VALUE', `describeTree: model is ${showValue(model)}, expected a tree model`);
  }
  requireOptions('describeTree', options, OPTIONS);
  const digits = requireOption('describeTree: digits', options.digits, { low: 1, high: 9, default: 9, whole: true });
  const tree = Number.isInteger(position) ? model.trees[position] : undefined;
  if (!tree) {
    throw new TrainError(
      'INVALID_OPTION',
      `describeTree: there is no tree ${showValue(position)}, the model has ${model.trees.length}, counted from 0`,
    );
  }
  const leaves = tree.feature.filter((feature) => feature === -1).length;
  if (leaves > MAX_DESCRIBED_LEAVES) {
    throw new TrainError(
      'INVALID_OPTION',
      `describeTree: the tree has ${leaves} leaves, at most ${MAX_DESCRIBED_LEAVES} are described; train with less depth, or use trainCart`,
    );
  }
  const lines: string[] = [];
  const pending: (string | { readonly node: number; readonly indent: string })[] = [{ node: 0, indent: '' }];
  // A stack of what is still to be written, since an imported tree may be deep.
  while (pending.length > 0) {
    const next = pending.pop()!;
    if (typeof next === 'string') {
      lines.push(next);
      continue;
    }
    const { node, indent } = next;
    if (tree.feature[node] === -1) {
      lines.push(`${indent}${leafText(model, tree.value[node]!, tree.cover[node]!)}`);
      continue;
    }
    const goesLeft = tree.missingLeft[node] === 1;
    lines.push(`${indent}if ${conditionText(model, position, node, digits)}${goesLeft ? ', or missing' : ''}:`);
    pending.push({ node: tree.right[node]!, indent: `${indent}  ` });
    pending.push(`${indent}else${goesLeft ? '' : ', or if missing'}:`);
    pending.push({ node: tree.left[node]!, indent: `${indent}  ` });
  }
  return lines.join('\n');
}

function conditionText(model: TreeModel, position: number, node: number, digits: number): string {
  const tree = model.trees[position]!;
  const name = visibleName(model.featureNames[tree.feature[node]!]!);
  const start = tree.categoryStarts?.[node] ?? 0;
  const end = tree.categoryStarts?.[node + 1] ?? 0;
  if (end > start) return `${name} in {${[...tree.categories!.subarray(start, end)].join(', ')}}`;
  const nearZero = tree.zeroIsMissing?.[node] === 1 ? ' (0 counts as missing)' : '';
  return `${name} ${boundText(tree.threshold[node]!, digits)}${nearZero}`;
}

/** Control, format and surrogate characters and line separators as escapes. */
function visibleName(name: string): string {
  return name.replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`);
}

/** What values that go left are, in the shorter of two ways. */
function boundText(threshold: number, digits: number): string {
  const atMost = String(shortestFloat32(threshold));
  const above = -float32Below(-threshold);
  const below = Number.isFinite(above) ? String(shortestFloat32(above)) : atMost;
  const rounded = (text: string) => String(Number(Number(text).toPrecision(digits)));
  return below.length < atMost.length ? `< ${rounded(below)}` : `<= ${rounded(atMost)}`;
}

function leafText(model: TreeModel, value: number, cover: number): string {
  const rows = `cover ${Number(cover.toPrecision(6)).toLocaleString('en-US')}`;
  if (model.link === 'identity' && model.trees.length === 1) return `${Number((100 * value).toPrecision(3))} % fraud (${rows})`;
  return `adds ${Number(value.toPrecision(4))} (${rows})`;
}
