import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_SUMMED_UNITS } from '../definitions/minor-units.js';
import { EntityHistory, NO_ID } from './entity-history.js';
import { planOf } from './entity-plan.fixture.js';
import { layoutOf } from './history-layout.js';
import { HistorySlab } from './history-slab.js';

interface Remembered {
  readonly epochMs: number;
  readonly idHash: number;
  readonly parts: number[];
  readonly values: number[];
}

/** The same as a sorted array: what the block must hold at every step. */
class PlainHistory {
  events: Remembered[] = [];
  latestMs = Number.NEGATIVE_INFINITY;
  readonly #keptMs: number;
  constructor(keptMs: number) {
    this.#keptMs = keptMs;
  }
  insert(event: Remembered, keepAtMost: number): number {
    if (this.latestMs - event.epochMs >= this.#keptMs) return 0;
    this.latestMs = Math.max(this.latestMs, event.epochMs);
    this.events = this.events.filter(({ epochMs }) => epochMs > this.latestMs - this.#keptMs);
    const dropped = Math.max(0, this.events.length + 1 - keepAtMost);
    if (dropped > 0 && this.countUntil(event.epochMs) === 0) return dropped;
    this.events.splice(0, dropped);
    this.events.splice(this.countUntil(event.epochMs), 0, event);
    return dropped;
  }
  countUntil(epochMs: number): number {
    return this.events.filter((event) => event.epochMs <= epochMs).length;
  }
  sum(slot: number, from: number, to: number): number {
    return this.events.slice(from, to).reduce((total, { parts }) => total + parts[slot]!, 0);
  }
}

const eventOf = ({ epochMs, parts, values, idHash }: Remembered) => ({
  at: Float64Array.of(epochMs),
  parts: Float64Array.from(parts),
  values: Float64Array.from(values),
  idHash,
});

/** Amounts that are small, that need wide totals, and that are as large as can be. */
const amount = fc.oneof(
  fc.integer({ min: -50_000, max: 50_000 }),
  fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  fc.constantFrom(MAX_SUMMED_UNITS, -MAX_SUMMED_UNITS),
);

const step = fc.record({
  what: fc.constantFrom('insert', 'insert', 'insert', 'insert', 'learn'),
  which: fc.nat(3),
  forwardMs: fc.oneof({ arbitrary: fc.integer({ min: 0, max: 3 }), weight: 6 }, fc.integer({ min: -40, max: 90 })),
  amount,
  value: fc.double({ noNaN: false }),
  part: fc.nat(1),
});

describe('EntityHistory', () => {
  it.each([
    ['narrow times', 60, Date.UTC(2026, 0, 1)],
    ['times around 1970', 60, -30],
    ['wide times', 2 ** 33, Date.UTC(2026, 0, 1)],
  ])('holds what a sorted array holds, after any inserting, forgetting, learning and resizing: %s', (_, keptMs, startMs) => {
    const plan = planOf({ totals: ['units', 'frauds', 'presence'], values: ['number', 'category'], retentionMs: keptMs });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 150 }), fc.integer({ min: 1, max: 40 }), (steps, keepAtMost) => {
        const slab = new HistorySlab();
        const history = new EntityHistory(layoutOf(plan, 0), slab);
        const plains = Array.from({ length: 4 }, () => new PlainHistory(keptMs));
        for (let owner = 0; owner < 4; owner++) history.create(owner);
        let nowMs = startMs;
        steps.forEach(({ what, which, forwardMs, amount: units, value, part }, id) => {
          const plain = plains[which]!;
          history.open(which);
          nowMs += Math.max(0, forwardMs);
          const epochMs = nowMs + Math.min(0, forwardMs);
          if (what === 'insert') {
            const event = { epochMs, idHash: id, parts: [units, 0, part], values: [value, units] };
            expect(history.insert(eventOf(event), keepAtMost)).toBe(plain.insert(event, keepAtMost));
          } else if (plain.events.length > 0) {
            const event = plain.events[id % plain.events.length]!;
            event.parts[1] = part;
            expect(history.learn(1, Float64Array.of(event.epochMs), event.idHash, part)).toBe(true);
          }
          for (let owner = 0; owner < 4; owner++) expectSame(history, owner, plains[owner]!);
        });
      }),
      { numRuns: 60 },
    );
  });

  it.each([
    ['narrow times', 60],
    ['wide times', 2 ** 33],
  ])('finds the ends of windows wherever they were before: %s', (_, keptMs) => {
    const windowsMs = [5, 30, 60];
    const plan = planOf({ totals: ['units'], retentionMs: keptMs, windowsMs });
    const stream = fc.array(
      fc.record({
        which: fc.nat(1),
        forwardMs: fc.oneof({ arbitrary: fc.nat(4), weight: 8 }, fc.integer({ min: -50, max: 70 })),
      }),
      { maxLength: 200 },
    );
    fc.assert(
      fc.property(stream, fc.integer({ min: 3, max: 40 }), (steps, keepAtMost) => {
        const history = new EntityHistory(layoutOf(plan, 0), new HistorySlab());
        for (let owner = 0; owner < 2; owner++) history.create(owner);
        let nowMs = Date.UTC(2026, 0, 1);
        for (const { which, forwardMs } of steps) {
          const atMs = nowMs + forwardMs;
          nowMs = Math.max(nowMs, atMs);
          history.open(which);
          const moments = Float64Array.of(atMs, ...windowsMs.map((windowMs) => atMs - windowMs));
          const positions = new Int32Array(moments.length);
          history.findEnds(moments, positions);
          expect([...positions]).toEqual(Array.from(moments, (moment) => history.countUntil(Float64Array.of(moment))));
          history.insert(eventOf({ epochMs: atMs, parts: [1], values: [], idHash: 0 }), keepAtMost);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('learns nothing for an unknown time or id', () => {
    const history = frauds();
    history.insert(eventOf({ epochMs: 5, parts: [0], values: [], idHash: 7 }), 10);
    expect([
      history.learn(0, Float64Array.of(4), 7, 1),
      history.learn(0, Float64Array.of(5), 8, 1),
      history.learn(0, Float64Array.of(5), 7, 1),
    ]).toEqual([false, false, true]);
  });

  it('without an id gives the label to one of those at that moment', () => {
    const history = frauds();
    for (let i = 0; i < 2; i++) history.insert(eventOf({ epochMs: 5, parts: [0], values: [], idHash: NO_ID }), 10);
    // A label that says no fraud could be that of another one, so it takes none back.
    const learned = [1, 0, 1, 1].map((part) => [history.learn(0, Float64Array.of(5), NO_ID, part), history.total(0, 0, 2)]);
    expect(learned).toEqual([
      [true, 1],
      [true, 1],
      [true, 2],
      [true, 2],
    ]);
  });

  it.each([MAX_SUMMED_UNITS, -MAX_SUMMED_UNITS, MAX_SUMMED_UNITS - 1, 1])(
    'stays exact when far more than 2^53 has passed through it in parts of %d',
    (part) => {
      const history = opened(planOf({ totals: ['units'], retentionMs: 100 }));
      const sums = new Set<number>();
      for (let i = 0; i < 200_000; i++) {
        history.insert(eventOf({ epochMs: i, parts: [part], values: [], idHash: 0 }), 1000);
        if (i >= 100) sums.add(history.total(0, 0, history.size));
      }
      expect([...sums]).toEqual([100 * part]);
    },
  );

  it('holds 60,000 transactions of the largest amount, however they arrive', () => {
    for (const timeOf of [(i: number) => i, (i: number) => -i, (i: number) => (i % 2 === 0 ? i : -i)]) {
      const history = opened(planOf({ totals: ['units'], retentionMs: 1e6 }));
      const event = eventOf({ epochMs: 0, parts: [MAX_SUMMED_UNITS], values: [], idHash: 0 });
      for (let i = 0; i < 60_000; i++) {
        event.at[0] = timeOf(i);
        history.insert(event, 60_000);
      }
      expect(history.total(0, 0, history.size)).toBe(60_000 * MAX_SUMMED_UNITS);
    }
  });

  it('keeps one place a tile, with least and greatest values and exact totals', () => {
    const plan = planOf({
      totals: ['units', 'transactions'],
      values: ['least', 'greatest'],
      retentionMs: 1000,
      resolutionMs: 100,
    });
    const history = opened(plan);
    const add = (atMs: number, units: number) =>
      history.insert(eventOf({ epochMs: atMs, parts: [units, 1], values: [units, units], idHash: 0 }), 100);
    for (const [atMs, units] of [
      [5, 3],
      [99, -2],
      [250, 2 ** 37],
      [260, 2 ** 37],
      [10, 9],
      [120, 4],
    ] as const)
      add(atMs, units);
    expect(history.size).toBe(3);
    expect([0, 1, 2].map((i) => [history.timeAt(i), history.total(0, i, i + 1), history.total(1, i, i + 1)])).toEqual([
      [0, 10, 3],
      [100, 4, 1],
      [200, 2 ** 38, 2],
    ]);
    expect([history.value(0, 0), history.value(1, 0)]).toEqual([-2, 9]);
  });

  it('refuses what a tile could not add up exactly, and stays as it was', () => {
    const history = opened(planOf({ totals: ['units'], retentionMs: 1000, resolutionMs: 100 }));
    const event = eventOf({ epochMs: 6, parts: [2 ** 52], values: [], idHash: 0 });
    history.insert(eventOf({ epochMs: 5, parts: [1], values: [], idHash: 0 }), 100);
    expect(() => history.requireRoomFor(event)).toThrow('event: the amounts of its tile are too large');
    expect(history.total(0, 0, 1)).toBe(1);
  });

  it('takes ever earlier transactions as fast as ever later ones', () => {
    const seconds = (direction: number, count: number) => {
      const history = opened(planOf({ totals: ['units', 'presence', 'frauds'], retentionMs: 1e6 }));
      const event = eventOf({ epochMs: 0, parts: [1, 1, 1], values: [], idHash: 1 });
      const started = performance.now();
      for (let i = 0; i < count; i++) {
        event.at[0] = i * direction;
        history.insert(event, 60_000);
      }
      return performance.now() - started;
    };
    seconds(-1, 1000);
    // Adding to everything behind took more than 100 times as long.
    expect(seconds(-1, 20_000)).toBeLessThan(60 * Math.max(1, seconds(1, 20_000)));
  });
});

function opened(plan: ReturnType<typeof planOf>): EntityHistory {
  const history = new EntityHistory(layoutOf(plan, 0), new HistorySlab());
  history.create(0);
  return history;
}

function frauds(): EntityHistory {
  return opened(planOf({ totals: ['frauds'], retentionMs: 100 }));
}

function expectSame(history: EntityHistory, owner: number, plain: PlainHistory): void {
  history.open(owner);
  expect(history.size).toBe(plain.events.length);
  plain.events.forEach(({ epochMs, idHash, parts, values }, i) => {
    expect(history.timeAt(i)).toBe(epochMs);
    expect(history.idAt(i)).toBe(idHash);
    expect(parts.map((_, slot) => history.total(slot, i, i + 1))).toEqual(parts);
    expect(values.map((_, slot) => history.value(slot, i))).toEqual(values);
  });
  const middle = plain.events[plain.events.length >> 1]?.epochMs ?? 0;
  for (const atMs of [middle - 1, middle, middle + 1, plain.latestMs, plain.latestMs - 2 ** 32]) {
    expect(history.countUntil(Float64Array.of(atMs))).toBe(plain.countUntil(atMs));
  }
  expect(history.total(0, history.countUntil(Float64Array.of(middle)), history.size)).toBe(
    plain.sum(0, plain.countUntil(middle), plain.events.length),
  );
}
