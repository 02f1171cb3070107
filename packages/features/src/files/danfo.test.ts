import { categoryColumn, flagColumn, numberColumn, Table, timeColumn } from '@fraudops/core';
import { describe, expect, it, vi } from 'vitest';
import { FeatureError } from '../feature-error.js';
import { fromDanfo, toDanfo } from './danfo.js';

const table = Table.fromColumns({
  amount: numberColumn([1.1, Number.NaN, 3]),
  card: categoryColumn(['x', null, '']),
  fraud: flagColumn([true, null, false]),
  at: timeColumn([1.5e12, Number.NaN, 0]),
});

// The first test waits for TensorFlow.js, which danfojs-node loads.
describe('toDanfo', { timeout: 120_000 }, () => {
  it('makes a DataFrame of danfojs-node 1.2.0, from which fromDanfo makes the table again', async () => {
    const { DataFrame } = (await import('danfojs-node')) as unknown as { DataFrame: new (...rest: unknown[]) => object };
    const frame = await toDanfo(table);
    expect(frame).toBeInstanceOf(DataFrame);
    expect(frame.columns).toEqual(['amount', 'card', 'fraud', 'at']);
    expect(frame.dtypes).toEqual(['float32', 'string', 'boolean', 'string']);
    expect(frame.values).toEqual([
      [1.1, 'x', true, '2017-07-14T02:40:00.000Z'],
      [Number.NaN, null, null, null],
      [3, '', false, '1970-01-01T00:00:00.000Z'],
    ]);
    const back = fromDanfo(frame, { amount: 'number', card: 'category', fraud: 'flag', at: 'time' });
    expect(back.toRows()).toEqual(table.toRows());
  });

  it('takes what danfo computes', async () => {
    interface Grouped {
      mean(): { columns: string[]; dtypes: string[]; values: unknown };
    }
    interface Frame {
      columns: string[];
      dtypes: string[];
      values: unknown;
      groupby(columns: string[]): { col(columns: string[]): Grouped };
    }
    const cards = Table.fromColumns({ card: categoryColumn(['a', 'b', 'a']), amount: numberColumn([1, 5, 2]) });
    const means = fromDanfo((await toDanfo<Frame>(cards)).groupby(['card']).col(['amount']).mean());
    expect(means.toRows()).toEqual([
      { card: 'a', amount_mean: 1.5 },
      { card: 'b', amount_mean: 5 },
    ]);
  });

  it('holds tables without rows or columns', async () => {
    const empty = await toDanfo(table.slice(0, 0));
    expect(fromDanfo(empty, { card: 'category', at: 'time' }).columnNames).toEqual(['card', 'at']);
    expect(fromDanfo(await toDanfo(Table.fromColumns({}))).columnNames).toEqual([]);
  });

  it('says that danfojs-node is not installed', async () => {
    vi.doMock('danfojs-node', () => {
      throw Object.assign(new Error('Cannot find package'), { code: 'ERR_MODULE_NOT_FOUND' });
    });
    await expect(toDanfo(table)).rejects.toBeInstanceOf(FeatureError);
    await expect(toDanfo(table)).rejects.toMatchObject({ code: 'NOT_INSTALLED', details: { package: 'danfojs-node' } });
    vi.doUnmock('danfojs-node');
  });
});

describe('fromDanfo', () => {
  const frame = {
    columns: ['a', 'b', 'c', 'd'],
    dtypes: ['int32', 'string', 'boolean', 'float32'],
    values: [
      [1, 'x', true, Number.NaN],
      [undefined, null, undefined, 2.5],
    ],
  };

  it('goes by the dtypes, and takes what danfo counts as missing', () => {
    expect(fromDanfo(frame).toRows()).toEqual([
      { a: 1, b: 'x', c: true, d: null },
      { a: null, b: null, c: null, d: 2.5 },
    ]);
    expect(fromDanfo(frame, { d: 'number', a: 'category' }).toRows()[0]).toEqual({ d: null, a: '1' });
  });

  it.each([
    [
      { ...frame, dtypes: ['int32', 'object', 'boolean', 'float32'] },
      undefined,
      'WRONG_KIND',
      'column b has the dtype object, which has no kind',
    ],
    [frame, { e: 'number' }, 'MISSING_COLUMN', 'no column e; the frame has a, b, c, d'],
    [frame, { b: 'number' }, 'INVALID_VALUE', 'column b, row 0: "x" is not a finite number or null'],
  ] as const)('refuses %j as %j', (refused, kinds, code, message) => {
    expect(() => fromDanfo(refused, kinds)).toThrow(expect.objectContaining({ code, message: expect.stringContaining(message) }));
  });
});
