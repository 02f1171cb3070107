import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { defineFeatures } from '../definitions/define-features.js';
import { count, max, sum } from '../definitions/window-builders.js';
import { handbookFeatures } from '../handbook.js';
import { simulateTransactions } from '../simulation/simulate-transactions.js';
import { defineTransactions } from '../transactions/transactions.js';

const table = simulateTransactions({ rows: 3000, seed: 2, days: 40, customers: 30, terminals: 30 });

function warm() {
  const online = handbookFeatures.online();
  online.backfill(table.slice(0, 2500));
  return online;
}

const saved = Buffer.concat([...warm().save()]);
const restored = (chunks: Iterable<Uint8Array>) => {
  const online = handbookFeatures.online();
  online.restore(chunks);
  return online;
};

describe('saved state', () => {
  it('goes on as if nothing had happened', () => {
    const before = warm();
    const after = restored([saved]);
    expect(after.memory().events).toBe(before.memory().events);
    for (let row = 2500; row < 3000; row++) {
      const event = table.row(row);
      expect(after.featuresFor(event)).toEqual(before.featuresFor(event));
      for (const online of [before, after]) {
        online.observe(event);
        online.learnLabel(table.row(row - 300));
      }
    }
  });

  it('is the same bytes for the same state, and for what was restored from it', () => {
    expect(Buffer.concat([...warm().save()])).toEqual(saved);
    expect(Buffer.concat([...restored([saved]).save()])).toEqual(saved);
  });

  it('keeps any key apart', () => {
    const payments = defineTransactions({
      schema: z.object({ at: z.date(), card: z.string(), amount: z.number().multipleOf(0.01) }),
      time: 'at',
      entities: ['card'],
    });
    const window = { per: 'card', windowMs: 100 } as const;
    const features = defineFeatures(payments, { N: count(window), S: sum('amount', window), M: max('amount', window) });
    const online = features.online();
    const keys = ['', '\0', '\ud800', '\ud801', 'ü', 'u', '\n', 'x'.repeat(5000)];
    keys.forEach((card, i) => online.observe({ at: new Date(i), card, amount: i * -1e8 }));
    const again = features.online();
    again.restore(online.save());
    const next = (card: string) => ({ at: new Date(50), card, amount: 1 });
    for (const card of [...keys, 'new']) expect(again.featuresFor(next(card))).toEqual(online.featuresFor(next(card)));
  });

  it('is refused when it is cut, and nothing is remembered then', () => {
    fc.assert(
      fc.property(fc.nat(saved.length - 1), (length) => {
        const online = warm();
        expect(() => online.restore([saved.subarray(0, length)])).toThrow('restore: the saved state is damaged');
        expect(online.memory().events).toBe(0);
      }),
      { numRuns: 15 },
    );
  });

  it('is refused, and never followed by a crash, when bytes were changed in its structure', () => {
    const cases: [number, number][] = [
      [0, 0x58],
      [saved.indexOf(10) + 1, 9],
      [saved.indexOf(10) + 5, 255],
      [saved.indexOf(10) + 9, 255],
      [saved.length - 8, 1],
    ];
    for (const [at, value] of cases) {
      const changed = Buffer.from(saved);
      changed[at] = value;
      expect(() => restored([changed])).toThrow(expect.objectContaining({ code: 'INVALID_FILE' }));
    }
    expect(() => restored([saved, Buffer.from([1])])).toThrow('another length than it says');
  });

  it('is refused where late events have more or less time, since it would lack some', () => {
    const patient = handbookFeatures.online({ latenessMs: 7_200_000 });
    expect(() => patient.restore([saved])).toThrow('the state was kept with latenessMs 3600000, expected 7200000');
  });

  it('is refused by another feature set', () => {
    const payments = handbookFeatures.transactions;
    const other = defineFeatures(payments, { N: count({ per: 'CUSTOMER_ID', windowMs: 1000 }) });
    expect(() => other.online().restore([saved])).toThrow(`the state is of the feature set ${handbookFeatures.version}`);
  });
});
