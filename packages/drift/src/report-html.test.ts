import { Table, categoryColumn, flagColumn, numberColumn, seededRandom } from '@fraudops/core';
import { describe, expect, it } from 'vitest';
import { detectDrift } from './detect-drift.js';
import { referenceProfile } from './drift-profile.js';

const ELEMENTS =
  'html head meta title style body header h1 h2 h3 p b i strong div span dl dt dd main section table thead tbody tr th td small a bdi wbr svg path line rect circle text article figure figcaption ol li footer';
const ATTRIBUTES =
  'lang charset http-equiv content name class id style href scope colspan role aria-label data-label viewBox preserveAspectRatio d x y x1 x2 y1 y2 cx cy r rx width height text-anchor';
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

function tableOf(seed: number, shift: number, rename: (name: string) => string = (name) => name): Table {
  const random = seededRandom(seed);
  const rows = 800;
  const draw = (value: () => number) => numberColumn(Float64Array.from({ length: rows }, value));
  return Table.fromColumns({
    [rename('AMOUNT')]: draw(() => random.exponential(40) * (1 + shift)),
    [rename('COUNT')]: draw(() => random.poisson(3)),
    [rename('GAPS')]: draw(() => (random.next() < 0.3 * shift ? Number.NaN : random.normal())),
    [rename('NIGHT')]: draw(() => random.integer(2)),
    [rename('CHANNEL')]: categoryColumn(
      Array.from({ length: rows }, () => rename(random.next() < 0.3 + 0.4 * shift ? 'web' : `shop ${random.integer(20)}`)),
    ),
    [rename('FRAUD')]: flagColumn(Array.from({ length: rows }, () => random.next() < 0.05)),
    [rename('NOTE')]: categoryColumn(Array.from({ length: rows }, () => (shift > 0 ? null : 'x'))),
  });
}

describe('toHtml', () => {
  const report = detectDrift(referenceProfile(tableOf(1, 0)), tableOf(2, 1));
  const page = report.toHtml({
    title: 'Weekly drift',
    generatedMs: Date.UTC(2024, 4, 6, 7, 30),
    reference: { label: 'training data', fromMs: Date.UTC(2024, 0, 1), toMs: Date.UTC(2024, 1, 1) },
    current: { label: 'last week', fromMs: Date.UTC(2024, 3, 29), toMs: Date.UTC(2024, 4, 6) },
  });
  const text = readPage(page);

  it('is one well-formed page that loads nothing and runs nothing', () => {
    expect(page).not.toMatch(/<script|javascript:|https?:|url\(|@import|\son[a-z]+=|src=/i);
    expect(page).toContain(`<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">`);
    expect(page).not.toMatch(/NaN|Infinity|undefined|\[object/);
  });

  it('says what was decided, about what, and by which rule', () => {
    expect(report.drifted).toEqual(['AMOUNT', 'GAPS', 'CHANNEL', 'NOTE']);
    for (const part of [
      '4 of 7 columns drifted',
      '57.1% of the columns and reaches the threshold of 50%',
      'the dataset has drifted.',
      'training data',
      'last week',
      '800 rows',
      '2024-04-29 00:00 UTC to 2024-05-06 00:00 UTC',
      'compared through its saved profile',
      'p &lt; 0.05 and effect ≥ 0.1',
      'Not tested: the current data do not have a single value',
      'Values are missing in 0.0% of the reference rows and 100.0% of the current ones',
      'Made 2024-05-06 07:30 UTC',
    ]) {
      expect(text).toContain(part);
    }
  });

  it('has a row and a chart for every column, largest effect first, and large charts for drifted ones', () => {
    const rows = [...page.matchAll(/<tr class="(?:drifted|stable)">\n<th scope="row">.*?<\/th>/gs)].map(([row]) =>
      readNames(row),
    );
    const effects = rows.map((name) => report.columns.find(({ column }) => column === name)!.effect ?? -1);
    expect(rows).toHaveLength(7);
    expect(effects).toEqual(effects.toSorted((a, b) => b - a));
    expect(page.match(/class="spark"/g)).toHaveLength(6);
    expect(page.match(/<article/g)).toHaveLength(4);
    expect(page.match(/class="chart"/g)).toHaveLength(4);
    expect(page).toContain('D = 0.');
  });

  it('is the same page for the same findings', () => {
    const write = () => detectDrift(referenceProfile(tableOf(1, 0)), tableOf(2, 1)).toHtml();
    expect(write()).toBe(write());
  });

  it('says so when nothing drifted', () => {
    const calm = readPage(detectDrift(tableOf(1, 0), tableOf(3, 0)).toHtml());
    expect(calm).toContain('None of 7 columns drifted');
    expect(calm).toContain('the dataset as a whole has not drifted.');
    expect(calm).not.toContain('What drifted');
  });

  it.each([
    '<script>alert(1)</script>',
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    '</style></head><body onload=alert(1)>',
    '</text></svg><iframe>',
    '{{x}} ${x} &amp; &lt;b&gt; %3Cscript%3E',
    'constructor',
    '\u202Eevil\u0000\uD800',
    'x'.repeat(190),
  ])('shows names as text, such as %j', (hostile) => {
    const rename = (name: string) =>
      hostile === 'constructor' && name === 'AMOUNT' ? hostile : `${name.slice(0, 5)} ${hostile}`.slice(0, 200);
    const hostileReport = detectDrift(referenceProfile(tableOf(1, 0, rename)), tableOf(2, 1, rename));
    const hostilePage = hostileReport.toHtml({ title: hostile, reference: { label: hostile }, current: { label: hostile } });
    expect(() => readPage(hostilePage)).not.toThrow();
    expect(hostileReport.drifted).toHaveLength(4);
  });
});

function readNames(row: string): string {
  return /<bdi>(.*?)<\/bdi>/.exec(row)![1]!.replaceAll('<wbr>', '');
}
