/** `betterThanIncumbent` of the registry with the comparison of `@fraudops/train`: what passes by chance, and what by merit. */
import { memoryStore, seededRandom } from '@fraudops/core';
import { type EvaluatedRows, type ModelVersion, betterThanIncumbent, modelRegistry } from '@fraudops/registry';
import { compareModels } from '@fraudops/train';
import { describe, expect, it } from 'vitest';

const files = [{ path: 'model.json', bytes: Uint8Array.of(1) }];

/** A candidate and an incumbent that see the risk through noise, as much of it as said; rows of a card are alike for both and for each. */
function contest(seed: number, noise: { candidate: number; incumbent: number }, rowCount = 300) {
  const random = seededRandom(seed);
  const cards = Array.from({ length: 60 }, () => ({
    risk: random.next() ** 3,
    candidate: random.normal(),
    incumbent: random.normal(),
  }));
  const rows = Array.from({ length: rowCount }, () => {
    const code = random.integer(60);
    return { code, card: cards[code]!, risk: (cards[code]!.risk + random.next() ** 3) / 2 };
  });
  const truth = {
    fingerprint: `rows ${seed}`,
    labels: rows.map(({ risk }) => Number(random.next() < risk)),
    times: rows.map((_, i) => i * 3_600_000),
    entityCodes: rows.map(({ code }) => code),
  };
  const scoresOf = (who: 'candidate' | 'incumbent') =>
    rows.map(({ risk, card }) => risk + noise[who] * (random.normal() + card[who]));
  const scores = [scoresOf('incumbent'), scoresOf('candidate')];
  return ({ version }: ModelVersion): EvaluatedRows => ({ ...truth, scores: scores[version - 1]! });
}

async function versions() {
  const registry = modelRegistry(memoryStore());
  await registry.register('fraud', { files });
  await registry.register('fraud', { files });
  const [incumbent, candidate] = await registry.versions('fraud');
  return {
    candidate: candidate!,
    incumbent: incumbent!,
    stage: 'Production',
    by: 'ana',
    signal: new AbortController().signal,
  } as const;
}

async function passes(count: number, noise: { candidate: number; incumbent: number }, options: object = {}): Promise<number> {
  const context = await versions();
  let passed = 0;
  for (let seed = 0; seed < count; seed++) {
    const evaluate = contest(seed, noise);
    const gate = betterThanIncumbent({
      evaluate,
      compare: compareModels,
      metric: 'averagePrecision',
      resamples: 100,
      seed,
      ...options,
    });
    if ((await gate.check(context)).passed) passed++;
  }
  return passed;
}

describe('betterThanIncumbent with compareModels', () => {
  it('passes of 400 candidates that are as good as the incumbent at most 5 in 100', async () => {
    const passed = await passes(400, { candidate: 0.1, incumbent: 0.1 }, { confidence: 0.95 });
    expect(passed).toBeGreaterThan(0);
    expect(passed).toBeLessThanOrEqual(20);
  });

  it('passes hardly any that are worse, and most that are better', async () => {
    expect(await passes(100, { candidate: 0.2, incumbent: 0.1 })).toBe(0);
    expect(await passes(100, { candidate: 0.05, incumbent: 0.4 })).toBeGreaterThanOrEqual(85);
  });

  it('is harder to pass the surer one wants to be', async () => {
    const better = { candidate: 0.1, incumbent: 0.25 };
    const [unsure, sure, surest] = [
      await passes(60, better, { confidence: 0.75 }),
      await passes(60, better, { confidence: 0.95 }),
      await passes(60, better, { confidence: 0.995 }),
    ];
    expect(unsure).toBeGreaterThan(sure);
    expect(sure).toBeGreaterThan(surest);
  });

  it('records what it decided by, the same for the same seed in whatever order the rows come', async () => {
    const judged = async (evaluate: (version: ModelVersion) => EvaluatedRows, seed = 1) => {
      const registry = modelRegistry(memoryStore());
      for (const metrics of [{ ap: 0.5 }, { ap: 0.6 }]) await registry.register('fraud', { files, metrics });
      await registry.promote('fraud', 1, { stage: 'Production', by: 'ana', why: 'first' });
      const gates = [betterThanIncumbent({ evaluate, compare: compareModels, metric: 'averagePrecision', seed, resamples: 200 })];
      await registry.promote('fraud', 2, { stage: 'Production', gates, by: 'ana', why: 'better' });
      const last = (await registry.history('fraud')).at(-1)!;
      return { type: last.type, payload: JSON.stringify(last.payload) };
    };
    const evaluate = contest(3, { candidate: 0.05, incumbent: 0.4 });
    const reversed = (version: ModelVersion) => {
      const { scores, labels, times, entityCodes, fingerprint } = evaluate(version);
      const turned = (values: ArrayLike<number> | undefined) => Array.from(values!).toReversed();
      return {
        fingerprint,
        scores: turned(scores),
        labels: turned(labels),
        times: turned(times),
        entityCodes: turned(entityCodes),
      };
    };
    const first = await judged(evaluate);
    expect(first.type).toBe('promoted');
    expect(await judged(evaluate)).toEqual(first);
    expect(await judged(reversed)).toEqual(first);
    expect(await judged(evaluate, 2)).not.toEqual(first);
    expect(JSON.parse(first.payload)).toMatchObject({
      gates: [
        { values: { rows: 300, clusters: 60, by: 'entity', resamples: 200, seed: 1, confidence: 0.95, minimumDifference: 0 } },
      ],
    });
  });

  it('asks for costs as the caller says', async () => {
    const context = await versions();
    const evaluate = contest(2, { candidate: 0, incumbent: 0.4 });
    const withAmounts = (version: ModelVersion) => {
      const rows = evaluate(version);
      const probabilities = Array.from(rows.scores, (score) => Math.min(1, Math.max(0, score)));
      return { ...rows, scores: probabilities, amounts: probabilities.map((_, i) => 20 + (i % 80)) };
    };
    const gate = betterThanIncumbent({
      evaluate: withAmounts,
      compare: (rows, question) => compareModels(rows, { ...question, costs: { reviewCost: 5 } }),
      metric: 'cost',
      noWorseIn: ['averagePrecision'],
      resamples: 200,
    });
    const result = await gate.check(context);
    expect(result).toMatchObject({ passed: true, values: { metric: 'cost' } });
    expect(result.reason).toMatch(/better by \d+ in cost/);
  });
});
