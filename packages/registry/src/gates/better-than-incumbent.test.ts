/** The gate by a comparison that says what it is told; `@fraudops/pipeline` tests it with that of `@fraudops/train`. */
import { describe, expect, it, vi } from 'vitest';
import { candidate, ask, incumbent, shuffled, simulatedRows } from './asked-gates.fixture.js';
import {
  type BetterThanIncumbentOptions,
  type PairedAnswer,
  type PairedDifference,
  type PairedQuestion,
  type PairedScores,
  betterThanIncumbent,
} from './better-than-incumbent.js';
import type { EvaluatedRows } from './evaluated-rows.js';

type Metric = 'averagePrecision' | 'rocAuc' | 'logLoss';
type Options = BetterThanIncumbentOptions<Metric>;

const difference: PairedDifference = {
  metric: 'averagePrecision',
  candidate: 0.64231,
  incumbent: 0.61111,
  difference: 0.0312,
  low: 0.012345,
  high: 0.05,
};

function answering(...differences: Partial<PairedDifference>[]) {
  return vi.fn(
    (rows: PairedScores, _question: PairedQuestion<Metric>): PairedAnswer => ({
      differences: differences.map((change) => ({ ...difference, ...change })),
      by: 'entity',
      clusters: 812,
      rows: rows.labels.length,
    }),
  );
}

const rows = simulatedRows({ rowCount: 200 });
const gateWith = (change: Partial<Options> = {}) =>
  betterThanIncumbent({ evaluate: () => rows, compare: answering({}), metric: 'averagePrecision', ...change });

