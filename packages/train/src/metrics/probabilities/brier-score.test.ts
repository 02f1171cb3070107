import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { goldenMetrics } from '../golden-metrics.fixture.js';

import { brierScore, brierSkill } from './brier-score.js';

describe('brierScore', () => {
  it.each(goldenMetrics)('equals scikit-learn 1.9.1 brier_score_loss on $name', ({ score, label, expected }) => {
    expect(Math.abs(brierScore(score, label) - expected.brier)).toBeLessThan(1e-12);
    expect(Math.abs(brierSkill(score, label)! - expected.d2_brier)).toBeLessThan(1e-12);
  });

  it('is r (1 - r) for a constant base rate, which is no skill', () =>
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 1 }), { minLength: 1, maxLength: 50 }), (labels) => {
        const rate = labels.filter((label) => label === 1).length / labels.length;
        const answers = labels.map(() => rate);
        expect(brierScore(answers, labels)).toBeCloseTo(rate * (1 - rate), 12);
        if (rate > 0 && rate < 1) expect(brierSkill(answers, labels)).toBeCloseTo(0, 12);
        else expect(brierSkill(answers, labels)).toBeNull();
      }),
    ));

  it('names the value that is no probability', () => {
    expect(() => brierScore([0.2, 1.3], [0, 1])).toThrow('brierScore: probabilities[1] is 1.3, expected a probability, 0 to 1');
  });
});
