/**
 * What every training function keeps to; each runs this suite over itself. Rows are drawn by a seed: frauds have large amounts, other
 * features help a little, one has missing values, one is constant, one is missing throughout.
 */
import { type FeatureMatrix, type Progress, featureMatrix, seededRandom, takeRows } from '@fraudops/core';
import { type Model, modelFromJson } from '@fraudops/model';
import { describe, expect, it } from 'vitest';
import { rocAuc } from './metrics/ranking/roc-auc.js';

/** A training function as the suite calls it. */
export interface TrainingContract {
  train(matrix: FeatureMatrix, labels: Uint8Array, options: ContractOptions): Model;
  /** Whether the seed matters on a few hundred rows. */
  readonly usesSeed: boolean;
  /** Whether it learns from labels and weights. */
  readonly usesLabels: boolean;
}

/** Options that all of them take. */
interface ContractOptions {
  readonly seed?: number;
  readonly weights?: Float64Array;
  readonly progress?: Progress;
}

const NAMES = ['amount', 'hour', 'gaps', 'code', 'constant', 'none'];

function contractRows(seed = 1, rowCount = 400) {
  const random = seededRandom(seed);
  const columns = NAMES.map(() => new Float32Array(rowCount));
  const labels = new Uint8Array(rowCount);
  for (let i = 0; i < rowCount; i++) {
    labels[i] = Number(random.next() < 0.15);
    columns[0]![i] = Math.exp(random.normal(labels[i] === 1 ? 2 : 0, 0.7));
    columns[1]![i] = random.integer(24);
    columns[2]![i] = random.next() < 0.2 ? Number.NaN : random.normal(labels[i] === 1 ? 2 : 0, 1);
    columns[3]![i] = random.integer(3);
    columns[4]![i] = 0.1;
    columns[5]![i] = Number.NaN;
  }
  return { matrix: featureMatrix(NAMES, columns), labels };
}

const rowAt = (matrix: FeatureMatrix, row: number): number[] => matrix.columns.map((column) => column[row]!);

const { matrix, labels } = contractRows();
const refusal = (code: string) => expect.objectContaining({ name: 'TrainError', code });

