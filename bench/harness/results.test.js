import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { formatNumber } from './report.js';
import { writeResults } from './results.js';

let folder;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'fraudops-bench-results-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const suite = { name: 'toys', title: 'toys', caseNames: ['first', 'second'] };
const result = (title, seconds) => ({
  title,
  setting: 'On toys.',
  tables: [{ columns: ['who', 'seconds'], rows: [['ours', seconds]] }],
  checks: [],
  notMeasured: ['peer: no Python'],
  date: '2024-05-01',
  sizes: { rows: 1000 },
  machine: { cores: '2' },
  tookSeconds: 3.2,
});

describe('writeResults', () => {
  it('replaces the cases that ran, leaves the others, and shows them in the order of the suite', () => {
    writeResults(folder, suite, { second: result('Second', 2) });
    writeResults(folder, suite, { first: result('First', 1) });
    writeResults(folder, suite, { second: result('Second', 0.12345) });
    const { cases } = JSON.parse(readFileSync(path.join(folder, 'toys.json'), 'utf8'));
    expect(Object.keys(cases)).toEqual(['first', 'second']);
    expect(cases.second.tables[0].rows).toEqual([['ours', 0.12345]]);
    const markdown = readFileSync(path.join(folder, 'toys.md'), 'utf8');
    expect(markdown.indexOf('## First (`first`)')).toBeLessThan(markdown.indexOf('## Second (`second`)'));
    expect(markdown).toContain('| who  | seconds |\n| ---- | ------: |\n| ours |   0.123 |\n');
    expect(markdown).toContain('Not measured:\n\n- peer: no Python');
    expect(markdown).toContain('2024-05-01, rows 1,000; the whole case took 4 s. cores: 2.');
  });
});

describe('formatNumber', () => {
  it('sets thousands apart and keeps three digits of fractions', () => {
    expect([1234567, 1234.5, 12.345, 0.0012345, -24.14, 0].map(formatNumber)).toEqual([
      '1,234,567',
      '1,235',
      '12.3',
      '0.00123',
      '-24.1',
      '0',
    ]);
  });
});
