import { describe, expect, it } from 'vitest';
import { ConflictError, FraudOpsError, StoreError, TableError, isFraudOpsError, isRetryable } from './errors.js';

describe('errors', () => {
  it('carry code, details, cause and the name of their class', () => {
    const cause = new Error('disk');
    const error = new StoreError('UNAVAILABLE', 'try again', { details: { key: 'a' }, cause });
    expect(error).toMatchObject({ name: 'StoreError', code: 'UNAVAILABLE', details: { key: 'a' }, retryable: true, cause });
    expect(new TableError('WRONG_KIND', 'no').cause).toBeUndefined();
  });

  it('are recognised across two copies of the package, and nothing else is', () => {
    const fromAnotherCopy = Object.assign(new Error('x'), { [Symbol.for('fraudops.error')]: true });
    expect(isFraudOpsError(fromAnotherCopy)).toBe(true);
    expect([new Error('x'), null, undefined, 'x', {}].map(isFraudOpsError)).toEqual([false, false, false, false, false]);
  });

  it('say whether the same call may succeed later', () => {
    expect(isRetryable(new ConflictError('a', 'etag 1', 'etag 2'))).toBe(false);
    expect(isRetryable(new StoreError('UNAVAILABLE', 'x'))).toBe(true);
    expect(isRetryable(new FraudOpsError('X', 'x'))).toBe(false);
    expect(isRetryable(Object.assign(new Error('x'), { code: 'ECONNRESET' }))).toBe(true);
    expect(isRetryable(Object.assign(new Error('x'), { code: 'ENOENT' }))).toBe(false);
    expect(isRetryable(null)).toBe(false);
  });

  it('tell what was expected and what was found', () => {
    expect(new ConflictError('a', 'nothing', 'e1').message).toBe(
      'put a: expected nothing, found e1; read it again and decide anew',
    );
  });
});
