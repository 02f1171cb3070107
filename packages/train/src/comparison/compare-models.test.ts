import { seededRandom } from '@fraudops/core';
import { describe, expect, it } from 'vitest';
import { totalCost } from '../metrics/costs/total-cost.js';
import { expectedSavings } from '../metrics/costs/fraud-costs.js';
import { evaluateScores } from '../metrics/evaluate.js';
import { type CompareOptions, compareModels } from './compare-models.js';

const DAY_MS = 86_400_000;

/** Rows over 30 days; the candidate sees the risk with less noise when `sharpness` is larger. */
function comparedRows(sharpness: number, rowCount = 1_500) {
  const random = seededRandom(11);
  const rows = Array.from({ length: rowCount }, () => {
    const risk = random.next() ** 4;
    return {
      risk,
      label: Number(random.next() < risk),
      noise: random.next(),
      other: random.next(),
      day: random.integer(30),
      card: random.integer(300),
    };
  });
  return {
    candidate: rows.map(({ risk, noise }) => (sharpness * risk + noise) / (sharpness + 1)),
    incumbent: rows.map(({ risk, other }) => (risk + other) / 2),
    labels: rows.map(({ label }) => label),
    times: rows.map(({ day }) => day * DAY_MS),
    entityCodes: rows.map(({ card }) => card),
    amounts: rows.map((_, i) => 10 + (i % 90)),
  };
}

const few: CompareOptions = { resamples: 200 };

