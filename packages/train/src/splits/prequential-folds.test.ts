import { describe, expect, it } from 'vitest';
import { prequentialFolds } from './prequential-folds.js';
import { splitByTime } from './split-by-time.js';

const DAY_MS = 86_400_000;
/** Two cards a day over 40 days, one of them sometimes a fraud. */
const dates = Array.from({ length: 80 }, (_, i) => Math.floor(i / 2));
const rows = {
  times: Float64Array.from(dates, (day, i) => day * DAY_MS + i),
  labels: Uint8Array.from(dates, (_, i) => Number(i % 11 === 0)),
  entityCodes: Int32Array.from(dates, (_, i) => i % 7),
};

describe('prequentialFolds', () => {
  it('slides the block by one test length, the last test days ending at endMs', () => {
    const folds = prequentialFolds({ ...rows, endMs: 40 * DAY_MS, folds: 3, trainDays: 10, delayDays: 5, testDays: 4 });
    expect(folds.map(({ trainStartMs, testStartMs }) => [trainStartMs / DAY_MS, testStartMs / DAY_MS])).toEqual([
      [13, 28],
      [17, 32],
      [21, 36],
    ]);
    for (const { train, trainStartMs, test, testStartMs } of folds) {
      expect(
        [...train].every((row) => dates[row]! * DAY_MS >= trainStartMs && dates[row]! * DAY_MS < trainStartMs + 10 * DAY_MS),
      ).toBe(true);
      expect(
        [...test].every((row) => dates[row]! * DAY_MS >= testStartMs && dates[row]! * DAY_MS < testStartMs + 4 * DAY_MS),
      ).toBe(true);
    }
  });

  it('gives the rows of splitByTime', () => {
    const [fold] = prequentialFolds({ ...rows, endMs: 30 * DAY_MS, folds: 1 });
    const { train, test } = splitByTime({ ...rows, trainStartMs: 9 * DAY_MS });
    expect(fold).toEqual({ train, test, trainStartMs: 9 * DAY_MS, testStartMs: 23 * DAY_MS });
  });

  it.each<[object, string]>([
    [{ endMs: 30 * DAY_MS, folds: 9 }, 'prequentialFolds: fold 0 (training from 1969-11-15T00:00:00.000Z) has 0 training'],
    [{ endMs: Number.NaN }, 'prequentialFolds: endMs is NaN'],
    [{ endMs: 9e15 }, 'prequentialFolds: endMs is 9000000000000000, expected epoch milliseconds from'],
    [{ endMs: -8.64e15 }, 'prequentialFolds: endMs is -8640000000000000, expected epoch milliseconds from'],
    [{ endMs: 0, folds: 0 }, 'prequentialFolds: folds: 0'],
    [{ endMs: 0, testDays: 0 }, 'prequentialFolds: testDays: 0'],
  ])('refuses %j', (options, message) => {
    expect(() => prequentialFolds({ ...rows, ...(options as { endMs: number }) })).toThrow(message);
  });
});
