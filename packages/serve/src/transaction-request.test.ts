import { manualClock } from '@fraudops/core';
import { days, defineTransactions, handbookTransactions, transactionsFromJson } from '@fraudops/features';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { transaction } from './bundle.fixture.js';
import { ServeError } from './serve-error.js';
import { transactionRequest } from './transaction-request.js';

const clock = manualClock(Date.UTC(2018, 6, 2));
const options = { clock, maxAheadMs: 86_400_000, exampleTimeMs: Date.UTC(2018, 6, 1), summed: new Set(['TX_AMOUNT']) };
const request = transactionRequest(transactionsFromJson(handbookTransactions.toJson()), options);

function issuesOf(call: () => unknown) {
  try {
    call();
  } catch (error) {
    if (error instanceof ServeError) return { code: error.code, message: error.message, issues: error.issues };
    throw error;
  }
  throw new Error('expected a ServeError');
}

describe('transactionRequest', () => {
  it('needs no label and knows none', () => {
    expect(Object.keys(request.schema.shape)).not.toContain('TX_FRAUD');
    expect(request.read(transaction)).toEqual({
      ...transaction,
      TX_DATETIME: new Date('2018-07-01T10:00:00Z'),
      TX_FRAUD: null,
      TX_FRAUD_SCENARIO: null,
    });
  });

  it.each([
    ['ISO text', '2018-07-01T10:00:00Z'],
    ['text without a zone, as UTC', '2018-07-01 10:00:00'],
    ['text with an offset', '2018-07-01T12:00:00+02:00'],
    ['epoch milliseconds', Date.UTC(2018, 6, 1, 10)],
    ['a Date', new Date(Date.UTC(2018, 6, 1, 10))],
  ])('takes a time as %s', (_, time) =>
    expect(request.read({ ...transaction, TX_DATETIME: time })['TX_DATETIME']).toEqual(new Date('2018-07-01T10:00:00Z')),
  );

  it('ignores fields that the schema does not name, the label among them', () => {
    const row = request.read({ ...transaction, TX_FRAUD: 'nonsense', note: 'x', constructor: 1 });
    expect(row['TX_FRAUD']).toBeNull();
    expect(Object.hasOwn(row, 'note')).toBe(false);
  });

  it('refuses unknown fields of a strict schema', () => {
    const schema = z.strictObject({ at: z.date(), card: z.string(), fraud: z.boolean() });
    const strict = transactionRequest(
      defineTransactions({ schema, time: 'at', entities: ['card'], label: { field: 'fraud', delayMs: days(1) } }),
      options,
    );
    expect(() => strict.read({ at: '2018-07-01', card: 'a' })).not.toThrow();
    expect(issuesOf(() => strict.read({ at: '2018-07-01', card: 'a', extra: 1 })).message).toContain('extra');
  });

  it('names field, value and rule of everything that is wrong', () => {
    const { code, message, issues } = issuesOf(() =>
      request.read({ ...transaction, TX_AMOUNT: -5, TX_DATETIME: 'soon', CUSTOMER_ID: undefined }),
    );
    expect(code).toBe('VALIDATION');
    expect(message).toMatch(/\(and 2 more\); correct it and send it again$/);
    expect(issues).toEqual([
      { field: 'TX_DATETIME', value: 'soon', rule: expect.stringContaining('ISO 8601') as string },
      { field: 'CUSTOMER_ID', rule: 'expected string' },
      { field: 'TX_AMOUNT', value: -5, rule: 'Too small: expected number to be >=0' },
    ]);
  });

  it.each([null, undefined, 5, 'text', [], [transaction]])('refuses %j, which is no object', (input) => {
    const { issues } = issuesOf(() => request.read(input));
    expect(issues).toHaveLength(1);
    expect(issues[0]?.field).toBe('');
    expect(issues[0]?.rule).toContain('expected object');
  });

  it('refuses a time further ahead of the clock than allowed', () => {
    const late = { ...transaction, TX_DATETIME: '2018-07-03T00:00:00.001Z' };
    expect(issuesOf(() => request.read(late)).issues[0]?.rule).toBe(
      "at most 86400000 ms after the service's clock, so until 2018-07-03T00:00:00.000Z",
    );
    expect(() => request.read({ ...transaction, TX_DATETIME: '2018-07-03T00:00:00Z' })).not.toThrow();
  });

  it('refuses a number that features could not hold', () => {
    expect(issuesOf(() => request.read({ ...transaction, TX_AMOUNT: 1e300 })).issues[0]).toMatchObject({ field: 'TX_AMOUNT' });
    expect(() => request.read({ ...transaction, TX_AMOUNT: 1e9 })).not.toThrow();
  });

  it('refuses a number of which sums would not be exact, saying how much may be sent', () => {
    // 2^37 cents by Python 3.11's decimal
    expect(() => request.read({ ...transaction, TX_AMOUNT: 1374389534.72 })).not.toThrow();
    const { message, issues } = issuesOf(() => request.read({ ...transaction, TX_AMOUNT: 1374389534.73 }));
    const rule = 'expected at most 1374389534.72, so that sums of many transactions stay exact';
    expect(issues).toEqual([{ field: 'TX_AMOUNT', value: 1374389534.73, rule }]);
    expect(message).toBe(`TX_AMOUNT is 1374389534.73: ${rule}; correct it and send it again`);
    const unsummed = transactionRequest(handbookTransactions, { ...options, summed: new Set() });
    expect(() => unsummed.read({ ...transaction, TX_AMOUNT: 1e12 })).not.toThrow();
  });

  it.each([-8.65e15, 1e300])('says of the time %d that it is out of range', (time) =>
    expect(issuesOf(() => request.read({ ...transaction, TX_DATETIME: time })).issues).toEqual([
      {
        field: 'TX_DATETIME',
        value: time,
        rule: 'expected a time from -271821-04-20T00:00:00.000Z to +275760-09-13T00:00:00.000Z',
      },
    ]),
  );

  it('reads a batch whole or not at all, naming the index', () => {
    expect(request.readBatch([transaction, transaction])).toHaveLength(2);
    const { message, issues } = issuesOf(() => request.readBatch([transaction, { ...transaction, TX_AMOUNT: 'x' }, 3]));
    expect(message).toMatch(
      /^transactions\[1\]\.TX_AMOUNT is "x": expected number, received string \(and 1 more\); no transaction/,
    );
    expect(issues.map(({ index }) => index)).toEqual([1, 2]);
  });

  it('lists at most 100 issues and shortens long values', () => {
    const bad = { ...transaction, TX_AMOUNT: 'x'.repeat(5000) };
    const { issues } = issuesOf(() => request.readBatch(Array.from({ length: 500 }, () => bad)));
    expect(issues).toHaveLength(100);
    expect(JSON.stringify(issues).length).toBeLessThan(30_000);
  });

  it('gives an example that it accepts', () => {
    expect(request.example).toEqual({
      TRANSACTION_ID: 10,
      TX_DATETIME: '2018-07-01T00:00:00Z',
      CUSTOMER_ID: '1001',
      TERMINAL_ID: '1001',
      TX_AMOUNT: 49.95,
    });
    expect(() => request.read(request.example)).not.toThrow();
  });

  it('takes the example from the schema where it has one', () => {
    const schema = z.object({
      at: z.date(),
      card: z
        .string()
        .regex(/^card-\d+$/)
        .meta({ examples: ['card-17'] }),
      channel: z.enum(['web', 'shop']),
      amount: z.number().min(5000).max(9000),
      note: z.string().optional(),
    });
    const own = transactionRequest(defineTransactions({ schema, time: 'at', entities: ['card'] }), options);
    expect(own.example).toEqual({ at: '2018-07-01T00:00:00Z', card: 'card-17', channel: 'web', amount: 5000 });
  });
});
