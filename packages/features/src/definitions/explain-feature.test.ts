import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { days, hours } from '../duration.js';
import { handbookFeatures } from '../handbook.js';
import { defineTransactions } from '../transactions/transactions.js';
import { defineFeatures } from './define-features.js';
import { explainFeature } from './explain-feature.js';
import { difference, field, ratio, targetEncoding } from './row-builders.js';
import { mean, rate, risk, timeSinceLast } from './window-builders.js';

const payments = defineTransactions({
  schema: z.object({
    at: z.date(),
    card: z.string(),
    shop: z.string(),
    amount: z.number().multipleOf(0.01),
    fraud: z.boolean(),
  }),
  time: 'at',
  entities: ['card', 'shop'],
  label: { field: 'fraud', delayMs: days(7) },
});
const features = defineFeatures(payments, {
  AMOUNT: field('amount'),
  MEAN: mean('amount', { per: ['card', 'shop'], windowMs: days(30), own: 'excluded' }),
  OVER: ratio('AMOUNT', 'MEAN'),
  MORE: difference('OVER', 'AMOUNT'),
  RISK: risk({ per: 'shop', windowMs: days(1) }),
  RATE: rate({ per: 'card', windowMs: hours(1), longWindowMs: days(30), resolutionMs: hours(1) }),
  SINCE: timeSinceLast({ per: 'card', windowMs: days(1) }),
});

describe('explainFeature', () => {
  it.each([
    ['MEAN', 'Mean amount of the transactions of the same card and shop in the 30 days until the transaction, itself excluded.'],
    ['RISK', 'Share of known frauds in the transactions of the same shop in the 1 day until 7 days before the transaction.'],
    [
      'RATE',
      'Transactions a day in 1 hour, over that in 30 days, of the transactions of the same card in the 30 days until the transaction, itself included, in tiles of 1 hour.',
    ],
    ['SINCE', 'Seconds since the last earlier transaction of the same card in the 1 day until the transaction.'],
    ['OVER', 'AMOUNT over MEAN.'],
  ])('says what %s means', (name, meaning) => expect(explainFeature(features, name).meaning).toBe(meaning));

  it('follows a feature down to the raw fields', () => {
    const explained = explainFeature(features, 'MORE');
    expect(explained.parts.map(({ name }) => name)).toEqual(['OVER', 'AMOUNT']);
    expect(explained.parts[0]!.parts.map(({ name }) => name)).toEqual(['AMOUNT', 'MEAN']);
    expect([...explained.fields].sort()).toEqual(['amount', 'at', 'card', 'shop']);
    expect(explainFeature(features, 'RISK').fields).toEqual(['at', 'shop', 'fraud']);
  });

  it('names the times on which it depends what is known', () => {
    const late = defineTransactions({
      schema: z.object({ at: z.date(), seen: z.date(), card: z.string(), fraud: z.boolean(), known: z.date() }),
      time: 'at',
      arrival: 'seen',
      entities: ['card'],
      label: { field: 'fraud', delayMs: 1, knownAt: 'known' },
    });
    const risks = defineFeatures(late, { R: risk({ per: 'card', windowMs: 1 }), T: targetEncoding('card') });
    expect(explainFeature(risks, 'R').fields).toEqual(['at', 'seen', 'card', 'fraud', 'known']);
    expect(explainFeature(risks, 'T').fields).toEqual(['card', 'fraud', 'known', 'seen']);
  });

  it('explains every feature of the handbook, and refuses others', () => {
    for (const name of handbookFeatures.names) expect(explainFeature(handbookFeatures, name).meaning).toMatch(/^\S.*\.$/);
    expect(() => explainFeature(features, 'toString')).toThrow('there is no feature toString; the set has AMOUNT, MEAN');
  });
});
