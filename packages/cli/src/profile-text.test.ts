import { Table } from '@fraudops/core';
import { profileTable } from '@fraudops/features';
import { describe, expect, it } from 'vitest';
import { profileText } from './profile-text.js';

const plain = (_: string, text: string) => text;

describe('profileText', () => {
  it('shows each column in a line, and what is worth a look', () => {
    const rows = Array.from({ length: 200 }, (_, i) => ({
      amount: i === 0 ? null : 1234.5 + i,
      shop: i % 4 === 0 ? 'a\nb' : 'c',
      at: Date.UTC(2024, 0, 1 + (i % 10)),
      fraud: i % 100 === 0,
    }));
    const table = Table.fromRows(rows, { amount: 'number', shop: 'category', at: 'time', fraud: 'flag' });
    const text = profileText(profileTable(table, { label: 'fraud', time: 'at' }), plain);
    expect(text.split('\n')).toEqual([
      '  column  kind      missing  distinct  values',
      `  ──────  ────────  ───────  ────────  ${'─'.repeat(38)}`,
      '  amount  number     0.50 %       199  1,235.5 to 1,433.5, half below 1,334.5',
      '  shop    category        –         2  c (150), a\ufffdb (50)',
      '  at      time            –        10  2024-01-01 to 2024-01-10',
      '  fraud   flag            –         2  yes in 1.0 %',
      '',
      'Worth a look',
      '  fraud is yes in 2 rows only, few to learn from',
      '  at is not in order: some rows are earlier than the one above',
      '',
    ]);
  });

  it('says nothing about columns without values', () => {
    const empty = Table.fromRows([{ a: null, b: null, c: null, d: null }], { a: 'number', b: 'category', c: 'time', d: 'flag' });
    const [, , ...lines] = profileText(profileTable(empty), plain).split('\n');
    expect(lines[0]).toBe('  a       number    100.0 %         0');
    expect(lines.slice(5)).toContain('Worth a look');
  });
});
