import { describe, expect, it } from 'vitest';
import { linearModel } from '../linear-model.js';
import { goesLeft } from '../scoring/split-rule.js';
import type { TreeArrays } from '../tree-arrays.js';
import { treeModel } from '../tree-model.js';
import { certificateRows } from './certificate-rows.js';
import { goldenImports } from './golden-imports.fixture.js';
import { certify } from './parity-certificate.js';
import { fromLightgbm } from './lightgbm.js';
import { fromXgboost } from './xgboost.js';

const unproven = { withoutCertificate: true } as const;
const { model } = fromXgboost(goldenImports('xgboost').find(({ name }) => name.endsWith('numeric'))!.json, unproven);
if (model.kind !== 'trees') throw new Error('expected trees');

const linear = linearModel({ featureNames: ['a', 'b', 'c'], weights: [1, 2, 3], intercept: 0.5, missingValues: [0, 0, 0] });
const failed = (message: string) =>
  expect.objectContaining({ code: 'CERTIFICATE_FAILED', message: expect.stringContaining(message) });

describe('coverage of a certificate', () => {
  it('is refused when a few rows have every kind of value and show little of the trees', () => {
    const rows = certificateRows(model, { seed: 1 });
    // As few rows as have every kind: one wherever a threshold is hit, and one for each odd value.
    const seen = new Set<string>();
    const few = rows.filter((row) => {
      const kinds = kindsOf(row);
      if (kinds.every((kind) => seen.has(kind))) return false;
      for (const kind of kinds) seen.add(kind);
      return true;
    });
    const wrong = treeModel({
      ...model,
      trees: model.trees.map((tree) => {
        // Every leaf that the few rows don't reach has another value.
        const reached = new Set(few.map((row) => leafOf(tree, row)));
        return { ...tree, value: tree.value.map((value, node) => (reached.has(node) ? value : value + 5)) };
      }),
    });
    const margins = few.map((row) => model.margin(row));
    expect(few.map((row) => wrong.margin(row))).toEqual(margins);
    expect(() => certify(wrong, { rows: few, margins })).toThrow(failed('splits, expected at least'));
  });

  it('stands in the certificate', () => {
    const rows = certificateRows(model, { seed: 1 });
    const { coverage } = certify(model, { rows, margins: rows.map((row) => model.margin(row)) });
    const total = model.trees.reduce((sum, { feature }) => sum + feature.filter((position) => position >= 0).length, 0);
    expect(coverage).toMatchObject({ of: 'splits', total });
    expect(coverage.required).toBeGreaterThan(0.75 * total);
    expect(coverage.shown).toBeGreaterThanOrEqual(coverage.required);
  });

  it('is reached by the rows that certificateRows makes, whatever the seed', () => {
    const models = [
      ...goldenImports('xgboost').map(({ json, options }) => fromXgboost(json, { ...unproven, ...options }).model),
      ...goldenImports('lightgbm').map(({ text }) => fromLightgbm(text, unproven).model),
    ];
    for (const [seed, one] of models.entries()) {
      const rows = certificateRows(one, { seed: `rows ${seed}`, randomRows: 0 });
      const { coverage } = certify(one, { rows, margins: rows.map((row) => one.margin(row)) });
      expect(coverage.shown).toBeGreaterThanOrEqual(coverage.required);
    }
  });

  it('asks of linear models for every weight, and for no missing values', () => {
    const rows = certificateRows(linear, { seed: 1, randomRows: 0, missing: false });
    expect(rows.flat().some(Number.isNaN)).toBe(false);
    const marginsOf = (some: number[][]) => some.map((row) => linear.margin(row));
    expect(certify(linear, { rows, margins: marginsOf(rows) }).coverage).toEqual({
      of: 'weights',
      total: 3,
      shown: 3,
      required: 3,
    });
    const constant = rows.map((row) => row.with(2, 1));
    expect(() => certify(linear, { rows: constant, margins: marginsOf(constant) })).toThrow(failed('2 of 3 weights'));
    const two = rows.slice(0, 2);
    expect(() => certify(linear, { rows: two, margins: marginsOf(two) })).toThrow(failed('in at least 3 rows'));
  });
});

function kindsOf(row: number[]): string[] {
  const margins = [model.margin(row)];
  try {
    certify(model, { rows: [row], margins });
  } catch (error) {
    const { absent } = (error as { details: { absent?: string[] } }).details;
    return ['missing', 'infinite', 'atThreshold', 'aboveThreshold'].filter((kind) => !absent?.includes(kind));
  }
  return [];
}

function leafOf(tree: TreeArrays, row: number[]): number {
  let node = 0;
  while (tree.feature[node]! >= 0) node = goesLeft(tree, node, row[tree.feature[node]!]!) ? tree.left[node]! : tree.right[node]!;
  return node;
}
