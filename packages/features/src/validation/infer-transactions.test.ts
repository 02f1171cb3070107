import { Table, categoryColumn, flagColumn, numberColumn, seededRandom, timeColumn } from '@fraudops/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { days } from '../duration.js';
import { simulateTransactions } from '../simulation/simulate-transactions.js';
import { defineTransactions } from '../transactions/transactions.js';
import { inferTransactions } from './infer-transactions.js';
import { validateTransactions } from './validate-transactions.js';

/** Runs source text that `toSource` gave, with what it imports. */
function run(source: string, name: string): ReturnType<typeof defineTransactions> {
  const body = source.replaceAll(/^import .*$/gm, '').replace(`export const ${name} =`, 'return');
  // eslint-disable-next-line no-new-func, typescript/no-implied-eval
  return new Function('days', 'defineTransactions', 'z', body)(days, defineTransactions, z) as never;
}

const random = seededRandom(3);
const rows = Array.from({ length: 400 }, (_, i) => ({
  paymentId: `p${i}`,
  receivedAt: new Date(Date.UTC(2024, 0, 1, 0, i, 5)).toISOString(),
  happenedAt: new Date(Date.UTC(2024, 0, 1, 0, i)).toISOString(),
  cardNumber: `000${1000 + random.integer(60)}`,
  merchant_id: String(random.integer(70)),
  amount: (random.integer(100_000) / 100).toFixed(2),
  score: random.next(),
  channel: i % 3 === 0 ? 'web' : 'pos',
  note: i % 10 === 0 ? `note ${i}` : '',
  is_fraud: i % 50 === 0 ? 1 : 0,
  "it's": i % 2 === 0,
}));

