import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { storedKey } from './state-table.js';

describe('storedKey', () => {
  it.each(['card:596', ' ', '~', '"a" \\ \'b\'', 'a#', 'x'.repeat(500)])('keeps %j readable', (key) =>
    expect(storedKey(key)).toBe(key),
  );

  it.each(['#', '#a', '支付宝', 'a\nb', 'x'.repeat(501), '\u{7f}'])('hashes %j', (key) =>
    expect(storedKey(key)).toBe(`#${createHash('sha256').update(key).digest('base64url')}`),
  );

  it('keeps keys apart from the hashes of others', () => expect(storedKey(storedKey('支付宝'))).not.toBe(storedKey('支付宝')));
});
