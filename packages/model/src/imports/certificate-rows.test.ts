import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyLinearModel, anyTreeModel } from '../arbitrary-models.fixture.js';
import { linearModel } from '../linear-model.js';
import { treeModel } from '../tree-model.js';
import { certificateRows } from './certificate-rows.js';
import { goldenImports } from './golden-imports.fixture.js';
import { fromLightgbm } from './lightgbm.js';
import { certify } from './parity-certificate.js';
import { fromXgboost } from './xgboost.js';

const unproven = { withoutCertificate: true } as const;
const models = () => [
  ...goldenImports('xgboost').map(({ json, options }) => fromXgboost(json, { ...unproven, ...options }).model),
  ...goldenImports('lightgbm').map(({ text }) => fromLightgbm(text, unproven).model),
];

describe('certificateRows', () => {
  it('shows every kind of value that the model decides on', () => {
    for (const model of models()) {
      const rows = certificateRows(model, { seed: 1 });
      const { rowsOfKind } = certify(model, { rows, margins: rows.map((row) => model.margin(row)) });
      expect(rowsOfKind.missing).toBeGreaterThan(0);
      if (model.kind === 'trees') expect(rowsOfKind.belowThreshold).toBeGreaterThan(0);
    }
  });

  it('makes rows of float32 numbers, the same for the same seed', () =>
    fc.assert(
      fc.property(fc.oneof(anyTreeModel, anyLinearModel), fc.integer(), (model, seed) => {
        const rows = certificateRows(model, { seed, randomRows: 5 });
        expect(certificateRows(model, { seed, randomRows: 5 })).toEqual(rows);
        for (const row of rows) expect(row.map(Math.fround)).toEqual(row);
        certify(model, { rows, margins: rows.map((row) => model.margin(row)) });
      }),
      { numRuns: 50 },
    ));

  it('notices every leaf that is changed and every threshold that moves by one float32', () => {
    const { model } = fromXgboost(goldenImports('xgboost').find(({ name }) => name.endsWith('numeric'))!.json, unproven);
    if (model.kind !== 'trees') throw new Error('expected trees');
    const rows = certificateRows(model, { seed: 3 });
    const margins = rows.map((row) => model.margin(row));
    let missed = 0;
    let changes = 0;
    for (const [t, tree] of model.trees.entries()) {
      for (const node of tree.feature.keys()) {
        const value = tree.value.with(node, tree.value[node]! + 0.01);
        const bits = new Int32Array(tree.threshold.slice().buffer);
        bits[node]! += 1;
        const altered = tree.feature[node] === -1 ? { ...tree, value } : { ...tree, threshold: new Float32Array(bits.buffer) };
        const other = treeModel({ ...model, trees: model.trees.with(t, altered) });
        changes++;
        if (rows.every((row, i) => Math.abs(other.margin(row) - margins[i]!) < 1e-6)) missed++;
      }
    }
    // A threshold between leaves of nearly the same value, or below one on the same feature, may move unseen.
    expect(missed / changes).toBeLessThan(0.02);
  });

  it('refuses options out of range and rows beyond the bound', () => {
    const [model] = models();
    expect(() => certificateRows(model!, { seed: 1, splits: -1 })).toThrow('splits is -1, expected a whole number from 0');
    const wide = linearModel({
      featureNames: Array.from({ length: 9000 }, (_, i) => `f${i}`),
      weights: new Float64Array(9000),
      intercept: 0,
      missingValues: new Float64Array(9000),
    });
    expect(() => certificateRows(wide, { seed: 1 })).toThrow('ask for fewer splits');
  });
});

describe('certify', () => {
  const [model] = models();
  const rows = certificateRows(model!, { seed: 1 });
  const margins = rows.map((row) => model!.margin(row));

  it('names the row that differs most and leaves small differences', () => {
    const certificate = certify(model!, { rows, margins: margins.with(5, margins[5]! + 5e-7) });
    expect(certificate.largestDifference).toBeCloseTo(5e-7, 12);
    expect(certificate.largestDifferenceRow).toBe(5);
    expect(certificate.rowCount).toBe(rows.length);
    const off = margins.with(5, margins[5]! + 1e-5).with(9, margins[9]! - 1e-3);
    expect(() => certify(model!, { rows, margins: off })).toThrow('row 9 scores');
    expect(certify(model!, { rows, margins: off }, { tolerance: 0.01 }).compared).toBe('margins');
  });

  it('takes null for missing and compares probabilities', () => {
    const withNull = rows.map((row) => row.map((value) => (Number.isNaN(value) ? null : value)));
    const probabilities = rows.map((row) => model!.score(row));
    expect(certify(model!, { rows: withNull, probabilities })).toMatchObject({ compared: 'probabilities', largestDifference: 0 });
  });

  it('asks for the kinds of rows on which libraries differ', () => {
    expect(() => certify(model!, { rows: rows.slice(-1), margins: margins.slice(-1) })).toThrow(
      expect.objectContaining({ code: 'CERTIFICATE_FAILED', message: expect.stringContaining('no rows with') }),
    );
  });

  it.each([
    [{ rows: [], margins: [] }, 'no rows'],
    [{ rows }, 'neither margins nor probabilities'],
    [{ rows, margins: [1] }, '1 margins for'],
    [{ rows, margins: margins.with(3, Number.NaN) }, 'margins[3] is NaN'],
    [{ rows, margins: margins.with(3, '1' as unknown as number) }, 'margins[3] is "1"'],
    [{ rows, probabilities: margins.with(3, null as unknown as number) }, 'probabilities[3] is null'],
    [
      { rows: rows.with(2, rows[2]!.with(1, 'x' as unknown as number)), margins },
      'rows[2][1] is "x", expected a number, or null',
    ],
    [{ rows: rows.with(2, null as unknown as number[]), margins }, 'rows[2] is null, expected an array'],
  ])('refuses a reference that does not fit, %#', (reference, message) => {
    expect(() => certify(model!, reference)).toThrow(message);
  });
});
