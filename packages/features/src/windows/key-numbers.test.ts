import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KeyNumbers } from './key-numbers.js';

describe('KeyNumbers', () => {
  it('answers as a Map does, after any setting and deleting', () => {
    const key = fc.oneof(
      fc.string({ maxLength: 3 }),
      fc.nat(200).map(String),
      // Short keys have up to 7 characters of one byte each.
      fc.constantFrom('__proto__', 'constructor', '', '\ud800', '\0', 'a', 'a\0', 'a\0\0\0\0', '\u00ff', '\u0100', '\u0161a'),
      fc.constantFrom('1234567', '12345678', '1234567\0', '123456\u01ff', '123456\u00ff', '123456789012345678901234567890'),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(key, fc.boolean()), { maxLength: 600 }), (acts) => {
        const numbers = new KeyNumbers();
        const map = new Map<string, number>();
        let next = 0;
        const free: number[] = [];
        for (const [each, isSet] of acts) {
          const number = map.get(each);
          if (isSet && number === undefined) {
            const given = free.pop() ?? next++;
            map.set(each, given);
            numbers.set(each, given);
            expect(numbers.key(given)).toBe(each);
          } else if (!isSet && number !== undefined) {
            map.delete(each);
            numbers.delete(each);
            free.push(number);
          }
        }
        for (const [each] of acts) expect(numbers.get(each)).toBe(map.get(each) ?? -1);
        expect([...numbers.keys()].sort()).toEqual([...map.keys()].sort());
      }),
      { numRuns: 200 },
    );
  });

  it('holds many keys, and none after it was cleared', () => {
    const numbers = new KeyNumbers();
    for (let i = 0; i < 100_000; i++) numbers.set(`card-${i}`, i);
    for (let i = 0; i < 100_000; i += 7) expect(numbers.get(`card-${i}`)).toBe(i);
    expect(numbers.get('card-100000')).toBe(-1);
    numbers.clear();
    expect([numbers.get('card-7'), [...numbers.keys()]]).toEqual([-1, []]);
  });
});
