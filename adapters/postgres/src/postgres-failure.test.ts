import { describe, expect, it } from 'vitest';
import { postgresFailure } from './postgres-failure.js';

const failed = (message: string, code?: string) => Object.assign(new Error(message), { code });

describe('postgresFailure', () => {
  // Codes: https://www.postgresql.org/docs/15/errcodes-appendix.html; messages without a code: pg 8.23.1.
  it.each([
    [failed('read ECONNRESET', 'ECONNRESET'), 'UNAVAILABLE', 'UNKNOWN_OUTCOME'],
    [failed('write EPIPE', 'EPIPE'), 'UNAVAILABLE', 'UNKNOWN_OUTCOME'],
    [failed('Connection terminated unexpectedly'), 'UNAVAILABLE', 'UNKNOWN_OUTCOME'],
    [failed('Query read timeout'), 'UNAVAILABLE', 'UNKNOWN_OUTCOME'],
    [failed('terminating connection due to administrator command', '57P01'), 'UNAVAILABLE', 'UNKNOWN_OUTCOME'],
    [failed('connection failure', '08006'), 'UNAVAILABLE', 'UNKNOWN_OUTCOME'],
    [failed('connect ECONNREFUSED 127.0.0.1:5432', 'ECONNREFUSED'), 'UNAVAILABLE', 'UNAVAILABLE'],
    [failed('timeout exceeded when trying to connect'), 'UNAVAILABLE', 'UNAVAILABLE'],
    [failed('the database system is starting up', '57P03'), 'UNAVAILABLE', 'UNAVAILABLE'],
    [failed('sorry, too many clients already', '53300'), 'UNAVAILABLE', 'UNAVAILABLE'],
    [failed('deadlock detected', '40P01'), 'UNAVAILABLE', 'UNAVAILABLE'],
    [failed('could not serialize access', '40001'), 'UNAVAILABLE', 'UNAVAILABLE'],
    [failed('canceling statement due to statement timeout', '57014'), 'UNAVAILABLE', 'UNAVAILABLE'],
    [failed('could not extend file: No space left on device', '53100'), 'NO_SPACE', 'NO_SPACE'],
    [failed('cannot execute INSERT in a read-only transaction', '25006'), 'READ_ONLY', 'READ_ONLY'],
    [failed('relation "public.entity_states" does not exist', '42P01'), 'IO', 'IO'],
    [failed('permission denied for table blobs', '42501'), 'IO', 'READ_ONLY'],
    [failed('password authentication failed for user "x"', '28P01'), 'IO', 'IO'],
    [failed('statement completion unknown', '40003'), 'UNAVAILABLE', 'UNKNOWN_OUTCOME'],
    [failed('division by zero', '22012'), 'IO', 'IO'],
  ])('%s is %s of a read and %s of a write', (error, read, write) => {
    expect(postgresFailure('getMany', 'read', error).code).toBe(read);
    expect(postgresFailure('putMany', 'write', error).code).toBe(write);
  });

  it('keeps the error, and says what to do', () => {
    const cause = failed('relation "x" does not exist', '42P01');
    const failure = postgresFailure('getMany', 'read', cause);
    expect(failure.message).toBe('getMany: the table is missing; call migrate() once (relation "x" does not exist)');
    expect(failure).toMatchObject({ cause, retryable: false, details: { sqlState: '42P01' } });
  });

  it('knows that nothing was committed before the commit was sent', () => {
    expect(postgresFailure('put a', 'uncommitted', failed('read ECONNRESET', 'ECONNRESET')).code).toBe('UNAVAILABLE');
    expect(postgresFailure('put a', 'uncommitted', failed('permission denied', '42501')).code).toBe('READ_ONLY');
  });

  it('shows no connection string, and keeps no cause that holds one', () => {
    const address = 'postgresql://user:secret@host/database';
    for (const error of [failed(`can’t parse ${address}`), Object.assign(new TypeError('Invalid URL'), { input: address })]) {
      const failure = postgresFailure('get a', 'read', error);
      expect(failure.message).not.toContain('secret');
      expect(failure.cause).toBeUndefined();
    }
  });

  it('says the code of an error without a message', () =>
    expect(postgresFailure('get a', 'read', failed('', 'ECONNREFUSED')).message).toContain('(ECONNREFUSED)'));

  it('takes what is no error', () => expect(postgresFailure('putMany', 'write', undefined).code).toBe('UNKNOWN_OUTCOME'));
});
