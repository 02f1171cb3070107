import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitByTime } from './split-by-time.js';

const DAY_MS = 86_400_000;

/** Transactions as [day from the start of training, customer, label]. */
function rows(list: [number, number, number][]) {
  return {
    times: Float64Array.from(list, ([day]) => day * DAY_MS + 1),
    entityCodes: Int32Array.from(list, ([, entity]) => entity),
    labels: Uint8Array.from(list, ([, , label]) => label),
    trainStartMs: 0,
  };
}

describe('splitByTime', () => {
  it('takes days of 24 hours from the start, both parts half-open', () => {
    const split = splitByTime(
      rows([
        [-1, 1, 0],
        [0, 1, 0],
        [6, 1, 0],
        [7, 1, 0],
        [13, 1, 0],
        [14, 1, 0],
        [20, 1, 0],
        [21, 1, 0],
      ]),
    );
    expect(split).toEqual({ train: Uint32Array.of(1, 2), test: Uint32Array.of(5, 6) });
  });

  it('drops customers known as compromised, and only from the day they are known', () => {
    const split = splitByTime(
      rows([
        [-3, 5, 1], // before the training week: not looked at
        [2, 1, 1], // in the training week: never tested
        [9, 2, 1], // known from test day 3 on: day 7 + 3 - 1
        [14, 1, 0],
        [16, 2, 0],
        [17, 2, 0],
        [14, 3, 1], // a fraud of the test week
        [20, 3, 0], // still unknown on the last test day
        [20, 5, 0],
      ]),
    );
    expect(Array.from(split.test)).toEqual([4, 6, 7, 8]);
    expect(Array.from(split.train)).toEqual([1]);
  });

  it('takes rows in any order and of any lengths of the three parts', () => {
    const split = splitByTime({
      ...rows([
        [3, 1, 0],
        [2, 1, 0],
        [0, 1, 0],
        [1, 1, 0],
      ]),
      trainDays: 1,
      delayDays: 1,
      testDays: 1,
    });
    expect(split).toEqual({ train: Uint32Array.of(2), test: Uint32Array.of(1) });
  });

  it('leaves out rows whose label is unknown', () => {
    expect(
      splitByTime(
        rows([
          [0, 1, 255],
          [1, 1, 0],
          [14, 1, 255],
        ]),
      ),
    ).toEqual({ train: Uint32Array.of(1), test: new Uint32Array(0) });
  });

  it('never drops rows without a customer', () => {
    expect(
      Array.from(
        splitByTime(
          rows([
            [0, -1, 1],
            [14, -1, 0],
          ]),
        ).test,
      ),
    ).toEqual([1]);
  });

  it("equals the handbook's get_train_test_set, day by day", () =>
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: -2, max: 12 }), fc.nat(4), fc.nat(1)), { maxLength: 60 }), (list) => {
        const [trainDays, delayDays, testDays] = [3, 2, 4];
        const known = new Set(
          list.filter(([day, , label]) => day >= 0 && day < trainDays && label === 1).map(([, entity]) => entity),
        );
        const test: number[] = [];
        for (let d = 0; d < testDays; d++) {
          for (const [day, entity, label] of list) if (day === trainDays + d - 1 && label === 1) known.add(entity);
          list.forEach(([day, entity], i) => {
            if (day === trainDays + delayDays + d && !known.has(entity)) test.push(i);
          });
        }
        const split = splitByTime({ ...rows(list), trainDays, delayDays, testDays });
        expect(Array.from(split.test)).toEqual(test.toSorted((a, b) => a - b));
      }),
    ));

  it.each([
    [{ trainDays: 0 }, 'INVALID_OPTION', 'trainDays: 0, expected a whole number from 1 to 36500'],
    [{ delayDays: 1.5 }, 'INVALID_OPTION', 'delayDays: 1.5'],
    [{ trainStartMs: Number.NaN }, 'INVALID_OPTION', 'trainStartMs is NaN'],
    [{ labels: Uint8Array.of(2) }, 'INVALID_LABEL', 'labels[0] is 2'],
    // Plain arrays come from callers without types.
    [{ labels: [0.5] as unknown as Uint8Array }, 'INVALID_LABEL', 'labels[0] is 0.5, expected 0, 1 or 255'],
    [{ labels: [Number.NaN] as unknown as Uint8Array }, 'INVALID_LABEL', 'labels[0] is NaN'],
    [{ labels: [-1] as unknown as Uint8Array }, 'INVALID_LABEL', 'labels[0] is -1'],
    [{ times: Float64Array.of(Number.NaN) }, 'INVALID_VALUE', 'times[0] is NaN'],
    [{ entityCodes: new Int32Array(2) }, 'LENGTH_MISMATCH', '2 entityCodes'],
  ])('refuses %j', (change, code, message) => {
    expect(() => splitByTime({ ...rows([[0, 1, 0]]), ...change })).toThrow(
      expect.objectContaining({ name: 'TrainError', code, message: expect.stringContaining(message) }),
    );
  });
});
