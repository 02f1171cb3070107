/** What the newer kinds of features refuse when they are defined; the older ones are in `define-features.test.ts`. */
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { days, hours } from '../duration.js';
import { defineTransactions } from '../transactions/transactions.js';
import { defineFeatures } from './define-features.js';
import type { FeatureDefinition } from './feature-definition.js';
import {
  difference,
  distance,
  dayOfWeek,
  field,
  frequencyEncoding,
  hourOfDay,
  onHoliday,
  oneHot,
  ordinal,
  ratio,
  targetEncoding,
} from './row-builders.js';
import { count, distinct, first, last, min, rate, risk, share, speed, std, sum, timeSinceLast } from './window-builders.js';

const payments = defineTransactions({
  schema: z.object({
    at: z.date(),
    card: z.string(),
    shop: z.string(),
    channel: z.string(),
    amount: z.number().multipleOf(0.01),
    lat: z.number(),
    lon: z.number(),
    fraud: z.boolean(),
  }),
  time: 'at',
  entities: ['card', 'shop'],
  label: { field: 'fraud', delayMs: days(7) },
});
const unlabelled = defineTransactions({
  schema: z.object({ at: z.date(), card: z.string() }),
  time: 'at',
  entities: ['card'],
});
const week = { per: 'card', windowMs: days(7) } as const;
const place = { latitude: 'lat', longitude: 'lon' } as const;

