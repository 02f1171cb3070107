import { seededRandom, studentTQuantile } from '@fraudops/core';
import { describe, expect, it } from 'vitest';
import { ask, shuffled } from './asked-gates.fixture.js';
import type { EvaluatedRows } from './evaluated-rows.js';
import { type FairBySegmentOptions, fairBySegment } from './fair-by-segment.js';
import { MAX_SEGMENTS } from './segment-shares.js';

type Flagged = readonly [flagged: number, of: number];

/** Rows of segments, each a card of its own: so many genuine and fraudulent ones, and how many of each have a score of 1. */
function rowsOf(segments: Readonly<Record<string, { readonly genuine: Flagged; readonly frauds?: Flagged }>>) {
  const rows = Object.entries(segments).flatMap(([segment, { genuine, frauds = [0, 0] }]) =>
    [genuine, frauds].flatMap(([flagged, of], label) =>
      Array.from({ length: of }, (_, i) => ({ segment, label, score: Number(i < flagged) })),
    ),
  );
  return {
    fingerprint: 'f',
    scores: rows.map(({ score }) => score),
    labels: rows.map(({ label }) => label),
    entityCodes: rows.map((_, i) => i),
    segments: { channel: rows.map(({ segment }) => segment) },
  } satisfies EvaluatedRows;
}

const gateOn = (rows: EvaluatedRows, change: Partial<FairBySegmentOptions> = {}) =>
  fairBySegment({
    evaluate: () => rows,
    segment: 'channel',
    threshold: 0.5,
    ...(change.maximumDifference === undefined ? { maximumRatio: 1.25 } : {}),
    ...change,
  });

