/**
 * No feature looks into the future. A feature of a transaction that arrives before some moment is the same whatever becomes known at that
 * moment or later: labels, transactions that arrive late, and transactions that haven't happened yet.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defineFeatures } from '../definitions/define-features.js';
import type { FeatureSet } from '../definitions/feature-set.js';
import {
  type Payment,
  type StreamShape,
  featureDefinitions,
  inOrderOfArrival,
  knownMsOf,
  nowOf,
  paymentTable,
  randomPayments,
  randomStreams,
  streamShapes,
  windowFeatures,
} from './random-streams.fixture.js';

const titled = streamShapes.map((shape) => {
  const times = [shape.arrival && 'arrival', shape.knownAt && 'label.knownAt'].filter(Boolean);
  return [times.length === 0 ? 'neither arrival nor label.knownAt' : times.join(' and '), shape] as const;
});

/** Only these features look at labels. */
const risks = fc
  .array(
    windowFeatures.filter(({ aggregate }) => aggregate === 'risk'),
    { minLength: 1, maxLength: 4 },
  )
  .map((list) => Object.fromEntries(list.map((definition, i) => [`R${i}`, definition])));

/** How features come about: over history, or event by event. */
const ways = { offline: offlineFeatures, online: onlineFeatures };

describe.each(Object.entries(ways))('%s', (_, featuresOf) => {
  describe.each(titled)('features of streams with %s', (_title, shape) => {
    const payments = randomPayments(shape);
    const streams = randomStreams(shape, 25);

    it('do not change with a label, before it is known', () => {
      fc.assert(
        fc.property(risks, streams, fc.nat(), fc.nat(100), (definitions, rows, which, laterMs) => {
          const features = defineFeatures(payments, definitions);
          const row = rows[which % rows.length]!;
          const knownMs = knownMsOf(row, shape);
          // The other label; and, where that is recorded, known later.
          const changed = {
            ...row,
            fraud: row.fraud !== true,
            known: shape.knownAt ? new Date(knownMs + laterMs) : row.known,
          };
          const otherwise = rows.map((each) => (each === row ? changed : each));
          expectSameBefore(knownMs, shape, rows, otherwise, (each) => featuresOf(features, shape, each));
        }),
        { numRuns: 50 },
      );
    });

    it('do not change with transactions that have not arrived', () => {
      fc.assert(
        fc.property(featureDefinitions, streams, streams, fc.nat(), (definitions, rows, others, which) => {
          const features = defineFeatures(payments, definitions);
          const fromMs = nowOf(rows[which % rows.length]!, shape);
          const before = rows.filter((row) => nowOf(row, shape) < fromMs);
          const otherwise = [...before, ...others.filter((row) => nowOf(row, shape) >= fromMs)];
          expectSameBefore(fromMs, shape, rows, otherwise, (each) => featuresOf(features, shape, each));
        }),
        { numRuns: 50 },
      );
    });
  });

  it.each(titled.filter(([, { arrival }]) => arrival))(
    'features of streams with %s do not change with a transaction that arrives later than it did, before it did',
    (_title, shape) => {
      const payments = randomPayments(shape);
      fc.assert(
        fc.property(featureDefinitions, randomStreams(shape, 25), fc.nat(), fc.nat(100), (definitions, rows, which, laterMs) => {
          const features = defineFeatures(payments, definitions);
          const row = rows[which % rows.length]!;
          const seen = new Date(row.seen.getTime() + laterMs);
          const otherwise = inOrderOfArrival(
            rows.map((each) => (each === row ? { ...row, seen } : each)),
            shape,
          );
          const beforeMs = row.seen.getTime();
          expectSameBefore(beforeMs, shape, rows, otherwise, (each) => featuresOf(features, shape, each));
        }),
        { numRuns: 50 },
      );
    },
  );
});

describe('the tests above', () => {
  it('would notice a label that is seen before it is known', () => {
    const shape = { arrival: false, knownAt: true };
    const payments = randomPayments(shape);
    const features = defineFeatures(payments, {
      R: { type: 'window', aggregate: 'risk', per: 'card', windowMs: 100, delayMs: 5 },
    });
    const rows = [
      payment({ id: 0, at: new Date(0), fraud: true, known: new Date(50) }),
      payment({ id: 1, at: new Date(20) }),
      payment({ id: 2, at: new Date(50) }),
    ];
    for (const featuresOf of Object.values(ways)) expect(featuresOf(features, shape, rows)).toEqual([[0], [0], [1 / 2]]);
  });
});

function payment(row: Partial<Payment>): Payment {
  const empty = {
    shop: null,
    channel: null,
    tip: null,
    weight: null,
    online: null,
    latitude: null,
    longitude: null,
    known: null,
  };
  return { id: 0, at: new Date(0), card: 'a', amount: 1, fraud: null, ...empty, ...row, seen: row.at ?? new Date(0) };
}

/** Rows that arrive before a moment are the first ones of both streams, and their features must be the same bits. */
function expectSameBefore(
  momentMs: number,
  shape: StreamShape,
  rows: readonly Payment[],
  otherwise: readonly Payment[],
  featuresOf: (rows: readonly Payment[]) => number[][],
): void {
  const count = rows.filter((row) => nowOf(row, shape) < momentMs).length;
  expect(otherwise.slice(0, count).map(({ id }) => id)).toEqual(rows.slice(0, count).map(({ id }) => id));
  expect(featuresOf(otherwise).slice(0, count)).toEqual(featuresOf(rows).slice(0, count));
}

function offlineFeatures(features: FeatureSet, _: StreamShape, rows: readonly Payment[]): number[][] {
  const computed = features.compute(paymentTable(rows, features.transactions));
  const columns = features.names.map((name) => computed.number(name));
  return rows.map((_row, position) => columns.map((column) => column[position]!));
}

/** As a service computes them: each label learned at the first event after it is known. */
function onlineFeatures(features: FeatureSet, shape: StreamShape, rows: readonly Payment[]): number[][] {
  const online = features.online({ latenessMs: 1000 });
  const learned = new Set<Payment>();
  return rows.map((row, position) => {
    for (const earlier of rows.slice(0, position)) {
      if (learned.has(earlier) || earlier.fraud === null || knownMsOf(earlier, shape) > nowOf(row, shape)) continue;
      learned.add(earlier);
      online.learnLabel(earlier);
    }
    const served = [...online.featuresFor(row)];
    online.observe(row);
    return served;
  });
}
