import { describe, expect, it } from 'vitest';
import { categoryColumn, flagColumn, numberColumn } from './column.js';
import { featureMatrix, takeRows, toFeatureMatrix } from './feature-matrix.js';
import { Table } from './table.js';

const table = Table.fromColumns({
  amount: numberColumn([0.1, Number.NaN, 3]),
  night: flagColumn([true, null, false]),
  card: categoryColumn(['a', 'b', null]),
});

describe('toFeatureMatrix', () => {
  it('rounds to float32, makes flags 0 and 1, and missing values NaN', () => {
    const matrix = toFeatureMatrix(table, ['night', 'amount']);
    expect(matrix.names).toEqual(['night', 'amount']);
    expect(matrix.columns.map((column) => [...column])).toEqual([
      [1, Number.NaN, 0],
      [Math.fround(0.1), Number.NaN, 3],
    ]);
  });

  it('refuses a category and an unknown name', () => {
    expect(() => toFeatureMatrix(table)).toThrow('card is a category; encode it as a number first');
    expect(() => toFeatureMatrix(table, ['x'])).toThrow('no column x');
  });
});

describe('featureMatrix', () => {
  it('refuses names and columns that do not fit', () => {
    expect(() => featureMatrix(['a'], [])).toThrow('1 names for 0 columns');
    expect(() => featureMatrix(['a', 'b'], [new Float32Array(1), new Float32Array(2)])).toThrow('b has 2 rows, a has 1');
    expect(() => featureMatrix(['a', 'a'], [new Float32Array(1), new Float32Array(1)])).toThrow('a comes twice');
  });
});

describe('takeRows', () => {
  it('gathers rows in the given order', () => {
    const taken = takeRows(featureMatrix(['a'], [Float32Array.of(1, 2, 3)]), [2, 0]);
    expect([taken.rowCount, ...taken.columns[0]!]).toEqual([2, 3, 1]);
  });
});
