import { describe, expect, it } from 'vitest';
import { ModelError } from '../model-error.js';
import { type GoldenImport, goldenImports } from './golden-imports.fixture.js';
import { largestFloat32AtMost, nextFloat32Below } from '../float32-neighbours.js';
import { fromLightgbm } from './lightgbm.js';

const goldens = goldenImports('lightgbm');
const golden = (name: string): GoldenImport => goldens.find((one) => one.name === `lightgbm-${name}`)!;
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

describe('fromLightgbm', () => {
  it.each(goldens.map((one) => [one.name, one] as const))('scores %s as LightGBM does', (_, one) => {
    const { rows, margins, probabilities } = one;
    const files = [one.text, Buffer.from(one.text), one.text.replaceAll('\n', '\r\n'), one.dump, JSON.parse(one.dump) as object];
    for (const file of files) {
      const { model, certificate } = fromLightgbm(file, { certify: { rows, margins } });
      expect(certificate!.largestDifference).toBeLessThan(1e-12);
      rows.forEach((row, i) => expect(Math.abs(model.score(row) - probabilities[i]!)).toBeLessThan(1e-12));
    }
  });

  it('gives the same model from the text file and from the dump', () => {
    // The dump has thresholds and leaves with as many digits as the text.
    for (const { text, dump, rows } of goldens) {
      const [fromText, fromDump] = [fromLightgbm(text, unproven).model, fromLightgbm(dump, unproven).model];
      for (const row of rows) expect(fromDump.margin(row)).toBe(fromText.margin(row));
    }
  });

  it('names what the file says about itself', () => {
    const { source, warnings } = fromLightgbm(golden('sigmoid').text, unproven);
    expect(source).toEqual({ library: 'lightgbm', version: 'v4', objective: 'binary sigmoid:2' });
    expect(warnings).toEqual([expect.stringContaining('is_unbalance')]);
    expect(fromLightgbm(golden('categorical').text, unproven).warnings).toEqual([
      expect.stringContaining('scale_pos_weight was 4'),
    ]);
    expect(fromLightgbm(golden('numeric').text, unproven).warnings).toEqual([]);
  });

  it('returns the categories of a data frame', () => {
    for (const file of [golden('pandas').text, golden('pandas').dump]) {
      const { categories } = fromLightgbm(file, unproven);
      expect(categories).toEqual([{ feature: 'MERCHANT', values: Array.from({ length: 40 }, (_, i) => `shop-é${i}`) }]);
    }
    expect(fromLightgbm(golden('numeric').text, unproven).categories).toEqual([]);
  });

  it.each([
    ['the objective "multiclass num_class:3"', 'UNSUPPORTED_MODEL', /^objective=.*$/m, 'objective=multiclass num_class:3'],
    ['the objective "regression"', 'UNSUPPORTED_MODEL', /^objective=.*$/m, 'objective=regression'],
    ['no objective (a custom loss)', 'UNSUPPORTED_MODEL', /^objective=.*\n/m, ''],
    ['expected a sigmoid above 0', 'INVALID_MODEL', /^objective=.*$/m, 'objective=binary sigmoid:-1'],
    ['3 classes', 'UNSUPPORTED_MODEL', /^num_class=.*$/m, 'num_class=3'],
    ['format "v5"', 'UNSUPPORTED_VERSION', /^version=.*$/m, 'version=v5'],
    ['linear models in its leaves', 'UNSUPPORTED_MODEL', /^is_linear=0$/m, 'is_linear=1'],
    ['the file was cut off', 'INVALID_MODEL', /end of trees[^]*/, ''],
    ['expected Tree=0', 'INVALID_MODEL', /^Tree=0$/m, 'Tree=1'],
    ['the first line is not "tree"', 'INVALID_MODEL', /^tree\n/, ''],
    ['"0x10", expected a finite number', 'INVALID_MODEL', /^leaf_value=\S+/m, 'leaf_value=0x10'],
    ['num_leaves is "-3"', 'INVALID_MODEL', /^num_leaves=.*$/m, 'num_leaves=-3'],
    ['at most 4000000 are allowed', 'TOO_LARGE', /^num_leaves=.*$/m, 'num_leaves=999999999'],
    ['whose missing type is unknown', 'INVALID_MODEL', /^decision_type=\d+/m, 'decision_type=12'],
    ['lists the sizes of 3', 'INVALID_MODEL', /^tree_sizes=.*$/m, 'tree_sizes=1 2 3'],
  ])('refuses by name: %s', (message, code, from, to) => {
    const error = errorOf(() => fromLightgbm(golden('numeric').text.replace(from, to), unproven));
    expect(error.message).toContain(message);
    expect(error.code).toBe(code);
  });

  it('reads infinite thresholds, which tell missing values from all others', () => {
    const text = golden('complete')
      .text.replace(/^threshold=\S+/m, 'threshold=inf')
      .replace(/^decision_type=\d+/m, 'decision_type=8');
    const { model, warnings } = fromLightgbm(text, unproven);
    expect(model.trees[0]!.threshold[0]).toBe(3.4028234663852886e38);
    expect(model.trees[0]!.missingLeft[0]).toBe(0);
    expect(warnings).toEqual([expect.stringContaining('+Infinity')]);
    const negative = text.replace('threshold=inf', 'threshold=-inf');
    // The dump has -1e300 instead.
    const dump = golden('complete').dump.replace(/"threshold": [\d.e+-]+/, '"threshold": -1e300');
    for (const file of [negative, dump]) {
      const error = errorOf(() => fromLightgbm(file, unproven));
      expect(error.code).toBe('UNSUPPORTED_MODEL');
      expect(error.message).toContain('train with features that are finite or missing');
    }
  });

  it('takes the values that LightGBM takes for 0 to the side of 0', () => {
    const { model } = fromLightgbm(golden('zero-band').text, unproven);
    const band = Math.fround(1e-35);
    const thresholds = new Set(model.trees.flatMap((tree) => [...tree.threshold].filter((_, node) => tree.feature[node]! >= 0)));
    expect(thresholds).toEqual(new Set([band, nextFloat32Below(-band)]));
    const { text } = golden('zero-band');
    for (const [written, read] of [
      ['0', band],
      ['-0', band],
      ['1e-40', band],
      ['-1e-40', nextFloat32Below(-band)],
      ['2e-35', largestFloat32AtMost(2e-35)],
    ] as const) {
      const changed = fromLightgbm(text.replace(/^threshold=\S+/m, `threshold=${written}`), unproven).model;
      expect(changed.trees[0]!.threshold[0], written).toBe(read);
    }
  });

  it('takes a feature named __proto__ for one like others, in a dump too', () => {
    const { text, dump } = golden('numeric');
    for (const file of [text, dump]) {
      expect(fromLightgbm(file.replaceAll('AMOUNT', '__proto__'), unproven).model.featureNames[0]).toBe('__proto__');
    }
  });

  it('refuses margins and rows of certificates that are no numbers', () => {
    const { text, rows, margins } = golden('numeric');
    for (const odd of [null, '', [], '1', true]) {
      const certify = { rows, margins: margins.map((margin, i) => (i === 3 ? odd : margin)) as number[] };
      expect(errorOf(() => fromLightgbm(text, { certify })).message).toContain('margins[3] is');
    }
  });

  it('refuses a dump that goes in circles', () => {
    const dump = JSON.parse(golden('numeric').dump) as { tree_info: { tree_structure: Record<string, unknown> }[] };
    const root = dump.tree_info[0]!.tree_structure;
    root.left_child = root;
    expect(errorOf(() => fromLightgbm(dump, unproven)).code).toBe('TOO_LARGE');
  });

  it('takes margins of a certificate as raw scores and asks for a certificate', () => {
    expect(errorOf(() => fromLightgbm(golden('sigmoid').text)).code).toBe('CERTIFICATE_MISSING');
    const { text, rows, margins, probabilities } = golden('sigmoid');
    const { certificate } = fromLightgbm(text, { certify: { rows, probabilities } });
    expect(certificate!.compared).toBe('probabilities');
    const error = errorOf(() => fromLightgbm(text, { certify: { rows, margins: margins.map((margin) => 2 * margin) } }));
    expect(error.code).toBe('CERTIFICATE_FAILED');
  });
});
