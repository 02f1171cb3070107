import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pairCodes } from './pair-codes.js';

const rowCodes = (codes: number[], codeCount: number) => ({ codes: Int32Array.from(codes), codeCount });

describe('pairCodes', () => {
  it('gives the same code to the same pair only, none when either is missing, without gaps', () => {
    const codes = fc.array(fc.tuple(fc.integer({ min: -1, max: 5 }), fc.integer({ min: -1, max: 4 })));
    fc.assert(
      fc.property(codes, (rows) => {
        const pairs = pairCodes(
          rowCodes(
            rows.map(([first]) => first),
            6,
          ),
          rowCodes(
            rows.map(([, second]) => second),
            5,
          ),
        );
        const codeOf = new Map<string, number>();
        rows.forEach((row, i) => {
          if (row.includes(-1)) expect(pairs.codes[i]).toBe(-1);
          else {
            const known = codeOf.get(row.join()) ?? pairs.codes[i]!;
            expect(pairs.codes[i]).toBe(known);
            codeOf.set(row.join(), known);
          }
        });
        expect([...codeOf.values()].toSorted((a, b) => a - b)).toEqual(
          Array.from({ length: pairs.codeCount }, (_, code) => code),
        );
      }),
    );
  });
});
