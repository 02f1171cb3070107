import { describe, expect, it } from 'vitest';
import { changeOf } from './counted-states.js';
import { requireStateChanges, requireStateKeys } from './entity-state-store.js';

describe('the rules of entity states', () => {
  it('name the key, the value and the rule', () => {
    expect(() => requireStateKeys(['card:596', ''])).toThrow(
      'getMany: keys[1] is "", expected 1 to 1024 characters without NUL and lone surrogates',
    );
    expect(() => requireStateKeys(['x'.repeat(1025)])).toThrow(`"${'x'.repeat(100)}"... of 1025 characters`);
    expect(() => requireStateKeys(Array.from({ length: 1001 }, () => 'a'))).toThrow(
      'getMany: there are 1001 keys, expected at most 1000; split them',
    );
  });

  it('name the change, the value and the rule', () => {
    expect(() => requireStateChanges([changeOf('a', '1'), changeOf('a', '2')])).toThrow(
      'putMany: changes[1].key is that of changes[0], expected each key once',
    );
    expect(() => requireStateChanges([changeOf('a', '1', { expiresAfterMs: 0 })])).toThrow(
      'putMany: changes[0].expiresAfterMs is 0, expected a whole number from 1 to 3153600000000',
    );
    expect(() => requireStateChanges([changeOf('a', '1', { version: 'v 1' })])).toThrow(
      'putMany: changes[0].version is "v 1", expected 1 to 64 letters, digits, "-" and "_"',
    );
  });

  it('take keys twice in a read, and up to the limits', () => {
    expect(() => requireStateKeys(['a', 'a', 'x'.repeat(1024), '\u{1f4b3}'.repeat(512)])).not.toThrow();
    expect(() => requireStateChanges([changeOf('a', new Uint8Array(16 * 2 ** 20))])).not.toThrow();
  });
});