describe('a definition', () => {
  it.each<[string, FeatureDefinition, string]>([
    [
      'a pair of one entity',
      count({ ...week, per: ['card', 'card'] }),
      'F is per ["card","card"], expected an entity or a pair of two different ones',
    ],
    [
      'a pair with a field that is no entity',
      count({ ...week, per: ['card', 'channel'] }),
      'F is per channel, which is no entity',
    ],
    ['no entity', count({ ...week, per: undefined as never }), 'expected an entity or a pair'],
    ['an unknown time zone', hourOfDay({ timeZone: 'Mars/Olympus' }), 'F: '],
    ['another unknown time zone', dayOfWeek({ timeZone: '' }), 'F: '],
    ['a holiday that is no day', onHoliday(['2026-02-30']), '2026-02-30'],
    ['a holiday in words', onHoliday(['Christmas']), 'Christmas'],
    ['no categories', ordinal('channel', []), 'F lists 0 categories, expected 1 to 10000'],
    ['a category twice', ordinal('channel', ['a', 'b', 'a']), 'F lists the category "a" twice; list each once'],
    ['a category that is a number', ordinal('channel', [1 as never]), 'F lists 1, expected text'],
    ['categories of a number', ordinal('amount', ['a']), 'F uses the field amount, which is a number, expected a category'],
    ['a target encoding of a number', targetEncoding('amount'), 'which is a number, expected a category'],
    ['negative smoothing', targetEncoding('channel', { smoothing: -1 }), 'F has smoothing -1'],
    ['no folds', frequencyEncoding('channel', { folds: 0 }), 'F has folds 0, expected a whole number from 1 to 100'],
    ['too many categories', frequencyEncoding('channel', { maxCategories: 1e6 }), 'F has maxCategories 1000000'],
    [
      'a distance of categories',
      distance({ from: place, to: { latitude: 'lat', longitude: 'card' } }),
      'which is a category, expected a number',
    ],
    ['a ratio of nothing', { type: 'ratio' } as never, 'F is made of undefined, expected the names of two features'],
    ['a distance of nothing', { type: 'distance' } as never, 'F has no two places'],
    ['a speed without place', { ...speed({ ...week, place }), place: undefined } as never, 'F has no place'],
    ['a count with a place', { ...count(week), place }, 'F is a count with a place'],
    ['a standard deviation of degrees', std('lat', week), 'adds up lat, which has no resolution'],
    ['a minimum of a category', min('channel', week), 'which is a category, expected a number'],
    ['different values of a number', distinct('amount', week), 'which is a number, expected a category'],
    ['a sum of nothing', sum(undefined as never, week), 'F names no field'],
    ['a value for a sum', { ...sum('amount', week), value: 'x' }, 'only share() takes one'],
    [
      'a rate whose long window is short',
      rate({ ...week, longWindowMs: days(7) }),
      'F has longWindowMs 604800000, expected more than its windowMs',
    ],
    [
      'a rate without a long window',
      { ...count(week), aggregate: 'rate' },
      'F has longWindowMs undefined, expected whole milliseconds above 0',
    ],
    ['a count with a long window', { ...count(week), longWindowMs: 1 }, 'only rate has a long window'],
    ['own where no one knows', count({ ...week, own: 'maybe' as never }), 'F has own maybe, expected included or excluded'],
    [
      'its own transaction a week ago',
      count({ ...week, delayMs: days(7), own: 'included' }),
      'which a window with delayMs 604800000 never holds',
    ],
    ['its own transaction as the last', last('amount', { ...week, own: 'included' }), 'looks at earlier transactions only'],
    ['tiles of 0', count({ ...week, resolutionMs: 0 }), 'F has resolutionMs 0'],
    [
      'tiles that a window is no multiple of',
      count({ ...week, resolutionMs: days(2) }),
      'F has windowMs 604800000, expected a multiple of its resolutionMs 172800000',
    ],
    [
      'tiles that a delay is no multiple of',
      count({ ...week, delayMs: hours(1), resolutionMs: days(1) }),
      'F has delayMs 3600000, expected a multiple',
    ],
    ...[
      distinct('channel', { ...week, resolutionMs: days(1) }),
      first('amount', { ...week, resolutionMs: days(1) }),
      share('channel', { ...week, resolutionMs: days(1) }),
      timeSinceLast({ ...week, resolutionMs: days(1) }),
      risk({ ...week, resolutionMs: days(1) }),
    ].map((each): [string, FeatureDefinition, string] => [`a ${each.aggregate} in tiles`, each, "which tiles can't tell"]),
    ['a window as long as 2^53 ms', count({ ...week, windowMs: Number.MAX_SAFE_INTEGER, delayMs: 1 }), 'expected less than 2^53'],
  ])('is refused when it has %s', (_, definition, message) => {
    expect(() => defineFeatures(payments, { F: definition })).toThrow(message);
    expect(() => defineFeatures(payments, { F: definition })).toThrow(/^defineFeatures: F/);
  });

  it('is refused when it is made of a feature that is not there, or of itself', () => {
    expect(() => defineFeatures(payments, { A: field('amount'), B: ratio('A', 'C') })).toThrow(
      'defineFeatures: B is made of C, which is no feature of the set; it has A, B',
    );
    expect(() => defineFeatures(payments, { A: ratio('A', 'A') })).toThrow('A is made of itself: A -> A; break the circle');
    const circle = { A: field('amount'), B: difference('A', 'D'), C: ratio('B', 'A'), D: ratio('A', 'C') };
    expect(() => defineFeatures(payments, circle)).toThrow('B is made of itself: B -> D -> C -> B; break the circle');
  });

  it('is refused when it reaches back further than histories are kept', () => {
    const features = { F: count({ ...week, delayMs: days(1) }) };
    expect(() => defineFeatures(payments, features, { retentionMs: days(7) })).toThrow(
      'F reaches back 691200000 ms with its delay, but histories are kept for retentionMs 604800000; shorten the window or raise retentionMs',
    );
    expect(defineFeatures(payments, features, { retentionMs: days(8) }).names).toEqual(['F']);
    const rates = { F: rate({ ...week, longWindowMs: days(30) }) };
    expect(() => defineFeatures(payments, rates, { retentionMs: days(29) })).toThrow('F reaches back 2592000000 ms');
    expect(() => defineFeatures(payments, features, { retentionMs: -1 })).toThrow(
      'retentionMs is -1, expected whole milliseconds',
    );
  });

  it('is refused when it needs a label and there is none', () => {
    expect(() => defineFeatures(unlabelled, { F: targetEncoding('card') })).toThrow('but the transactions have no label');
  });

  it('is refused when two features would share a name', () => {
    expect(() => oneHot('channel', ['web', 'pos', 'web'])).toThrow('the category web of channel comes twice');
  });
});
