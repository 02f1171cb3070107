import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { FRAUD_FEATURES, fraudMatrix, readFraudMatrix, writeFraudMatrix } from './fraud-matrix.js';

it('draws the same rows from the same seed', () => {
  expect(fraudMatrix(50, 7)).toEqual(fraudMatrix(50, 7));
  expect(fraudMatrix(50, 8)).not.toEqual(fraudMatrix(50, 7));
});

it('has 1 % frauds, which some features tell apart, and missing values in the last four features', () => {
  const { columns, labels, names } = fraudMatrix(20_000, 7);
  expect(names).toBe(FRAUD_FEATURES);
  const frauds = labels.reduce((sum, label) => sum + label, 0);
  expect(frauds / 20_000).toBeGreaterThan(0.007);
  expect(frauds / 20_000).toBeLessThan(0.013);
  const meanOf = (column, label) => {
    const values = [...column].filter((value, i) => labels[i] === label && !Number.isNaN(value));
    return values.reduce((sum, value) => sum + value, 0) / values.length;
  };
  expect(meanOf(columns[0], 1)).toBeGreaterThan(1.5 * meanOf(columns[0], 0));
  const missing = columns.map((column) => column.filter((value) => Number.isNaN(value)).length / 20_000);
  expect(missing.slice(0, 26)).toEqual(Array(26).fill(0));
  [0.03, 0.1, 0.2, 0.02].forEach((share, k) => expect(missing[26 + k]).toBeCloseTo(share, 1));
});

it('reads what it wrote', () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'fraudops-bench-matrix-'));
  try {
    const matrix = fraudMatrix(33, 7);
    writeFraudMatrix(folder, 'train', matrix);
    expect(readFraudMatrix(folder, 'train')).toEqual(matrix);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
