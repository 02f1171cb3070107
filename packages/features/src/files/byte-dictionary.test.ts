import { DictionaryEncoder } from '@fraudops/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteDictionary, NOT_UTF8 } from './byte-dictionary.js';

function encode(dictionary: ByteDictionary, text: string): number {
  const bytes = Buffer.from(`"${text}"`);
  return dictionary.encode(bytes, 1, bytes.length - 1);
}

describe('ByteDictionary', () => {
  it('gives the codes of DictionaryEncoder', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary', maxLength: 4 })), (texts) => {
        const bytes = new ByteDictionary();
        const strings = new DictionaryEncoder();
        expect(texts.map((text) => encode(bytes, text))).toEqual(texts.map((text) => strings.encode(text)));
        expect(bytes.dictionary).toEqual(strings.dictionary);
      }),
    );
  });

  it('keeps its codes while it grows', () => {
    const dictionary = new ByteDictionary();
    const texts = Array.from({ length: 20_000 }, (_, i) => `card ${i}`);
    const codes = texts.map((text) => encode(dictionary, text));
    expect(codes).toEqual(texts.map((_, i) => i));
    expect(texts.map((text) => encode(dictionary, text))).toEqual(codes);
  });

  it('refuses bytes that are no UTF-8, which would make two entries one', () => {
    expect(new ByteDictionary().encode(Uint8Array.of(0x61, 0xff), 0, 2)).toBe(NOT_UTF8);
  });
});
