import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ModelError } from '../model-error.js';
import { fromMlCart } from './ml-cart.js';

const golden = JSON.parse(readFileSync(new URL('ml-cart.golden.json', import.meta.url), 'utf8')) as {
  oracle: string;
  json: string;
  rows: string[];
  probabilities: number[];
};
const rows = golden.rows.map((row) => row.split(',').map(Number));
const unproven = { withoutCertificate: true } as const;

function errorOf(run: () => unknown): ModelError {
  try {
    run();
  } catch (error) {
    if (error instanceof ModelError) return error;
    throw error;
  }
  throw new Error('expected a ModelError');
}

const leaf = (shares: number[]) => ({ distribution: [shares] });
const stump = (left: object, right: object) => ({
  name: 'DTClassifier',
  root: { splitColumn: 1, splitValue: 0.5, numberSamples: 10, left, right },
});

describe('fromMlCart', () => {
  it(`gives the shares of ${golden.oracle}`, () => {
    const { model, certificate, source } = fromMlCart(golden.json, { certify: { rows, probabilities: golden.probabilities } });
    // Sums of ml-cart may pass 1 by the last bit.
    expect(certificate!.largestDifference).toBeLessThan(1e-15);
    expect(certificate!.rowsOfKind.aboveThreshold).toBeGreaterThan(5);
    expect(model.link).toBe('identity');
    expect(source.library).toBe('ml-cart');
    rows.forEach((row, i) => expect(model.score(row)).toBe(Math.min(1, golden.probabilities[i]!)));
  });

  it('sends what equals the split value, and what is missing, right', () => {
    const { model, warnings } = fromMlCart(stump(leaf([1]), leaf([0.25, 0.75])), unproven);
    expect(model.featureNames).toEqual(['f0', 'f1']);
    expect([0.4999999701976776, 0.5, Number.NaN].map((x) => model.score([0, x]))).toEqual([0, 0.75, 0.75]);
    expect(warnings).toHaveLength(1);
  });

  it('counts rows at leaves from their siblings', () => {
    const { model, warnings } = fromMlCart(stump({ ...leaf([1]), numberSamples: 7 }, leaf([0, 1])), unproven);
    expect([...model.trees[0]!.cover]).toEqual([10, 7, 3]);
    expect(warnings).toEqual([]);
  });

  it.each([
    ['3 classes', 'UNSUPPORTED_MODEL', stump(leaf([1]), leaf([0, 0, 1]))],
    ['a regression tree', 'UNSUPPORTED_MODEL', stump(leaf([1]), { distribution: 3.5 })],
    ['expected DTClassifier', 'UNSUPPORTED_MODEL', { name: 'DTRegression', root: {} }],
    ['share of class 1', 'INVALID_MODEL', stump(leaf([1]), leaf([0, 1.5]))],
    ['distribution: absent', 'INVALID_MODEL', stump(leaf([1]), {})],
  ])('refuses by name: %s', (message, code, file) => {
    const error = errorOf(() => fromMlCart(file, unproven));
    expect(error.message).toContain(message);
    expect(error.code).toBe(code);
  });

  it('refuses names that are too few, and trees that go in circles', () => {
    const file = stump(leaf([1]), leaf([0, 1]));
    expect(errorOf(() => fromMlCart(file, { ...unproven, featureNames: ['a'] })).code).toBe('FEATURE_MISMATCH');
    file.root.left = file.root;
    expect(errorOf(() => fromMlCart(file, unproven)).code).toBe('TOO_LARGE');
    expect(errorOf(() => fromMlCart(file)).code).toBe('CERTIFICATE_MISSING');
  });
});