describe('betterThanIncumbent', () => {
  it.each<[number | null, number, boolean]>([
    [0.012345, 0, true],
    [0.012345, 0.012344, true],
    [0.012345, 0.012345, false],
    [0, 0, false],
    [-1e-9, 0, false],
    [-0.009, -0.01, true],
    [null, 0, false],
    [Number.POSITIVE_INFINITY, 0, false],
  ])('of a lower end %s with at least %s asked for: %s', async (low, minimumDifference, passed) => {
    expect(await ask(gateWith({ compare: answering({ low }), minimumDifference }))).toMatchObject({ passed });
  });

  it('says why, and records all digits', async () => {
    const { reason, values } = await ask(gateWith({ seed: 'weekly', resamples: 500, minimumDifference: 0.01 }));
    expect(reason).toBe(
      'version 3 against version 2 on the same 200 rows of 812 cards: better by 0.0312 in averagePrecision (0.642 against 0.611), ' +
        'by more than 0.0123 with 95 % confidence',
    );
    expect(values).toEqual({
      metric: 'averagePrecision',
      candidate: 0.64231,
      incumbent: 0.61111,
      incumbentVersion: 2,
      difference: 0.0312,
      low: 0.012345,
      minimumDifference: 0.01,
      confidence: 0.95,
      by: 'entity',
      clusters: 812,
      rows: 200,
      unknownRows: 0,
      resamples: 500,
      seed: 'weekly',
      fingerprint: 'rows 1',
    });
    const refused = await ask(gateWith({ compare: answering({ difference: -0.004, low: -0.0312 }) }));
    expect(refused.reason).toMatch(
      /: worse by 0\.004 in .*; with 95 % confidence only a difference above -0\.0312 is sure, above 0/,
    );
    const undefinedOne = await ask(gateWith({ compare: answering({ candidate: null, difference: null, low: null }) }));
    expect(undefinedOne.reason).toMatch(/the difference in averagePrecision is undefined \(undefined against 0\.611\)$/);
  });

  it('asks for a one-sided interval, and for the other metrics', async () => {
    const compare = answering({}, { metric: 'logLoss', high: 0.1 });
    await ask(gateWith({ compare, confidence: 0.9, noWorseIn: ['logLoss'], by: 'day', seed: 3 }));
    const [paired, question] = compare.mock.calls[0]!;
    expect(question).toEqual({
      deciding: 'averagePrecision',
      metrics: ['logLoss'],
      resamples: 1_000,
      level: expect.closeTo(0.8, 12),
      seed: 3,
      by: 'day',
    });
    expect(Object.keys(paired).toSorted()).toEqual(['candidate', 'entityCodes', 'incumbent', 'labels', 'times']);
  });

  it('refuses what is surely worse in a metric that must not be', async () => {
    const compare = answering({}, { metric: 'logLoss', difference: -0.02, high: -0.001 });
    const result = await ask(gateWith({ compare, noWorseIn: ['logLoss'] }));
    expect(result).toMatchObject({ passed: false, values: { worseMetric: 'logLoss', worseHigh: -0.001 } });
    expect(result.reason).toMatch(
      /worse by 0\.02 in logLoss, by at least 0\.001 with 95 % confidence; it must not be worse there$/,
    );
    expect(await ask(gateWith({ compare: answering({}, { metric: 'logLoss', high: 0 }), noWorseIn: ['logLoss'] }))).toMatchObject(
      {
        passed: true,
      },
    );
  });

  it('gives the comparison the same rows in the same order, in whichever order they come', async () => {
    const compare = answering({});
    const scored = simulatedRows({ rowCount: 300, days: 2, cards: 3 });
    const other = { ...scored, scores: scored.scores.map((score) => 1 - score), amounts: scored.scores.map((_, i) => i % 7) };
    const own = { ...scored, amounts: other.amounts };
    const evaluate = ({ version }: { version: number }) => (version === 3 ? own : other);
    const evaluateShuffled = ({ version }: { version: number }) => shuffled(version === 3 ? own : other);
    await ask(gateWith({ compare, evaluate }));
    await ask(gateWith({ compare, evaluate: evaluateShuffled }));
    expect(compare.mock.calls[1]).toEqual(compare.mock.calls[0]);
    expect(new Set(Array.from(compare.mock.calls[0]![0].candidate)).size).toBe(300);
  });

  it.each<[string, Partial<EvaluatedRows>, string]>([
    [
      'fingerprints',
      { fingerprint: 'rows of May' },
      'their fingerprints are "rows 1" and "rows of May" for version 3 and version 2',
    ],
    ['a label', { labels: rows.labels.with(7, 255) }, `labels[7] is ${rows.labels[7]} and 255 for version 3 and version 2`],
    ['swapped labels', { labels: rows.labels.map((label) => 1 - label) }, 'labels[0] is'],
    ['times', { times: rows.times.with(0, 5) }, 'times[0] is'],
    ['cards', { entityCodes: rows.entityCodes.with(3, -1) }, 'entityCodes[3] is'],
    ['amounts of one only', { amounts: rows.scores }, 'amounts are known for one of version 3 and version 2 only'],
  ])('refuses other %s', async (_name, change, reason) => {
    const compare = answering({});
    const evaluate = ({ version }: { version: number }) => (version === 2 ? { ...rows, ...change } : rows);
    const result = await ask(gateWith({ compare, evaluate }));
    expect(result.passed).toBe(false);
    expect(result.reason).toContain(`the two were not judged on the same rows: ${reason}`);
    expect(compare).not.toHaveBeenCalled();
  });

  it('refuses another number of rows', async () => {
    const fewer = simulatedRows({ rowCount: 199 });
    const evaluate = ({ version }: { version: number }) => (version === 2 ? fewer : rows);
    expect((await ask(gateWith({ evaluate }))).reason).toContain('200 rows and 199 rows for version 3 and version 2');
  });

  it('without incumbent passes with a note, or not, but only what can be evaluated', async () => {
    const first = { incumbent: undefined };
    const passed = await ask(gateWith(), first);
    expect(passed).toMatchObject({ passed: true, values: { candidate: 0.64231, incumbent: null, fingerprint: 'rows 1' } });
    expect(passed.reason).toBe(
      'no version holds Production, so there is nothing to beat; version 3 has 0.642 in averagePrecision on 200 rows',
    );
    expect(await ask(gateWith({ withoutIncumbent: 'refuse' }), first)).toMatchObject({ passed: false });
    expect(await ask(gateWith({ compare: answering({ candidate: null }) }), first)).toMatchObject({ passed: false });
    const broken = gateWith({ evaluate: () => ({ ...rows, scores: rows.scores.with(4, Number.NaN) }) });
    await expect(ask(broken, first)).rejects.toThrow('the evaluation of version 3: scores[4] is NaN, expected a finite number');
  });

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['no differences', { differences: [], by: 'day', clusters: 3, rows: 2 }],
    ['another metric', answering({ metric: 'rocAuc' })(rows as never, {} as never)],
    ['a lower end that is NaN', answering({ low: Number.NaN })(rows as never, {} as never)],
    ['a lower end that is a text', answering({ low: '0.1' as never })(rows as never, {} as never)],
    ['no clusters', { differences: [difference], rows: 2 }],
  ])('takes no answer of the comparison that is %s', async (_name, answer) => {
    await expect(ask(gateWith({ compare: (() => answer) as never }))).rejects.toMatchObject({ code: 'GATE_ERROR' });
  });

  it.each<[object, string]>([
    [{ minimumDiference: 1 }, 'options.minimumDiference is not an option; did you mean minimumDifference?'],
    [{ confidence: 0.5 }, 'confidence is 0.5, expected a number from 0.75 to 0.9995'],
    [{ confidence: 95 }, 'confidence is 95'],
    [{ minimumDifference: Number.NEGATIVE_INFINITY }, 'minimumDifference is -Infinity, expected a number'],
    [{ minimumDifference: Number.NaN }, 'minimumDifference is NaN'],
    [{ minimumDifference: '0' }, 'minimumDifference is "0"'],
    [{ compare: undefined }, 'compare is undefined, expected a function'],
    [{ evaluate: null }, 'options.evaluate is null, expected a function'],
    [{ resamples: 10 }, 'resamples is 10, expected a whole number from 50 to 100000'],
    [{ withoutIncumbent: 'maybe' }, 'withoutIncumbent is "maybe", expected one of pass, refuse'],
    [{ by: 'week' }, 'by is "week"'],
    [{ noWorseIn: [null] }, 'noWorseIn is null'],
    [{ metric: '' }, 'metric is ""'],
    [{ name: 'x'.repeat(251) }, 'name has 251 characters'],
    [{ seed: Number.NaN }, 'seed is NaN'],
  ])('refuses %j', (change, message) => {
    expect(() => gateWith(change)).toThrow(message);
  });

  it('names itself by its metric, or as it is told', () => {
    expect(gateWith().name).toBe('better than the incumbent in averagePrecision');
    expect(gateWith({ name: 'on last week' }).name).toBe('on last week');
    expect([candidate.version, incumbent.version]).toEqual([3, 2]);
  });
});
