import { featureMatrix } from '@fraudops/core';
import { badCallFailures, type FunctionName, functionsOf, type GoodCall, unknownOptionFailures } from '@fraudops/core/testing';
import { describe, expect, it } from 'vitest';
import * as api from './index.js';

const stump: api.TreeArrays = {
  feature: Int32Array.of(0, -1, -1),
  threshold: Float32Array.of(220, 0, 0),
  left: Int32Array.of(1, -1, -1),
  right: Int32Array.of(2, -1, -1),
  missingLeft: Uint8Array.of(1, 0, 0),
  value: Float64Array.of(0, -1, 4),
  cover: Float64Array.of(10, 9, 1),
};
const linearParts = { featureNames: ['AMOUNT', 'NIGHT'], weights: [0.01, 1], intercept: -5, missingValues: [50, 0] };
const linear = api.linearModel(linearParts);
const trees = api.treeModel({ featureNames: ['AMOUNT'], baseMargin: -3, trees: [stump] });
const matrix = featureMatrix(['AMOUNT'], [Float32Array.of(10, 300)]);
const linearMatrix = featureMatrix(['AMOUNT', 'NIGHT'], [Float32Array.of(10, 300), Float32Array.of(0, 1)]);
const rules = api.reasonRules({ groups: [{ id: 'amount', features: ['AMOUNT'], code: 'A', template: 'Amount {value}' }] }, [
  'AMOUNT',
]);
const rows = api.certificateRows(trees, { seed: 1 });
const reference = { rows, margins: rows.map((row) => trees.margin(row)) };
const xgboost = JSON.parse(api.toXgboostJson(trees)) as object;
const cart = { name: 'DTClassifier', root: { distribution: [[0.9, 0.1]] } };
const unproven = { withoutCertificate: true };

/** A good call of every exported function. */
const CALLS: Readonly<Record<Exclude<FunctionName<typeof api>, 'logistic'>, GoodCall>> = {
  certificateRows: { args: [trees, { seed: 1, splits: 3, randomRows: 2, missing: true }], options: [1] },
  certify: { args: [trees, reference, { tolerance: 1e-6 }], options: [1, 2] },
  explainBatch: { args: [trees, matrix] },
  fromLightgbm: { args: [lightgbmText(), { featureNames: ['a'], ...unproven }], options: [1] },
  fromMlCart: { args: [cart, { featureNames: ['AMOUNT'], ...unproven }], options: [1] },
  fromOnnx: {
    args: [api.toOnnx(trees), { featureNames: ['AMOUNT'], output: 'probability', missingValues: { AMOUNT: 0 }, ...unproven }],
    options: [1],
  },
  fromXgboost: { args: [xgboost, { featureNames: ['AMOUNT'], iterations: 'all', ...unproven }], options: [1] },
  linearModel: { args: [{ ...linearParts, calibration: { kind: 'platt', slope: 1, intercept: 0 } }], options: [0] },
  meanAbsoluteContributions: { args: [api.explainBatch(trees, matrix)] },
  mlflowModelFiles: {
    args: [
      trees,
      { createdMs: 0, modelUuid: '0'.repeat(32), versions: { python: '3.11.9' }, inputExample: [[1]], labelThreshold: 0.5 },
    ],
    options: [1],
  },
  modelFromJson: { args: [JSON.parse(JSON.stringify(linear.toJson()))] },
  onnxRuntimeModel: {
    args: ['none.onnx', { featureNames: ['a'], output: 'probability', intraOpThreads: 1, batchRows: 10 }],
    options: [1],
    lacksMore: true,
  },
  readBundle: { args: [new Map(api.writeBundle({ model: linear }).map(({ path, bytes }) => [path, bytes]))] },
  // Rules are made by reasonRules; here their members are out of reach.
  reasonCodes: { args: [{ ...trees.explain([300]) }, [300], Object.create(rules)] },
  reasonRules: {
    args: [
      {
        groups: [{ id: 'a', features: ['AMOUNT'], code: 'A', template: '{value}' }],
        formats: { AMOUNT: { decimals: 2, factor: 1 } },
        maxReasons: 3,
        minShare: 0.1,
      },
      ['AMOUNT'],
    ],
  },
  toOnnx: { args: [trees, { labelThreshold: 0.5 }], options: [1] },
  toXgboostJson: { args: [trees] },
  topContributions: { args: [{ ...trees.explain([300]) }, ['AMOUNT'], 3] },
  treeModel: {
    args: [
      {
        featureNames: ['AMOUNT'],
        baseMargin: -3,
        trees: [stump],
        link: 'logistic',
        calibration: { kind: 'isotonic', margins: [0], probabilities: [0.5] },
      },
    ],
    options: [0],
  },
  withCalibration: { args: [linear, { kind: 'prior', logOddsShift: 1 }] },
  writeBundle: { args: [{ model: linear, metrics: { rocAuc: 0.9 } }, { mlflow: { createdMs: 0 } }], options: [0, 1] },
};

