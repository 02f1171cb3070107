/**
 * A model card (Mitchell et al. 2019): what a model is for, what it learned from, how good it is and where that ends, on one page that goes
 * with the model. Figures come from the evaluation report; what no program can know, such as the intended use, the team writes.
 */
import { type OptionKinds, showValue } from '@fraudops/core';
import { requireOptions } from '../required-arguments.js';
import { TrainError } from '../train-error.js';
import { requireOption } from '../training-data.js';
import { fromStored, isCardDataset, requireReport, requireText } from './evaluation-arguments.js';
import type { EvaluationReport } from './evaluation-report.js';
import type { PolicyFigures } from './policy-figures.js';
import type { Figure } from './ranking-figures.js';

/** Rows of one purpose. */
export interface CardDataset {
  /** Where the rows come from, in words. */
  readonly description?: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly rows: number;
  /** Frauds among the rows. */
  readonly positives: number;
}

/** What {@link modelCard} is made from. */
export interface ModelCardParts {
  /** Such as `fraud`. */
  readonly name: string;
  readonly version?: string;
  /** Who answers for the model. */
  readonly owner?: string;
  /** What decisions the scores are for. */
  readonly intendedUse: string;
  /** What the scores must not be used for. */
  readonly outOfScope?: readonly string[];
  /** How the model was trained, in words, such as algorithm and options. */
  readonly algorithm: string;
  /** Rows that the model was trained on. */
  readonly training: CardDataset;
  /** Rows that calibration and threshold were chosen on; later than the training rows. */
  readonly validation?: CardDataset;
  /** On rows later than all of those. */
  readonly evaluation: EvaluationReport;
  /** What the team knows the model not to do well. */
  readonly limits?: readonly string[];
  /** How the model came about: data fingerprint, code version, seed, parameters. */
  readonly lineage?: Readonly<Record<string, string | number | boolean>>;
  /** When the card was made, epoch milliseconds. */
  readonly createdMs?: number;
}

/** A model card as plain data; {@link modelCardMarkdown} writes it. */
export interface ModelCard {
  readonly format: 'fraudops.modelCard';
  readonly formatVersion: 1;
  readonly name: string;
  readonly version: string | null;
  readonly owner: string | null;
  readonly createdMs: number | null;
  readonly intendedUse: string;
  readonly outOfScope: readonly string[];
  readonly algorithm: string;
  readonly kind: EvaluationReport['model']['kind'];
  /** How the model's margins become probabilities; null by its link alone. */
  readonly calibration: EvaluationReport['model']['calibration'];
  readonly features: number;
  readonly training: CardDataset;
  readonly validation: CardDataset | null;
  readonly test: {
    readonly rows: number;
    readonly positives: number;
    readonly unknownLabels: number;
    readonly period: EvaluationReport['period'];
  };
  readonly metrics: readonly CardMetric[];
  /** Level of the intervals of the metrics, such as 0.95. */
  readonly intervalLevel: number;
  readonly threshold: EvaluationReport['threshold'];
  /** What the policy does on the test rows, without its days one by one; null when none was chosen. */
  readonly policy: Omit<PolicyFigures, 'byDay'> | null;
  /** What costs are in; null when that is not said. */
  readonly currency: string | null;
  readonly importance: readonly { readonly name: string; readonly importance: number }[];
  readonly limits: readonly string[];
  readonly lineage: Readonly<Record<string, string | number | boolean>>;
}

/** A figure of the card. */
export interface CardMetric extends Figure {
  readonly name: string;
  /** What to compare the value with, in words; null when it speaks for itself. */
  readonly note: string | null;
}

/** Frauds below which every figure of an evaluation is coarse. */
const FEW_FRAUDS = 100;

/**
 * Puts a card together. Limits that follow from the figures are added to those given: few frauds, a threshold that is missing, probabilities
 * that promise too much or too little, training rows that overlap the test rows in time.
 *
 * @throws {TrainError} INVALID_OPTION, INVALID_VALUE for a part that is missing, of another kind or damaged
 * @example
 * const card = modelCard({ name: 'fraud', intendedUse: 'Rank card payments for review.', algorithm: 'Boosted trees', training, evaluation });
 * await writeFile('model-card.md', modelCardMarkdown(card));
 */
export function modelCard(parts: ModelCardParts): ModelCard {
  requireParts(parts);
  return fromStored('modelCard', 'evaluation', () => cardOf(parts));
}

const PARTS: OptionKinds<ModelCardParts> = {
  name: 'text',
  version: 'text',
  owner: 'text',
  intendedUse: 'text',
  outOfScope: 'array',
  algorithm: 'text',
  training: 'object',
  validation: 'object',
  evaluation: 'object',
  limits: 'array',
  lineage: 'object',
  createdMs: 'checked',
};

