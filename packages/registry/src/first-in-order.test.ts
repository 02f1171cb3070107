import fc from 'fast-check';
import { expect, it } from 'vitest';
import { firstInOrder } from './first-in-order.js';

it('is the beginning of all of them, sorted', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 50 })), fc.integer({ min: 1, max: 60 }), (items, count) => {
      const compare = (a: number, b: number) => a - b;
      expect(firstInOrder(items, count, compare)).toEqual(items.toSorted(compare).slice(0, count));
    }),
  );
});
