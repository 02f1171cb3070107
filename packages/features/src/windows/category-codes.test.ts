import { categoryColumn } from '@fraudops/core';
import { describe, expect, it } from 'vitest';
import { categoryCodes } from './category-codes.js';
import { categoryHash } from './category-hash.js';

const column = categoryColumn(['a', 'b', null, 'c', 'a']);

describe('categoryCodes', () => {
  it("takes a column's own codes when no two texts share a hash", () => {
    const { codes, codeCount, hashes } = categoryCodes(column);
    expect(codes).toBe(column.codes);
    expect(codeCount).toBe(3);
    expect([...hashes]).toEqual(['a', 'b', 'c'].map(categoryHash));
  });

  it('gives one code to texts that share a hash', () => {
    const { codes, codeCount } = categoryCodes(column, (text) => (text === 'b' ? 7 : 8));
    expect([...codes]).toEqual([0, 1, -1, 0, 0]);
    expect(codeCount).toBe(3);
  });
});
