import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseNumberBytes } from './csv-number.js';

const parse = (text: string) => parseNumberBytes(Buffer.from(`,${text},`), 1, 1 + Buffer.byteLength(text));

describe('parseNumberBytes', () => {
  it('equals Number(text) to the bit for decimal numbers', () => {
    const digits = fc.stringMatching(/^[0-9]{0,25}$/);
    const sign = fc.constantFrom('', '-', '+');
    fc.assert(
      fc.property(sign, digits, fc.option(digits), (minus, whole, fraction) => {
        const text = minus + whole + (fraction === null ? '' : `.${fraction}`);
        fc.pre(/\d/.test(text));
        expect(parse(text)).toBe(Number(text));
      }),
      { numRuns: 1000 },
    );
  });

  it('equals Number(text) for the shortest text of any float64', () => {
    const anyNumber = fc.double({ noNaN: true, noDefaultInfinity: true });
    fc.assert(
      fc.property(anyNumber, (value) => {
        expect(parse(String(value))).toBe(Number(String(value)));
      }),
    );
  });

  it.each([
    ['57.16', 57.16],
    ['-0', -0],
    ['0.1', 0.1],
    ['.5', 0.5],
    ['5.', 5],
    ['9007199254740993', 9007199254740992],
    ['1e-3', 0.001],
    ['123456789012345678901234567890', 1.2345678901234568e29],
  ])('reads %s', (text, value) => expect(parse(text)).toBe(value));

  it.each(['', '-', '.', '1.2.3', '1,5', ' 1', '1 ', '0x10', 'NaN', 'Infinity', '1e999', '1e', '--1', '12a', '١'])(
    'refuses %j',
    (text) => {
      expect(parse(text)).toBeNaN();
    },
  );
});
