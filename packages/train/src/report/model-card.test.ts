import { describe, expect, it } from 'vitest';
import { chooseThreshold } from '../thresholds/choose-threshold.js';
import { evaluationReport } from './evaluation-report.js';
import { HOSTILE, evaluationRows } from './evaluation-rows.fixture.js';
import { modelCardMarkdown } from './model-card-markdown.js';
import { type ModelCardParts, modelCard } from './model-card.js';

const { model, matrix, ...truth } = evaluationRows();
const evaluation = evaluationReport(model, matrix, truth, { bootstrap: { resamples: 50 }, threshold: 0.2 });
const training = { fromMs: Date.UTC(2023, 11, 1), toMs: Date.UTC(2023, 11, 20), rows: 5000, positives: 60 };
const parts: ModelCardParts = {
  name: 'fraud',
  version: '4',
  owner: 'payments team',
  intendedUse: 'Ranks card payments for review.',
  outOfScope: ['Declining without a person.'],
  algorithm: 'Logistic regression, L2 of 1.',
  training,
  evaluation,
  limits: ['Accounts opened this week.'],
  lineage: { seed: 7, 'code version': 'abc123' },
  createdMs: Date.UTC(2024, 1, 1),
};

describe('modelCard', () => {
  it('takes its figures from the evaluation', () => {
    const card = modelCard(parts);
    expect(card.metrics[0]).toMatchObject({ name: 'Average precision', ...evaluation.candidate.averagePrecision });
    expect(card.test).toEqual({ rows: 1500, positives: evaluation.positives, unknownLabels: 0, period: evaluation.period });
    expect(JSON.parse(JSON.stringify(card))).toEqual(card);
  });

  it('adds the limits that follow from the figures', () => {
    expect(modelCard(parts).limits[0]).toBe('Accounts opened this week.');
    const late = { ...training, toMs: Date.UTC(2024, 0, 5) };
    expect(modelCard({ ...parts, training: late }).limits.join(' ')).toContain('the figures are too good');
    const blind = { ...evaluation, positives: 12, unknownLabels: 30, threshold: null, period: null };
    expect(modelCard({ ...parts, evaluation: blind }).limits).toEqual([
      'Accounts opened this week.',
      'The times of the test rows are not known, so nothing shows that they are later than the training rows.',
      'The test rows hold only 12 frauds, so all figures are coarse.',
      '30 of 1530 test rows have no known label and were left out.',
      'No threshold was chosen.',
      ...modelCard(parts).limits.filter((limit) => limit.startsWith('The probabilities promise')),
    ]);
  });
});

describe('modelCardMarkdown', () => {
  it('writes every part', () => {
    const text = modelCardMarkdown(modelCard(parts));
    expect(text).toBe(modelCardMarkdown(modelCard(parts)));
    const heads = text.match(/^#+ .*$/gm);
    expect(heads).toEqual([
      '# Model card: fraud',
      '## Intended use',
      '## Model',
      '## Data',
      '## Figures',
      '## Threshold',
      '## Limits',
      '## Lineage',
    ]);
    expect(text).toContain('Version 4, answered for by payments team, written 2024-02-01.');
    expect(text).toContain('| Training | 2023-12-01 to 2023-12-20 | 5,000 | 60 | 1.2% |  |');
    expect(text).not.toMatch(/NaN|Infinity|undefined|\[object|null/);
  });

  it('writes what a policy does', () => {
    const scores = model.scoreBatch(matrix);
    const { policy } = chooseThreshold(
      { scores, ...truth },
      { costs: { reviewCost: 3, chargebackFee: 10 }, reviewsPerDay: 3, resamples: 50 },
    );
    const judged = evaluationReport(model, matrix, truth, { bootstrap: { resamples: 50 }, policy, currency: 'EUR' });
    const card = modelCard({ ...parts, evaluation: judged });
    expect(card.limits.join(' ')).not.toContain('No threshold was chosen');
    expect(JSON.parse(JSON.stringify(card))).toEqual(card);
    expect(card.policy).not.toHaveProperty('byDay');
    const section = modelCardMarkdown(card).split('## Threshold')[1]!.split('## Limits')[0]!;
    expect(section).toContain('What is reviewed follows from score and amount');
    expect(section).toContain('at most 3 a day.');
    expect(section).toContain('| On the test rows | Whole days | One by one |');
    expect(section).toContain(`| Reviews a day | ${judged.policy!.outcome.reviewsPerDay.toFixed(1)} |`);
    expect(section).toMatch(/\| Saved a day \| [\d,.]+ EUR \| [\d,.]+ EUR \|/);
    const byCapacity = chooseThreshold({ scores, ...truth }, { reviewsPerDay: 3, resamples: 50 }).policy;
    const plain = evaluationReport(model, matrix, truth, { bootstrap: { resamples: 50 }, policy: byCapacity });
    expect(modelCardMarkdown(modelCard({ ...parts, evaluation: plain }))).toMatch(
      /Scores from 0\.\d+ on are reviewed, at most 3 a day\./,
    );
  });

  it('names the level that intervals were drawn at', () => {
    const level = 0.995;
    const strict = evaluationReport(model, matrix, truth, { bootstrap: { resamples: 50, level } });
    expect(modelCardMarkdown(modelCard({ ...parts, evaluation: strict }))).toContain('Intervals are 99.5%, from a bootstrap');
    expect(modelCardMarkdown(modelCard(parts))).toContain('Intervals are 95%, from a bootstrap');
  });

  it.each([
    ['1. first', '1\\. first'],
    ['12) twelfth', '12\\) twelfth'],
    [' 2024. A year', '2024\\. A year'],
    [' - item', '\\- item'],
    ['Version 1. It ranks', 'Version 1. It ranks'],
  ])('keeps %j from becoming a list', (intendedUse, shown) => {
    const text = modelCardMarkdown(modelCard({ ...parts, intendedUse, limits: [intendedUse] }));
    expect(text).toContain(`## Intended use\n\n${shown}\n`);
    expect(text).toContain(`\n- ${shown}\n`);
  });

  it('keeps hostile text from becoming markup', () => {
    const hostile = `\n# head\n${HOSTILE}[x](https://x.example) www.x.example <b>`;
    const text = modelCardMarkdown(
      modelCard({ ...parts, name: hostile, intendedUse: hostile, limits: [hostile], lineage: { [hostile]: hostile } }),
    );
    expect(text.match(/^#+ .*$/gm)).toHaveLength(8);
    expect(text).not.toMatch(/(?<!\\)[<`]|https:\/\/|www\.|\]\(|\u202e/);
    // As many cells in each row of the last table as in its head.
    for (const line of text
      .slice(text.indexOf('## Lineage'))
      .split('\n')
      .filter((one) => one.startsWith('|'))) {
      expect(line.match(/(?<!\\)\|/g)).toHaveLength(3);
    }
  });
});
