import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyLinearModel, anyRow, anyTreeModel } from '../arbitrary-models.fixture.js';
import { withCalibration } from '../calibrated-model.js';
import { certificateRows } from '../imports/certificate-rows.js';
import { goldenImports } from '../imports/golden-imports.fixture.js';
import { fromLightgbm } from '../imports/lightgbm.js';
import { fromXgboost } from '../imports/xgboost.js';
import { treeModel } from '../tree-model.js';
import { toXgboostJson } from './xgboost-json.js';

const unproven = { withoutCertificate: true } as const;
const lightgbm = (name: string) =>
  fromLightgbm(goldenImports('lightgbm').find((one) => one.name === `lightgbm-${name}`)!.text, unproven).model;
const stump = treeModel({
  featureNames: ['AMOUNT'],
  baseMargin: 20,
  trees: [
    {
      feature: Int32Array.of(0, -1, -1),
      threshold: Float32Array.of(3.4028234663852886e38, 0, 0),
      left: Int32Array.of(1, -1, -1),
      right: Int32Array.of(2, -1, -1),
      missingLeft: Uint8Array.of(0, 0, 0),
      value: Float64Array.of(0, -0.5, 0.25),
      cover: Float64Array.of(3, 2, 1),
    },
  ],
});

describe('toXgboostJson', () => {
  it('is what XGBoost 3.2 scored as recorded', () => {
    const goldens = JSON.parse(readFileSync(new URL('xgboost-json.golden.json', import.meta.url), 'utf8')) as {
      exports: { name: string; sha256: string; rowsSeed: number; margins: number[] }[];
    };
    const sources = { stump, none: treeModel({ featureNames: ['a'], baseMargin: -3.5, trees: [] }) };
    expect(goldens.exports.length).toBeGreaterThan(3);
    for (const { name, sha256, rowsSeed, margins } of goldens.exports) {
      const model = name in sources ? sources[name as keyof typeof sources] : lightgbm(name);
      const text = toXgboostJson(model);
      expect(createHash('sha256').update(text).digest('hex')).toBe(sha256);
      const rows = certificateRows(model, { seed: rowsSeed, splits: 60, randomRows: 20 });
      expect(rows).toHaveLength(margins.length);
      rows.forEach((row, i) => expect(Math.abs(model.margin(row) - margins[i]!)).toBeLessThan(1e-6));
    }
  });

  it('comes back with the same margins, but for the rounding of leaves', () =>
    fc.assert(
      fc.property(anyTreeModel, fc.array(anyRow, { maxLength: 10 }), (model, rows) => {
        const back = fromXgboost(toXgboostJson(model), unproven).model;
        expect(back.featureNames).toEqual(model.featureNames);
        for (const row of rows) expect(Math.abs(back.margin(row) - model.margin(row))).toBeLessThan(2e-6);
      }),
    ));

  it('gives back what came from XGBoost', () => {
    for (const { name, json, options, rows } of goldenImports('xgboost')) {
      const { model } = fromXgboost(json, { ...unproven, ...options });
      if (model.kind === 'linear') continue;
      const { model: back } = fromXgboost(toXgboostJson(model), unproven);
      for (const row of rows) expect(Math.abs(back.margin(row) - model.margin(row)), name).toBeLessThan(1e-6);
    }
  });

  it('refuses what XGBoost would score otherwise', () => {
    const refuses = (run: () => unknown, message: string) => {
      expect(run).toThrow(message);
      expect(run).toThrow(expect.objectContaining({ code: 'UNSUPPORTED_MODEL' }));
    };
    const [linear] = fc.sample(anyLinearModel, 1);
    refuses(() => toXgboostJson(linear!), 'a linear model, expected trees');
    refuses(() => toXgboostJson(lightgbm('zero-as-missing')), 'take zero for missing');
    refuses(() => toXgboostJson(treeModel({ ...stump, link: 'exp2' })), 'the link exp2');
    const calibrated = withCalibration(stump, { kind: 'prior', logOddsShift: -2 });
    refuses(() => toXgboostJson(calibrated), 'a prior calibration');
    refuses(() => toXgboostJson(treeModel({ ...stump, featureNames: ['a<b'] })), 'XGBoost allows no');
    const byCategory = {
      ...stump.trees[0]!,
      threshold: Float32Array.of(0, 0, 0),
      categoryStarts: Int32Array.of(0, 1, 1, 1),
      categories: Int32Array.of(4),
    };
    refuses(
      () => toXgboostJson(treeModel({ ...stump, trees: [...stump.trees, byCategory] })),
      'both by threshold and by category',
    );
    const huge = { ...stump.trees[0]!, value: Float64Array.of(0, 1e40, 0) };
    refuses(() => toXgboostJson(treeModel({ ...stump, trees: [huge] })), 'no float32 holds');
  });
});
