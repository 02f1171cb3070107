import { describe, expect, it } from 'vitest';
import { promotedTrials } from './promoted-trials.js';

const ofRound = (scores: readonly (number | null)[]) => scores.map((score, trial) => ({ trial, round: 0, score }));

describe('promotedTrials', () => {
  it('takes the best, the lower number where two are as good', () =>
    expect(promotedTrials(ofRound([0.1, 0.3, 0.2, 0.3, 0.3]), 3)).toEqual([1, 3, 4]));

  it('takes fewer rather than one that failed', () => expect(promotedTrials(ofRound([null, 0.3, null]), 2)).toEqual([1]));
});
