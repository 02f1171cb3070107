import { describe, expect, it } from 'vitest';
import { stylist, visibleLength } from './terminal-style.js';
import { renderTable } from './text-table.js';

describe('renderTable', () => {
  it('aligns columns by what is seen, not by style codes', () => {
    const style = stylist({ write: () => {}, isTTY: true });
    const table = renderTable(
      [{ title: 'stage' }, { title: 'AUC', align: 'right' }],
      [
        [style('good', 'Production'), '0.9'],
        ['None', '0.871'],
      ],
    );
    expect(table.split('\n').map(visibleLength)).toEqual([19, 19, 19, 19]);
    expect(table.split('\n')[3]).toBe('  None        0.871');
    expect(table).toContain('\u001b[32mProduction\u001b[39m');
  });

  it('shows headings and a rule when there are no rows', () => {
    expect(renderTable([{ title: 'a' }, { title: 'bb' }], [], '')).toBe('a  bb\n─  ──');
  });
});

describe('stylist', () => {
  it('leaves text as it is where no person looks', () => {
    expect(stylist({ write: () => {} })('bad', 'x')).toBe('x');
    expect(stylist({ write: () => {}, isTTY: true }, false)('bad', 'x')).toBe('x');
  });
});
