import { withCalibration } from '@fraudops/model';
import { describe, expect, it } from 'vitest';
import { type ThresholdOptions, chooseThreshold } from '../thresholds/choose-threshold.js';
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
      'Alerts from a score of 0.2 on',
      'Day by day',
      'What drives the scores',
      'Segments',
    ]);
    expect(page).toMatch(/<p class="verdict">Reviewing the top 1% finds \d+\.\d% of the frauds<\/p>/);
    expect(page.match(/<svg class="chart"/g)).toHaveLength(6);
    expect(page).toContain('Made 2024-02-01 00:00 UTC.');
  });

  it('says what a policy does, whole days and one by one, in its currency', () => {
    const { model, matrix, ...truth } = evaluationRows(1500);
    const rows = { scores: model.scoreBatch(matrix), ...truth };
    const shown = (options: ThresholdOptions, currency?: string) => {
      const { policy } = chooseThreshold(rows, { resamples: 50, ...options });
      const report = evaluationReport(model, matrix, truth, { policy, bootstrap, ...(currency ? { currency } : {}) });
      const text = evaluationHtml(report);
      expect(text).not.toMatch(/NaN|Infinity|undefined|\[object|null/);
      return { text, policy: report.policy! };
    };
    const bounded = shown({ costs: { ...costs, declineCost: 40 }, reviewsPerDay: 4 }, 'EUR');
    expect(bounded.text).toContain('<h2>What the policy does</h2>');
    expect(bounded.text).toContain('at most 4 reviews a day.');
    expect(bounded.text).toMatch(/Saved a day<\/th><td class="number">[\d,.]+ EUR<\/td><td class="number">[\d,.]+ EUR</);
    expect(bounded.text).toContain(`>${bounded.policy.outcome.reviewsPerDay.toFixed(1)}</td>`);
    expect(bounded.text).toContain('alerts by day');
    expect(bounded.text).toMatch(/<p class="verdict">\d\.\d alerts a day find \d+\.\d% of the frauds<\/p>/);
    expect(bounded.text).toContain('Total cost <span class="note">in EUR,');

    const capacity = shown({ reviewsPerDay: 4 });
    expect(capacity.text).toContain('a busy day has more reviews than the bound');
    expect(capacity.text).not.toContain('Saved a day');
    const never = shown({ costs: { reviewCost: 1e9 } });
    expect(never.text).toContain('There are no alerts on these rows.');
    expect(never.text).toContain('in the unit of the amounts');
  });

  it('says why there are no intervals', () => {
    const { model, matrix, labels } = evaluationRows(300);
    const text = evaluationHtml(evaluationReport(model, matrix, { labels }, { explainedRows: 0 }));
    expect(text).toContain('There are no intervals, since neither times nor cards');
    expect(page).not.toContain('There are no intervals');
  });

  it('says whether scores are calibrated, and shows scores of 0 and 1 apart', () => {
    const { model, matrix, ...truth } = evaluationRows(1500);
    expect(page).toContain('the model’s own probability of fraud, not calibrated');
    const steps = withCalibration(model, { kind: 'isotonic', margins: [-4.8, -4, 2], probabilities: [0, 0.02, 1] });
    const report = evaluationReport(steps, matrix, truth, { bootstrap });
    expect(report.model.calibration).toBe('isotonic');
    expect([report.histogram.hasZeros, report.histogram.hasOnes]).toEqual([true, true]);
    const text = evaluationHtml(report);
    expect(text).toContain('A score is a calibrated probability of fraud.');
    expect(text).toContain('fitted by an isotonic curve');
    const chart = text.slice(text.indexOf('aria-label="scores of frauds'));
    const ticks = [...chart.slice(0, chart.indexOf('</svg>')).matchAll(/x="([\d.]+)" y="234" text-anchor="middle">([^<]*)</g)];
    const texts = ticks.map(([, , tick]) => tick);
    expect([texts[0], texts.at(-1)]).toEqual(['0%', '100%']);
    // No text begins before the one to its left has ended.
    ticks.forEach(([, x, tick], i) => {
      const before = ticks[i - 1];
      if (before) expect(Number(x) - Number(before[1])).toBeGreaterThan(3.5 * (tick!.length + before[2]!.length) + 8);
    });
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