describe('fairBySegment', () => {
  const apart = rowsOf({ web: { genuine: [100, 1_000] }, shop: { genuine: [80, 1_000] } });

  it.each<[Partial<FairBySegmentOptions>, boolean]>([
    [{ maximumRatio: 1.25 }, true],
    [{ maximumRatio: 1.2499 }, false],
    [{ maximumDifference: 0.0201 }, true],
    [{ maximumDifference: 0.0199 }, false],
  ])('by the estimate, a tenth against 0.08: %j %s', async (bound, passed) => {
    expect(await ask(gateOn(apart, { ...bound, decideBy: 'estimate' }))).toMatchObject({ passed });
  });

  it('by default wants the whole interval within the bound', async () => {
    const alike = { web: { genuine: [100, 1_000] }, shop: { genuine: [100, 1_000] } } as const;
    expect(await ask(gateOn(rowsOf(alike), { maximumRatio: 1.2 }))).toMatchObject({ passed: false });
    expect(await ask(gateOn(rowsOf(alike), { maximumRatio: 1.4 }))).toMatchObject({ passed: true });
  });

  it('has the interval of a ratio of two shares by Katz, and of their difference by Wald, of single rows', async () => {
    // The smaller number of clusters is that of either segment: 1,000 of 2,000.
    const wide = studentTQuantile(0.95, 999) * Math.sqrt(1_000 / 999);
    const ratio = await ask(gateOn(apart));
    // Katz's interval at 90 % by scipy 1.17.1 relative_risk(100, 1000, 80, 1000); Student's t here, the normal quantile there.
    const katz = (wide / 1.6448536269514722) * Math.log(1.5819381149974872 / 1.25);
    // Segments are in the order of their names.
    expect(ratio.values).toMatchObject({
      'segment 1': 'shop',
      'segment 2': 'web',
      'segment 2 share': 0.1,
      'segment 2 rest': 0.08,
    });
    expect(ratio.values!['segment 2 low']).toBeCloseTo(1.25 * Math.exp(-katz), 10);
    expect(ratio.values!['segment 2 high']).toBeCloseTo(1.25 * Math.exp(katz), 10);
    const difference = await ask(gateOn(apart, { maximumDifference: 0.1 }));
    const wald = wide * Math.sqrt((0.1 * 0.9) / 1_000 + (0.08 * 0.92) / 1_000);
    expect(difference.values!['segment 2 low']).toBeCloseTo(0.02 - wald, 10);
    expect(difference.values!['segment 1 high']).toBeCloseTo(-0.02 + wald, 10);
  });

  it('is wider where rows of a card go together, and where a segment has few cards', async () => {
    const rows = rowsOf({ web: { genuine: [100, 1_000] }, shop: { genuine: [100, 1_000] } });
    const high = async (entityCodes: number[]) =>
      (await ask(gateOn({ ...rows, entityCodes }))).values!['segment 2 high'] as number;
    const alone = await high(rows.entityCodes);
    const tens = await high(rows.entityCodes.map((code) => Math.floor(code / 10)));
    const hundreds = await high(rows.entityCodes.map((code) => Math.floor(code / 100)));
    expect(tens).toBeGreaterThan(alone * 1.2);
    expect(hundreds).toBeGreaterThan(tens * 1.2);
  });

  it('judges what the measure counts', async () => {
    const rows = rowsOf({
      web: { genuine: [10, 1_000], frauds: [60, 200] },
      shop: { genuine: [10, 1_000], frauds: [120, 200] },
    });
    const judged = (measure: FairBySegmentOptions['measure']) =>
      ask(gateOn(rows, { ...(measure && { measure }), decideBy: 'estimate' }));
    expect(await judged(undefined)).toMatchObject({
      passed: true,
      values: { measure: 'falsePositiveRate', rows: 2_000, flagged: 20 },
    });
    const recall = await judged('recall');
    expect(recall).toMatchObject({ passed: false, values: { rows: 400, flagged: 180, 'segment 1 estimate': 2 } });
    expect(recall.reason).toMatch(
      /^recall of version 3 at threshold 0\.5: "shop" 0\.6 against 0\.3 elsewhere, ratio 2 \(with 95 % confidence at least 1\.\d+ and at most 2\.\d+\), "web" 0\.3 against 0\.6 elsewhere, ratio 0\.5 \(.*\); allowed are 0\.8 to 1\.25$/,
    );
    const unknown = { ...rows, labels: rows.labels.map((label) => (label === 1 ? 255 : label)) };
    expect(await ask(gateOn(unknown, { measure: 'alertRate' }))).toMatchObject({
      passed: false,
      values: { rows: 2_400, flagged: 200 },
    });
    expect(await ask(gateOn(unknown, { measure: 'falsePositiveRate' }))).toMatchObject({ values: { rows: 2_000 } });
  });

  it('does not pass a segment of too few rows by silence', async () => {
    const rows = rowsOf({
      web: { genuine: [500, 5_000] },
      shop: { genuine: [500, 5_000] },
      atm: { genuine: [10, 99] },
    });
    const refused = await ask(gateOn(rows));
    expect(refused).toMatchObject({
      passed: false,
      values: { 'segment 1': 'atm', 'segment 1 state': 'small', 'segment 1 rows': 99 },
    });
    expect(refused.reason).toContain(
      'too few rows that falsePositiveRate counts, 100 of 2 cards at least: "atm" (99 rows of 99 cards)',
    );
    const reported = await ask(gateOn(rows, { smallSegments: 'report' }));
    expect(reported.passed).toBe(true);
    expect(reported.reason).toMatch(
      /2 segments of channel within ratio 1\.25; not judged: too few rows .*"atm" \(99 rows of 99 cards\)$/,
    );
    expect(await ask(gateOn(rows, { minimumRows: 99, maximumRatio: 4 }))).toMatchObject({ passed: true });
    const onlySmall = rowsOf({ web: { genuine: [5, 50] }, shop: { genuine: [5, 50] } });
    expect(await ask(gateOn(onlySmall, { smallSegments: 'report' }))).toMatchObject({ passed: false });
    // Many rows of one card are one case.
    const oneCard = rowsOf({ web: { genuine: [500, 5_000] }, shop: { genuine: [500, 5_000] } });
    const entityCodes = oneCard.entityCodes.map((code) => (code < 5_000 ? 0 : code));
    expect(await ask(gateOn({ ...oneCard, entityCodes }))).toMatchObject({
      passed: false,
      values: { 'segment 2 state': 'small' },
    });
  });

  it('refuses a model that flags nothing, or nothing of one segment, and rows of one segment', async () => {
    const none = rowsOf({ web: { genuine: [0, 1_000] }, shop: { genuine: [0, 1_000] } });
    expect(await ask(gateOn(none))).toMatchObject({
      passed: false,
      reason: expect.stringContaining('nothing that falsePositiveRate counts'),
    });
    expect(await ask(gateOn(none, { maximumDifference: 0.5 }))).toMatchObject({ passed: false });
    const onesided = rowsOf({ web: { genuine: [0, 1_000] }, shop: { genuine: [10, 1_000] } });
    const result = await ask(gateOn(onesided, { maximumRatio: 1e6 }));
    expect(result).toMatchObject({ passed: false, values: { 'segment 1 estimate': null } });
    expect(result.reason).toContain('"shop" 0.01 against 0 elsewhere, so their ratio is undefined');
    const one = rowsOf({ web: { genuine: [10, 1_000] } });
    expect(await ask(gateOn(one))).toMatchObject({
      passed: false,
      reason: expect.stringContaining('all rows are of one segment'),
    });
  });

  it('passes models at the bound in at most 5 of 100 cases', async () => {
    let passed = 0;
    for (let seed = 0; seed < 400; seed++) {
      const random = seededRandom(seed);
      const draw = (of: number, share: number): Flagged => {
        let flagged = 0;
        for (let i = 0; i < of; i++) flagged += Number(random.next() < share);
        return [flagged, of];
      };
      const rows = rowsOf({ web: { genuine: draw(600, 0.2) }, shop: { genuine: draw(600, 0.1) } });
      if ((await ask(gateOn(rows, { maximumRatio: 2 }))).passed) passed++;
    }
    expect(passed).toBeGreaterThan(5);
    expect(passed).toBeLessThanOrEqual(20 + 9);
  });

  it('takes the threshold of the version, and flags a score that equals it', async () => {
    const threshold = ({ version }: { version: number }) => version / 3;
    expect(await ask(gateOn(apart, { threshold }))).toMatchObject({ values: { threshold: 1, flagged: 180 } });
    for (const given of [Number.NaN, undefined, '0.5']) {
      await expect(ask(gateOn(apart, { threshold: (() => given) as never }))).rejects.toThrow('options.threshold gave');
    }
  });

  it('does not depend on the order of rows', async () => {
    const [first, again] = [await ask(gateOn(apart)), await ask(gateOn(shuffled(apart)))];
    expect(again.reason).toBe(first.reason);
    for (const [name, value] of Object.entries(first.values!)) {
      if (typeof value === 'number') expect(again.values![name]).toBeCloseTo(value, 10);
    }
    expect(await ask(gateOn(apart))).toEqual(first);
  });

  it('is bounded in what it takes and records', async () => {
    const many = Object.fromEntries(
      Array.from({ length: MAX_SEGMENTS }, (_, i) => [`${i} ${'x'.repeat(5_000)}`, { genuine: [i % 9, 150] as const }]),
    );
    const result = await ask(gateOn(rowsOf(many)));
    expect(result.passed).toBe(false);
    expect(result.reason.length).toBeLessThan(2_000);
    expect(JSON.stringify(result).length).toBeLessThan(40_000);
    const more = rowsOf({ ...many, more: { genuine: [1, 100] } });
    await expect(ask(gateOn(more))).rejects.toThrow('segments.channel has more than 50 different values; group them');
  });

  it('needs segments that are texts', async () => {
    const { segments: _, ...none } = apart;
    await expect(ask(gateOn(none))).rejects.toThrow('the evaluation has no segments "channel"');
    await expect(ask(gateOn({ ...apart, segments: { country: [] } }))).rejects.toThrow('no segments "channel", only "country"');
    await expect(ask(gateOn(apart, { segment: 'constructor' }))).rejects.toThrow('no segments "constructor"');
    await expect(ask(gateOn({ ...apart, segments: { channel: ['web'] } }))).rejects.toThrow('has 1 entries for 2000 scores');
    const holes = { ...apart, segments: { channel: apart.segments.channel.with(3, undefined as never) } };
    await expect(ask(gateOn(holes))).rejects.toThrow('segments.channel[3] is undefined, expected a text; call rows without one');
  });

  it.each<[object, string]>([
    [{ maximumRatio: undefined }, 'give either options.maximumRatio or options.maximumDifference'],
    [{ maximumRatio: 2, maximumDifference: 0.1 }, 'give either'],
    [{ maximumRatio: 0.8 }, 'maximumRatio is 0.8, expected a number from 1 to'],
    [{ measure: 'fairness' }, 'measure is "fairness", expected one of falsePositiveRate, alertRate, recall'],
    [{ threshold: Number.NaN }, 'threshold is NaN, expected a number'],
    [{ segment: '' }, 'segment is ""'],
    [{ minimumGroup: 3 }, 'options.minimumGroup is not an option'],
    [{ smallSegments: 'pass' }, 'smallSegments is "pass", expected one of refuse, report'],
  ])('refuses %j', (change, message) => expect(() => gateOn(apart, change)).toThrow(message));
});
