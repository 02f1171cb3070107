import { Table, timeColumn } from '@fraudops/core';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { defineFeatures } from '../definitions/define-features.js';
import type { FeatureSet } from '../definitions/feature-set.js';
import { MAX_SUMMED_UNITS } from '../definitions/minor-units.js';
import { difference, duringNight, duringWeekend, field, ratio } from '../definitions/row-builders.js';
import {
  count,
  distinct,
  first,
  last,
  max,
  mean,
  min,
  rate,
  risk,
  share,
  speed,
  std,
  sum,
  timeSinceLast,
} from '../definitions/window-builders.js';
import { defineTransactions } from '../transactions/transactions.js';

const payments = defineTransactions({
  schema: z.object({
    at: z.date(),
    card: z.string(),
    shop: z.string().optional(),
    amount: z.number().multipleOf(0.01),
    tip: z.number().multipleOf(0.05).optional(),
    weight: z.number().optional(),
    latitude: z.number().optional(),
    longitude: z.number().optional(),
    online: z.boolean().optional(),
    fraud: z.boolean(),
  }),
  time: 'at',
  label: { field: 'fraud', delayMs: 10 },
  entities: ['card', 'shop'],
});
const table = (rows: Record<string, unknown>[]) =>
  Table.fromRows(
    rows.map((row) => ({ card: 'a', amount: 1, ...row })),
    payments.kinds,
  );
const values = (features: FeatureSet, rows: Record<string, unknown>[]) => [
  ...features.compute(table(rows)).number(features.names[0]!),
];

