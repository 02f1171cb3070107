import { describe, expect, it, vi } from 'vitest';
import { candidate, incumbent, versionOf } from './asked-gates.fixture.js';
import { type EvaluatedRows, evaluated } from './evaluated-rows.js';
import { evaluatedOnce } from './evaluated-once.js';

const rows: EvaluatedRows = { fingerprint: 'f', scores: [0.1, 0.9], labels: [0, 255] };
const { signal } = new AbortController();

describe('evaluated', () => {
  it('gives rows as they are', async () => {
    expect(await evaluated(() => rows, candidate, signal)).toBe(rows);
  });

  it.each<[string, object | undefined]>([
    ['is undefined, expected an object with fingerprint, scores and labels', undefined],
    ['fingerprint is "", expected 1 to 250 characters', { ...rows, fingerprint: '' }],
    ['fingerprint is "xxx', { ...rows, fingerprint: 'x'.repeat(251) }],
    ['has no rows, so there is nothing to judge by', { ...rows, scores: [] }],
    ['scores[1] is NaN, expected a finite number', { ...rows, scores: [0.1, Number.NaN] }],
    ['scores[1] is Infinity', { ...rows, scores: [0.1, Infinity] }],
    ['scores[0] is "0.1"', { ...rows, scores: ['0.1', 1] }],
    ['scores[0] is 0n', { ...rows, scores: new BigInt64Array(2) }],
    ['60000000 rows, at most 50000000 are allowed; judge by a sample', { ...rows, scores: { length: 60_000_000 } }],
    ['labels has 1 entries for 2 scores, expected one each', { ...rows, labels: [0] }],
    ['labels[1] is 2, expected 0, 1 or 255 for unknown', { ...rows, labels: [0, 2] }],
    ['labels[0] is true', { ...rows, labels: [true, 0] }],
    ['labels is null, expected an array with one entry a row', { ...rows, labels: null }],
    ['times[1] is NaN', { ...rows, times: [0, Number.NaN] }],
    ['entityCodes has 1 entries', { ...rows, entityCodes: [1] }],
    ['amounts[1] is "a"', { ...rows, amounts: [1, 'a'] }],
    ['segments is an array of 0, expected an object of arrays', { ...rows, segments: [] }],
  ])('says that it %s', async (message, given) => {
    const failing = evaluated(() => given as EvaluatedRows, candidate, signal);
    await expect(failing).rejects.toMatchObject({
      code: 'GATE_ERROR',
      message: expect.stringMatching(/^the evaluation of version 3:? /),
    });
    await expect(failing).rejects.toThrow(message);
  });

  it('ends when its time is up, and with the error of the evaluation', async () => {
    const controller = new AbortController();
    const late = evaluated(() => (controller.abort(new Error('too late')), rows), candidate, controller.signal);
    await expect(late).rejects.toThrow('too late');
    await expect(evaluated(() => Promise.reject(new Error('no such file')), candidate, signal)).rejects.toThrow('no such file');
  });
});

describe('evaluatedOnce', () => {
  it('scores each version once, also when asked twice at the same time', async () => {
    const evaluate = vi.fn(async () => rows);
    const once = evaluatedOnce(evaluate);
    expect(await Promise.all([once(candidate, signal), once(candidate, signal), once(incumbent, signal)])).toEqual([
      rows,
      rows,
      rows,
    ]);
    // The stage of a version may change, its files don't.
    await once(versionOf(3, { stage: 'Staging' }), signal);
    expect(evaluate).toHaveBeenCalledTimes(2);
    await once(versionOf(3, { name: 'other' }), signal);
    await once(versionOf(3, { files: [] }), signal);
    expect(evaluate).toHaveBeenCalledTimes(4);
  });

  it('tries again what failed, and forgets the oldest', async () => {
    let calls = 0;
    const once = evaluatedOnce(() => {
      if (++calls === 1) throw new Error('away');
      return rows;
    });
    await expect(once(candidate, signal)).rejects.toThrow('away');
    expect(await once(candidate, signal)).toBe(rows);
    for (const version of [4, 5, 6, 7]) await once(versionOf(version), signal);
    expect(calls).toBe(6);
    await once(candidate, signal);
    expect(calls).toBe(7);
  });
});
