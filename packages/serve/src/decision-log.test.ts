import { detectDrift, referenceProfile } from '@fraudops/drift';
import { Table, numberColumn } from '@fraudops/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DecisionRecord, decisionTable, memoryDecisionLog } from './decision-log.js';

const NAMES = ['AMOUNT', 'COUNT'];

function record(i: number, parts: Partial<DecisionRecord> = {}): DecisionRecord {
  return {
    transactionId: i,
    timeMs: 1000 * i,
    decidedMs: 1000 * i + 5,
    score: 0.5,
    decision: 'review',
    model: 'fraud',
    modelVersion: 1,
    featureNames: NAMES,
    features: Float64Array.of(i, 2 * i),
    ...parts,
  };
}

describe('memoryDecisionLog', () => {
  it('keeps the newest records in order and counts the others', () =>
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 0, max: 60 }), (capacity, count) => {
        const log = memoryDecisionLog({ capacity });
        for (let i = 0; i < count; i++) log.append(record(i));
        const kept = Math.min(capacity, count);
        expect(log.size).toBe(kept);
        expect(log.dropped).toBe(count - kept);
        expect(log.records().map(({ transactionId }) => transactionId)).toEqual(
          Array.from({ length: kept }, (_, i) => count - kept + i),
        );
      }),
    ));

  it('forgets when cleared, and goes on', () => {
    const log = memoryDecisionLog({ capacity: 2 });
    for (let i = 0; i < 3; i++) log.append(record(i));
    log.clear();
    expect(log.size).toBe(0);
    log.append(record(9));
    expect(log.records()).toHaveLength(1);
  });

  it.each([0, -1, 1.5, Number.NaN, 1e9])('refuses a capacity of %d', (capacity) =>
    expect(() => memoryDecisionLog({ capacity })).toThrow(`memoryDecisionLog: capacity is ${capacity}`),
  );
});

describe('decisionTable', () => {
  it('has feature columns, then what was decided', () => {
    const table = decisionTable([record(1), record(2, { transactionId: 'b', score: 0.1, decision: 'approve' })]);
    expect(table.toRows()).toEqual([
      {
        AMOUNT: 1,
        COUNT: 2,
        transactionId: '1',
        time: new Date(1000),
        decidedAt: new Date(1005),
        score: 0.5,
        decision: 'review',
        modelVersion: 1,
      },
      {
        AMOUNT: 2,
        COUNT: 4,
        transactionId: 'b',
        time: new Date(2000),
        decidedAt: new Date(2005),
        score: 0.1,
        decision: 'approve',
        modelVersion: 1,
      },
    ]);
  });

  it('leaves a feature missing where the version lacks it', () => {
    const newer = record(2, { modelVersion: 2, featureNames: ['COUNT', 'RISK'], features: Float64Array.of(5, 0.25) });
    const table = decisionTable([record(1), newer]);
    expect(table.columnNames.slice(0, 3)).toEqual(['AMOUNT', 'COUNT', 'RISK']);
    expect([...table.number('AMOUNT')]).toEqual([1, Number.NaN]);
    expect([...table.number('COUNT')]).toEqual([2, 5]);
    expect([...table.number('RISK')]).toEqual([Number.NaN, 0.25]);
  });

  it('is empty without records', () => expect(decisionTable([]).rowCount).toBe(0));

  it('can be compared with a profile of training features', () => {
    const training = Table.fromColumns({
      AMOUNT: numberColumn(Float64Array.from({ length: 500 }, (_, i) => i % 100)),
      COUNT: numberColumn(Float64Array.from({ length: 500 }, (_, i) => (2 * i) % 200)),
    });
    const log = memoryDecisionLog();
    for (let i = 0; i < 500; i++) log.append(record(i, { features: Float64Array.of((i % 100) + 60, (2 * i) % 200) }));
    expect(detectDrift(referenceProfile(training), log.toTable()).drifted).toEqual(['AMOUNT']);
  });
});
