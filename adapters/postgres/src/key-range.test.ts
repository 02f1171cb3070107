import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keyRange } from './key-range.js';

describe('keyRange', () => {
  const character = fc.constantFrom(...'+-./0Aaz~'.split(''));
  const key = fc.string({ unit: character, minLength: 1, maxLength: 5 });
  const text = fc.string({
    unit: fc.oneof({ weight: 4, arbitrary: character }, fc.constantFrom('\0', ' ', '\u007f', 'ä', '\ud800')),
    maxLength: 4,
  });

  it('has exactly the keys that begin with the prefix and come behind the mark', () =>
    fc.assert(
      fc.property(key, text, text, (name, prefix, startAfter) => {
        const range = keyRange(prefix, startAfter);
        const isIn = range !== undefined && name > range.above && name >= range.from && name < range.below;
        expect(isIn).toBe(name.startsWith(prefix) && name > startAfter);
      }),
    ));

  it('holds only text that every database takes', () =>
    fc.assert(
      fc.property(text, text, (prefix, startAfter) =>
        Object.values(keyRange(prefix, startAfter) ?? {}).every((bound) => /^[ -\u007f]*$/.test(bound)),
      ),
    ));
});
