import { describe, expect, it } from 'vitest';
import { murmur3 } from './murmur3.js';

describe('murmur3', () => {
  it.each([
    ['', 0],
    ['a', 1009084850],
    ['ab', 2613040991],
    ['abc', 3017643002],
    ['abcd', 1139631978],
    ['test', 3127628307],
    ['Hello, world!', 3224780355],
    ['The quick brown fox jumps over the lazy dog', 776992547],
    ['fraud/1/card-4711', 686315511],
    ['zażółć €', 3429304441],
  ])('of %j equals murmurhash3_32 of scikit-learn 1.9', (text, expected) => expect(murmur3(text)).toBe(expected));
});
