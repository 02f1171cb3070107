import { manualClock } from '@fraudops/core';
import { describe, expect, it } from 'vitest';
import { DAY_MS, REGISTERED_MS, ask, shuffled } from './asked-gates.fixture.js';
import type { EvaluatedRows } from './evaluated-rows.js';
import { type SampleAtLeastOptions, sampleAtLeast } from './sample-at-least.js';

/** 100 rows over 10 days and 20 cards: every tenth is a fraud, every twentieth without label. */
const rows = {
  fingerprint: 'f',
  scores: Array.from({ length: 100 }, (_, i) => i),
  labels: Array.from({ length: 100 }, (_, i) => (i % 20 === 19 ? 255 : Number(i % 10 === 0))),
  times: Array.from({ length: 100 }, (_, i) => REGISTERED_MS + Math.floor(i / 10) * DAY_MS),
  entityCodes: Array.from({ length: 100 }, (_, i) => (i % 5 === 4 ? -1 : i % 20)),
} satisfies EvaluatedRows;
const gateWith = (change: Partial<SampleAtLeastOptions>) => sampleAtLeast({ evaluate: () => rows, ...change });

describe('sampleAtLeast', () => {
  it.each<[keyof SampleAtLeastOptions, number, string]>([
    ['rows', 95, '95 rows of 96 needed'],
    ['frauds', 10, '10 frauds of 11 needed'],
    ['genuine', 85, '85 genuine rows of 86 needed'],
    ['days', 10, '10 days of 11 needed'],
    ['entities', 16, '16 cards of 17 needed'],
  ])('counts %s: %s pass, one more does not', async (what, count, reason) => {
    expect(await ask(gateWith({ [what]: count }))).toMatchObject({
      passed: true,
      values: { [what]: count, [`${what}Needed`]: count },
    });
    expect(await ask(gateWith({ [what]: count + 1 }))).toMatchObject({
      passed: false,
      reason: `too little to judge by: ${reason}`,
    });
  });

  it('counts only labels that are final', async () => {
    const clock = manualClock(REGISTERED_MS + 9 * DAY_MS);
    const matured = (count: number) => ask(gateWith({ rows: count, labelDelayMs: 5 * DAY_MS, clock }));
    // Days 0 to 4 are five days old, the row of that very moment too.
    expect(await matured(48)).toMatchObject({ passed: true, values: { rows: 48, unknownShare: 0.52, nowMs: clock.now() } });
    expect(await matured(49)).toMatchObject({ passed: false });
    clock.advance(-1);
    expect(await matured(38)).toMatchObject({ passed: true, values: { rows: 38 } });
    // A clock that goes back makes labels younger, never older.
    clock.set(0);
    expect(await matured(1)).toMatchObject({ passed: false, values: { rows: 0, unknownShare: 1, fraudShare: 0 } });
  });

  it('heeds the share of unknown labels and that of frauds', async () => {
    expect(await ask(gateWith({ rows: 1, maximumUnknownShare: 0.05 }))).toMatchObject({ passed: true });
    const unknown = await ask(gateWith({ rows: 1, maximumUnknownShare: 0.0499 }));
    expect(unknown.reason).toBe(
      'too little to judge by: the label of a share of 0.05 is not known or not final yet, at most 0.0499 may be',
    );
    const swapped = { ...rows, labels: rows.labels.map((label) => (label === 255 ? 255 : 1 - label)) };
    const gate = sampleAtLeast({ evaluate: () => swapped, rows: 1, frauds: 1, genuine: 1 });
    expect((await ask(gate)).reason).toMatch(/a share of 0\.895 are frauds, at most 0\.5 is believed; are the labels swapped\?$/);
    expect(await ask(sampleAtLeast({ evaluate: () => swapped, rows: 1, maximumFraudShare: 0.9 }))).toMatchObject({
      passed: true,
    });
  });

  it('names all that is too little, and does not depend on the order of rows', async () => {
    const options = { rows: 1_000, frauds: 100, days: 7 };
    const result = await ask(gateWith(options));
    expect(result.reason).toBe('too little to judge by: 95 rows of 1000 needed; 10 frauds of 100 needed');
    expect(await ask(gateWith({ ...options, evaluate: () => shuffled(rows) }))).toEqual(result);
    expect((await ask(gateWith({ rows: 9, days: 2 }))).reason).toBe('judged on 95 rows, 10 days with final labels');
  });

  it('needs what it counts by', async () => {
    const { times: _, entityCodes: __, ...bare } = rows;
    const evaluate = () => bare;
    await expect(ask(gateWith({ evaluate, days: 1 }))).rejects.toThrow("the evaluation gives no times, so days can't be counted");
    await expect(ask(gateWith({ evaluate, entities: 1 }))).rejects.toThrow('no entityCodes');
    await expect(ask(gateWith({ evaluate, rows: 1, labelDelayMs: 1 }))).rejects.toThrow('nobody knows which labels are final');
    await expect(ask(gateWith({ rows: 1, labelDelayMs: 1, clock: manualClock(Number.NaN) }))).rejects.toMatchObject({
      code: 'GATE_ERROR',
    });
  });

  it.each<[object, string]>([
    [{}, 'none of rows, frauds, genuine, days, entities is given'],
    [{ rows: 0 }, 'rows is 0, expected a whole number from 1 to'],
    [{ frauds: 1.5 }, 'frauds is 1.5'],
    [{ rows: 1, maximumUnknownShare: 2 }, 'maximumUnknownShare is 2, expected a number from 0 to 1'],
    [{ row: 1 }, 'options.row is not an option; did you mean rows?'],
    [{ rows: 1, labelDelayMs: -1 }, 'labelDelayMs is -1, expected a number of 0 or more'],
    [{ rows: 1, clock: 5 }, 'clock is 5, expected an object with a function now'],
  ])('refuses %j', (options, message) => expect(() => gateWith(options)).toThrow(message));
});