describe('compareModels', () => {
  it('finds the better and the worse of two, and says why', () => {
    const better = compareModels(comparedRows(4), few);
    expect(better).toMatchObject({ verdict: 'better', by: 'day', clusters: 30, rows: 1_500, unknownShare: 0 });
    expect(better.reason).toMatch(
      /^averagePrecision differs by 0\.\d+ in favour of the candidate \(95 % interval 0\.\d+ to 0\.\d+\), all above 0$/,
    );
    expect(better.differences[0]!.winRate).toBeGreaterThan(0.99);
    expect(compareModels(comparedRows(0.2), few).verdict).toBe('worse');
    expect(compareModels(comparedRows(1, 300), few).verdict).toBe('undecided');
  });

  it('says of the rows as they are what the report card says', () => {
    const rows = comparedRows(2);
    const costs = { reviewCost: 5 };
    const { differences } = compareModels(rows, { ...few, costs });
    expect(differences.map(({ metric }) => metric)).toEqual(['averagePrecision', 'rocAuc', 'cardPrecisionAt100', 'cost']);
    const own = evaluateScores({ ...rows, scores: rows.candidate });
    const other = evaluateScores({ ...rows, scores: rows.incumbent });
    for (const name of ['averagePrecision', 'rocAuc', 'cardPrecisionAt100'] as const) {
      const found = differences.find(({ metric }) => metric === name)!;
      expect(found.candidate).toBeCloseTo(own[name]!, 12);
      expect(found.incumbent).toBeCloseTo(other[name]!, 12);
      expect(found.difference).toBeCloseTo(own[name]! - other[name]!, 12);
    }
    const alerts = rows.candidate.map((score, i) => Number(expectedSavings(score, rows.amounts[i]!, costs) > 0));
    const cost = differences.find(({ metric }) => metric === 'cost')!;
    expect(cost.candidate).toBeCloseTo(totalCost(alerts, rows.labels, rows.amounts, costs), 6);
    // Less cost is better, so the difference goes the other way.
    expect(cost.difference).toBeCloseTo(cost.incumbent! - cost.candidate!, 6);
  });

  it('finds no difference between a model and itself', () => {
    const rows = comparedRows(2);
    const { verdict, differences } = compareModels({ ...rows, incumbent: rows.candidate }, few);
    expect(verdict).toBe('undecided');
    expect(differences[0]).toMatchObject({ difference: 0, low: 0, high: 0, winRate: 0.5, standardError: 0 });
  });

  it('is surer paired than the two intervals are apart', () => {
    const rows = comparedRows(1);
    // The same model, its scores shifted a little: hard days are hard for both.
    const candidate = rows.incumbent.map((score, i) => score + (i % 7) / 100);
    const { differences } = compareModels({ ...rows, candidate }, few);
    expect(differences[0]!.standardError!).toBeLessThan(0.01);
  });

  it('asks for the margin, and heeds the metrics that must not fall', () => {
    const rows = comparedRows(4);
    const { differences, verdict } = compareModels(rows, { ...few, margin: 0.9 });
    expect(verdict).toBe('undecided');
    expect(differences[0]!.low).toBeGreaterThan(0);
    const noisy = { ...rows, candidate: rows.candidate.map((score) => score ** 20) };
    const guarded = compareModels(noisy, { ...few, noWorseThan: ['logLoss'] });
    expect(guarded.verdict).toBe('worse');
    expect(guarded.reason).toContain('logLoss differs by -');
  });

  it('leaves out rows whose label is unknown', () => {
    const rows = comparedRows(3);
    const labels = rows.labels.map((label, i) => (i % 5 === 0 ? 255 : label));
    const known = rows.labels.flatMap((_, i) => (i % 5 === 0 ? [] : [i]));
    const pick = (values: number[]) => known.map((row) => values[row]!);
    const only = {
      candidate: pick(rows.candidate),
      incumbent: pick(rows.incumbent),
      labels: pick(rows.labels),
      times: pick(rows.times),
      entityCodes: pick(rows.entityCodes),
    };
    const { amounts: _, ...compared } = { ...rows, labels };
    expect(compareModels(compared, few)).toEqual({ ...compareModels(only, few), unknownShare: expect.closeTo(0.2, 12) });
  });

  it('gives the same for the same seed, whether by day or by entity', () => {
    const rows = comparedRows(2);
    const options: CompareOptions = { ...few, by: 'entity', seed: 4 };
    expect(compareModels(rows, options)).toEqual(compareModels(rows, options));
    expect(compareModels(rows, options)).toMatchObject({ by: 'entity', clusters: new Set(rows.entityCodes).size });
  });

  it('takes rows of unknown cards as cards of their own', () => {
    const rows = comparedRows(2, 300);
    const unknown = { ...rows, entityCodes: rows.entityCodes.map((code, i) => (i % 3 === 0 ? -1 : code)) };
    for (const by of ['entity', 'day'] as const) {
      const { differences, clusters } = compareModels(unknown, { resamples: 50, by, metrics: ['cardPrecisionAt100'] });
      expect(differences.find(({ metric }) => metric === 'cardPrecisionAt100')!.difference).not.toBeNull();
      if (by === 'entity') expect(clusters).toBeGreaterThan(100);
    }
  });

  it.each([2, 3, 5, 10])('seldom tells equal models apart by %d days', (days) => {
    const random = seededRandom(days);
    let verdicts = 0;
    for (let sample = 0; sample < 200; sample++) {
      // Each day favours one of the two by chance, by as much as the noise of the day says.
      const rows = Array.from({ length: days * 4 }, (_, i) => i);
      const favours = Array.from({ length: days }, () => random.normal(0, 0.05));
      const { verdict } = compareModels(
        {
          candidate: rows.map((i) => 0.5 - favours[i % days]!),
          incumbent: rows.map(() => 0.5),
          labels: rows.map(() => 0),
          times: rows.map((i) => (i % days) * DAY_MS),
        },
        { by: 'day', deciding: 'brierScore', metrics: [], resamples: 100, seed: sample },
      );
      if (verdict !== 'undecided') verdicts++;
    }
    // 10 are due; plain percentile intervals give 106 by 2 days, 62 by 3 and 28 by 5.
    expect(verdicts).toBeLessThan(20);
  });

  it.each<[object, CompareOptions, string]>([
    [{ candidate: [0.1] }, {}, '1 scores of the candidate, 2 of the incumbent; score the same rows with both'],
    [{ incumbent: [0.1, Number.NaN] }, {}, 'compareModels: incumbent: scores[1] is NaN'],
    [{ labels: [255, 255] }, {}, 'no label of 2 rows is known'],
    [{}, { deciding: 'cost' }, 'the metric cost needs costs'],
    [{}, { deciding: 'cost', costs: { reviewCost: 1 } }, 'this metric needs amounts'],
    [{}, { margin: -1 }, 'compareModels: margin: -1'],
    [{}, { deciding: 'auc' as 'rocAuc' }, 'metric is "auc"'],
  ])('refuses %j with %j', (change, options, message) => {
    const rows = { candidate: [0.1, 0.9], incumbent: [0.2, 0.8], labels: [0, 1], entityCodes: [0, 1], ...change };
    expect(() => compareModels(rows, options)).toThrow(message);
  });
});
