import { describe, expect, it } from 'vitest';
import { maturedRows } from './matured-rows.js';

describe('maturedRows', () => {
  it('takes rows that are old enough and labelled, not young frauds', () => {
    const labels = [0, 1, 255, 1, 0];
    const times = [0, 500, 100, 501, 900];
    expect(maturedRows(labels, times, 1_000, 500)).toEqual({ rows: Uint32Array.of(0, 1), immature: 2, unlabelled: 1 });
  });

  it.each<[number[], number[], number, number, string]>([
    [[0], [], 0, 0, 'maturedRows: 1 labels for 0 times'],
    [[2], [0], 0, 0, 'maturedRows: labels[0] is 2, expected 0, 1 or 255'],
    [[0], [Number.NaN], 0, 0, 'maturedRows: times[0] is NaN'],
    [[0], [0], Number.NaN, 0, 'maturedRows: nowMs is NaN'],
    [[0], [0], 0, -1, 'maturedRows: delayMs: -1'],
  ])('refuses %j %j %d %d', (labels, times, nowMs, delayMs, message) => {
    expect(() => maturedRows(labels, times, nowMs, delayMs)).toThrow(message);
  });
});
