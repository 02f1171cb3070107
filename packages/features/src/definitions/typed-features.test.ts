/** Names and kinds of features follow from their definitions in TypeScript. That this file compiles is most of the test. */
import { describe, expect, expectTypeOf, it } from 'vitest';
import { z } from 'zod';
import { days } from '../duration.js';
import { defineTransactions } from '../transactions/transactions.js';
import { defineFeatures } from './define-features.js';
import type { FeatureDefinition } from './feature-definition.js';
import type { FeatureSet } from './feature-set.js';
import { duringNight, field, oneHot, ratio } from './row-builders.js';
import { count, mean } from './window-builders.js';

const payments = defineTransactions({
  schema: z.object({ at: z.date(), card: z.string(), channel: z.string(), amount: z.number().multipleOf(0.01) }),
  time: 'at',
  entities: ['card'],
});
const features = defineFeatures(payments, {
  AMOUNT: field('amount'),
  NIGHT: duringNight(),
  MEAN: mean('amount', { per: 'card', windowMs: days(7) }),
  OVER: ratio('AMOUNT', 'MEAN'),
  ...oneHot('channel', ['web', 'pos']),
});

describe('the types of a feature set', () => {
  it('know its names', () => {
    type Name = 'AMOUNT' | 'NIGHT' | 'MEAN' | 'OVER' | 'channel_web' | 'channel_pos';
    expectTypeOf(features.names).toEqualTypeOf<readonly Name[]>();
    const named = features.named([1, 0, 2, 0.5, 1, 0]);
    expectTypeOf(named.channel_web).toEqualTypeOf<number>();
    // @ts-expect-error no such feature
    expect(named.MEDIAN).toBeUndefined();
    expect(named).toEqual({ AMOUNT: 1, NIGHT: 0, MEAN: 2, OVER: 0.5, channel_web: 1, channel_pos: 0 });
    expect(() => features.named([1])).toThrow('named: 1 values, expected one for each of 6 features');
  });

  it('know its kinds', () => {
    expectTypeOf(features.kinds.NIGHT).toEqualTypeOf<'flag'>();
    expectTypeOf(features.kinds.channel_web).toEqualTypeOf<'flag'>();
    expectTypeOf(features.kinds.MEAN).toEqualTypeOf<'number'>();
    expect(features.kinds).toEqual({
      AMOUNT: 'number',
      NIGHT: 'flag',
      MEAN: 'number',
      OVER: 'number',
      channel_web: 'flag',
      channel_pos: 'flag',
    });
  });

  it('refuse fields that the transactions do not have, while they are written', () => {
    // @ts-expect-error no field price
    expect(() => defineFeatures(payments, { F: field('price') })).toThrow('uses the field price');
    // @ts-expect-error no field price, though there is a card
    expect(() => defineFeatures(payments, { F: mean('price', { per: 'card', windowMs: 1 }) })).toThrow('uses the field price');
    // @ts-expect-error no field device in the pair
    expect(() => defineFeatures(payments, { F: count({ per: ['card', 'device'], windowMs: 1 }) })).toThrow('the field device');
    // @ts-expect-error no field device
    expect(() => defineFeatures(payments, { F: count({ per: 'device', windowMs: 1 }) })).toThrow('uses the field device');
  });

  it('let definitions through that are only known when the program runs', () => {
    const definitions: Record<string, FeatureDefinition> = { F: field('amount') };
    const loose: FeatureSet = defineFeatures(payments, definitions);
    const typed: FeatureSet = features;
    expect([loose.names, typed.names.length]).toEqual([['F'], 6]);
  });
});
