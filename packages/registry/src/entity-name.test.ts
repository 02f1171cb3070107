import { isFraudOpsError, requireValidKey } from '@fraudops/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { requireName } from './entity-name.js';
import { eventKey } from './registry-event.js';

describe('requireName', () => {
  it.each(['fraud', 'a', '0', 'fraud-eu.v2_b', 'x'.repeat(64)])('takes %s', (name) => {
    expect(() => requireName('model', name)).not.toThrow();
  });

  it.each([
    ['', 'at least one character'],
    ['x'.repeat(65), '65 characters, at most 64'],
    ['x'.repeat(10_000), '10000 characters, at most 64'],
    ['..', 'a letter or a digit first'],
    ['../fraud', 'a letter or a digit first'],
    ['a/b', 'allowed are'],
    ['a:b', 'allowed are'],
    ['Fraud', 'allowed are'],
    ['fr\u0000ud', 'allowed are'],
    ['fraud\n', 'allowed are'],
    ['fr\u0430ud', 'allowed are'],
    [' fraud', 'allowed are'],
    [42, 'a string'],
    [undefined, 'a string'],
  ])('refuses %j', (name, reason) => {
    expect(() => requireName('model', name)).toThrow(reason);
    expect(() => requireName('model', name)).toThrow(expect.objectContaining({ code: 'INVALID_NAME' }));
  });

  it('lets through only what makes a valid key', () => {
    const property = () =>
      fc.assert(
        fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[a-z0-9._-]{1,70}$/)), (name) => {
          try {
            requireName('model', name);
          } catch (error) {
            return isFraudOpsError(error) && error.code === 'INVALID_NAME';
          }
          requireValidKey(eventKey(name, 1));
          return true;
        }),
      );
    expect(property).not.toThrow();
  });
});
