import { seededRandom, studentTQuantile } from '@fraudops/core';
import { describe, expect, it } from 'vitest';
import { ask, shuffled, simulatedRows } from './asked-gates.fixture.js';
import { type CalibrationWithinOptions, calibrationWithin } from './calibration-within.js';
import { clusterMargin, clustersOf } from './cluster-error.js';
import type { EvaluatedRows } from './evaluated-rows.js';

const gateOn = (rows: EvaluatedRows, change: Partial<CalibrationWithinOptions> = {}) =>
  calibrationWithin({ evaluate: () => rows, maximumRatio: 1.25, ...change });
/** 100 rows, each a card of its own: 40 frauds, and as many promised as said. */
const promising = (each: number, rowCount = 100): EvaluatedRows => ({
  fingerprint: 'f',
  scores: Array.from({ length: rowCount }, () => each),
  labels: Array.from({ length: rowCount }, (_, i) => Number(i % 5 < 2)),
  entityCodes: Array.from({ length: rowCount }, (_, i) => i),
});

describe('calibrationWithin', () => {
  it.each<[number, number, boolean]>([
    [0.5, 1.25, true],
    [0.5, 1.2499, false],
    [0.25, 1.6, true],
    [0.25, 1.5999, false],
    [0, 1000, false],
  ])('by the estimate, %s promised where 0.4 happen, within %s: %s', async (each, maximumRatio, passed) => {
    const result = await ask(gateOn(promising(each), { maximumRatio, decideBy: 'estimate', minimumFrauds: 40 }));
    expect(result).toMatchObject({ passed, values: { rows: 100, frauds: 40, ratio: each / 0.4 } });
  });

  it('by default wants the whole interval within the bound', async () => {
    expect(await ask(gateOn(promising(0.4), { maximumRatio: 1.2 }))).toMatchObject({ passed: false });
    expect(await ask(gateOn(promising(0.4, 1_000), { maximumRatio: 1.2 }))).toMatchObject({ passed: true });
    expect(await ask(gateOn(promising(0.5, 1_000)))).toMatchObject({ passed: false });
    const { values, reason } = await ask(gateOn(promising(0.4, 1_000)));
    // Of equal probabilities ln R has the variance of a binomial share: (1 - s) / (s n), by n / (n - 1).
    const margin = studentTQuantile(0.95, 999) * Math.sqrt(((0.6 / 0.4 / 1_000) * 1_000) / 999);
    expect(values!['ratioHigh']).toBeCloseTo(Math.exp(margin), 12);
    expect(values!['ratioLow']).toBeCloseTo(Math.exp(-margin), 12);
    expect(reason).toBe(
      'version 3 on 1,000 rows with 400 frauds: 1 frauds promised for each that happened, with 95 % confidence at least 0.938 and at most ' +
        '1.07, allowed are 0.8 to 1.25',
    );
  });

  it('has an interval as wide as drawing cards again and again says', async () => {
    // Cards are dear or cheap as a whole, so that rows of a card go together.
    const rows = simulatedRows({ rowCount: 3_000, cards: 150 });
    const labels = rows.labels.map((label, i) => (rows.entityCodes[i]! % 10 === 0 ? 1 : label));
    const judged = { ...rows, labels };
    const { values } = await ask(gateOn(judged, { by: 'entity', maximumRatio: 3 }));
    const margin = Math.log((values!['ratioHigh'] as number) / (values!['ratio'] as number));
    const byCard = Array.from({ length: 150 }, () => ({ promised: 0, frauds: 0 }));
    rows.entityCodes.forEach((card, i) => {
      byCard[card]!.promised += rows.scores[i]!;
      byCard[card]!.frauds += labels[i]!;
    });
    const random = seededRandom(3);
    const logs = Array.from({ length: 2_000 }, () => {
      const drawn = byCard.map(() => byCard[random.integer(150)]!);
      return Math.log(drawn.reduce((sum, card) => sum + card.promised, 0) / drawn.reduce((sum, card) => sum + card.frauds, 0));
    });
    const mean = logs.reduce((sum, value) => sum + value, 0) / logs.length;
    const spread = Math.sqrt(logs.reduce((sum, value) => sum + (value - mean) ** 2, 0) / logs.length);
    expect(margin / studentTQuantile(0.95, 149) / spread).toBeGreaterThan(0.93);
    expect(margin / studentTQuantile(0.95, 149) / spread).toBeLessThan(1.07);
    // Rows by themselves would say far too little.
    const alone = clustersOf({ ...judged, times: undefined as never, entityCodes: labels.map((_, i) => i) }, 'entity');
    const [promised, frauds] = [rows.scores, labels].map((column) => column.reduce((sum, value) => sum + value, 0));
    expect(clusterMargin((row) => rows.scores[row]! / promised! - labels[row]! / frauds!, alone, 0.95)).toBeLessThan(
      margin * 0.8,
    );
  });

  it('passes models at the bound in at most 5 of 100 cases', async () => {
    let passed = 0;
    for (let seed = 0; seed < 400; seed++) {
      const rows = simulatedRows({ rowCount: 600, seed, change: (risk) => Math.min(1, risk * 1.3) });
      // The top is cut off, so that the true ratio is a little less.
      const result = await ask(gateOn(rows, { maximumRatio: trueRatio, by: 'entity' }));
      if (result.passed) passed++;
    }
    expect(passed).toBeGreaterThan(0);
    expect(passed).toBeLessThanOrEqual(20 + 9);
  });

  it('is right about a model that is right, and about one that is not', async () => {
    const right = simulatedRows({ rowCount: 20_000 });
    expect(await ask(gateOn(right, { maximumRatio: 1.1 }))).toMatchObject({ passed: true });
    const wrong = { ...right, scores: right.scores.map((score) => score ** 0.5) };
    expect(await ask(gateOn(wrong, { maximumRatio: 1.1 }))).toMatchObject({ passed: false });
  });

  it('does not depend on the order of the rows, and leaves out rows without label', async () => {
    const rows = simulatedRows({ rowCount: 1_000 });
    const first = await ask(gateOn(rows));
    const again = await ask(gateOn(shuffled(rows)));
    expect(again.passed).toBe(first.passed);
    for (const name of ['ratio', 'ratioLow', 'ratioHigh'])
      expect(again.values![name]).toBeCloseTo(first.values![name] as number, 10);
    expect(await ask(gateOn(rows))).toEqual(first);
    const unknown = { ...rows, labels: [...rows.labels, 255], scores: [...rows.scores, 1] };
    const longer = { ...unknown, times: [...rows.times, 0], entityCodes: [...rows.entityCodes, 5] };
    expect(await ask(gateOn(longer))).toEqual(first);
  });

  it('asks a given error of the known rows, and of nothing but numbers', async () => {
    const rows = promising(0.5);
    const brier = (probabilities: Float64Array, labels: Uint8Array) =>
      probabilities.reduce((sum, probability, i) => sum + (probability - labels[i]!) ** 2, 0) / labels.length;
    const judged = (maximumError: number) =>
      ask(calibrationWithin({ evaluate: () => rows, error: brier, maximumError, minimumFrauds: 1 }));
    expect(await judged(0.25)).toMatchObject({ passed: true, values: { error: 0.25, maximumError: 0.25 } });
    expect(await judged(0.2499)).toMatchObject({
      passed: false,
      reason: expect.stringContaining('the error is 0.25, at most 0.2499'),
    });
    for (const error of [() => Number.NaN, () => -1, () => undefined, () => Number.POSITIVE_INFINITY]) {
      const gate = calibrationWithin({ evaluate: () => rows, error: error as never, maximumError: 1 });
      await expect(ask(gate)).rejects.toMatchObject({ code: 'GATE_ERROR' });
    }
    // One of two bounds is enough to fail.
    const both = gateOn(rows, { error: brier, maximumError: 0.1, decideBy: 'estimate' });
    expect(await ask(both)).toMatchObject({ passed: false, values: { ratio: 1.25 } });
  });

  it('refuses too few frauds, and knows nothing of scores that are no probabilities', async () => {
    const few = await ask(gateOn(promising(0.4), { minimumFrauds: 41 }));
    expect(few).toMatchObject({ passed: false, reason: '40 frauds on 100 rows, 41 are needed to judge probabilities' });
    await expect(ask(gateOn({ ...promising(0.4), labels: promising(0.4).scores }))).rejects.toThrow(
      'labels[0] is 0.4, expected 0, 1 or 255',
    );
    await expect(ask(gateOn(promising(1.5)))).rejects.toThrow('scores[0] is 1.5, expected a probability from 0 to 1');
    const { entityCodes: _, ...alone } = promising(0.4);
    await expect(ask(gateOn(alone))).rejects.toThrow('the evaluation gives no times or entityCodes');
  });

  it.each<[object, string]>([
    [{ maximumRatio: undefined }, 'neither options.maximumRatio nor options.maximumError is given'],
    [{ maximumRatio: 0.8 }, 'maximumRatio is 0.8, expected a number from 1 to 1000000'],
    [{ maximumError: 0.1 }, 'options.error and options.maximumError go together'],
    [{ error: () => 1 }, 'options.error and options.maximumError go together'],
    [{ maximumratio: 2 }, 'did you mean maximumRatio?'],
    [{ minimumFrauds: 0 }, 'minimumFrauds is 0, expected a whole number from 1 to'],
    [{ decideBy: 'luck' }, 'decideBy is "luck"'],
  ])('refuses %j', (change, message) => expect(() => gateOn(promising(0.4), change)).toThrow(message));
});

/** Mean of min(1, 1.3 r) over mean of r, for r = u^4 with u uniform: 5 (1.3 k^5 / 5 + 1 - k) with k = 1.3^(-1/4). */
const trueRatio = (() => {
  const cut = 1.3 ** -0.25;
  return 5 * ((1.3 * cut ** 5) / 5 + 1 - cut);
})();
