import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EntityHistory, MAX_SUMMED_EVENTS } from './entity-history.js';
import { MAX_SUMMED_UNITS } from '../definitions/minor-units.js';

interface Remembered {
  readonly epochMs: number;
  readonly id: number;
  readonly parts: number[];
}

/** The same as a sorted array: what the ring must be at every step. */
class PlainHistory {
  events: Remembered[] = [];
  insert(event: Remembered): void {
    this.events.splice(this.countUntil(event.epochMs), 0, event);
  }
  countUntil(epochMs: number): number {
    return this.events.filter((event) => event.epochMs <= epochMs).length;
  }
  forget(untilMs: number, keepAtMost: number): number {
    const kept = this.events.slice(this.countUntil(untilMs));
    this.events = kept.slice(Math.max(0, kept.length - keepAtMost));
    return kept.length - this.events.length;
  }
  sum(slot: number, first: number, last: number): number {
    return this.events.slice(first, last).reduce((total, { parts }) => total + parts[slot]!, 0);
  }
}

const moment = fc.integer({ min: 0, max: 50 });
const step = fc.oneof(
  { arbitrary: fc.record({ do: fc.constant('insert' as const), at: moment, a: fc.integer(), b: fc.nat(1) }), weight: 6 },
  fc.record({ do: fc.constant('forget' as const), until: moment, keep: fc.nat(20) }),
  fc.record({ do: fc.constant('learn' as const), which: fc.nat(60), value: fc.nat(1) }),
);

describe('EntityHistory', () => {
  it('holds what a sorted array holds, after any inserting, forgetting and learning', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const ring = new EntityHistory('a', 2, true);
        const plain = new PlainHistory();
        steps.forEach((todo, id) => {
          if (todo.do === 'insert') {
            plain.insert({ epochMs: todo.at, id, parts: [todo.a, todo.b] });
            ring.insert(todo.at, Float64Array.of(todo.a, todo.b, id));
          } else if (todo.do === 'forget') {
            expect(ring.forget(todo.until, todo.keep)).toBe(plain.forget(todo.until, todo.keep));
          } else {
            const event = plain.events[todo.which % Math.max(1, plain.events.length)];
            if (event) event.parts[1] = todo.value;
            expect(ring.learn(1, event?.epochMs ?? 0, event?.id ?? 0, todo.value)).toBe(event !== undefined);
          }
          expect(ring.size).toBe(plain.events.length);
          for (let at = -1; at <= 51; at += 13) {
            const count = plain.countUntil(at);
            expect(ring.countUntil(at)).toBe(count);
            for (const slot of [0, 1]) {
              expect(ring.totalBefore(slot, ring.size) - ring.totalBefore(slot, count)).toBe(plain.sum(slot, count, ring.size));
            }
          }
        });
      }),
    );
  });

  it('learns nothing for an unknown time or id', () => {
    const ring = new EntityHistory('a', 1, true);
    ring.insert(5, Float64Array.of(0, 7));
    expect([ring.learn(0, 4, 7, 1), ring.learn(0, 5, 8, 1), ring.learn(0, 5, 7, 1)]).toEqual([false, false, true]);
  });

  it('without an id gives the label to one of those at that moment', () => {
    const ring = new EntityHistory('a', 1, true);
    ring.insert(5, Float64Array.of(0, Number.NaN));
    ring.insert(5, Float64Array.of(0, Number.NaN));
    const frauds = () => ring.totalBefore(0, 2) - ring.totalBefore(0, 0);
    expect([ring.learn(0, 5, Number.NaN, 1), frauds()]).toEqual([true, 1]);
    expect([ring.learn(0, 5, Number.NaN, 1), frauds()]).toEqual([true, 2]);
    expect([ring.learn(0, 5, Number.NaN, 1), frauds()]).toEqual([true, 2]);
    expect([ring.learn(0, 5, Number.NaN, 0), frauds()]).toEqual([true, 1]);
  });

  it('grows by doubling and gives memory back when much was forgotten', () => {
    const ring = new EntityHistory('a', 1, false);
    const atRest = ring.sizeBytes;
    for (let i = 0; i < 1000; i++) ring.insert(i, Float64Array.of(1));
    expect(ring.sizeBytes).toBe((2 * 1024 + 1) * 8);
    for (let i = 0; i < 12; i++) ring.forget(998, 1000);
    expect([ring.size, ring.sizeBytes]).toEqual([1, atRest]);
  });

  it.each([MAX_SUMMED_UNITS, -MAX_SUMMED_UNITS, MAX_SUMMED_UNITS - 1])(
    'stays exact when far more than 2^53 has passed through it in parts of %d',
    (part) => {
      const ring = new EntityHistory('a', 1, false);
      const sums = new Set<number>();
      for (let i = 0; i < 200_000; i++) {
        ring.forget(i - 100, 1000);
        ring.insert(i, Float64Array.of(part));
        if (i >= 100) sums.add(ring.totalBefore(0, ring.size) - ring.totalBefore(0, 0));
      }
      expect([...sums]).toEqual([100 * part]);
    },
  );

  it('holds the most transactions of the largest amount, however they arrive', () => {
    for (const timeOf of [(i: number) => i, (i: number) => -i, (i: number) => (i % 2 === 0 ? i : -i)]) {
      const ring = new EntityHistory('a', 1, false);
      for (let i = 0; i < MAX_SUMMED_EVENTS; i++) ring.insert(timeOf(i), Float64Array.of(MAX_SUMMED_UNITS));
      expect(ring.totalBefore(0, ring.size) - ring.totalBefore(0, 0)).toBe(MAX_SUMMED_EVENTS * MAX_SUMMED_UNITS);
    }
  });

  it('takes ever earlier transactions as fast as ever later ones', () => {
    const seconds = (direction: number, count: number) => {
      const ring = new EntityHistory('a', 3, true);
      const started = performance.now();
      for (let i = 0; i < count; i++) ring.insert(i * direction, Float64Array.of(1, 1, 1, i));
      return performance.now() - started;
    };
    seconds(-1, 1000);
    // Moving everything behind took more than 100 times as long.
    expect(seconds(-1, 20_000)).toBeLessThan(30 * Math.max(1, seconds(1, 20_000)));
  });
});
