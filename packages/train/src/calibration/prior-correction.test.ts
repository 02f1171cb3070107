import { linearModel, withCalibration } from '@fraudops/model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { priorCorrection } from './prior-correction.js';

const score = linearModel({ featureNames: ['MARGIN'], weights: [1], intercept: 0, missingValues: [0] });

describe('priorCorrection', () => {
  it('is the formula of Dal Pozzolo et al. 2015 for undersampling', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.001, max: 1, noNaN: true }), fc.integer({ min: -8, max: 8 }), (keepRate, margin) => {
        const sampled = score.score([margin]);
        const corrected = withCalibration(score, priorCorrection({ undersampling: keepRate })).score([margin]);
        expect(corrected).toBeCloseTo((keepRate * sampled) / (keepRate * sampled - sampled + 1), 12);
      }),
    );
  });

  it('is the same by any of the three descriptions', () => {
    // 1 % frauds; a tenth of the genuine rows kept, or frauds weighted tenfold.
    const trainRate = 0.01 / (0.01 + 0.99 * 0.1);
    const shifts = [{ undersampling: 0.1 }, { positiveWeight: 10 }, { trainRate, liveRate: 0.01 }].map(
      (change) => priorCorrection(change).logOddsShift,
    );
    for (const shift of shifts) expect(shift).toBeCloseTo(-Math.log(10), 12);
    expect(Object.is(priorCorrection({ positiveWeight: 1 }).logOddsShift, 0)).toBe(true);
  });

  it('refuses two descriptions at once, and none', () => {
    const both = { undersampling: 0.1, positiveWeight: 10 };
    expect(() => priorCorrection(both)).toThrow(
      'priorCorrection: undersampling and positiveWeight are given, expected one of undersampling, positiveWeight, or trainRate with liveRate',
    );
    const mixed = { positiveWeight: 10, trainRate: 0.1, liveRate: 0.01 };
    expect(() => priorCorrection(mixed)).toThrow('priorCorrection: positiveWeight and trainRate and liveRate are given');
    expect(() => priorCorrection({} as { undersampling: number })).toThrow('priorCorrection: nothing is given, expected one of');
  });

  it('names the option outside its range', () => {
    expect(() => priorCorrection({ undersampling: 0 })).toThrow('priorCorrection: undersampling: 0, expected a number');
    expect(() => priorCorrection({ trainRate: 0.5, liveRate: 1 })).toThrow('priorCorrection: liveRate: 1');
    expect(() => priorCorrection({ positiveWeight: Number.NaN })).toThrow('priorCorrection: positiveWeight: NaN');
  });
});
