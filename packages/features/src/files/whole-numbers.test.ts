import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bigIntOfBytes, decimalNumber, epochMs, epochMsOfInt64, fromInt64 } from './whole-numbers.js';

const anyInt64 = fc.oneof(
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.bigInt({ min: -(2n ** 54n), max: 2n ** 54n }),
  fc.bigInt({ min: -1000n, max: 1000n }),
);

describe('fromInt64', () => {
  it('gives numbers where they are exact, else bigints', () => {
    fc.assert(
      fc.property(fc.array(anyInt64), (values) => {
        const read = fromInt64(BigInt64Array.from(values));
        expect(Array.from(read, (value) => BigInt(value as number | bigint))).toEqual(values);
        for (const value of read) if (typeof value === 'number') expect(Number.isSafeInteger(value)).toBe(true);
      }),
    );
  });
});

describe('epochMs', () => {
  const floorDivided = (value: bigint, units: bigint) => (value - (((value % units) + units) % units)) / units;
  it.each([
    [1_000, 1n],
    [1_000_000, 1_000n],
    [1_000_000_000, 1_000_000n],
  ] as const)('cuts %d units a second to milliseconds towards the past', (unitsPerSecond, unitsPerMs) => {
    fc.assert(
      fc.property(fc.array(anyInt64, { minLength: 1 }), (values) => {
        const expected = values.map((value) => Number(floorDivided(value, unitsPerMs)));
        expect(values.map((value) => epochMs(value, unitsPerSecond))).toEqual(expected);
        expect([...epochMsOfInt64(BigInt64Array.from(values), unitsPerSecond)]).toEqual(expected);
      }),
    );
  });

  it('takes seconds', () => {
    expect(epochMs(-3n, 1)).toBe(-3000);
    expect([...epochMsOfInt64(BigInt64Array.of(-3n, 5n), 1)]).toEqual([-3000, 5000]);
  });
});

describe('decimalNumber', () => {
  it('is the number nearest to the decimal, as reading its text gives', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 37n), max: 10n ** 37n }), fc.integer({ min: 0, max: 37 }), (unscaled, scale) => {
        expect(decimalNumber(unscaled, scale)).toBe(Number(`${unscaled}e${-scale}`));
      }),
    );
    expect(decimalNumber(5716, 2)).toBe(57.16);
    expect(decimalNumber(3, -2)).toBe(300);
  });
});

describe('bigIntOfBytes', () => {
  it('reads two\u2019s complement', () => {
    expect(bigIntOfBytes(Uint8Array.of(0xff))).toBe(-1n);
    expect(bigIntOfBytes(Uint8Array.of(0, 0xff))).toBe(255n);
    expect(bigIntOfBytes(Uint8Array.of(0x80, 0))).toBe(-32768n);
    expect(bigIntOfBytes(new Uint8Array(0))).toBe(0n);
  });
});
