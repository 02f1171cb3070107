import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NewestItems } from './newest-items.js';

describe('NewestItems', () => {
  it('is what an array would be whose first item goes when there are too many', () =>
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 8 }),
        fc.array(fc.oneof(fc.constant('add' as const), fc.constant('clear' as const), fc.nat(10)), { maxLength: 80 }),
        (capacity, steps) => {
          const newest = new NewestItems<number>(capacity);
          let expected: number[] = [];
          let dropped = 0;
          steps.forEach((step, i) => {
            if (step === 'add') {
              newest.add(i);
              expected.push(i);
              if (expected.length > capacity) dropped += expected.splice(0, 1).length;
            } else if (step === 'clear') {
              newest.clear();
              expected = [];
            } else {
              expect(newest.takeOldest(step)).toEqual(expected.splice(0, step));
            }
            expect([newest.all(), newest.size, newest.dropped]).toEqual([expected, expected.length, dropped]);
          });
        },
      ),
    ));
});
