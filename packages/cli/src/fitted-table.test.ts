import { describe, expect, it } from 'vitest';
import { renderFittedTable } from './fitted-table.js';

const columns = [{ title: 'version' }, { title: 'who', cut: 8 }, { title: 'why', cut: 8 }];
const rows = [
  ['v1', 'ana', 'weekly retraining on all that we have learned since'],
  ['v12', 'somebody-with-a-long-name', 'rollback'],
];
const widest = (text: string) => Math.max(...text.split('\n').map((line) => line.length));

describe('renderFittedTable', () => {
  it('cuts the widest columns that may be cut, until its lines fit', () => {
    for (const width of [40, 60, 80]) expect(widest(renderFittedTable(columns, rows, width))).toBeLessThanOrEqual(width);
    const text = renderFittedTable(columns, rows, 50);
    expect(widest(text)).toBe(50);
    expect(text).toContain('…');
    expect(text).toContain('rollback');
  });

  it('leaves all as it is where it fits, or where no width is known', () => {
    for (const width of [undefined, 200]) expect(renderFittedTable(columns, rows, width)).toContain('since');
  });

  it('keeps what is said of a column, whatever the width', () => {
    expect(renderFittedTable(columns, rows, 10)).toContain('somebod…');
  });

  it('shows no characters that move the cursor', () => {
    expect(renderFittedTable(columns, [['v1', 'ana\u001b[2J', 'a\nb']], 80)).toMatch(/ana\ufffd\[2J {2}a\ufffdb/);
  });
});