function requireParts(parts: ModelCardParts): void {
  requireOptions('modelCard', parts, PARTS, 'parts');
  for (const name of ['name', 'intendedUse', 'algorithm'] as const) requireText('modelCard', name, parts[name]);
  for (const name of ['outOfScope', 'limits'] as const) {
    Array.from(parts[name] ?? []).forEach((text, i) => requireText('modelCard', `${name}[${i}]`, text));
  }
  for (const name of ['training', 'validation'] as const) {
    if (isCardDataset(parts[name]) || (name === 'validation' && parts[name] === undefined)) continue;
    const expected = 'an object with the numbers fromMs, toMs, rows and positives';
    throw new TrainError('INVALID_VALUE', `modelCard: ${name} is ${showValue(parts[name])}, expected ${expected}`);
  }
  requireOption('modelCard: createdMs', parts.createdMs, { low: -8.64e15, high: 8.64e15, default: 0 });
  requireReport('modelCard', 'evaluation', parts.evaluation);
}

function cardOf(parts: ModelCardParts): ModelCard {
  const { evaluation } = parts;
  const { rows, positives, unknownLabels, period, model } = evaluation;
  return {
    format: 'fraudops.modelCard',
    formatVersion: 1,
    name: parts.name,
    version: parts.version ?? null,
    owner: parts.owner ?? null,
    createdMs: parts.createdMs ?? null,
    intendedUse: parts.intendedUse,
    outOfScope: parts.outOfScope ?? [],
    algorithm: parts.algorithm,
    kind: model.kind,
    calibration: model.calibration,
    features: model.features,
    training: parts.training,
    validation: parts.validation ?? null,
    test: { rows, positives, unknownLabels, period },
    metrics: cardMetrics(evaluation),
    intervalLevel: evaluation.intervalLevel,
    threshold: evaluation.threshold,
    policy: evaluation.policy && withoutDays(evaluation.policy),
    currency: evaluation.currency,
    importance: (evaluation.attributions?.importance ?? []).slice(0, 10),
    limits: [...(parts.limits ?? []), ...ownLimits(parts)],
    lineage: parts.lineage ?? {},
  };
}

function withoutDays(policy: PolicyFigures): Omit<PolicyFigures, 'byDay'> {
  const { byDay: _, ...figures } = policy;
  return figures;
}

function cardMetrics({ candidate, prevalence, calibration, cardPrecision }: EvaluationReport): CardMetric[] {
  const plain = (value: number | null): Figure => ({ value, low: null, high: null });
  const metrics: CardMetric[] = [
    { name: 'Average precision', ...candidate.averagePrecision, note: `a random score reaches ${prevalence.toPrecision(2)}` },
    { name: 'ROC AUC', ...candidate.rocAuc, note: 'a random score reaches 0.5' },
    { name: 'Recall in the top 1% of rows', ...candidate.recallAtTop1Pct, note: null },
    { name: 'Recall at 0.1% false positives', ...candidate.recallAtFpr01Pct, note: null },
  ];
  if (cardPrecision) {
    metrics.push({
      name: `Card precision at ${cardPrecision.cardsPerDay}`,
      ...candidate.cardPrecision,
      note: 'mean of the days',
    });
  }
  if (calibration) {
    metrics.push(
      { name: 'Brier skill', ...plain(calibration.brierSkill), note: '0 is knowing only the fraud rate, 1 perfect' },
      { name: 'Promised over actual frauds', ...plain(calibration.inTheLarge), note: '1 is right' },
    );
  }
  return metrics;
}

function ownLimits({ training, validation, evaluation }: ModelCardParts): string[] {
  const { positives, threshold, policy, calibration, period, unknownLabels, rows, intervals, model } = evaluation;
  const limits: string[] = [];
  const lastSeenMs = Math.max(training.toMs, validation?.toMs ?? Number.NEGATIVE_INFINITY);
  if (period && period.fromMs <= lastSeenMs) {
    limits.push('The test rows begin before the last of the rows that the model was made with: the figures are too good.');
  }
  if (!period)
    limits.push('The times of the test rows are not known, so nothing shows that they are later than the training rows.');
  if (positives < FEW_FRAUDS) limits.push(`The test rows hold only ${positives} frauds, so all figures are coarse.`);
  if (unknownLabels > 0)
    limits.push(`${unknownLabels} of ${unknownLabels + rows} test rows have no known label and were left out.`);
  if (!threshold && !policy) limits.push('No threshold was chosen.');
  if (intervals.note !== null) limits.push(intervals.note);
  const promised = calibration?.inTheLarge ?? 1;
  if (promised < 0.8 || promised > 1.25) {
    const advice = model.calibration === null ? 'calibrate before putting them beside costs' : 'calibrate again on later rows';
    limits.push(`The probabilities promise ${promised.toFixed(2)} times the frauds that happened; ${advice}.`);
  }
  return limits;
}
