import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { certificateRows } from '../imports/certificate-rows.js';
import { type LinearModel, linearModel } from '../linear-model.js';
import type { Link } from '../link.js';
import { treeModel } from '../tree-model.js';
import golden from './foreign-files.golden.json' with { type: 'json' };
import { type FromOnnxOptions, fromOnnx } from './from-onnx.js';
import { GraphBuilder } from './graph-builder.js';
import { ELEMENT_TYPES, ML_DOMAIN } from './onnx-graph.js';
import { onnxScores } from './onnx-runtime.fixture.js';
import { randomRows, randomTreeModel } from './random-trees.fixture.js';
import { toOnnx } from './to-onnx.js';
import { writeOnnx } from './write-onnx.js';

const unproven = { withoutCertificate: true };
const unsupported = (message: string) =>
  expect.objectContaining({ code: 'UNSUPPORTED_MODEL', message: expect.stringContaining(message) });

const shared = new URL('../../../../../shared/golden/', import.meta.url);

/** A file with the given nodes from `features` [N, 2] to `y`. */
function fileOf(build: (graph: GraphBuilder) => void): Uint8Array {
  const graph = new GraphBuilder();
  build(graph);
  return writeOnnx({
    irVersion: 8,
    producerName: '',
    producerVersion: '',
    opsets: new Map([
      ['', 17],
      [ML_DOMAIN, 3],
    ]),
    metadata: new Map(),
    graph: {
      name: 'test',
      inputs: [{ name: 'features', elementType: ELEMENT_TYPES.float, shape: [undefined, 2] }],
      outputs: [{ name: 'y', elementType: ELEMENT_TYPES.float, shape: [undefined, 1] }],
      initializers: graph.initializers,
      nodes: graph.nodes,
    },
  });
}

describe('fromOnnx of what toOnnx wrote', () => {
  it('gives back a tree model, to the bit', () => {
    const settings = fc.record({
      seed: fc.nat(),
      trees: fc.integer({ min: 0, max: 10 }),
      splits: fc.integer({ min: 0, max: 30 }),
      link: fc.constantFrom<Link>('logistic', 'identity', 'exp2'),
    });
    fc.assert(
      fc.property(settings, ({ seed, trees, splits, link }) => {
        const model = randomTreeModel({ seed, trees, splits, features: 7, leafSize: 0.3, parts: { link } });
        const { model: again } = fromOnnx(toOnnx(model), unproven);
        expect(again.featureNames).toEqual(model.featureNames);
        expect((again as typeof model).link).toBe(link);
        for (const row of randomRows(model, 50, seed)) {
          expect(again.margin(row)).toBe(model.margin(row));
          expect(again.score(row)).toBe(model.score(row));
        }
      }),
      { numRuns: 60 },
    );
  });

  it('gives back categories and splits where zero is missing as they were, without copies', () => {
    const model = randomTreeModel({ seed: 4, trees: 5, splits: 40, features: 6, leafSize: 1 });
    const again = fromOnnx(toOnnx(model), unproven).model as typeof model;
    const counts = (trees: typeof model.trees) =>
      trees.map(({ feature, categories, cover }) => [
        feature.length,
        categories?.length,
        cover.reduce((sum, each) => sum + each),
      ]);
    expect(counts(again.trees)).toEqual(counts(model.trees));
  });

  it.each([undefined, { kind: 'platt', slope: 1.7, intercept: -0.3 } as const, { kind: 'prior', logOddsShift: -2.5 } as const])(
    'gives back the calibration %j of trees and of linear models',
    (calibration) => {
      const trees = randomTreeModel({ seed: 4, trees: 3, splits: 5, features: 2, leafSize: 1, parts: { calibration } });
      expect(fromOnnx(toOnnx(trees), unproven).model.calibration).toEqual(calibration);
      const parts = { featureNames: ['a', 'b'], weights: [0.1, -3], intercept: 0.7, missingValues: [1 / 3, 2], calibration };
      const { model, warnings } = fromOnnx(toOnnx(linearModel(parts)), unproven);
      expect(model.toJson()).toEqual(linearModel(parts).toJson());
      expect(warnings).toEqual([]);
    },
  );
});

describe('fromOnnx of files of others', () => {
  const number = (value: unknown) => (value === null ? Number.NaN : Number(value));

  it.each(Object.entries(golden))('scores %s as onnxruntime 1.30.0 does', (_name, { onnx, rows, probabilities, options }) => {
    const bytes = Buffer.from(onnx, 'base64');
    const { model } = fromOnnx(bytes, { ...unproven, ...(options as FromOnnxOptions) });
    rows.forEach((row, i) => expect(Math.abs(model.score(row.map(number)) - probabilities[i]!)).toBeLessThan(1e-6));
  });

  it.each(['xgb_numeric', 'xgb_binary_cat'])('scores %s as XGBoost 1.7.4 does', (name) => {
    if (!existsSync(new URL(`${name}.onnx`, shared))) return;
    const { rows, margin } = JSON.parse(readFileSync(new URL(`${name}.expected.json`, shared), 'utf8')) as {
      rows: (number | null)[][];
      margin: number[];
    };
    const { model } = fromOnnx(readFileSync(new URL(`${name}.onnx`, shared)), unproven);
    rows.forEach((row, i) => expect(model.margin(row.map(number))).toBeCloseTo(margin[i]!, 5));
  });

  it('certifies by rows that the other library scored, and refuses without', async () => {
    const bytes = toOnnx(randomTreeModel({ seed: 9, trees: 4, splits: 12, features: 4, leafSize: 1 }));
    const rows = certificateRows(fromOnnx(bytes, unproven).model, { seed: 1 });
    const probabilities = await onnxScores(bytes, rows);
    expect(fromOnnx(bytes, { certify: { rows, probabilities } }).certificate).toMatchObject({ rowCount: rows.length });
    probabilities[3]! += 1e-3;
    expect(() => fromOnnx(bytes, { certify: { rows, probabilities } })).toThrow(
      expect.objectContaining({ code: 'CERTIFICATE_FAILED' }),
    );
    expect(() => fromOnnx(bytes, {})).toThrow(expect.objectContaining({ code: 'CERTIFICATE_MISSING' }));
  });
});

