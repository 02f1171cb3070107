import { Table, timeColumn } from '@fraudops/core';
import { days, simulateTransactions } from '@fraudops/features';
import { describe, expect, it } from 'vitest';
import { between, timelineOf } from './timeline.js';

describe('timelineOf', () => {
  it('leaves the last two weeks as traffic, and has all labels of the judged week known before them', () => {
    const table = simulateTransactions({ rows: 20_000, seed: 1 });
    const timeline = timelineOf(table);
    const { training } = timeline;
    expect(timeline.endMs - timeline.trafficStartMs).toBe(days(14));
    expect(timeline.endMs - timeline.driftStartMs).toBe(days(7));
    expect(training.testEndMs + days(7)).toBeLessThanOrEqual(timeline.trafficStartMs);
    expect(training.testStartMs - training.trainEndMs).toBe(days(7));
    expect(timeline.labelsKnownMs - timeline.endMs).toBe(days(7));
  });

  it('says how many days are needed', () => {
    const short = Table.fromColumns({ TX_DATETIME: timeColumn([0, days(20)]) });
    expect(() => timelineOf(short)).toThrow('The transactions span 21 days; the loop needs at least 49.');
    expect(() => timelineOf(short.slice(0, 0))).toThrow('There are no transactions in the data.');
  });
});

describe('between', () => {
  it('takes the rows from one moment up to another', () => {
    const table = Table.fromColumns({ TX_DATETIME: timeColumn([1, 2, 2, 3, 5]) });
    expect([...between(table, 2, 5).time('TX_DATETIME')]).toEqual([2, 2, 3]);
    expect(between(table, 6, 9).rowCount).toBe(0);
  });
});
