import { describe, expect, it } from 'vitest';
import { DEFAULT_POLICY, decide, policyFromJson } from './decision-policy.js';

describe('decide', () => {
  it.each([
    [0, 'approve'],
    [0.4999, 'approve'],
    [0.5, 'review'],
    [0.8999, 'review'],
    [0.9, 'decline'],
    [1, 'decline'],
  ] as const)('at score %d: %s', (score, decision) => expect(decide(score, DEFAULT_POLICY)).toBe(decision));

  it('never declines with a threshold above 1', () =>
    expect(decide(1, { reviewThreshold: 0.2, declineThreshold: 2 })).toBe('review'));
});

describe('policyFromJson', () => {
  it('keeps the thresholds and ignores the rest', () =>
    expect(policyFromJson({ reviewThreshold: 0.1, declineThreshold: 0.4, costs: { review: 5 } }, 'policy')).toEqual({
      reviewThreshold: 0.1,
      declineThreshold: 0.4,
    }));
  it.each([
    null,
    'x',
    {},
    { reviewThreshold: 0.1 },
    { reviewThreshold: -1, declineThreshold: 1 },
    { reviewThreshold: '1', declineThreshold: 1 },
  ])('refuses %j', (json) => expect(() => policyFromJson(json, 'policy.json')).toThrow(/^policy\.json: /));
  it('names both thresholds when they are crossed', () =>
    expect(() => policyFromJson({ reviewThreshold: 0.9, declineThreshold: 0.5 }, 'policy')).toThrow(
      'policy: reviewThreshold is 0.9, expected at most declineThreshold, which is 0.5',
    ));
});