/** Runs the suite over a training function. */
export function describeTrainingContract(name: string, { train, usesSeed, usesLabels }: TrainingContract): void {
  if (usesSeed) describeSeed(name, train);
  if (usesLabels) describeLabels(name, train);
  describe(`${name} keeps the training contract:`, () => {
    it('ranks frauds above genuine rows', () => {
      const scores = train(matrix, labels, {}).scoreBatch(matrix);
      expect(rocAuc(scores, labels)).toBeGreaterThan(usesLabels ? 0.9 : 0.7);
    });

    it('leaves its inputs as they are', () => {
      const weights = new Float64Array(labels.length).fill(1.5);
      const before = structuredClone({ matrix, labels, weights });
      train(matrix, labels, usesLabels ? { weights } : {});
      expect({ matrix, labels, weights }).toEqual(before);
    });

    it('gives the same bits for the same arguments', () => {
      const other = contractRows();
      expect(train(matrix, labels, { seed: 3 }).toJson()).toEqual(train(other.matrix, other.labels, { seed: 3 }).toJson());
    });

    it('is the same to the bit after saving and loading, and for one row as for many', () => {
      const model = train(matrix, labels, {});
      const loaded = modelFromJson(JSON.parse(JSON.stringify(model.toJson())));
      const scores = model.scoreBatch(matrix);
      expect(loaded.scoreBatch(matrix)).toEqual(scores);
      for (let row = 0; row < 50; row++) expect(loaded.score(rowAt(matrix, row))).toBe(scores[row]);
    });

    it('scores missing values, and makes nothing of features that never differ', () => {
      const model = train(matrix, labels, {});
      expect(model.featureNames).toEqual(NAMES);
      for (let row = 0; row < 50; row++) {
        const values = rowAt(matrix, row);
        expect(model.score([...values.slice(0, 4), 7, 7])).toBe(model.score(values));
      }
      const nothing = model.score(NAMES.map(() => Number.NaN));
      expect(nothing).toBeGreaterThanOrEqual(0);
      expect(nothing).toBeLessThanOrEqual(1);
    });

    it('trains where no feature says anything', () => {
      const blank = featureMatrix(['a', 'b'], [new Float32Array(60).fill(3), new Float32Array(60).fill(Number.NaN)]);
      const blankLabels = Uint8Array.from({ length: 60 }, (_, i) => Number(i % 4 === 0));
      const scores = train(blank, blankLabels, {}).scoreBatch(blank);
      expect(new Set(scores).size).toBe(1);
      expect(scores[0]).toBeGreaterThanOrEqual(0);
      expect(scores[0]).toBeLessThanOrEqual(1);
    });

    it('refuses a matrix that it could not learn from, before any work', () => {
      const started: string[] = [];
      const progress: Progress = {
        task: (task) => {
          started.push(task);
          return { advance: () => {}, total: () => {}, done: () => {}, fail: () => {} };
        },
      };
      const refused = (bad: FeatureMatrix, code: string) =>
        expect(() => train(bad, labels.slice(0, bad.rowCount), { progress })).toThrow(refusal(code));
      refused(takeRows(matrix, []), 'EMPTY');
      refused({ names: [], columns: [], rowCount: labels.length }, 'EMPTY');
      refused({ ...matrix, names: NAMES.slice(1) }, 'LENGTH_MISMATCH');
      refused({ ...matrix, names: [...NAMES.slice(1), 'hour'] }, 'DUPLICATE_FEATURE');
      refused({ ...matrix, columns: [matrix.columns[0]!.slice(1), ...matrix.columns.slice(1)] }, 'LENGTH_MISMATCH');
      const infinite = matrix.columns[1]!.with(9, Number.NEGATIVE_INFINITY);
      refused({ ...matrix, columns: matrix.columns.with(1, infinite) }, 'NOT_FINITE');
      expect(started).toEqual([]);
    });

    it('tells its progress of one task, which ends', () => {
      const events: string[] = [];
      const progress: Progress = {
        task: () => {
          events.push('task');
          return {
            advance: () => events.push('advance'),
            total: () => {},
            done: () => events.push('done'),
            fail: () => events.push('fail'),
          };
        },
      };
      train(matrix, labels, { progress });
      expect([events[0], events.at(-1)]).toEqual(['task', 'done']);
      expect(new Set(events.slice(1, -1))).toEqual(new Set(['advance']));
    });
  });
}

function describeSeed(name: string, train: TrainingContract['train']): void {
  describe(`${name} with a seed:`, () => {
    it('gives another model for another seed', () => {
      expect(train(matrix, labels, { seed: 3 }).toJson()).not.toEqual(train(matrix, labels, { seed: 4 }).toJson());
    });
  });
}

function describeLabels(name: string, train: TrainingContract['train']): void {
  describe(`${name} with labels:`, () => {
    it('learns nothing from rows of weight 0', () => {
      const wrong = labels.map((label, i) => (i % 2 === 0 ? label : 1 - label));
      const weights = Float64Array.from(labels, (_, i) => Number(i % 2 === 0));
      expect(rocAuc(train(matrix, wrong, { weights }).scoreBatch(matrix), labels)).toBeGreaterThan(0.85);
    });

    it('refuses labels and weights that it could not learn from', () => {
      const refused = (bad: Uint8Array, options: ContractOptions, code: string) =>
        expect(() => train(matrix, bad, options)).toThrow(refusal(code));
      refused(labels.slice(1), {}, 'LENGTH_MISMATCH');
      refused(labels.with(5, 255), {}, 'INVALID_LABEL');
      refused(Float64Array.from(labels).fill(Number.NaN, 3, 4) as unknown as Uint8Array, {}, 'INVALID_LABEL');
      refused(new Uint8Array(labels.length), {}, 'ONE_CLASS');
      refused(new Uint8Array(labels.length).fill(1), {}, 'ONE_CLASS');
      refused(labels, { weights: new Float64Array(labels.length) }, 'ONE_CLASS');
      refused(labels, { weights: new Float64Array(3) }, 'LENGTH_MISMATCH');
      refused(labels, { weights: new Float64Array(labels.length).fill(-1) }, 'INVALID_WEIGHT');
      refused(labels, { weights: new Float64Array(labels.length).fill(Number.NaN) }, 'INVALID_WEIGHT');
    });
  });
}
