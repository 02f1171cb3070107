import { describe, expect, it } from 'vitest';
import { seededRandom } from '@fraudops/core';
import { ask } from './asked-gates.fixture.js';
import { type ReplayedRows, type SkewReplayOptions, skewReplay } from './skew-replay.js';

const rowIds = Array.from({ length: 120 }, (_, i) => `t${i}`);
const random = seededRandom(2);
const amounts = Float32Array.from(rowIds, () => random.between(1, 1_000));
const counts = Float32Array.from(rowIds, (_, i) => (i % 7 === 0 ? Number.NaN : i % 5));
const rows = {
  rowIds,
  features: { names: ['amount', 'count_1d'], columns: [amounts, counts] },
  scores: Float64Array.from(rowIds, (_, i) => i / 120),
} satisfies ReplayedRows;

const withCounts = (column: ArrayLike<number>): ReplayedRows => ({
  ...rows,
  features: { ...rows.features, columns: [amounts, column] },
});
const judged = (online: ReplayedRows, offline: ReplayedRows, change: Partial<SkewReplayOptions> = {}) =>
  ask(skewReplay({ online: () => online, offline: () => offline, ...change }));

describe('skewReplay', () => {
  it('passes the same bits, NaN for NaN, in whatever order', async () => {
    const result = await judged(rows, rows);
    expect(result).toMatchObject({ passed: true, reason: 'online and offline agree on 120 rows in 3 columns' });
    const order = rowIds.map((_, i) => (i * 77) % 120);
    const pick = (column: ArrayLike<number>) => Float64Array.from(order, (row) => column[row]!);
    const other: ReplayedRows = {
      rowIds: order.map((row) => rowIds[row]!),
      features: { names: ['count_1d', 'amount'], columns: [pick(counts), pick(amounts)] },
      scores: pick(rows.scores),
    };
    expect(await judged(rows, other)).toEqual(result);
    expect(await judged(other, rows)).toEqual(result);
    expect(await judged(withCounts(counts.map((value) => (value === 0 ? -0 : value))), rows)).toEqual(result);
  });

  it('names the features that differ, in how many rows, and where first', async () => {
    const offline: ReplayedRows = {
      rowIds,
      features: { names: rows.features.names, columns: [amounts.with(7, 5), counts.map((value) => (value === 3 ? 4 : value))] },
      scores: rows.scores.with(9, 2),
    };
    const result = await judged(rows, offline);
    const threes = counts.filter((value) => value === 3).length;
    expect(result.passed).toBe(false);
    expect(result.reason).toBe(
      `${threes + 2} rows of 120 rows in 3 columns differ: "feature count_1d" in ${threes} of 120 (3 online, 4 offline in row "t3"), ` +
        `"feature amount" in 1 of 120 (${Number(amounts[7]!.toPrecision(3))} online, 5 offline in row "t7"), ` +
        '"score" in 1 of 120 (0.075 online, 2 offline in row "t9")',
    );
    expect(result.values).toMatchObject({
      rows: 120,
      differingRows: threes + 2,
      differingColumns: 3,
      'difference 1': 'feature count_1d',
      'difference 2 row': 't7',
      'difference 2 online': amounts[7]!,
    });
  });

  it.each<[number, number, number, boolean]>([
    [1, 1 + 1e-9, 0, false],
    [1, 1.01, 0.01, true],
    [1, 1.0102, 0.01, false],
    [1_000, 1_010, 0.01, true],
    [1_000, 1_011, 0.01, false],
    [0.001, 0.0109, 0.01, true],
    [1, Number.NaN, 1, false],
    [Number.NaN, 0, 1, false],
    [1, Infinity, 1, false],
    [Infinity, -Infinity, 1, false],
    [Infinity, Infinity, 0, true],
  ])('%s online and %s offline within %s: %s', async (online, offline, tolerance, passed) => {
    const column = Float64Array.from(counts);
    expect(await judged(withCounts(column.with(5, online)), withCounts(column.with(5, offline)), { tolerance })).toMatchObject({
      passed,
    });
  });

  it('refuses rows and columns that one side lacks, and too few rows', async () => {
    const fewer = { rowIds: rowIds.slice(0, 2), features: { names: ['a'], columns: [[1, 2]] } };
    expect(await judged(fewer, fewer)).toMatchObject({ passed: false, reason: '2 rows replayed, 100 are needed' });
    expect(await judged(fewer, fewer, { minimumRows: 2 })).toMatchObject({ passed: true });
    const otherId = { ...rows, rowIds: rowIds.with(4, 'x') };
    expect((await judged(rows, otherId)).reason).toBe('1 row is missing offline, such as "t4"');
    const otherName = { ...rows, features: { ...rows.features, names: ['amount', 'count_7d'] } };
    expect((await judged(rows, otherName)).reason).toBe('1 column is missing offline, such as "feature count_1d"');
    const { scores: _, ...unscored } = rows;
    expect((await judged(unscored, rows)).reason).toBe('1 column is missing online, such as "score"');
    expect(await judged(unscored, unscored)).toMatchObject({ passed: true });
    // No rows are never enough.
    const none = { rowIds: [], features: { names: ['a'], columns: [[]] } };
    expect(await judged(none, none, { minimumRows: 1 })).toMatchObject({ passed: false });
  });

  it('is bounded in what it says', async () => {
    const names = Array.from({ length: 300 }, (_, i) => `${i}${'y'.repeat(4_000)}`);
    const wide = (value: number) => ({
      rowIds: rowIds.map((id) => id + 'z'.repeat(5_000)),
      features: { names, columns: names.map(() => new Float32Array(120).fill(value)) },
    });
    const { reason, values } = await judged(wide(1), wide(2));
    expect(reason.length).toBeLessThan(1_500);
    expect(reason).toMatch(/, and 295 more columns$/);
    expect(values).toMatchObject({ differingColumns: 300, rows: 120 });
    expect(JSON.stringify(values).length).toBeLessThan(20_000);
  });

  it.each<[string, unknown]>([
    ['no rows', undefined],
    ['no features', { rowIds }],
    ['ids that come twice', { ...rows, rowIds: rowIds.with(0, 't1') }],
    ['ids that are numbers', { ...rows, rowIds: rowIds.map((_, i) => i) }],
    ['a column too few', { ...rows, features: { names: ['a', 'b'], columns: [amounts] } }],
    ['a short column', { ...rows, features: { names: ['a'], columns: [[1]] } }],
    ['a name that comes twice', { ...rows, features: { names: ['a', 'a'], columns: [amounts, counts] } }],
    ['values that are texts', { ...rows, features: { names: ['a'], columns: [rowIds] } }],
    ['nothing to compare', { rowIds, features: { names: [], columns: [] } }],
  ])('takes %s for an error, on either side', async (_name, side) => {
    await expect(judged(side as ReplayedRows, rows)).rejects.toMatchObject({ code: 'GATE_ERROR' });
    await expect(judged(rows, side as ReplayedRows)).rejects.toMatchObject({ code: 'GATE_ERROR' });
  });

  it.each<[object, string]>([
    [{ tolerance: -1 }, 'tolerance is -1, expected a number from 0 to 1'],
    [{ tolerance: Infinity }, 'tolerance is Infinity'],
    [{ tolerence: 0.1 }, 'did you mean tolerance?'],
    [{ online: undefined }, 'online is undefined, expected a function'],
    [{ minimumRows: 0 }, 'minimumRows is 0'],
  ])('refuses %j', (change, message) => {
    expect(() => skewReplay({ online: () => rows, offline: () => rows, ...change })).toThrow(message);
  });
});