describe('fromOnnx refuses', () => {
  it('operators that no model of this package has, by name', () => {
    const bytes = fileOf((graph) => {
      graph.add('Softplus', ['features'], 'h');
      graph.add('Sigmoid', ['h'], 'y');
    });
    expect(() => fromOnnx(bytes, unproven)).toThrow(unsupported('operator "Softplus"; run the file by onnxRuntimeModel'));
  });

  it('a sum, until the caller says what it is', () => {
    const bytes = fileOf((graph) => graph.add('MatMul', ['features', graph.doubles('w', [2, 1], [1, 2])], 'y'));
    expect(() => fromOnnx(bytes, unproven)).toThrow(unsupported('pass sumIs'));
    const options = { ...unproven, sumIs: 'margin', missingValues: [0, 0] } as const;
    expect(fromOnnx(bytes, options).model.margin([1, 2])).toBe(5);
  });

  it('a linear model that says nothing of missing values, until the caller does', () => {
    const bytes = fileOf((graph) => {
      graph.add('MatMul', ['features', graph.doubles('w', [2, 1], [1, 2])], 'm');
      graph.add('Sigmoid', ['m'], 'y');
    });
    expect(() => fromOnnx(bytes, unproven)).toThrow(unsupported('what a missing f0 counts as; pass missingValues'));
    const missing = (missingValues: FromOnnxOptions['missingValues']) =>
      (fromOnnx(bytes, { ...unproven, missingValues }).model as LinearModel).missingValues;
    expect(missing([3, 4])).toEqual([3, 4]);
    expect(missing({ f1: 4, f0: 3 })).toEqual([3, 4]);
    expect(missing(0.5)).toEqual([0.5, 0.5]);
    expect(() => missing({ f0: 3 })).toThrow(unsupported('what a missing f1 counts as'));
    expect(() => missing({ f0: 3, AMOUNT: 4 })).toThrow(
      expect.objectContaining({ code: 'FEATURE_MISMATCH', message: expect.stringContaining('missingValues names AMOUNT') }),
    );
    expect(() => missing([3, '4' as never])).toThrow('missingValues[1]: "4", expected a number');
    for (const [bad, shown] of [
      [null, 'null'],
      ['3', '"3"'],
      [true, 'true'],
    ] as const) {
      const refused = {
        code: 'INVALID_OPTION',
        message: expect.stringContaining(`missingValues is ${shown}, expected a number`),
      };
      expect(() => missing(bad as never)).toThrow(expect.objectContaining(refused));
    }
  });

  it('an output that does not exist, and as many names as there are no features', () => {
    const bytes = toOnnx(treeModel({ featureNames: ['a', 'b'], baseMargin: 0, trees: [] }));
    expect(() => fromOnnx(bytes, { ...unproven, output: 'q' })).toThrow(unsupported('no output q, expected one of probability'));
    expect(() => fromOnnx(bytes, { ...unproven, featureNames: ['a'] })).toThrow(
      expect.objectContaining({ code: 'FEATURE_MISMATCH' }),
    );
  });

  it('columns that double with every node, within bounds of time and memory', () => {
    const bytes = fileOf((graph) => {
      let last = 'features';
      for (let i = 0; i < 60; i++) {
        graph.add('Concat', [last, last], `c${i}`, { axis: { kind: 'int', value: 1 } });
        last = `c${i}`;
      }
      graph.add('Sigmoid', [last], 'y');
    });
    expect(() => fromOnnx(bytes, unproven)).toThrow(unsupported('Concat of 16384 columns, at most 10000 are allowed'));
  });

  it('more copies of columns than any pipeline makes', () => {
    const wide = { kind: 'floats', value: Float32Array.of(1) } as const;
    const bytes = fileOf((graph) => {
      let last = 'features';
      for (let i = 0; i < 12; i++) {
        graph.add('Concat', [last, last], `c${i}`, { axis: { kind: 'int', value: 1 } });
        last = `c${i}`;
      }
      for (let i = 0; i < 200; i++) graph.add('Scaler', [last], `s${i}`, { offset: wide, scale: wide }, ML_DOMAIN);
      graph.add('Sigmoid', ['s0'], 'y');
    });
    expect(() => fromOnnx(bytes, unproven)).toThrow(expect.objectContaining({ code: 'TOO_LARGE' }));
  });

  it('what is no ONNX file', () => {
    for (const bytes of [new Uint8Array(0), new TextEncoder().encode('{"model": 1}'), Uint8Array.of(0x3b, 0x3b)]) {
      expect(() => fromOnnx(bytes, unproven)).toThrow(expect.objectContaining({ code: 'INVALID_MODEL' }));
    }
  });
});
