import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RangeSums } from './range-sums.js';

describe('RangeSums', () => {
  it('sums what was added to the places of a range, for any number of places', () => {
    const additions = fc.array(fc.tuple(fc.nat(20), fc.nat(1), fc.integer({ min: -(2 ** 37), max: 2 ** 37 })));
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 21 }), additions, fc.nat(21), fc.nat(21), (size, drawn, one, other) => {
        const added = drawn.filter(([place]) => place < size);
        const sums = new RangeSums(2, 21);
        sums.clear(21);
        sums.add(3, 0, 5);
        sums.clear(size);
        for (const [place, slot, value] of added) sums.add(place, slot, value);
        const [from, to] = [Math.min(one, other, size), Math.min(Math.max(one, other), size)];
        sums.sum(from, to);
        const expected = [0, 1].map((slot) =>
          added
            .filter(([place, at]) => at === slot && place >= from && place < to)
            .reduce((total, [, , value]) => total + value, 0),
        );
        expect([...sums.sums]).toEqual(expected);
      }),
    );
  });

  it('is exact within a range whatever stands beside it, and NaN where it can not be', () => {
    const sums = new RangeSums(1, 8);
    sums.clear(8);
    for (let place = 0; place < 8; place++) sums.add(place, 0, place < 4 ? 2 ** 52 : 1);
    sums.sum(4, 8);
    expect(sums.sums[0]).toBe(4);
    sums.sum(0, 2);
    expect(sums.sums[0]).toBeNaN();
    sums.sum(1, 2);
    expect(sums.sums[0]).toBe(2 ** 52);
  });
});
