import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FeatureDefinition } from '../definitions/feature-definition.js';
import { difference, field, hourOfDay, ratio } from '../definitions/row-builders.js';
import {
  count,
  distinct,
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
import { categoryHash } from './category-hash.js';
import { planFeatures } from './feature-plan.js';
import { featureDefinitions, randomPayments } from './random-streams.fixture.js';

const payments = randomPayments({ arrival: false, knownAt: false });
const plan = (definitions: Record<string, FeatureDefinition>, retentionMs?: number) =>
  planFeatures(definitions, payments, retentionMs);
const week = { per: 'card', windowMs: 7, delayMs: 0 };

describe('planFeatures', () => {
  it('gives each feature the slot of its name', () => {
    const { names, slotCount, rows, entities, combined } = plan({
      H: hourOfDay(),
      N: count(week),
      A: field('amount'),
      R: ratio('A', 'N'),
    });
    expect(names).toEqual(['H', 'N', 'A', 'R']);
    expect(slotCount).toBe(4);
    expect(rows.map(({ slot, definition }) => [slot, definition.type])).toEqual([
      [0, 'hourOfDay'],
      [2, 'field'],
    ]);
    expect(entities[0]!.windows[0]!.reads.map(({ slot }) => slot)).toEqual([1]);
    expect(combined).toEqual([{ type: 'ratio', slot: 3, left: 2, right: 1, leftScale: 1, rightScale: 1 }]);
  });

  it('keeps one history for each entity, each pair and each length of tiles', () => {
    const { entities } = plan({
      A: count(week),
      B: count({ ...week, per: 'shop' }),
      C: count({ ...week, per: ['card', 'shop'] }),
      D: count({ ...week, windowMs: 14, resolutionMs: 7 }),
      E: sum('amount', { ...week, windowMs: 9 }),
      F: count({ ...week, per: ['shop', 'card'] }),
    });
    expect(entities.map(({ per, resolutionMs }) => [...per, resolutionMs])).toEqual([
      ['card', 0],
      ['shop', 0],
      ['card', 'shop', 0],
      ['card', 7],
      ['shop', 'card', 0],
    ]);
    expect(entities[0]!.windows.map(({ windowMs }) => windowMs)).toEqual([7, 9]);
  });

  it('reads a window once for all features that share it', () => {
    const { windows } = plan({ A: count(week), B: mean('amount', week), C: min('tip', week) }).entities[0]!;
    expect(windows).toHaveLength(1);
    expect(windows[0]!.reads.map(({ slot, aggregate }) => [slot, aggregate])).toEqual([
      [0, 'count'],
      [1, 'mean'],
      [2, 'min'],
    ]);
  });

  it('tells windows that hold the transaction from those that do not', () => {
    const { windows } = plan({
      A: count(week),
      B: count({ ...week, own: 'excluded' }),
      C: last('amount', week),
      D: timeSinceLast(week),
      E: count({ ...week, delayMs: 1, own: 'excluded' }),
    }).entities[0]!;
    expect(windows.map(({ own, delayMs, reads }) => [own, delayMs, reads.map(({ slot }) => slot)])).toEqual([
      [true, 0, [0]],
      [false, 0, [1, 2, 3]],
      [false, 1, [4]],
    ]);
  });

  it('keeps a total once, whoever needs it, and presence only where a value may be missing', () => {
    const { totals, windows } = plan({
      A: sum('amount', week),
      B: std('amount', week),
      C: mean('tip', week),
      D: sum('amount', { ...week, windowMs: 14 }),
      E: mean('amount', week),
    }).entities[0]!;
    expect(totals.map(({ of, field: name }) => `${of} ${name}`)).toEqual([
      'units amount',
      'highSquares amount',
      'crossProducts amount',
      'lowSquares amount',
      'units tip',
      'presence tip',
    ]);
    const read = windows[0]!.reads.find(({ slot }) => slot === 1);
    expect(read).toMatchObject({ totalSlot: 0, squareSlot: 1, countSlot: -1, units: { numerator: 1, denominator: 100 } });
    expect(windows[0]!.reads[2]).toMatchObject({ totalSlot: 4, countSlot: 5, units: { numerator: 5, denominator: 100 } });
    expect(windows[0]!.reads[3]).toMatchObject({ totalSlot: 0, countSlot: -1 });
  });

  it('counts transactions of tiles, and keeps the least and greatest of each', () => {
    const tiles = { ...week, resolutionMs: 7 };
    const { totals, values, windows } = plan({
      A: count(tiles),
      B: mean('amount', tiles),
      C: min('tip', tiles),
      D: max('tip', tiles),
    }).entities[0]!;
    expect(totals.map(({ of }) => of)).toEqual(['transactions', 'units']);
    expect(values).toEqual([
      { of: 'least', field: 'tip' },
      { of: 'greatest', field: 'tip' },
    ]);
    expect(windows[0]!.reads.map(({ countSlot }) => countSlot)).toEqual([0, 0, 0, 0]);
  });

  it('keeps values once: numbers, hashes of categories, and both coordinates side by side', () => {
    const { values, windows } = plan({
      A: max('latitude', week),
      B: speed({ ...week, place: { latitude: 'latitude', longitude: 'longitude' } }),
      C: distinct('channel', week),
      D: share('channel', { ...week, value: 'web' }),
      E: share('channel', week),
      F: min('latitude', week),
    }).entities[0]!;
    const bySlot = new Map(windows.flatMap(({ reads }) => reads.map((read) => [read.slot, read] as const)));
    const place = bySlot.get(1)!.valueSlot;
    expect(values[place]).toEqual({ of: 'number', field: 'latitude' });
    expect(values[place + 1]).toEqual({ of: 'number', field: 'longitude' });
    expect(values[bySlot.get(5)!.valueSlot]).toEqual({ of: 'number', field: 'latitude' });
    expect(bySlot.get(0)!.valueSlot).toBe(bySlot.get(5)!.valueSlot);
    expect(bySlot.get(2)!.valueSlot).toBe(bySlot.get(3)!.valueSlot);
    expect([3, 4].map((slot) => bySlot.get(slot)!.categoryHash)).toEqual([categoryHash('web'), Number.NaN]);
  });

  it('makes a rate of two windows in slots behind the names', () => {
    const { slotCount, entities, combined } = plan({
      A: rate({ ...week, longWindowMs: 70 }),
      B: rate({ ...week, longWindowMs: 70, field: 'amount', delayMs: 3 }),
    });
    expect(slotCount).toBe(6);
    expect(combined).toEqual([
      { type: 'ratio', slot: 0, left: 2, right: 3, leftScale: 70, rightScale: 7 },
      { type: 'ratio', slot: 1, left: 4, right: 5, leftScale: 70, rightScale: 7 },
    ]);
    expect(
      entities[0]!.windows.map(({ windowMs, delayMs, reads }) => [windowMs, delayMs, reads[0]!.slot, reads[0]!.aggregate]),
    ).toEqual([
      [7, 0, 2, 'count'],
      [70, 0, 3, 'count'],
      [7, 3, 4, 'sum'],
      [70, 3, 5, 'sum'],
    ]);
  });

  it('knows where the frauds are, and how far back each history reaches', () => {
    const definitions = { A: sum('amount', week), B: risk({ ...week, delayMs: 30 }), C: count({ ...week, per: 'shop' }) };
    const { entities } = plan(definitions);
    expect(entities.map(({ fraudSlot, retentionMs }) => [fraudSlot, retentionMs])).toEqual([
      [1, 37],
      [-1, 7],
    ]);
    expect(plan({ A: rate({ ...week, longWindowMs: 70 }) }).entities[0]!.retentionMs).toBe(70);
    expect(plan(definitions, 1000).entities.map(({ retentionMs }) => retentionMs)).toEqual([1000, 1000]);
  });

  it('makes features of others after those', () => {
    const { combined } = plan({
      A: difference('B', 'C'),
      B: ratio('C', 'N'),
      C: difference('D', 'N'),
      D: rate({ ...week, longWindowMs: 70 }),
      N: count(week),
    });
    expect(combined.map(({ slot }) => slot)).toEqual([3, 2, 1, 0]);
  });

  it('reads each slot exactly once, whatever the definitions', () => {
    fc.assert(
      fc.property(featureDefinitions, (definitions) => {
        const { names, slotCount, rows, entities, combined } = plan(definitions);
        const reads = entities.flatMap(({ windows }) => windows.flatMap((window) => window.reads));
        const slots = [...rows, ...reads, ...combined].map(({ slot }) => slot).toSorted((a, b) => a - b);
        expect(slots).toEqual(Array.from({ length: slotCount }, (_, slot) => slot));
        expect(names).toEqual(Object.keys(definitions));
        const made = new Set([...rows, ...reads].map(({ slot }) => slot));
        for (const { slot, left, right } of combined) {
          expect([made.has(left), made.has(right)]).toEqual([true, true]);
          made.add(slot);
        }
      }),
    );
  });
});