const METHODS = [trees, linear].flatMap((model) => {
  const row = model === trees ? [300] : [300, 1];
  const ownMatrix = model === trees ? matrix : linearMatrix;
  return [
    ...(['score', 'margin', 'explain'] as const).map((name) => [`${model.kind}.${name}`, model[name].bind(model), row] as const),
    ...(['scoreBatch', 'marginBatch'] as const).map(
      (name) => [`${model.kind}.${name}`, model[name].bind(model), ownMatrix] as const,
    ),
  ];
});

/** A model of one constant tree. */
function lightgbmText(): string {
  const header = [
    'tree',
    'version=v4',
    'num_class=1',
    'num_tree_per_iteration=1',
    'max_feature_idx=0',
    'objective=binary sigmoid:1',
  ];
  const tree = ['Tree=0', 'num_leaves=1', 'num_cat=0', 'leaf_value=0.5', 'shrinkage=1', '', '', 'end of trees', ''];
  return [...header, 'feature_names=a', 'feature_infos=[0:1]', '', ...tree].join('\n');
}

const functions = functionsOf(api);

describe('arguments of every exported function', () => {
  // The logistic function takes any number, and nothing is done with it but arithmetic.
  it('has a good call of each', () =>
    expect(Object.keys(CALLS).concat('logistic').toSorted()).toEqual([...functions.keys()].toSorted()));

  it.each(Object.entries(CALLS))('%s refuses what is bad by errors of its own', async (name, call) => {
    expect(await badCallFailures(functions.get(name)!, call)).toEqual([]);
  });

  it.each(METHODS)('%s refuses what is bad by errors of its own', async (_, method, argument) => {
    expect(await badCallFailures(method as (...args: unknown[]) => unknown, { args: [argument] })).toEqual([]);
  });

  it.each(Object.entries(CALLS))('%s names an option that it does not know', async (name, call) => {
    expect(await unknownOptionFailures(functions.get(name)!, call)).toEqual([]);
  });
});

describe('values of a row', () => {
  it.each([trees, linear])('are numbers, or undefined for missing, in a $kind model', (model) => {
    const rest = model === trees ? [] : [1];
    expect(model.score([undefined as unknown as number, ...rest])).toBe(model.score([Number.NaN, ...rest]));
    for (const [value, shown] of [
      ['5', '"5"'],
      [null, 'null'],
      [true, 'true'],
    ] as const) {
      expect(() => model.score([value as unknown as number, ...rest])).toThrow(
        `row: value 0 is ${shown}, expected a number, NaN if missing`,
      );
    }
  });

  it('says what is no row', () => {
    expect(() => trees.score(undefined as unknown as number[])).toThrow('row: undefined, the model takes 1');
    expect(() => trees.score('5' as unknown as number[])).toThrow('row: "5", the model takes 1');
    expect(() => trees.explain([1, 2])).toThrow('row: 2 values, the model takes 1');
    expect(() => trees.scoreBatch([[1]] as never)).toThrow('matrix: an array of 1, expected a FeatureMatrix');
  });
});
