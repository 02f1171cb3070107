import { describe, expect, it } from 'vitest';
import { cardPrecisionAtK, cardPrecisionByDay } from './card-precision.js';
import { goldenNumbers } from '../../golden-rows.js';

const DAY_MS = 86_400_000;

/** 400 transactions of 40 cards over 5 days. */
function goldenTransactions() {
  const next = goldenNumbers(2024);
  const scores = new Float64Array(400);
  const labels = new Uint8Array(400);
  const entityCodes = new Int32Array(400);
  const times = new Float64Array(400);
  for (let i = 0; i < 400; i++) {
    times[i] = Math.floor(next() * 5) * DAY_MS;
    entityCodes[i] = Math.floor(next() * 40);
    labels[i] = Number(next() < 0.08);
    scores[i] = next() * 0.7 + 0.3 * labels[i]!;
  }
  return { scores, labels, entityCodes, times };
}

/** Transactions as [day, card, score, label]. */
function transactions(rows: [number, number, number, number][]) {
  return {
    times: Float64Array.from(rows, ([day]) => day * DAY_MS + 3600_000),
    entityCodes: Int32Array.from(rows, ([, card]) => card),
    scores: rows.map(([, , score]) => score),
    labels: rows.map(([, , , label]) => label),
  };
}

describe('cardPrecision', () => {
  it.each([
    { k: 5, days: [0.8, 0.6, 0.6, 0.2, 0.6], mean: 0.56 },
    { k: 10, days: [0.5, 0.4, 0.3, 0.1, 0.3], mean: 0.32 },
    { k: 100, days: [0.06, 0.1, 0.03, 0.03, 0.02], mean: 0.048 },
  ])("equals the handbook's card_precision_top_k on pandas 3.1.1 for k = $k", ({ k, days, mean }) => {
    expect(cardPrecisionByDay({ ...goldenTransactions(), k }).map((day) => day.precision)).toEqual(days);
    expect(cardPrecisionAtK({ ...goldenTransactions(), k })).toBeCloseTo(mean, 15);
  });

  it('counts the frauds left each day, and the best that was possible', () => {
    const days = cardPrecisionByDay({ ...goldenTransactions(), k: 10 });
    expect(days.map((day) => day.fraudCards)).toEqual([6, 10, 4, 3, 4]);
    expect(days.map((day) => day.ceiling)).toEqual([0.6, 1, 0.4, 0.3, 0.4]);
    expect(days[4]!.dayMs).toBe(4 * DAY_MS);
  });

  it('takes a card for fraud even if its top-scored transaction is genuine', () => {
    expect(
      cardPrecisionAtK({
        ...transactions([
          [0, 1, 0.9, 0],
          [0, 1, 0.1, 1],
          [0, 2, 0.5, 0],
        ]),
        k: 1,
      }),
    ).toBe(1);
  });

  it('drops a detected card from later days, an undetected one not', () => {
    const days = cardPrecisionByDay({
      ...transactions([
        [0, 1, 0.9, 1],
        [0, 2, 0.1, 1],
        [1, 1, 0.9, 1],
        [1, 2, 0.8, 1],
      ]),
      k: 1,
    });
    expect(days.map(({ precision, cards }) => ({ precision, cards }))).toEqual([
      { precision: 1, cards: 2 },
      { precision: 1, cards: 1 },
    ]);
  });

  it('divides by k on days with fewer cards, and leaves out days without transactions', () => {
    const days = cardPrecisionByDay({
      ...transactions([
        [0, 1, 0.9, 1],
        [5, 2, 0.9, 1],
      ]),
      k: 4,
    });
    expect(days.map((day) => day.precision)).toEqual([0.25, 0.25]);
  });

  it('breaks ties by entity code, whatever the order of rows', () => {
    const rows: [number, number, number, number][] = [
      [0, 2, 0.5, 0],
      [0, 1, 0.5, 1],
    ];
    expect(cardPrecisionAtK({ ...transactions(rows), k: 1 })).toBe(1);
    expect(cardPrecisionAtK({ ...transactions(rows.toReversed()), k: 1 })).toBe(1);
  });

  it('takes each transaction without a card as a card of its own, in any order of rows', () => {
    const rows: [number, number, number, number][] = [
      [0, -1, 0.9, 1],
      [0, -1, 0.9, 0],
      [0, -1, 0.8, 1],
      [1, -1, 0.9, 1], // not dropped: no card was found out
    ];
    for (const order of [rows, rows.toReversed()]) {
      const days = cardPrecisionByDay({ ...transactions(order), k: 2 });
      expect(days.map(({ cards, fraudCards, precision }) => [cards, fraudCards, precision])).toEqual([
        [3, 2, 0.5],
        [1, 1, 0.5],
      ]);
    }
    expect(cardPrecisionAtK({ ...transactions(rows), k: 1 })).toBe(0.5);
  });

  it.each([
    [{ k: 0 }, 'INVALID_OPTION'],
    [{ scores: [], labels: [], entityCodes: new Int32Array(0), times: new Float64Array(0) }, 'EMPTY'],
    [{ times: new Float64Array(3) }, 'LENGTH_MISMATCH'],
    [{ scores: [Number.NaN] }, 'INVALID_SCORE'],
    [{ labels: [2] }, 'INVALID_LABEL'],
    [{ times: Float64Array.of(Number.NaN) }, 'INVALID_VALUE'],
    [{ entityCodes: Int32Array.of(-2) }, 'INVALID_VALUE'],
    [{ entityCodes: [Number.NaN] }, 'INVALID_VALUE'],
  ])('refuses %j', (change, code) => {
    const one = transactions([[0, 1, 0.9, 1]]);
    expect(() => cardPrecisionAtK({ ...one, ...change })).toThrow(expect.objectContaining({ name: 'TrainError', code }));
  });
});
