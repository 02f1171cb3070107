import { describe, expect, it } from 'vitest';
import { judge } from '../gate.js';
import { ask, candidate } from './asked-gates.fixture.js';
import { type LatencyAtMostOptions, latencyAtMost } from './latency-at-most.js';

/** A clock that the scorer moves on: row r takes r milliseconds. */
function takingItsRow() {
  let nowMs = 0;
  const scored: number[] = [];
  const score = (row: number) => {
    scored.push(row);
    nowMs += row;
    return 0.5;
  };
  return { scored, options: { prepare: () => score, nowMs: () => nowMs } };
}
const hundred = Array.from({ length: 100 }, (_, i) => i + 1);
const gateWith = (change: Partial<LatencyAtMostOptions<number>> = {}) =>
  latencyAtMost({ ...takingItsRow().options, rows: hundred, calls: 100, warmUpCalls: 0, p99Ms: 99, ...change });

describe('latencyAtMost', () => {
  // numpy 2.4.6 percentile(range(1, 101), [50, 99], method='inverted_cdf') is 50 and 99.
  it.each<[Partial<LatencyAtMostOptions<number>>, boolean]>([
    [{ p99Ms: 99 }, true],
    [{ p99Ms: 98.9 }, false],
    [{ p99Ms: 99, p50Ms: 50 }, true],
    [{ p99Ms: 99, p50Ms: 49.9 }, false],
  ])('of calls that take 1 to 100 ms: %j %s', async (bounds, passed) => {
    const result = await ask(gateWith(bounds));
    expect(result).toMatchObject({ passed, values: { p50Ms: 50, p99Ms: 99, maxMs: 100, calls: 100 } });
  });

  it('says what was measured and asked for', async () => {
    expect((await ask(gateWith())).reason).toBe(
      'of 100 calls of version 3 half took at most 50 ms, 99 of 100 took at most 99 ms (allowed 99 ms)',
    );
  });

  it('does not count the first calls, and takes the rows in an order of its seed', async () => {
    const [first, again, other] = [takingItsRow(), takingItsRow(), takingItsRow()];
    const options = { rows: hundred, calls: 150, warmUpCalls: 50, p99Ms: 1_000 };
    const result = await ask(latencyAtMost({ ...first.options, ...options }));
    expect(result.values).toMatchObject({ calls: 150, warmUpCalls: 50 });
    expect(await ask(latencyAtMost({ ...again.options, ...options }))).toEqual(result);
    await ask(latencyAtMost({ ...other.options, ...options, seed: 'b' }));
    expect(first.scored).toHaveLength(200);
    expect(again.scored).toEqual(first.scored);
    expect(other.scored).not.toEqual(first.scored);
    // Each row comes as often as any other.
    expect(first.scored.toSorted((a, b) => a - b)).toEqual(hundred.flatMap((row) => [row, row]));
    const slowStart = takingItsRow();
    let calls = 0;
    const prepare = () => () => slowStart.options.prepare()(calls++ < 50 ? 500 : 1);
    expect(
      await ask(latencyAtMost({ ...options, prepare, nowMs: slowStart.options.nowMs, p99Ms: 1, budgetMs: 1e6 })),
    ).toMatchObject({
      passed: true,
    });
  });

  it('refuses a version that is too slow to make its calls', async () => {
    const result = await ask(gateWith({ budgetMs: 1_000, p99Ms: 1e6 }));
    expect(result.passed).toBe(false);
    expect(result.reason).toMatch(/^version 3 made \d+ calls of 100 within 1000 ms$/);
    expect(result.values).toMatchObject({ budgetMs: 1_000 });
  });

  it('measures scorers that answer later', async () => {
    let nowMs = 0;
    const prepare = async () => async () => {
      await Promise.resolve();
      nowMs += 7;
      return 1;
    };
    expect(await ask(gateWith({ prepare, nowMs: () => nowMs, p99Ms: 7 }))).toMatchObject({ passed: true, values: { p50Ms: 7 } });
    expect(await ask(gateWith({ prepare, nowMs: () => nowMs, p99Ms: 6.9 }))).toMatchObject({ passed: false });
  });

  it('ends with the gate’s time, by the machine’s clock', async () => {
    const busy = () => {
      for (const endMs = performance.now() + 2; performance.now() < endMs; );
      return 1;
    };
    const gate = latencyAtMost({ prepare: () => busy, rows: [1], p99Ms: 1, calls: 1_000_000 });
    const startMs = performance.now();
    const promotion = { candidate, incumbent: undefined, stage: 'Production', by: 'pete' } as const;
    await expect(judge('promote', [gate], promotion, 100)).rejects.toThrow('it took longer than 100 ms');
    expect(performance.now() - startMs).toBeLessThan(5_000);
  });

  it.each<[string, object]>([
    ['a scorer that gives nothing', { prepare: () => () => undefined }],
    ['a score that is NaN', { prepare: () => () => Number.NaN }],
    ['a score that is a text', { prepare: () => async () => '0.5' }],
    ['a scorer that throws', { prepare: () => () => JSON.parse('{') }],
    ['no scorer', { prepare: () => undefined }],
    [
      'a clock that goes back',
      {
        prepare: () => () => 1,
        nowMs: (
          (nowMs) => () =>
            nowMs--
        )(0),
      },
    ],
    ['a clock that gives NaN', { prepare: () => () => 1, nowMs: () => Number.NaN }],
  ])('takes %s for an error', async (_name, change) => {
    await expect(ask(gateWith(change))).rejects.toMatchObject({ code: 'GATE_ERROR' });
  });

  it.each<[object, string]>([
    [{ p99Ms: undefined }, 'neither options.p50Ms nor options.p99Ms is given'],
    [{ rows: [] }, 'options.rows is an array of 0, expected an array of at least one row'],
    [{ calls: 10 }, 'calls is 10, expected a whole number from 100 to 1000000'],
    [{ p99ms: 3 }, 'did you mean p99Ms?'],
    [{ p50Ms: Number.NaN }, 'p50Ms is NaN'],
  ])('refuses %j', (change, message) => expect(() => gateWith(change)).toThrow(message));
});
