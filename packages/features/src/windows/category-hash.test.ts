import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { categoryHash } from './category-hash.js';

const texts = fc.array(fc.nat(0xffff)).map((units) => String.fromCharCode(...units));

describe('categoryHash', () => {
  it('is a safe integer, the same for the same text', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const hash = categoryHash(text);
        expect(Number.isSafeInteger(hash) && hash >= 0).toBe(true);
        expect(categoryHash(`${text}!`.slice(0, -1))).toBe(hash);
      }),
    );
  });

  // Captured from this code: histories that were saved hold these numbers.
  it.each([
    ['', 8052841501232246],
    ['a', 6740854611501121],
    ['merchant-42', 4242932452253805],
    ['Škoda 東京 🚗', 4395571647461379],
  ])('of %j never changes', (text, hash) => expect(categoryHash(text)).toBe(hash));

  it.each<[string, (i: number) => string]>([
    ['numbers', String],
    ['a prefix and a number', (i) => `merchant-${i}`],
    ['hexadecimal digits of one length', (i) => i.toString(16).padStart(8, '0')],
    ['pairs of units', (i) => String.fromCharCode(i & 511, i >> 9)],
    ['the same letter', (i) => 'a'.repeat(i % 50) + String.fromCharCode(0x4e00 + i / 50)],
  ])('tells 200,000 texts apart: %s', (_, textOf) => {
    const hashes = new Set(Array.from({ length: 200_000 }, (_unused, i) => categoryHash(textOf(i))));
    expect(hashes.size).toBe(200_000);
  });

  it('spreads numbers evenly by its highest and by its lowest bits (chi-squared, 255 degrees of freedom, p > 1e-6)', () => {
    const high = new Float64Array(256);
    const low = new Float64Array(256);
    const n = 100_000;
    for (let i = 0; i < n; i++) {
      const hash = categoryHash(String(i));
      high[Math.floor(hash / 2 ** 45)]!++;
      low[hash % 256]!++;
    }
    const chiSquared = (counts: Float64Array) => counts.reduce((sum, count) => sum + (count - n / 256) ** 2 / (n / 256), 0);
    expect(chiSquared(high)).toBeLessThan(377);
    expect(chiSquared(low)).toBeLessThan(377);
  });
});
