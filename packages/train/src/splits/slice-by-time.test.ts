import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type TimeSlice, sliceByTime } from './slice-by-time.js';
import { splitByTime } from './split-by-time.js';

const DAY_MS = 86_400_000;

/** Transactions as [day from the start, customer, label]. */
function rows(list: readonly (readonly [number, number, number])[]) {
  return {
    times: Float64Array.from(list, ([day]) => day * DAY_MS + 1),
    entityCodes: Int32Array.from(list, ([, entity]) => entity),
    labels: Uint8Array.from(list, ([, , label]) => label),
    startMs: 0,
  };
}

/** One genuine transaction a day, each of a customer of its own. */
const daily = (dayCount: number) => rows(Array.from({ length: dayCount }, (_, day) => [day, day, 0] as const));
const daysOf = ({ rows: positions, startMs, endMs }: TimeSlice) => [...positions, startMs / DAY_MS, endMs / DAY_MS];

describe('sliceByTime', () => {
  it('waits for labels before every slice but the first', () => {
    const slices = sliceByTime({ ...daily(20), days: { train: 3, calibration: 2, test: 2 }, delayDays: 4 });
    expect(Object.keys(slices)).toEqual(['train', 'calibration', 'test']);
    expect(daysOf(slices.train)).toEqual([0, 1, 2, 0, 3]);
    expect(daysOf(slices.calibration)).toEqual([7, 8, 7, 9]);
    expect(daysOf(slices.test)).toEqual([13, 14, 13, 15]);
  });

  it('waits only before the last when days are few', () => {
    const slices = sliceByTime({ ...daily(20), days: { train: 3, calibration: 2, test: 2 }, delayDays: 4, delays: 'last' });
    expect([slices.train, slices.calibration, slices.test].map(daysOf)).toEqual([
      [0, 1, 2, 0, 3],
      [3, 4, 3, 5],
      [9, 10, 9, 11],
    ]);
  });

  it('leaves out what was known too late for its slice, and judges on all that is known by now', () => {
    const given = daily(12);
    const knownTimes = given.times.map((time, day) => (day === 1 ? 6 * DAY_MS : day === 2 ? Number.NaN : time + 2 * DAY_MS));
    const slices = sliceByTime({ ...given, knownTimes, days: { train: 3, calibration: 2, test: 2 }, delayDays: 2 });
    expect([slices.train, slices.calibration, slices.test].map(daysOf)).toEqual([
      [0, 0, 3], // the label of day 1 came after the calibration began on day 5, that of day 2 never
      [5, 6, 5, 7],
      [9, 10, 9, 11],
    ]);
  });

  it('drops customers known as compromised from all slices but the first', () => {
    const slices = sliceByTime({
      ...rows([
        [0, 1, 1], // known on day 2
        [1, 1, 0], // in the first slice all the same
        [4, 1, 0],
        [4, 2, 1], // known on day 6
        [4, 3, 0],
        [7, 2, 0],
        [8, 3, 0],
        [8, -1, 1],
        [8, -1, 0],
      ]),
      days: { train: 2, calibration: 1, test: 3 },
      delayDays: 2,
    });
    expect(Object.values<TimeSlice>(slices).map((slice) => [...slice.rows])).toEqual([
      [0, 1],
      [3, 4],
      [6, 7, 8],
    ]);
    expect([slices.train.positives, slices.calibration.positives, slices.test.positives]).toEqual([1, 1, 1]);
  });

  const transactions = fc.array(fc.tuple(fc.integer({ min: -2, max: 40 }), fc.nat(6), fc.constantFrom(0, 0, 1, 255)), {
    minLength: 1,
    maxLength: 120,
  });
  const lengths = fc.record({ train: fc.integer({ min: 1, max: 8 }), stop: fc.integer({ min: 1, max: 4 }), test: fc.nat(5) });

  it('never puts a row into two slices, nor one whose label was not known in time', () =>
    fc.assert(
      fc.property(
        transactions,
        lengths,
        fc.nat(5),
        fc.constantFrom<'every' | 'last'>('every', 'last'),
        fc.boolean(),
        (list, { train, stop, test }, delayDays, delays, hasKnownTimes) => {
          const given = rows(list);
          const knownTimes = given.times.map((time, row) => time + ((row * 7) % 11) * DAY_MS);
          const days = { train, stop, test: test + 1 };
          const knownAt = (row: number) => (hasKnownTimes ? knownTimes[row]! : given.times[row]! + delayDays * DAY_MS);
          let slices: Record<string, TimeSlice>;
          try {
            slices = sliceByTime({ ...given, days, delayDays, delays, ...(hasKnownTimes ? { knownTimes } : {}) });
          } catch (error) {
            expect(error).toMatchObject({ code: 'EMPTY' });
            return;
          }
          const parts = Object.values(slices);
          const all = parts.flatMap((part) => [...part.rows]);
          expect(new Set(all).size).toBe(all.length);
          parts.forEach((part, i) => {
            const deadline = (delays === 'every' ? parts[i + 1] : parts.at(-1))?.startMs ?? Number.POSITIVE_INFINITY;
            for (const row of part.rows) {
              expect(given.labels[row]).not.toBe(255);
              expect(given.times[row]! >= part.startMs && given.times[row]! < part.endMs).toBe(true);
              if (i < parts.length - 1) expect(knownAt(row)).toBeLessThanOrEqual(deadline);
            }
            if (i > 0) expect(part.startMs).toBeGreaterThanOrEqual(parts[i - 1]!.endMs);
          });
        },
      ),
    ));

  it('gives the rows of splitByTime when there are two slices', () =>
    fc.assert(
      fc.property(transactions, (list) => {
        const { startMs, ...given } = rows([...list, [0, -1, 0], [12, -1, 0]]);
        const split = splitByTime({ ...given, trainStartMs: startMs, trainDays: 8, delayDays: 3, testDays: 6 });
        const slices = sliceByTime({ ...given, startMs, days: { train: 8, test: 6 }, delayDays: 3 });
        expect({ train: slices.train.rows, test: slices.test.rows }).toEqual(split);
      }),
    ));

  it.each<[object, string]>([
    [{ days: { train: 3 } }, 'days names 1 slices, expected 2 to 20'],
    [{ days: { train: 3, 2: 1 } }, 'days names a slice 2, expected a word'],
    [{ days: { train: 3, test: 0 } }, 'days.test: 0, expected a whole number from 1'],
    [{ days: { train: 3, test: undefined } }, 'days.test'],
    [{ delays: 'never' }, 'delays is "never", expected "every" or "last"'],
    [{ startMs: Number.NaN }, 'startMs is NaN'],
    [{ delayDays: -1 }, 'delayDays: -1'],
    [{ knownTimes: new Float64Array(1) }, '1 knownTimes for 20 times'],
    [{ entityCodes: new Int32Array(1) }, '1 entityCodes; expected one of each'],
    [{ startMs: 15 * DAY_MS }, 'slice test (1970-01-26 to before 1970-01-28) has no rows with a known label'],
  ])('refuses %j', (change, message) => {
    expect(() => sliceByTime({ ...daily(20), days: { train: 3, test: 2 }, ...change })).toThrow(
      expect.objectContaining({ name: 'TrainError', message: expect.stringContaining(message) }),
    );
  });
});
