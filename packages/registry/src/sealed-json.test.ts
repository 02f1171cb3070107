import { canonicalJson, sha256Hex } from '@fraudops/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openSealedJson, sealJson } from './sealed-json.js';

const bytesOf = (text: string) => new TextEncoder().encode(text);

describe('sealed JSON', () => {
  it('gives back what was sealed, whatever the order of its members', () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.string().filter((key) => key !== 'checksum' && key !== '__proto__'),
          fc.jsonValue(),
        ),
        (content) => {
          const reordered = Object.fromEntries(Object.entries(content).toReversed());
          expect(sealJson(reordered)).toEqual(sealJson(content));
          const whole = { ...content, checksum: sha256Hex(canonicalJson(content)) };
          expect(new TextDecoder().decode(sealJson(content))).toBe(canonicalJson(whole));
          const opened = openSealedJson(sealJson(content));
          expect('content' in opened && JSON.stringify(opened.content)).toBeTruthy();
          expect(sealJson((opened as { content: Record<string, unknown> }).content)).toEqual(sealJson(content));
        },
      ),
    );
  });

  it('finds any flipped bit', () => {
    const sealed = sealJson({ version: 3, why: 'better: 0.64 > 0.61', tags: { market: 'eu' } });
    for (let bit = 0; bit < sealed.length * 8; bit++) {
      const flipped = Uint8Array.from(sealed);
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      expect(openSealedJson(flipped), `bit ${bit}`).toHaveProperty('damage');
    }
  });

  it.each([
    '',
    '[]',
    'null',
    '3',
    '{"a":1}',
    '{"a":1e999,"checksum":"x"}',
    '\ufeff{}',
    '{"a":1, "checksum":"x"}',
    '['.repeat(100_000),
  ])('takes nothing else (%#)', (text) => {
    expect(openSealedJson(bytesOf(text))).toHaveProperty('damage');
  });

  it('takes no truncated object', () => {
    const sealed = sealJson({ a: 1 });
    for (let length = 0; length < sealed.length; length++)
      expect(openSealedJson(sealed.slice(0, length))).toHaveProperty('damage');
  });
});
