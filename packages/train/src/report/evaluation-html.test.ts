import { describe, expect, it } from 'vitest';
import { evaluationHtml } from './evaluation-html.js';
import { type EvaluationReportOptions, evaluationReport } from './evaluation-report.js';
import { HOSTILE, evaluationRows, stumpModel } from './evaluation-rows.fixture.js';

const bootstrap = { resamples: 50 };
const costs = { reviewCost: 3, chargebackFee: 10 };

/** Everything that a page can show. */
function fullPage(name: string, names: readonly [string, string], options: EvaluationReportOptions = {}): string {
  const { model, matrix, ...truth } = evaluationRows(1500, names);
  const codes = Int32Array.from(truth.amounts, (_, i) => (i % 7) - 1);
  const dictionary = Array.from({ length: 6 }, (_, i) => `${name}${i}`);
  const report = evaluationReport(
    model,
    matrix,
    { ...truth, segments: { [name]: { kind: 'category', codes, dictionary } } },
    {
      name,
      threshold: 0.2,
      costs,
      bootstrap,
      incumbent: { name: `${name}, old`, scores: stumpModel(names).scoreBatch(matrix) },
      ...options,
    },
  );
  return evaluationHtml(report, { generatedMs: Date.UTC(2024, 1, 1) });
}

const page = fullPage('fraud v4', ['TX_AMOUNT', 'TX_NIGHT']);

describe('evaluationHtml', () => {
  it('shows every part', () => {
    const heads = [...page.matchAll(/<h2>(.*?)<\/h2>/g)].map(([, head]) => head!.replaceAll(/<[^>]*>/g, ''));
    expect(heads).toEqual([
      expect.stringMatching(/^fraud v4 .* fraud v4, old$/),
      'Finding frauds',
      'Can the probabilities be believed?',
      'Alerts from 0.2 on',
      'Day by day',
      'What drives the scores',
      'Segments',
    ]);
    expect(page).toMatch(/<p class="verdict">Reviewing the top 1% finds \d+\.\d% of the frauds<\/p>/);
    expect(page.match(/<svg class="chart"/g)).toHaveLength(6);
    expect(page).toContain('Made 2024-02-01 00:00 UTC.');
  });

  it('has the same bytes for the same input', () => {
    expect(fullPage('fraud v4', ['TX_AMOUNT', 'TX_NIGHT'])).toBe(page);
  });

  it('holds no number that is none, and no empty path', () => {
    expect(page).not.toMatch(/NaN|Infinity|undefined|\[object|null/);
    expect(page).not.toMatch(/ d=""/);
    for (const [, data] of page.matchAll(/ d="([^"]*)"/g)) expect(data).toMatch(/^M[-\d. MLHVhZ]+$/);
  });

  it('names the level that intervals were drawn at', () => {
    const narrow = fullPage('fraud', ['TX_AMOUNT', 'TX_NIGHT'], { bootstrap: { ...bootstrap, level: 0.8 } });
    expect(narrow).toContain('<dd class="note">80%: ');
    expect(narrow).toContain('when its 80% interval');
    // The dots of the reliability chart have Wilson's interval, which has one level.
    expect(narrow.match(/95%/g)).toEqual(['95%']);
    expect(page).toContain('<dd class="note">95%: ');
  });

  it('escapes names wherever they stand', () => {
    const hostile = fullPage(HOSTILE, [HOSTILE, `2${HOSTILE}`]);
    expect(hostile.match(/<script|\u202e/g)).toBeNull();
    expect(hostile.match(/<\/style>/g)).toHaveLength(1);
    const tags = (text: string) => text.replaceAll(/"[^"]*"/g, '""').match(/<\/?[a-z][^>]*>/g)!;
    const kinds = (text: string) => new Set(tags(text).map((tag) => tag.replaceAll(/[\d.-]+/g, '0')));
    expect([...kinds(hostile)].filter((tag) => !kinds(page).has(tag))).toEqual([]);
  });

  it('loads nothing and runs nothing', () => {
    expect(page).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`);
    expect(page).not.toMatch(/<link|<img|<iframe|url\(|@import|https?:| on[a-z]+=/);
  });

  it('stays small', () => {
    expect(page.length).toBeLessThan(250_000);
    const dots = [...page.matchAll(/class="dot[^"]*" d="([^"]*)"/g)].reduce(
      (sum, [, data]) => sum + data!.split('M').length - 1,
      0,
    );
    expect(dots).toBeGreaterThan(100);
    expect(dots).toBeLessThanOrEqual(2000);
    for (const [, data] of page.matchAll(/class="curve[^"]*" d="([^"]*)"/g)) {
      expect(data!.match(/[MLV]/g)!.length).toBeLessThanOrEqual(450);
    }
  });

  it('leaves out what is not known', () => {
    const { model, matrix, labels } = evaluationRows(300);
    const bare = evaluationHtml(evaluationReport(model, matrix, { labels }, { explainedRows: 0 }));
    const heads = [...bare.matchAll(/<h2>(.*?)<\/h2>/g)].map(([, head]) => head);
    expect(heads).toEqual(['Finding frauds', 'Can the probabilities be believed?']);
    expect(bare).not.toMatch(/NaN|Infinity|undefined|\[object|null/);
  });

  it.each([
    ['no frauds', 0],
    ['nothing but frauds', 1],
  ])('stands with %s', (_, label) => {
    const { model, matrix, ...truth } = evaluationRows(60);
    const labels = new Uint8Array(60).fill(label);
    const report = evaluationReport(model, matrix, { ...truth, labels }, { threshold: 0.5, costs, bootstrap });
    expect(evaluationHtml(report)).not.toMatch(/NaN|Infinity|undefined|\[object|null/);
  });

  it('stands with one row, one score and scores that are no probabilities', () => {
    const { matrix, ...truth } = evaluationRows(40);
    const one = evaluationRows(1);
    const anomaly = evaluationReport(stumpModel(['AMOUNT', 'NIGHT'], 'exp2'), matrix, truth, { bootstrap });
    expect(anomaly.calibration).toBeNull();
    const pages = [anomaly, evaluationReport(one.model, one.matrix, one)].map((report) => evaluationHtml(report));
    for (const text of pages) expect(text).not.toMatch(/NaN|Infinity|undefined|\[object|null/);
    expect(pages[0]).not.toContain('Can the probabilities be believed?');
  });
});
