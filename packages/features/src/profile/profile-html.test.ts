import { Table, categoryColumn, flagColumn, numberColumn, seededRandom, timeColumn } from '@fraudops/core';
import { describe, expect, it } from 'vitest';
import { days } from '../duration.js';
import { profileHtml } from './profile-html.js';
import { tableProfileFromJson } from './profile-json.js';
import { profileTable } from './profile-table.js';

const ELEMENTS =
  'html head meta title style body header h1 h2 h3 p b i span div dl dt dd main section table thead tbody tr th td small a bdi wbr svg path line rect circle text tspan article figure figcaption ul li footer';
const ATTRIBUTES =
  'lang charset http-equiv content name class id href scope role aria-label data-label viewBox preserveAspectRatio d x y x1 x2 y1 y2 cx cy r rx width height text-anchor fill-opacity';
const VOID = new Set(['meta', 'wbr']);

/** Throws unless the page is nested tags of known elements with known, quoted attributes; gives the text between them. */
function readPage(page: string): string {
  const elements = new Set(ELEMENTS.split(' '));
  const attributes = new Set(ATTRIBUTES.split(' '));
  const open: string[] = [];
  const text = page
    .replace('<!doctype html>', '')
    .replaceAll(/<(\/?)([a-z0-9]+)((?: [a-zA-Z0-9-]+="[^"<>]*")*)(\/?)>/g, (tag, slash, name, given, closed) => {
      if (!elements.has(name)) throw new Error(`unexpected element ${tag}`);
      for (const [, attribute] of String(given).matchAll(/ ([a-zA-Z0-9-]+)="/g)) {
        if (!attributes.has(attribute!)) throw new Error(`unexpected attribute ${tag}`);
      }
      if (slash) {
        if (open.pop() !== name) throw new Error(`${tag} closes nothing`);
      } else if (!closed && !VOID.has(name)) open.push(name);
      return '';
    });
  if (open.length > 0) throw new Error(`never closed: ${open.join(' ')}`);
  if (/<[a-z/!]/i.test(text)) throw new Error(`a tag that is none: ${/<[a-z/!].{0,80}/i.exec(text)![0]}`);
  return text;
}

function sample(rename: (name: string) => string = (name) => name, rows = 600): Table {
  const random = seededRandom(5);
  const make = <Value>(value: (i: number) => Value) => Array.from({ length: rows }, (_, i) => value(i));
  return Table.fromColumns({
    [rename('AMOUNT')]: numberColumn(make(() => random.exponential(40))),
    [rename('TWICE')]: numberColumn(make((i) => i * 2)),
    [rename('ID')]: numberColumn(make((i) => i)),
    [rename('COUNT')]: numberColumn(make(() => random.poisson(1))),
    [rename('CHANNEL')]: categoryColumn(make(() => (random.next() < 0.1 ? null : rename(random.next() < 0.4 ? 'web' : 'pos')))),
    [rename('SHOP')]: categoryColumn(make(() => rename(`shop ${random.integer(300)}`))),
    [rename('EMPTY')]: categoryColumn(make(() => null)),
    [rename('AT')]: timeColumn(make((i) => Date.UTC(2024, 0, 1) + i * 3_600_000)),
    [rename('FRAUD')]: flagColumn(make(() => random.next() < 0.05)),
  });
}

describe('profileHtml', () => {
  const profile = profileTable(sample(), { label: 'FRAUD', time: 'AT' });
  const page = profileHtml(profile, { title: 'January', generatedMs: Date.UTC(2024, 4, 6, 7, 30) });
  const text = readPage(page);

  it('shows the table, the label over time, every column and what is worth a look', () => {
    for (const part of ['January', '600 rows, 9 columns', 'Worth a look', 'has no value at all', 'FRAUD over time', '25 days'])
      expect(text).toContain(part);
    for (const part of [
      'All columns',
      'Column by column',
      'Correlations',
      'Associations of categories',
      'Made 2024-05-06 07:30 UTC',
    ])
      expect(text).toContain(part);
    expect(page.match(/<article/g)).toHaveLength(9);
    for (const [, id] of page.matchAll(/href="#([^"]+)"/g)) expect(page).toContain(`id="${id}"`);
  });

  it('stands alone: no scripts, nothing from elsewhere', () => {
    expect(page).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`);
    expect(page).not.toMatch(/https?:|url\(|@import|<script|<img|<link/);
  });

  it('is the same for the same profile, also after JSON', () => {
    expect(profileHtml(JSON.parse(JSON.stringify(profile)), { title: 'January', generatedMs: Date.UTC(2024, 4, 6, 7, 30) })).toBe(
      page,
    );
    expect(profileHtml(profile)).not.toContain('Made');
  });

  it('takes no name and no value for markup', () => {
    for (const attack of [
      '<script>alert(1)</script>',
      '"><img src=x onerror=alert(1)>',
      "' onload='x",
      '</style></svg>',
      '&lt;b&gt;',
      '\u202e\u0000',
    ]) {
      const rename = (name: string) => `${attack}${name}`;
      const hostile = profileTable(sample(rename, 200), { label: rename('FRAUD'), time: rename('AT') });
      const attacked = profileHtml(hostile, { title: attack });
      expect(() => readPage(attacked)).not.toThrow();
      expect(attacked).not.toContain(`${attack}AMOUNT`);
      for (const character of ['\u0000', '\u202e']) expect(attacked).not.toContain(character);
    }
  });

  it('holds no number that is none, whatever the table', () => {
    const odd = [
      Table.fromColumns({}),
      sample().slice(0, 0),
      sample().slice(0, 1),
      sample().slice(0, 2),
      Table.fromColumns({
        N: numberColumn([Number.NaN, Infinity, -1e308, 1e308, 5e-324, 0]),
        T: timeColumn([Number.NaN, Number.NaN, 0, 0, 8.64e15, -8.64e15]),
        F: flagColumn([null, null, null, null, null, null]),
      }),
      Table.fromColumns({ N: numberColumn(Array.from({ length: 40 }, (_, i) => 1 + i * 2 ** -52)) }),
    ];
    for (const table of odd) {
      const drawn = readPage(profileHtml(profileTable(table)));
      expect(drawn).not.toMatch(/NaN|undefined|Infinity\b/);
      expect(profileHtml(profileTable(table))).not.toMatch(/="[^"]*(NaN|Infinity|undefined)[^"]*"/);
    }
    const label = Table.fromColumns({ T: timeColumn([0, days(9)]), F: flagColumn([true, null]) });
    expect(profileHtml(profileTable(label, { label: 'F', time: 'T' }))).not.toMatch(/NaN|undefined/);
  });

  it('draws a saved profile without frequent values', () => {
    const saved = JSON.parse(JSON.stringify(profile)) as { columns: { topValues?: unknown[]; quantiles?: unknown[] }[] };
    for (const column of saved.columns) {
      if (column.topValues) column.topValues = [];
      if (column.quantiles) column.quantiles = column.quantiles.slice(0, 1);
    }
    const drawn = profileHtml(tableProfileFromJson(saved));
    expect(readPage(drawn)).toContain('Length');
    expect(drawn).not.toMatch(/NaN|undefined|Infinity\b/);
  });

  it('draws at most 100 columns large', () => {
    const wide = Table.fromColumns(Object.fromEntries(Array.from({ length: 130 }, (_, i) => [`c${i}`, numberColumn([1, i, 3])])));
    const drawn = profileHtml(profileTable(wide));
    expect(drawn.match(/<article/g)).toHaveLength(100);
    expect(readPage(drawn)).toContain('30 more columns in the table above.');
  });
});
