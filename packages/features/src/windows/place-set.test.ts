import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PlaceSet } from './place-set.js';

describe('PlaceSet', () => {
  it('finds the first and the last place of a range, for any number of places', () => {
    const anySet = fc.tuple(fc.integer({ min: 1, max: 37 }), fc.array(fc.nat(36)), fc.nat(37), fc.nat(37));
    fc.assert(
      fc.property(anySet, ([size, drawn, one, other]) => {
        const places = drawn.filter((place) => place < size);
        const set = new PlaceSet(37);
        set.clear(37);
        set.add(36);
        set.clear(size);
        for (const place of places) set.add(place);
        const [from, to] = [Math.min(one, other, size), Math.min(Math.max(one, other), size)];
        const within = places.filter((place) => place >= from && place < to).toSorted((a, b) => a - b);
        expect([set.first(from, to), set.last(from, to)]).toEqual([within[0] ?? -1, within.at(-1) ?? -1]);
      }),
      { numRuns: 500 },
    );
  });
});