describe('inferTransactions', () => {
  const proposal = inferTransactions(rows);

  it('finds kinds, rules and roles in rows of text', () => {
    expect(proposal.definition.kinds).toEqual({
      paymentId: 'category',
      receivedAt: 'time',
      happenedAt: 'time',
      cardNumber: 'category',
      merchant_id: 'category',
      amount: 'number',
      score: 'number',
      channel: 'category',
      note: 'category',
      is_fraud: 'flag',
      "it's": 'flag',
    });
    expect(proposal.definition).toMatchObject({
      time: 'happenedAt',
      arrival: 'receivedAt',
      id: 'paymentId',
      label: { field: 'is_fraud', delayMs: days(7) },
      entities: expect.arrayContaining(['cardNumber', 'merchant_id']),
      amount: 'amount',
    });
    expect(proposal.definition.entities).toHaveLength(2);
    expect(proposal.definition.fields['amount']).toEqual({
      name: 'amount',
      kind: 'number',
      required: true,
      minimum: 0,
      resolution: 0.01,
    });
    expect(proposal.definition.fields['channel']).toMatchObject({ values: ['pos', 'web'] });
    expect(proposal.definition.fields['note']).toMatchObject({ required: false });
    expect(proposal.definition.fields['score']).toEqual({ name: 'score', kind: 'number', required: true });
  });

  it('says why', () => {
    const late = proposal.roles.find(({ field }) => field === 'receivedAt');
    expect(late).toMatchObject({
      role: 'time',
      chosen: false,
      reasons: expect.arrayContaining([expect.stringContaining('another moment')]),
    });
    expect(proposal.fields.find(({ field }) => field.name === 'note')).toMatchObject({
      missingShare: 0.9,
      distinct: 40,
      reasons: ['missing in 360 of 400 rows', '40 distinct values'],
    });
  });

  it('writes source that makes the same definition', () => {
    const source = proposal.toSource({ name: 'payments' });
    expect(run(source, 'payments').toJson()).toEqual(proposal.definition.toJson());
    expect(source).toContain("import { days, defineTransactions } from '@fraudops/features';\nimport { z } from 'zod';");
    expect(source).toContain('    amount: z.number().min(0).multipleOf(0.01), // ');
    expect(source).toContain("    'it\\'s': z.boolean(), // 2 distinct values");
    expect(source).toContain('    note: z.string().min(1).optional(), // missing in 90 % of the sample; 40 distinct values');
    expect(() => proposal.toSource({ name: 'a-b' })).toThrow('toSource: name is "a-b", expected an identifier');
    expect(() => proposal.toSource({ name: 'class' })).toThrow('expected an identifier');
  });

  it('knows the handbook’s transactions by their table', () => {
    const { definition } = inferTransactions(simulateTransactions({ rows: 4000, seed: 7 }));
    expect(definition).toMatchObject({
      time: 'TX_DATETIME',
      label: { field: 'TX_FRAUD' },
      id: 'TRANSACTION_ID',
      amount: 'TX_AMOUNT',
      entities: expect.arrayContaining(['CUSTOMER_ID', 'TERMINAL_ID']),
    });
    expect(definition.fields['TX_AMOUNT']).toMatchObject({ minimum: 0, resolution: 0.01 });
    expect(definition.fields['TX_FRAUD_SCENARIO']).toMatchObject({ integer: true });
  });

  it('knows the moments of arrival and of the label’s knowledge', () => {
    const { definition, roles, toSource } = inferTransactions(simulateTransactions({ rows: 4000, seed: 7, world: 'payments' }));
    expect(definition).toMatchObject({ arrival: undefined, label: { field: 'TX_FRAUD', knownAt: 'LABEL_KNOWN_AT' } });
    expect(definition.entities).toEqual(expect.arrayContaining(['CUSTOMER_ID', 'MERCHANT_ID', 'DEVICE_ID']));
    expect(definition.entities).not.toContain('MERCHANT_CATEGORY');
    expect(roles.find(({ role }) => role === 'knownAt')!.reasons[0]).toMatch(/^never before TX_DATETIME, half of them \d+ /);
    expect(run(toSource(), 'transactions').toJson()).toEqual(definition.toJson());
    expect(proposal.roles.find(({ role }) => role === 'arrival')).toEqual({
      role: 'arrival',
      field: 'receivedAt',
      chosen: true,
      reasons: ['never before happenedAt, half of them 5 s later or more', 'its name says arrival'],
    });
    expect(proposal.toSource()).toContain("  time: 'happenedAt',\n  arrival: 'receivedAt',\n");
  });

  it('tells the event from the arrival when rows are in order of arrival', () => {
    const late = rows.map((row, i) => ({ ...row, happenedAt: new Date(Date.UTC(2024, 0, 1, 0, i - (i % 7))).toISOString() }));
    expect(inferTransactions(late).definition).toMatchObject({ time: 'happenedAt', arrival: 'receivedAt' });
    const before = late.map((row, i) => (i === 9 ? { ...row, receivedAt: '2023-01-01' } : row));
    expect(inferTransactions(before, { time: 'happenedAt' }).definition.arrival).toBeUndefined();
  });

  it('takes a moment that is there for the labels alone, and none that is there everywhere', () => {
    const moment = (i: number, there: boolean) => (there ? new Date(Date.UTC(2024, 0, 9, 0, i)) : null);
    const labelled = rows.map((row, i) => ({ ...row, is_fraud: i % 3 === 0 ? null : i % 50 === 1, t2: moment(i, i % 3 !== 0) }));
    expect(inferTransactions(labelled).definition.label).toMatchObject({ knownAt: 't2' });
    const everywhere = inferTransactions(rows.map((row, i) => ({ ...row, t2: moment(i, true) })));
    expect(everywhere.definition.label).toEqual({ field: 'is_fraud', delayMs: days(7) });
    const frauds = rows.map((row, i) => ({ ...row, reportedAt: moment(i, row.is_fraud === 1) }));
    expect(inferTransactions(frauds).definition.label).toMatchObject({ knownAt: 'reportedAt' });
    expect(inferTransactions(frauds, { knownAt: null, arrival: null }).definition).toMatchObject({
      arrival: undefined,
      label: { field: 'is_fraud', delayMs: days(7) },
    });
    expect(inferTransactions(frauds, { label: 'is_fraud', knownAt: 'receivedAt' }).definition).toMatchObject({
      arrival: undefined,
      label: { knownAt: 'receivedAt' },
    });
    expect(() => inferTransactions(rows, { label: null, knownAt: 'receivedAt' })).toThrow('but there is no label');
    expect(() => inferTransactions(frauds, { arrival: 'reportedAt' })).toThrow('reportedAt may be missing');
  });

  it('proposes all entities that are plausible', () => {
    const sample = rows.map((row, i) => ({
      ...row,
      pan_hash: `9f${((i * 7919) % 41) + 100}ab`,
      ref: `X-${(i % 37) + 100}`,
      mcc: String(5000 + (i % 23)),
      country: ['DE', 'FR'][i % 2],
    }));
    const { definition, roles } = inferTransactions(sample);
    expect(definition.entities).toEqual(expect.arrayContaining(['cardNumber', 'merchant_id', 'pan_hash', 'ref']));
    expect(definition.entities).toHaveLength(4);
    expect(roles.find(({ role, field }) => role === 'entity' && field === 'pan_hash')).toMatchObject({
      reasons: ['41 values of 9.8 rows on average', 'its name says whom a transaction concerns', 'its values look like codes'],
    });
  });

  it('gives measurements no limits, and what is counted its own', () => {
    const sample = rows.map((row, i) => ({
      ...row,
      latitude: 48 + (i % 90) / 100,
      home_lon: i % 180,
      risk: (i % 37) / 1000,
      temp: (i % 37) / 10,
      account_age: i % 300,
      total_price: (i % 37) / 10,
    }));
    const { definition, fields } = inferTransactions(sample);
    for (const name of ['latitude', 'home_lon', 'risk', 'temp'])
      expect(definition.fields[name]).toEqual({ name, kind: 'number', required: true });
    expect(fields.find(({ field }) => field.name === 'latitude')!.reasons).toContain(
      'a measurement, whose sample sets no limits',
    );
    expect(definition.fields['account_age']).toMatchObject({ integer: true, minimum: 0 });
    expect(definition.fields['total_price']).toMatchObject({ resolution: 0.1, minimum: 0 });
    expect(inferTransactions(sample, { amount: 'temp' }).definition.fields['temp']).toMatchObject({ resolution: 0.1 });
  });

  it('takes the caller’s word', () => {
    const given = inferTransactions(rows, {
      time: 'receivedAt',
      label: null,
      id: null,
      entities: ['channel'],
      amount: 'score',
      labelDelayMs: 5,
    });
    expect(given.definition).toMatchObject({
      time: 'receivedAt',
      label: undefined,
      id: undefined,
      entities: ['channel'],
      amount: 'score',
    });
    expect(inferTransactions(rows, { labelDelayMs: 5 }).toSource()).toContain("label: { field: 'is_fraud', delayMs: 5 },");
    expect(() => inferTransactions(rows, { time: 'amount' })).toThrow('time field amount is a number');
    expect(() => inferTransactions(rows, { id: 'nothing' })).toThrow('id names the field nothing');
  });

  it('refuses what shows nothing', () => {
    expect(() => inferTransactions(rows.slice(0, 19))).toThrow('the sample has 19 rows, expected at least 20');
    expect(() => inferTransactions(rows.map(({ amount }) => ({ amount })))).toThrow(
      'is a time that is never missing; name the event time',
    );
    expect(() => inferTransactions(rows.map((row) => ({ ...row, amount: {} })))).toThrow(
      'column amount, row 0 is a object, expected text',
    );
  });

  it.each([
    ['flag', ['true', 'false']],
    ['flag', [0, 1]],
    ['flag', ['0.0', '1.0', '']],
    ['flag', ['True', 'False', null]],
    ['flag', ['yes', 'No', 'NO']],
    ['flag', ['Y', 'N']],
    ['flag', ['true']],
    ['category', ['N', 'yes']],
    ['category', ['NO', 'NO']],
    ['category', ['N', 'Y', 'U']],
    ['category', ['no', 0]],
    ['number', ['1', '2.50', '-3e2']],
    ['number', [0, 0]],
    ['category', ['007', '123']],
    ['category', ['12345678901234567']],
    ['category', ['2024-02-30']],
    ['time', ['2024-02-29', '2024-03-01 10:00']],
    ['category', [true, 'maybe']],
    ['category', [null, '']],
  ])('reads a column as %s: %o', (kind, cells) => {
    const sample = Array.from({ length: 20 }, (_, i) => ({ at: new Date(i), value: cells[i % cells.length] }));
    expect(inferTransactions(sample).definition.kinds['value']).toBe(kind);
  });

  it.each([
    ['words', ['N', 'Y', 'N', 'n']],
    ['numbers of which some are missing', ['0.0', '1.0', '0.0', '']],
    ['a sample without frauds', ['0']],
    ['a sample without frauds, in words', ['No', '']],
  ])('finds the label in %s', (_, words) => {
    const written = rows.map((row, i) => ({ ...row, is_fraud: words[i % words.length], shop_country: 'NO', fraud_score: '0' }));
    const { definition, sample } = inferTransactions(written);
    expect(definition).toMatchObject({
      label: { field: 'is_fraud' },
      kinds: { shop_country: 'category', fraud_score: 'number' },
    });
    const flags = words.map((word) => (word === '' ? 255 : Number(['1.0', 'Y'].includes(word))));
    expect([...sample.flag('is_fraud').subarray(0, words.length)]).toEqual(flags);
  });

  it('makes code of no name and no value, and a definition that holds for its sample', () => {
    const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 8 });
    const hostile = fc.oneof(text, fc.constantFrom("'", '\\', "\\'", '*/', '\u2028', '${x}', '"', '\n'));
    const name = hostile.filter((column) => !/^\d+$/.test(column) && column !== '__proto__' && column !== 'at');
    const number = fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.integer({ min: -1e6, max: 1e6 }).map((cents) => cents / 100),
    );
    fc.assert(
      fc.property(
        name,
        fc.array(hostile, { minLength: 1, maxLength: 3 }),
        fc.array(number, { minLength: 1, maxLength: 30 }),
        (column, values, numbers) => {
          const cycle = <Value>(from: readonly Value[]) => Array.from({ length: 80 }, (_, i) => from[i % from.length]!);
          const sample = Table.fromColumns({
            at: timeColumn(Array.from({ length: 80 }, (_, i) => i)),
            [column]: categoryColumn(cycle(values)),
            [`${column}#`]: numberColumn(cycle(numbers)),
            [`${column}?`]: flagColumn(cycle([true, null, false])),
          });
          const { definition, toSource } = inferTransactions(sample);
          expect(run(toSource(), 'transactions').toJson()).toEqual(definition.toJson());
          expect(validateTransactions(sample, definition).brokenRules).toEqual([]);
        },
      ),
      { numRuns: 100 },
    );
  });
});
