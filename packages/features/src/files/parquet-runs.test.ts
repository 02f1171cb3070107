import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readHybridRuns } from './parquet-runs.js';

/** Numbers packed bit by bit, in groups of eight, behind their header; the format's own definition, read literally. */
function packed(values: readonly number[], width: number): number[] {
  const groups = Math.ceil(values.length / 8);
  const bits = Array.from({ length: groups * 8 }, (_, i) => values[i] ?? 0).flatMap((value) =>
    Array.from({ length: width }, (_, bit) => Math.floor(value / 2 ** bit) % 2),
  );
  const bytes = Array.from({ length: bits.length / 8 }, (_, i) =>
    bits.slice(8 * i, 8 * i + 8).reduce((byte, bit, at) => byte + bit * 2 ** at, 0),
  );
  return [...varint(groups * 2 + 1), ...bytes];
}

function run(value: number, count: number, width: number): number[] {
  const bytes = Array.from({ length: Math.ceil(width / 8) }, (_, i) => Math.floor(value / 256 ** i) % 256);
  return [...varint(count * 2), ...bytes];
}

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) + 128, ...varint(Math.floor(value / 128))];
}

describe('readHybridRuns', () => {
  it('reads runs and packed groups of any width', () => {
    const stretch = fc.integer({ min: 1, max: 32 }).chain((width) => {
      const value = fc.integer({ min: 0, max: 2 ** width - 1 });
      const stretches = fc.array(
        fc.oneof(
          fc.record({
            values: fc
              .array(value, { minLength: 8, maxLength: 24 })
              .map((values) => values.slice(0, values.length - (values.length % 8))),
            isRun: fc.constant(false),
          }),
          fc.record({
            values: fc
              .tuple(value, fc.integer({ min: 1, max: 300 }))
              .map(([repeated, count]) => Array.from({ length: count }, () => repeated)),
            isRun: fc.constant(true),
          }),
        ),
        { minLength: 1, maxLength: 5 },
      );
      return stretches.map((list) => ({ width, list }));
    });
    fc.assert(
      fc.property(stretch, ({ width, list }) => {
        const bytes = list.flatMap(({ values, isRun }) =>
          isRun ? run(values[0]!, values.length, width) : packed(values, width),
        );
        const expected = list.flatMap(({ values }) => values);
        expect([...readHybridRuns(Uint8Array.from(bytes), width, expected.length)]).toEqual(expected.map((value) => value | 0));
      }),
    );
  });

  it('cuts a run that goes on, and ignores what follows', () => {
    expect([...readHybridRuns(Uint8Array.of(8, 1, 99), 1, 3)]).toEqual([1, 1, 1]);
    expect([...readHybridRuns(Uint8Array.of(3, 0b10_10_10_10, 255), 1, 4)]).toEqual([0, 1, 0, 1]);
    expect([...readHybridRuns(new Uint8Array(0), 0, 2)]).toEqual([0, 0]);
  });

  it.each([
    [[], 1, 'runs end early'],
    [[0x80], 1, 'runs end early'],
    [[0x80, 0x80, 0x80, 0x80, 0x80, 0x80], 1, 'runs end early'],
    [[8], 1, 'runs end early'],
    [[5, 1], 8, 'runs end early'],
    [[8, 1], 33, 'numbers of 33 bits, at most 32 are possible'],
  ])('refuses %j of width %d', (bytes, width, message) => {
    expect(() => readHybridRuns(Uint8Array.from(bytes), width, 9)).toThrow(message);
  });
});
