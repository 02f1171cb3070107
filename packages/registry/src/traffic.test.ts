import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type TrafficShare,
  type TrafficSplit,
  routeFor,
  sharesProblem,
  splitTraffic,
  trafficProblem,
  withoutVersions,
} from './traffic.js';

/** Percents of challengers 2, 3, ... in hundredths, of which 100 percent are not used up. */
const shares = fc.array(fc.integer({ min: 0, max: 2_400 }), { minLength: 1, maxLength: 4 });

function splitOf(hundredths: readonly number[], before?: TrafficSplit): TrafficSplit {
  const challengers = hundredths.flatMap((share, i): TrafficShare[] =>
    share === 0 ? [] : [{ version: i + 2, percent: share / 100 }],
  );
  const rest = 10_000 - hundredths.reduce((sum, share) => sum + share, 0);
  return splitTraffic({ champion: { version: 1, percent: rest / 100 }, challengers, shadow: [] }, before);
}

const keys = Array.from({ length: 2_000 }, (_, i) => `card-${i}`);
const routes = (traffic: TrafficSplit) => keys.map((key) => routeFor({ model: 'fraud', ...traffic }, key));

describe('splitTraffic', () => {
  it('gives each version its share, whatever the split before', () => {
    fc.assert(
      fc.property(fc.array(shares, { minLength: 1, maxLength: 6 }), (list) => {
        let before: TrafficSplit | undefined;
        for (const hundredths of list) {
          before = splitOf(hundredths, before);
          expect(trafficProblem(before)).toBeUndefined();
        }
      }),
    );
  });

  it('moves entities only from versions that shrink, and only to versions that grow', () => {
    fc.assert(
      fc.property(shares, shares, shares, (first, second, third) => {
        const before = splitOf(second, splitOf(first));
        const after = splitOf(third, before);
        const change = (version: number) => (third[version - 2] ?? 0) - (second[version - 2] ?? 0);
        const [old, now] = [routes(before), routes(after)];
        for (const [i, from] of old.entries()) {
          const to = now[i]!;
          if (from === to) continue;
          if (from !== 1) expect(change(from)).toBeLessThan(0);
          if (to !== 1) expect(change(to)).toBeGreaterThan(0);
        }
      }),
      { numRuns: 30 },
    );
  });
});

describe('routeFor', () => {
  it('sends as many entities to a version as its share says', () => {
    const traffic = splitOf([1_000, 500]);
    const count = (version: number) => routes(traffic).filter((routed) => routed === version).length;
    // 2,000 draws: five standard deviations are 67 and 49.
    expect(Math.abs(count(2) - 200)).toBeLessThan(67);
    expect(Math.abs(count(3) - 100)).toBeLessThan(49);
    expect(count(1) + count(2) + count(3)).toBe(2_000);
  });

  it('keeps the entities of a challenger with it while it grows from 1 to 100 percent less 1', () => {
    let before: TrafficSplit | undefined;
    let old = keys.map(() => 1);
    for (const percent of [1, 5, 10, 25, 50, 99]) {
      before = splitOf([percent * 100], before);
      const now = routes(before);
      const left = old.filter((version, i) => version === 2 && now[i] !== 2);
      expect(left, `at ${percent} percent`).toEqual([]);
      old = now;
    }
  });

  it('says the same for a number as for its text, and splits models and champions independently', () => {
    const traffic = { model: 'fraud', ...splitOf([5_000]) };
    for (let card = 0; card < 50; card++) expect(routeFor(traffic, card)).toBe(routeFor(traffic, String(card)));
    const other = keys.filter((key) => routeFor(traffic, key) === routeFor({ ...traffic, model: 'other' }, key));
    expect(Math.abs(other.length - 1_000)).toBeLessThan(112);
  });

  it('takes the slot that MurmurHash3 of model, champion and key says', () => {
    // murmurhash3_32 of scikit-learn 1.9 over 2^32, times 10,000: see murmur3.test.ts.
    const slot = Math.floor((686_315_511 / 2 ** 32) * 10_000);
    const slots = [
      [1, slot],
      [2, 1],
      [1, 9_999 - slot],
    ] as const;
    const traffic = { model: 'fraud', champion: { version: 1, percent: 99.99 }, slots };
    expect(routeFor(traffic, 'card-4711')).toBe(2);
    expect(
      routeFor(
        {
          ...traffic,
          slots: [
            [1, slot],
            [2, 0],
            [1, 10_000 - slot],
          ],
        },
        'card-4711',
      ),
    ).toBe(1);
  });

  it('refuses keys that are neither text nor number', () => {
    for (const key of [undefined, null, {}, Object.create(null), 1n])
      expect(() => routeFor({ model: 'fraud', ...splitOf([100]) }, key as never)).toThrow(
        'routeFor: key: expected a string or a number',
      );
  });
});

describe('withoutVersions', () => {
  it('gives the slots of what goes to the champion, and leaves all others where they are', () => {
    const before = { ...splitOf([1_000, 2_000, 500]), shadow: [7] };
    const after = withoutVersions(before, (version) => version === 3)!;
    expect(trafficProblem(after)).toBeUndefined();
    expect(after).toMatchObject({ champion: { percent: 85 }, challengers: [{ version: 2 }, { version: 4 }], shadow: [7] });
    expect(routes(after)).toEqual(routes(before).map((version) => (version === 3 ? 1 : version)));
    expect(withoutVersions(before, (version) => version > 1)).toBeUndefined();
  });
});

describe('sharesProblem', () => {
  const champion = { version: 1, percent: 90 };
  const other = (version: number, percent: number) => ({ version, percent });
  it.each<[string, Parameters<typeof sharesProblem>[0]]>([
    ['the shares make 95 percent, expected 100', { champion, challengers: [other(2, 5)], shadow: [] }],
    ['the shares make 110 percent, expected 100', { champion, challengers: [other(2, 20)], shadow: [] }],
    ['version 2 is given twice', { champion, challengers: [other(2, 5), other(2, 5)], shadow: [] }],
    ['version 2 is given twice', { champion, challengers: [other(2, 10)], shadow: [2] }],
    ['version 1 is given twice, it is the champion', { champion, challengers: [other(1, 10)], shadow: [] }],
    ['version 2 gets 0 percent, expected more than 0 in steps of 0.01', { champion, challengers: [other(2, 0)], shadow: [] }],
    ['version 2 gets -10 percent, expected more than 0 in steps of 0.01', { champion, challengers: [other(2, -10)], shadow: [] }],
    [
      'version 2 gets 10.001 percent, expected more than 0 in steps of 0.01',
      { champion, challengers: [other(2, 10.001)], shadow: [] },
    ],
    [
      'version 1 gets 0 percent, expected more than 0 in steps of 0.01',
      { champion: other(1, 0), challengers: [other(2, 100)], shadow: [] },
    ],
  ])('says %s', (problem, split) => expect(sharesProblem(split)).toBe(problem));

  it('takes shares that floating point does not add up exactly', () => {
    expect(
      sharesProblem({ champion: other(1, 33.34), challengers: [other(2, 33.33), other(3, 33.33)], shadow: [4] }),
    ).toBeUndefined();
    expect(sharesProblem({ champion: other(1, 99.71), challengers: [other(2, 0.29)], shadow: [] })).toBeUndefined();
  });
});
