import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sampleByClass } from './class-sample.js';

describe('sampleByClass', () => {
  it('stands for both classes, and takes all frauds where they are few', () => {
    const rowCounts = fc.integer({ min: 2_000, max: 20_000 });
    fc.assert(
      fc.property(rowCounts, fc.integer({ min: 10, max: 200 }), (rowCount, every) => {
        const labels = Uint8Array.from({ length: rowCount }, (_, i) => Number(i % every === 3));
        const frauds = labels.reduce((sum, label) => sum + label, 0);
        const sample = sampleByClass(labels, undefined, 400);
        if (!sample) return;
        const weightOf = (label: number): number =>
          sample.weights.reduce((sum, weight, i) => sum + (sample.labels[i] === label ? weight : 0), 0);
        expect(weightOf(1)).toBeCloseTo(frauds, 6);
        expect(weightOf(0)).toBeCloseTo(rowCount - frauds, 6);
        expect([...sample.labels]).toEqual([...sample.rows].map((row) => labels[row]));
        if (frauds <= 400) expect(sample.labels.reduce((sum, label) => sum + label, 0)).toBe(frauds);
        expect([...sample.rows]).toEqual([...sample.rows].sort((a, b) => a - b));
      }),
    );
  });

  it('takes a share of frauds where they are many, and counts weights', () => {
    const labels = Uint8Array.from({ length: 10_000 }, (_, i) => i % 2);
    const sample = sampleByClass(labels, new Float64Array(10_000).fill(3), 500)!;
    expect(sample.labels.reduce((sum, label) => sum + label, 0)).toBe(500);
    expect(sample.weights[sample.labels.indexOf(1)]).toBe(30);
  });

  it('is undefined where it would be most of the rows, or lack a class', () => {
    expect(sampleByClass(Uint8Array.of(0, 1, 0, 1), undefined, 100)).toBeUndefined();
    // All genuine rows are in runs that are left out.
    const labels = Uint8Array.from({ length: 64 * 40 }, (_, i) => Number(i % 64 > 2 || Math.floor(i / 64) % 29 === 0));
    expect(sampleByClass(labels, undefined, 4)).toBeUndefined();
  });
});
