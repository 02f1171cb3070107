import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ModelError } from '../model-error.js';
import { float32Rounding } from './float32-rounding.js';
import { type GoldenImport, goldenImports } from './golden-imports.fixture.js';
import { fromXgboost } from './xgboost.js';

const goldens = goldenImports('xgboost');
const golden = (name: string): GoldenImport => goldens.find((one) => one.name === `xgboost-${name}`)!;
const unproven = { withoutCertificate: true } as const;

interface LooseFile {
  version: number[];
  learner: {
    learner_model_param: Record<string, string>;
    objective: { name: string };
    gradient_booster: {
      name: string;
      model: { trees: Record<string, number[] & Record<string, string>>[]; tree_info: number[] };
    };
  };
}

/** A golden file with changes. */
function changed(name: string, change: (file: LooseFile) => void): LooseFile {
  const file = JSON.parse(golden(name).json) as LooseFile;
  change(file);
  return file;
}

function errorOf(run: () => unknown): ModelError {
  try {
    run();
  } catch (error) {
    if (error instanceof ModelError) return error;
    throw error;
  }
  throw new Error('expected a ModelError');
}

describe('fromXgboost', () => {
  it.each(goldens.map((one) => [one.name, one] as const))('scores %s as XGBoost does', (_, { json, ubj, rows, ...more }) => {
    for (const file of [json, Buffer.from(json), Buffer.from(ubj, 'base64')]) {
      const { model, certificate } = fromXgboost(file, { ...more.options, certify: { rows, margins: more.margins } });
      // Linear margins of rows with huge values are huge.
      if (model.kind === 'trees') expect(certificate!.largestDifference).toBeLessThan(1e-6);
      rows.forEach((row, i) => expect(Math.abs(model.score(row) - more.probabilities[i]!)).toBeLessThan(1e-6));
    }
  });

  it('gives the margin of XGBoost to the bit when leaves are added in float32', () => {
    for (const { name, json, rows, margins, options } of goldens) {
      // Dart multiplies leaves while it adds, which may round otherwise by the last bit; linear models have no leaves.
      if (name === 'xgboost-dart' || name === 'xgboost-linear') continue;
      const { model } = fromXgboost(json, { ...unproven, ...options });
      rows.forEach((row, i) => expect(Math.fround(model.margin(row) + float32Rounding(model, row)), name).toBe(margins[i]));
    }
  });

  it('names what the file says about itself', () => {
    const { source, warnings, categories, model } = fromXgboost(golden('categorical').json, unproven);
    expect(source).toEqual({ library: 'xgboost', version: '3.4.0', objective: 'binary:logistic' });
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain('scale_pos_weight was 5');
    expect(categories).toEqual([]);
    expect(model.featureNames).toEqual(['AMOUNT', 'AGE', 'RATIO', 'COUNT', 'MERCHANT']);
  });

  it('returns the categories of a data frame', () => {
    for (const file of [golden('pandas').json, Buffer.from(golden('pandas').ubj, 'base64')]) {
      const { categories } = fromXgboost(file, unproven);
      expect(categories).toEqual([{ feature: 'MERCHANT', values: Array.from({ length: 40 }, (_, i) => `shop-${i}`) }]);
    }
  });

  it('warns of a model without trees', () => {
    const file = changed('numeric', ({ learner }) => {
      const { model } = learner.gradient_booster as unknown as { model: Record<string, unknown> };
      Object.assign(model, { trees: [], tree_info: [], iteration_indptr: [0], gbtree_model_param: { num_trees: '0' } });
    });
    expect(fromXgboost(file, unproven).warnings).toEqual([expect.stringContaining('no trees')]);
  });

  it('asks which trees count after early stopping', () => {
    const { json } = golden('stopped-best');
    const error = errorOf(() => fromXgboost(json, unproven));
    expect(error.code).toBe('INVALID_MODEL');
    expect(error.message).toContain("pass iterations: 'best'");
    const treeCount = (iterations: 'best' | 'all') => {
      const { model } = fromXgboost(json, { ...unproven, iterations });
      return model.kind === 'trees' ? model.trees.length : 0;
    };
    expect(treeCount('all') - treeCount('best')).toBe(3);
    expect(errorOf(() => fromXgboost(golden('dart').json, { ...unproven, iterations: 'best' })).message).toContain(
      'no best_iteration',
    );
  });

  it('names features by number when nothing else does', () => {
    const file = changed('numeric', ({ learner }) => Object.assign(learner, { feature_names: [] }));
    expect(fromXgboost(file, unproven).model.featureNames).toEqual(['f0', 'f1', 'f2', 'f3', 'f4']);
    expect(fromXgboost(file, { ...unproven, featureNames: ['a', 'b', 'c', 'd', 'e'] }).model.featureNames).toEqual([
      'a',
      'b',
      'c',
      'd',
      'e',
    ]);
    expect(errorOf(() => fromXgboost(file, { ...unproven, featureNames: ['a'] })).code).toBe('FEATURE_MISMATCH');
  });

  it('reads base scores in all their forms', () => {
    const marginOf = (base: string, version: number[] = [3, 2, 0]) => {
      const file = changed('numeric', ({ learner }) => (learner.learner_model_param.base_score = base));
      const { model } = fromXgboost({ ...file, version }, unproven);
      return model.kind === 'trees' ? model.baseMargin : Number.NaN;
    };
    expect(marginOf('5E-1')).toBe(0);
    expect(marginOf('[5E-1]')).toBe(0);
    // XGBoost 3.2, output_margin of a model without effect at these base scores.
    expect(Math.fround(marginOf('[1E-9]'))).toBe(Math.fround(-13.81551));
    expect(Math.fround(marginOf('[9.9999994E-1]'))).toBe(Math.fround(13.74516));
    expect(marginOf('1E-9', [1, 7, 4])).toBeCloseTo(-20.723, 3);
    for (const base of ['', '[]', '1,5', '0x1', 'NaN']) {
      expect(errorOf(() => marginOf(base)).message).toContain('base_score');
    }
    expect(errorOf(() => marginOf('0E0', [2, 0, 0])).message).toContain('expected a probability');
  });

  it.each([
    ['multi:softprob', 'UNSUPPORTED_MODEL', ({ learner }: LooseFile) => (learner.objective.name = 'multi:softprob')],
    ['count:poisson', 'UNSUPPORTED_MODEL', ({ learner }: LooseFile) => (learner.objective.name = 'count:poisson')],
    ['num_class is 3', 'UNSUPPORTED_MODEL', ({ learner }: LooseFile) => (learner.learner_model_param.num_class = '3')],
    ['booster "gbforest"', 'UNSUPPORTED_MODEL', ({ learner }: LooseFile) => (learner.gradient_booster.name = 'gbforest')],
    ['XGBoost 4.0.0', 'UNSUPPORTED_VERSION', (file: LooseFile) => (file.version = [4, 0, 0])],
    [
      'leaves that hold several values',
      'UNSUPPORTED_MODEL',
      ({ learner }: LooseFile) => (learner.gradient_booster.model.trees[0]!.tree_param!.size_leaf_vector = '2'),
    ],
    ['tree_info[0]', 'INVALID_MODEL', ({ learner }: LooseFile) => (learner.gradient_booster.model.tree_info[0] = 1)],
    [
      'expected a node that no other leads to',
      'INVALID_MODEL',
      ({ learner: { gradient_booster } }: LooseFile) => {
        gradient_booster.model.trees[1]!.left_children![2] = 1;
        gradient_booster.model.trees[1]!.right_children![2] = 2;
      },
    ],
    [
      'expected the right one to be one more',
      'INVALID_MODEL',
      ({ learner }: LooseFile) => (learner.gradient_booster.model.trees[1]!.left_children![1] = 0),
    ],
    [
      'trees[1]',
      'INVALID_MODEL',
      ({ learner }: LooseFile) => (learner.gradient_booster.model.trees[1]!.split_indices![0] = 4_294_967_296),
    ],
    [
      'expected a whole number from 0 to 1',
      'INVALID_MODEL',
      ({ learner }: LooseFile) => (learner.gradient_booster.model.trees[1]!.default_left![0] = 2),
    ],
  ])('refuses by name: %s', (message, code, change) => {
    const error = errorOf(() => fromXgboost(changed('numeric', change), unproven));
    expect(error.message).toContain(message);
    expect(error.code).toBe(code);
  });

  it('refuses the binary format and bytes that are no text', () => {
    expect(errorOf(() => fromXgboost(Buffer.from('binf....'), unproven)).message).toContain('the old binary format');
    expect(errorOf(() => fromXgboost(Uint8Array.of(0xff, 0xfe), unproven)).message).toContain('not UTF-8');
    expect(errorOf(() => fromXgboost([], unproven)).message).toContain('an array of 0, expected an object');
  });

  it('asks for a certificate and refuses one that fails', () => {
    const { json, rows, margins } = golden('numeric');
    const error = errorOf(() => fromXgboost(json));
    expect(error.code).toBe('CERTIFICATE_MISSING');
    expect(error.message).toContain('certificateRows(model)');
    const wrong = margins.map((margin, i) => (i === 7 ? margin + 1e-3 : margin));
    const failed = errorOf(() => fromXgboost(json, { certify: { rows, margins: wrong } }));
    expect(failed.code).toBe('CERTIFICATE_FAILED');
    expect(failed.message).toContain('row 7');
  });

  const shared = new URL('../../../../../shared/golden/', import.meta.url);
  it.skipIf(!existsSync(shared)).each(['xgb_numeric', 'xgb_binary_cat'])('scores %s as XGBoost 1.7.4 does', (name) => {
    const expected = JSON.parse(readFileSync(new URL(`${name}.expected.json`, shared), 'utf8')) as {
      rows: (number | null)[][];
      margin: number[];
    };
    const { model } = fromXgboost(readFileSync(new URL(`${name}.json`, shared)), unproven);
    const rows = expected.rows.map((row) => row.map((value) => value ?? Number.NaN));
    rows.forEach((row, i) => expect(Math.abs(model.margin(row) - expected.margin[i]!)).toBeLessThan(1e-6));
    const ubj = new URL(`${name}.ubj`, shared);
    if (!existsSync(ubj)) return;
    expect(fromXgboost(readFileSync(ubj), unproven).model.toJson()).toEqual(model.toJson());
  });
});
