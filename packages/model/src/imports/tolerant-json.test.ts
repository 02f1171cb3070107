import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_NESTING, parseTolerantJson } from './tolerant-json.js';

describe('parseTolerantJson', () => {
  it('equals JSON.parse on JSON', () =>
    fc.assert(
      fc.property(fc.json({ maxDepth: 6 }), fc.constantFrom('', ' ', '\n\t'), (json, indent) => {
        const text = JSON.stringify(JSON.parse(json), undefined, indent);
        expect(JSON.stringify(parseTolerantJson(text))).toBe(JSON.stringify(JSON.parse(text)));
      }),
    ));

  it('takes bare numbers that are none, outside strings only', () => {
    expect(parseTolerantJson('[NaN, Infinity, -Infinity, 1E-1, 1.E5]')).toEqual([Number.NaN, Infinity, -Infinity, 0.1, 1e5]);
    expect(parseTolerantJson('{"NaN": "a NaN, Infinity \\"NaN\\""}')).toEqual({ NaN: 'a NaN, Infinity "NaN"' });
  });

  it('takes no member for more than data', () => {
    expect(Object.keys(parseTolerantJson('{"constructor": 1, "toString": 2}') as object)).toEqual(['constructor', 'toString']);
    for (const text of ['{"__proto__": {"polluted": 1}}', '{"__pro\\u0074o__": {"polluted": 1}}']) {
      const value = parseTolerantJson(text) as { polluted?: number };
      expect(value.polluted).toBeUndefined();
      expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
      expect(Object.entries(value)).toEqual([['__proto__', { polluted: 1 }]]);
    }
  });

  it.each([
    ['', 'the end of the text at position 0, expected a value'],
    ['[1,]', 'position 3, expected a value'],
    ['{"a" 1}', 'position 5, expected :'],
    ['{"a": 1', 'the end of the text at position 7, expected , or }'],
    ['[1 2]', 'position 3, expected , or ]'],
    ['{a: 1}', 'expected a name in quotes'],
    ['"abc', 'expected a quote that ends the string'],
    ['"a\nb"', 'no control character'],
    ['"\\x"', 'only escapes of JSON'],
    ['1 1', 'expected the end'],
    ['nan', 'expected a value'],
    ['0x10', 'expected a value'],
  ])('names the place in %j', (text, message) => {
    expect(() => parseTolerantJson(text)).toThrow(message);
    expect(() => parseTolerantJson(text)).toThrow(expect.objectContaining({ code: 'INVALID_MODEL' }));
  });

  it('refuses deep nesting before the stack ends', () => {
    expect(() => parseTolerantJson('['.repeat(1_000_000))).toThrow(expect.objectContaining({ code: 'TOO_LARGE' }));
    expect(() => parseTolerantJson('{"a":'.repeat(1_000_000))).toThrow(expect.objectContaining({ code: 'TOO_LARGE' }));
    const deepest = '['.repeat(MAX_NESTING) + ']'.repeat(MAX_NESTING);
    expect(parseTolerantJson(deepest)).toHaveLength(1);
  });

  it('refuses more objects than any model has', () => {
    const text = `[${'{},'.repeat(2_000_001)}{}]`;
    expect(() => parseTolerantJson(text)).toThrow(expect.objectContaining({ code: 'TOO_LARGE' }));
    const numbers = `[${'1,'.repeat(20_000_000)}1]`;
    expect(() => parseTolerantJson(numbers)).toThrow('more than 20000000 values');
  }, 60_000);
});