describe('FeatureSet.compute', () => {
  it('sees (t - w, t]: the transaction itself and earlier ones of its moment, not one exactly w ago', () => {
    const features = defineFeatures(payments, { N: count({ per: 'card', windowMs: 10 }) });
    expect(values(features, [{ at: 0 }, { at: 5 }, { at: 5 }, { at: 10 }, { at: 14 }, { at: 15 }])).toEqual([1, 2, 3, 3, 4, 3]);
  });

  it('sees (t - d - w, t - d] with a delay, all of its last moment included', () => {
    const features = defineFeatures(payments, { N: count({ per: 'card', windowMs: 10, delayMs: 5 }) });
    expect(values(features, [{ at: 0 }, { at: 0 }, { at: 4 }, { at: 5 }, { at: 14 }, { at: 15 }])).toEqual([0, 0, 0, 2, 4, 2]);
  });

  it('keeps entities apart', () => {
    const features = defineFeatures(payments, { N: count({ per: 'card', windowMs: 10 }) });
    expect(values(features, [{ at: 0 }, { at: 1, card: 'b' }, { at: 2 }, { at: 3, card: 'b' }])).toEqual([1, 1, 2, 2]);
  });

  it('sums and averages exactly, without the drift of adding fractions', () => {
    const window = { per: 'card', windowMs: 3 };
    const features = defineFeatures(payments, { S: sum('amount', window), M: mean('amount', window) });
    const computed = features.compute(
      table([
        { at: 0, amount: 1e9 },
        { at: 1, amount: 0.1 },
        { at: 2, amount: 0.2 },
        { at: 3, amount: 0.3 },
      ]),
    );
    expect([...computed.number('S')]).toEqual([1e9, 1000000000.1, 1000000000.3, 0.6]);
    expect([...computed.number('M')]).toEqual([1e9, 500000000.05, 1_000_000_000.3 / 3, 0.2]);
  });

  it('leaves missing values out of sums and means', () => {
    const window = { per: 'card', windowMs: 10 };
    const rows = [{ at: 0 }, { at: 1, tip: 0.15 }, { at: 2 }, { at: 3, tip: 0.05 }];
    expect(values(defineFeatures(payments, { S: sum('tip', window) }), rows)).toEqual([0, 0.15, 0.15, 0.2]);
    expect(values(defineFeatures(payments, { M: mean('tip', window) }), rows)).toEqual([Number.NaN, 0.15, 0.15, 0.1]);
  });

  it('counts a label from its knowledge time on, an unknown label as no fraud, and an empty window as risk 0', () => {
    const features = defineFeatures(payments, { R: risk({ per: 'card', windowMs: 20 }) });
    const rows = [
      { at: 0, fraud: true },
      { at: 0, fraud: false },
      { at: 5 },
      { at: 9, fraud: true },
      { at: 10 },
      { at: 15 },
      { at: 30 },
    ];
    expect(values(features, rows)).toEqual([0, 0, 0, 0, 1 / 2, 1 / 3, 1 / 4]);
  });

  it('gives NaN for the windows of a missing entity', () => {
    const features = defineFeatures(payments, { N: count({ per: 'shop', windowMs: 10 }) });
    expect(values(features, [{ at: 0, shop: 'x' }, { at: 1 }, { at: 2, shop: 'x' }])).toEqual([1, Number.NaN, 2]);
    expect(values(features, [{ at: 0 }])).toEqual([Number.NaN]);
  });

  const week = { per: 'card', windowMs: 10 } as const;
  const tips = [
    { at: 0, tip: 0.5 },
    { at: 1 },
    { at: 2, tip: 0.1 },
    { at: 3, tip: 0.5 },
    { at: 11, tip: 0.2 },
    { at: 40, card: 'b' },
  ];

  it('finds the least and the greatest value, leaving out missing ones', () => {
    expect(values(defineFeatures(payments, { F: min('tip', week) }), tips)).toEqual([0.5, 0.5, 0.1, 0.1, 0.1, Number.NaN]);
    expect(values(defineFeatures(payments, { F: max('tip', week) }), tips)).toEqual([0.5, 0.5, 0.5, 0.5, 0.5, Number.NaN]);
    const steps = [5, 4, 3, 4, 5].map((weight, i) => ({ at: 4 * i, weight }));
    expect(values(defineFeatures(payments, { F: max('weight', week) }), steps)).toEqual([5, 5, 5, 4, 5]);
    expect(values(defineFeatures(payments, { F: min('weight', { ...week, delayMs: 4 }) }), steps)).toEqual([
      Number.NaN,
      5,
      4,
      3,
      3,
    ]);
  });

  it('gives the sample standard deviation', () => {
    const deviations = values(defineFeatures(payments, { F: std('tip', week) }), tips);
    // Of 0.5 and 0.1, of these and 0.5, and of 0.1, 0.5 and 0.2.
    const expected = [Math.sqrt(0.08), Math.sqrt(0.16 / 3), Math.sqrt(0.13 / 3)];
    expect(deviations).toEqual([
      Number.NaN,
      Number.NaN,
      ...expected.map((deviation) => expect.closeTo(deviation, 14)),
      Number.NaN,
    ]);
  });

  it('counts different categories and shares of one', () => {
    const rows = ['x', 'y', 'x', null, 'y'].map((shop, i) => ({ at: 4 * i, shop }));
    expect(values(defineFeatures(payments, { F: distinct('shop', week) }), rows)).toEqual([1, 2, 2, 2, 2]);
    expect(values(defineFeatures(payments, { F: share('shop', week) }), rows)).toEqual([1, 1 / 2, 2 / 3, Number.NaN, 1 / 3]);
    expect(values(defineFeatures(payments, { F: share('shop', { ...week, value: 'x' }) }), rows)).toEqual([
      1,
      1 / 2,
      2 / 3,
      1 / 3,
      1 / 3,
    ]);
    const others = defineFeatures(payments, { F: share('shop', { ...week, value: 'x', own: 'excluded' }) });
    expect(values(others, rows)).toEqual([Number.NaN, 1, 1 / 2, 1 / 2, 1 / 2]);
    expect(values(defineFeatures(payments, { F: share('shop', { ...week, value: 'never' }) }), rows)).toEqual([0, 0, 0, 0, 0]);
  });

  it('finds the first and the last transaction, and how long ago that was', () => {
    expect(values(defineFeatures(payments, { F: first('tip', week) }), tips)).toEqual([0.5, 0.5, 0.5, 0.5, 0.1, Number.NaN]);
    const lastTips = values(defineFeatures(payments, { F: last('tip', week) }), tips);
    expect(lastTips).toEqual([Number.NaN, 0.5, Number.NaN, 0.1, 0.5, Number.NaN]);
    const since = values(defineFeatures(payments, { F: timeSinceLast(week) }), [
      ...tips,
      { at: 40, card: 'b' },
      { at: 50, card: 'b' },
    ]);
    expect(since).toEqual([Number.NaN, 0.001, 0.001, 0.001, 0.008, Number.NaN, 0, Number.NaN]);
  });

  it('gives the speed from the place of the last transaction', () => {
    const hour = { per: 'card', windowMs: 3_600_000, place: { latitude: 'latitude', longitude: 'longitude' } } as const;
    const places = [
      { at: 0, latitude: 0, longitude: 0 },
      { at: 1_800_000, latitude: 0, longitude: 90 },
      { at: 1_800_000, latitude: 0, longitude: 0 },
      { at: 1_800_001 },
    ];
    const speeds = values(defineFeatures(payments, { F: speed(hour) }), places);
    // A quarter of the equator, of a sphere of 6,371.0088 km, in half an hour.
    expect(speeds[1]).toBeCloseTo(6_371.0088 * Math.PI, 8);
    expect([speeds[0], speeds[2], speeds[3]]).toEqual([Number.NaN, Infinity, Number.NaN]);
  });

  it('compares the pace of a window with that of a long one', () => {
    const features = defineFeatures(payments, {
      F: rate({ ...week, longWindowMs: 40 }),
      G: rate({ ...week, longWindowMs: 40, field: 'tip' }),
    });
    const computed = features.compute(table([{ at: 0 }, { at: 20 }, { at: 30 }, { at: 35, tip: 1 }]));
    expect([...computed.number('F')]).toEqual([4, 2, 4 / 3, 2]);
    expect([...computed.number('G')]).toEqual([Number.NaN, Number.NaN, Number.NaN, 4]);
  });

  it('makes features of others, whatever their order', () => {
    const features = defineFeatures(payments, {
      R: ratio('D', 'W'),
      D: difference('N', 'W'),
      W: field('weight'),
      N: count(week),
    });
    const computed = features.compute(table([{ at: 0, weight: 2 }, { at: 1, weight: 0 }, { at: 2 }]));
    expect([...computed.number('D')]).toEqual([-1, 2, Number.NaN]);
    expect([...computed.number('R')]).toEqual([-1 / 2, Number.NaN, Number.NaN]);
    expect(features.compute(table([])).columnNames).toEqual(['R', 'D', 'W', 'N']);
  });

  it('leaves out the transaction itself when told to, not others of its moment', () => {
    const features = defineFeatures(payments, { F: count({ ...week, own: 'excluded' }) });
    expect(values(features, [{ at: 0 }, { at: 0 }, { at: 9 }, { at: 10 }])).toEqual([0, 1, 2, 1]);
  });

  it('keeps pairs of entities apart', () => {
    const features = defineFeatures(payments, { F: count({ per: ['card', 'shop'], windowMs: 10 }) });
    const rows = [
      ['a', 'x'],
      ['b', 'x'],
      ['a', 'y'],
      ['a', 'x'],
      ['a', null],
      ['b', 'x'],
    ].map(([card, shop], at) => ({ at, card, shop }));
    expect(values(features, rows)).toEqual([1, 1, 1, 2, Number.NaN, 2]);
  });

  it('floors times to tiles, and ends a window with a delay before the tile of its end', () => {
    const tiles = { ...week, resolutionMs: 5 };
    const rows = [{ at: -6 }, { at: -1 }, { at: 0 }, { at: 4 }, { at: 5 }, { at: 9 }, { at: 10 }];
    // Tiles at -10, -5, 0, 0, 5, 5, 10; a window holds the last two.
    expect(values(defineFeatures(payments, { F: count(tiles) }), rows)).toEqual([1, 2, 2, 3, 3, 4, 3]);
    expect(values(defineFeatures(payments, { F: count({ ...tiles, delayMs: 5 }) }), rows)).toEqual([0, 0, 1, 1, 2, 2, 3]);
    expect(values(defineFeatures(payments, { F: count({ ...tiles, own: 'excluded' }) }), rows)).toEqual([0, 1, 1, 2, 2, 3, 2]);
  });

  it('gives raw numbers and flags, and parts of the time in UTC', () => {
    const features = defineFeatures(payments, {
      W: field('weight'),
      O: field('online'),
      E: duringWeekend(),
      N: duringNight({ untilHour: 0 }),
    });
    const rows = [
      { at: '2024-05-03 23:59:59.999', weight: 2.5, online: true },
      { at: '2024-05-04 00:00:00', online: false },
      { at: '2024-05-05 23:59:59.999', weight: -1 },
      { at: '2024-05-06 00:59:59.999' },
    ];
    const computed = features.compute(table(rows));
    expect([...computed.number('W')]).toEqual([2.5, Number.NaN, -1, Number.NaN]);
    expect([...computed.number('O')]).toEqual([1, 0, Number.NaN, Number.NaN]);
    expect([...computed.number('E')]).toEqual([0, 1, 1, 0]);
    expect([...computed.number('N')]).toEqual([0, 1, 0, 1]);
  });

  it('computes nothing for no rows', () => {
    const features = defineFeatures(payments, { N: count({ per: 'card', windowMs: 10 }) });
    expect(features.compute(table([])).rowCount).toBe(0);
  });

  it('tells the progress of each feature', () => {
    let done = 0;
    const task = { advance: (units: number) => void (done += units), total: () => {}, done: () => {}, fail: () => {} };
    const features = defineFeatures(payments, { N: count({ per: 'card', windowMs: 10 }), E: duringWeekend() });
    features.compute(table([{ at: 0 }]), { progress: { task: () => task } });
    expect(done).toBe(2);
  });

  const counts = defineFeatures(payments, { N: sum('amount', { per: 'card', windowMs: 10 }) });
  it.each([
    [
      'rows out of order',
      table([{ at: 5 }, { at: 4 }]),
      'NOT_SORTED',
      "row 1 of column at is earlier than the row before; sort first with table.sortByTime('at')",
    ],
    ['a missing column', table([{ at: 5 }]).drop(['amount']), 'MISSING_COLUMN', 'the features use the column amount'],
    [
      'a column of another kind',
      table([{ at: 5 }]).with('amount', { kind: 'flag', values: Uint8Array.of(1) }),
      'WRONG_KIND',
      'column amount is a flag',
    ],
    [
      'a time between milliseconds',
      table([{ at: 5 }]).with('at', timeColumn([5.5])),
      'INVALID_VALUE',
      'at is 5.5 at row 0, expected whole milliseconds',
    ],
    ['a missing time', table([{ at: null }]), 'MISSING_VALUE', 'column at is missing at row 0'],
    [
      'a missing required amount',
      table([{ at: 1 }, { at: 2, amount: null }]),
      'MISSING_VALUE',
      'column amount is missing at row 1',
    ],
    ['a missing required entity', table([{ at: 1, card: null }]), 'MISSING_VALUE', 'column card is missing at row 0'],
    [
      'a value too large to be added up',
      table([{ at: 1 }, { at: 2, amount: 9e13 }]),
      'INVALID_VALUE',
      'compute: amount is 90000000000000 at row 1, expected a number from -1374389534.72 to 1374389534.72',
    ],
  ])('refuses %s', (_, bad, code, message) => {
    expect(() => counts.compute(bad)).toThrow(message);
    expect(() => counts.compute(bad)).toThrow(expect.objectContaining({ code }));
  });

  it('adds up each window alone, whatever stands in others and in other entities', () => {
    const features = defineFeatures(payments, { S: sum('amount', { per: 'card', windowMs: 10 }) });
    const largest = MAX_SUMMED_UNITS / 100;
    const rows = Array.from({ length: 150_000 }, (_, i) => ({ at: i, card: i % 2 === 0 ? 'a' : 'b', amount: largest }));
    const sums = features.compute(table([...rows, { at: 200_000, amount: 0.01 }])).number('S');
    // Five of each card's in 10 ms; their prefix sums would have passed 2^53.
    expect(sums[149_999]).toBe(5 * largest);
    expect(sums[150_000]).toBe(0.01);
  });

  it('checks a field that is averaged too, and may be missing', () => {
    const features = defineFeatures(payments, { M: mean('tip', { per: 'card', windowMs: 10 }) });
    expect(() => features.compute(table([{ at: 0 }, { at: 1, tip: 1e12 }]))).toThrow('compute: tip is 1000000000000 at row 1');
  });

  it('refuses the row whose window holds more than exact sums can', () => {
    const features = defineFeatures(payments, { S: sum('amount', { per: 'card', windowMs: 1e9 }) });
    const rows = Array.from({ length: 70_000 }, (_, i) => ({ at: i, amount: MAX_SUMMED_UNITS / 100 }));
    expect(features.compute(table(rows.slice(0, 65_535))).number('S')[65_534]).toBe((65_535 * MAX_SUMMED_UNITS) / 100);
    expect(() => features.compute(table(rows))).toThrow('in a window with row 65535 add up to more than 2^53');
  });
});
