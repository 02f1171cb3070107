import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PackedTotals, mostRowsOfEntity, packedWeight } from './packed-totals.js';
import { BLOCK_ROWS, type WindowSpan } from './window-bounds.js';
import type { SweptRows } from './window-sweep.js';
import { WindowTotals } from './window-totals.js';

interface Stream extends SweptRows {
  readonly parts: Float64Array;
}

/** Rows of one run that stand `gaps` after each other. */
function streamOf(rows: readonly { code: number; gapMs: number; part: number }[]): Stream {
  let atMs = 0;
  return {
    entities: { codes: Int32Array.from(rows, ({ code }) => code), codeCount: CODES },
    times: Float64Array.from(rows, ({ gapMs }) => (atMs += gapMs)),
    runs: Int32Array.of(0, rows.length),
    rows: undefined,
    parts: Float64Array.from(rows, ({ part }) => part),
  };
}

/** Above 4,095, so that entities share marks. */
const CODES = 4_200;

const codes = fc.oneof({ weight: 3, arbitrary: fc.constantFrom(-1, 0, 1, 7, 7 + 4_096, CODES - 1) }, fc.nat(CODES - 1));
const gaps = fc.oneof(
  { weight: 4, arbitrary: fc.constant(0) },
  { weight: 8, arbitrary: fc.nat(3) },
  { weight: 1, arbitrary: fc.nat(200) },
);

/** Streams whose amounts are at most so large, some the very largest, and refunds among them. */
const streams = fc.constantFrom(1, 100, 2 ** 20, 2 ** 30).chain((largest) => {
  const part = fc.oneof(fc.integer({ min: -largest, max: largest }), fc.constantFrom(-largest, largest, 0));
  return fc.array(fc.record({ code: codes, gapMs: gaps, part }), { minLength: 1, maxLength: 700 }).map(streamOf);
});

type Totals = WindowTotals | PackedTotals;

/** Counts and sums of the rows from a place on, in blocks. */
function totalsFrom(totals: Totals, place: number, rowCount: number, blockRows: number) {
  const counts: number[] = [];
  const sums: number[] = [];
  for (let begin = place; begin < rowCount; begin += blockRows) {
    const end = Math.min(rowCount, begin + blockRows);
    totals.advance(begin, end);
    counts.push(...totals.counts.subarray(0, end - begin));
    sums.push(...totals.sums.subarray(0, end - begin));
  }
  return { counts, sums };
}

function expectTheSame(stream: Stream, windowMs: number, place = 0, blockRows = BLOCK_ROWS) {
  const span: WindowSpan = { windowMs, delayMs: 0, own: true };
  const weight = packedWeight(mostRowsOfEntity(stream.entities), stream.parts);
  if (weight === undefined) throw new RangeError('the totals of this stream cannot be packed');
  const packed = new PackedTotals(stream, span, stream.parts, weight);
  const plain = new WindowTotals(stream, span, { parts: stream.parts, field: 'x' });
  const rowCount = stream.times.length;
  // toEqual tells 0 from -0.
  expect(totalsFrom(packed, place, rowCount, blockRows)).toEqual(totalsFrom(plain, place, rowCount, blockRows));
}

describe('PackedTotals', () => {
  it('finds what totals that are not packed find, to the bit, in whatever blocks and wherever it begins', () => {
    fc.assert(
      fc.property(
        streams,
        fc.integer({ min: 1, max: 300 }),
        fc.integer({ min: 1, max: 200 }),
        fc.nat(),
        (stream, windowMs, blockRows, place) => {
          expectTheSame(stream, windowMs, 0, blockRows);
          expectTheSame(stream, windowMs, place % stream.times.length, blockRows);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('does so when runs follow each other, each with times of its own', () => {
    const runs = fc.array(fc.array(fc.tuple(gaps, fc.integer({ min: -50, max: 50 })), { minLength: 1, maxLength: 90 }), {
      minLength: 1,
      maxLength: 9,
    });
    fc.assert(
      fc.property(runs, fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 100 }), (drawn, windowMs, blockRows) => {
        const times = drawn.flatMap((run) => {
          let atMs = 0;
          return run.map(([gapMs]) => (atMs += gapMs));
        });
        const starts = [0];
        for (const run of drawn) starts.push(starts.at(-1)! + run.length);
        const stream: Stream = {
          entities: { codes: Int32Array.from(drawn.flatMap((run, code) => run.map(() => code))), codeCount: CODES },
          times: Float64Array.from(times),
          runs: Int32Array.from(starts),
          rows: Int32Array.from(times, (_, place) => place),
          parts: Float64Array.from(drawn.flatMap((run) => run.map(([, part]) => part))),
        };
        expectTheSame(stream, windowMs, 0, blockRows);
      }),
    );
  });

  it.each([1, 2, 63, 64, 65, 200])(
    'does so when all rows leave at once after a pause, %i rows at a time',
    (rowsBetweenPauses) => {
      const rows = Array.from({ length: 9_000 }, (_, i) => ({
        code: i % 3 === 0 ? 7 : i % CODES,
        gapMs: i % 4_000 === 0 || (i > 8_000 && i % rowsBetweenPauses === 0) ? 1_000 : 0,
        part: i % 101,
      }));
      expectTheSame(streamOf(rows), 500);
      expectTheSame(streamOf(rows), 1_500);
    },
  );

  it('is exact up to the largest totals that can be packed, of either sign', () => {
    // 15 rows of it add up to 2^48 - 1, so a row weighs 2^49, and with a row more that is 2^53.
    const largest = (2 ** 48 - 1) / 15;
    expect(packedWeight(15, Float64Array.of(-largest))).toBe(2 ** 49);
    expect(packedWeight(15, Float64Array.of(largest + 1))).toBeUndefined();
    expect(packedWeight(16, Float64Array.of(largest))).toBeUndefined();
    for (const signs of [() => 1, () => -1, (i: number) => (i < 8 ? -1 : 1)]) {
      const rows = Array.from({ length: 15 }, (_, i) => ({ code: 3, gapMs: 1, part: signs(i) * largest }));
      for (const windowMs of [1, 4, 100]) expectTheSame(streamOf(rows), windowMs);
    }
  });
});

describe('packedWeight', () => {
  it('is above twice any sum, and leaves room for the rows and half a row', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 30 }), fc.integer({ min: 0, max: 2 ** 45 }), (mostRows, largest) => {
        const weight = packedWeight(mostRows, Float64Array.of(0, -largest));
        const needed = 2n * BigInt(mostRows) * BigInt(largest);
        let expected = 1n;
        while (expected <= needed) expected *= 2n;
        const fits = expected * BigInt(mostRows + 1) <= 2n ** 53n;
        expect(weight).toBe(fits ? Number(expected) : undefined);
      }),
    );
  });

  it('is 1 where nothing is added up', () => expect(packedWeight(5, new Float64Array(3))).toBe(1));
});

describe('mostRowsOfEntity', () => {
  it('counts the rows of the busiest entity, and none without one', () => {
    expect(mostRowsOfEntity({ codes: Int32Array.of(-1, 2, -1, 0, 2, -1), codeCount: 3 })).toBe(2);
    expect(mostRowsOfEntity({ codes: Int32Array.of(-1, -1), codeCount: 0 })).toBe(0);
  });
});
