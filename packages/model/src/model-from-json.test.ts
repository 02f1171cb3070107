import { isFraudOpsError } from '@fraudops/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyLinearModel, anyRow, anyTreeModel } from './arbitrary-models.fixture.js';
import { modelFromJson } from './model-from-json.js';

const linear = {
  format: 'fraudops.model',
  formatVersion: 1,
  kind: 'linear',
  featureNames: ['a'],
  intercept: 0,
  weights: [1],
  missingValues: [0],
};
const stump = {
  feature: [0, -1, -1],
  threshold: [1, 0, 0],
  left: [1, -1, -1],
  right: [2, -1, -1],
  missingLeft: [0, 0, 0],
  value: [0, 1, 2],
  cover: [2, 1, 1],
};
const trees = { format: 'fraudops.model', formatVersion: 1, kind: 'trees', featureNames: ['a'], baseMargin: 0, trees: [stump] };

describe('modelFromJson', () => {
  it('refuses a hole among the trees', () => {
    const holed: unknown[] = [stump];
    holed[2] = stump;
    expect(() => modelFromJson({ ...trees, trees: holed })).toThrow(
      expect.objectContaining({ code: 'INVALID_MODEL', message: expect.stringContaining('trees[1]') }),
    );
  });

  it('scores as before, bit for bit, after a round trip through text', () =>
    fc.assert(
      fc.property(fc.oneof(anyTreeModel, anyLinearModel), fc.array(anyRow, { maxLength: 20 }), (model, rows) => {
        const again = modelFromJson(JSON.parse(JSON.stringify(model.toJson())));
        expect(again.kind).toBe(model.kind);
        expect(again.toJson()).toEqual(model.toJson());
        for (const row of rows) {
          expect(again.margin(row)).toBe(model.margin(row));
          expect(again.score(row)).toBe(model.score(row));
        }
      }),
    ));

  it.each<[unknown, string, string]>([
    [null, 'INVALID_MODEL', 'model'],
    ['linear', 'INVALID_MODEL', 'model'],
    [[], 'INVALID_MODEL', 'model'],
    [{ ...linear, format: 'mlflow' }, 'INVALID_MODEL', 'model.format'],
    [{ ...linear, formatVersion: 2 }, 'UNSUPPORTED_VERSION', 'format version 2, this release reads 1'],
    [{ ...linear, kind: 'forest' }, 'INVALID_MODEL', 'model.kind'],
    [{ ...linear, calibration: {} }, 'INVALID_MODEL', 'calibration'],
    [{ ...linear, intercept: '0' }, 'INVALID_MODEL', 'model.intercept'],
    [{ ...linear, weights: 'abc' }, 'INVALID_MODEL', 'model.weights: expected an array'],
    [{ ...linear, weights: [null] }, 'INVALID_MODEL', 'weights[0]: null'],
    [{ ...linear, featureNames: [1] }, 'INVALID_MODEL', 'featureNames[0]'],
    [{ ...linear, weights: [1, 2] }, 'INVALID_MODEL', 'weights: 2 values for 1 features'],
    [{ ...trees, trees: [{ ...stump, categories: [] }] }, 'INVALID_MODEL', 'trees[0]'],
    [{ ...trees, trees: [{ ...stump, left: [1, -1] }] }, 'INVALID_MODEL', 'trees[0].left: 2 entries'],
    [{ ...trees, trees: [{ ...stump, left: [0, -1, -1] }] }, 'INVALID_MODEL', 'left[0] is 0'],
    [
      { ...trees, trees: [{ ...stump, left: [4294967297, -1, -1] }] },
      'INVALID_MODEL',
      'trees[0].left[0]: 4294967297, expected a number that fits Int32Array',
    ],
    [{ ...trees, trees: [{ ...stump, missingLeft: [256, 0, 0] }] }, 'INVALID_MODEL', 'trees[0].missingLeft[0]: 256'],
    [
      { ...trees, trees: [{ ...stump, threshold: [0.1, 0, 0] }] },
      'INVALID_MODEL',
      'trees[0].threshold[0]: 0.1, expected a number that fits Float32Array',
    ],
    [{ ...trees, trees: [{ ...stump, value: [0, true, 2] }] }, 'INVALID_MODEL', 'trees[0].value[1]: true'],
    [{ ...trees, trees: { length: 1 } }, 'INVALID_MODEL', 'model.trees: expected an array'],
  ])('refuses %j', (json, code, message) => {
    expect(() => modelFromJson(json)).toThrow(expect.objectContaining({ code, message: expect.stringContaining(message) }));
  });

  it('refuses huge sizes before it touches their contents', () => {
    const huge = (length: number) => new Array<unknown>(length);
    const started = performance.now();
    for (const json of [
      { ...linear, featureNames: huge(4e9) },
      { ...linear, weights: huge(4e9) },
      { ...trees, trees: huge(4e9) },
      { ...trees, trees: [{ ...stump, feature: huge(4e9) }] },
      { ...trees, trees: [{ ...stump, left: huge(4e9) }] },
    ]) {
      expect(() => modelFromJson(json)).toThrow(expect.objectContaining({ name: 'ModelError' }));
    }
    expect(performance.now() - started).toBeLessThan(2000);
  });

  it('refuses objects that contain themselves', () => {
    const cyclic: Record<string, unknown> = { ...trees };
    cyclic['trees'] = [cyclic];
    expect(() => modelFromJson(cyclic)).toThrow(expect.objectContaining({ code: 'INVALID_MODEL' }));
  });

  it('answers any damage with a ModelError or a model whose scores are probabilities', () =>
    fc.assert(
      fc.property(
        fc.oneof(anyTreeModel, anyLinearModel),
        fc.array(fc.tuple(fc.nat(), fc.jsonValue()), { maxLength: 3 }),
        (model, changes) => {
          const json = JSON.parse(JSON.stringify(model.toJson())) as Record<string, unknown>;
          for (const [at, value] of changes) replaceOne(json, at, value);
          let damaged;
          try {
            damaged = modelFromJson(json);
          } catch (error) {
            expect(isFraudOpsError(error)).toBe(true);
            return;
          }
          const score = damaged.score(damaged.featureNames.map(() => 1));
          expect(score >= 0 && score <= 1).toBe(true);
        },
      ),
      { numRuns: 2000 },
    ));
});

/** Puts a value in the place of one member or element, somewhere in the tree. */
function replaceOne(json: Record<string, unknown>, at: number, value: unknown) {
  const places: [Record<string, unknown>, string][] = [];
  const collect = (node: unknown) => {
    if (typeof node !== 'object' || node === null) return;
    for (const key of Object.keys(node)) {
      places.push([node as Record<string, unknown>, key]);
      collect((node as Record<string, unknown>)[key]);
    }
  };
  collect(json);
  const place = places[at % places.length];
  if (place) place[0][place[1]] = value;
}
