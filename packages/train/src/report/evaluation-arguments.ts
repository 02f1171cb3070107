/** Checks of what evaluation reports and model cards are made from, by kind; lengths and values are looked at where they are used. */
import {
  type CategoryColumn,
  type FeatureMatrix,
  type OptionKinds,
  isFraudOpsError,
  isPlainObject,
  showValue,
} from '@fraudops/core';
import type { Model } from '@fraudops/model';
import { BOOTSTRAP_OPTIONS } from '../metrics/intervals/cluster-bootstrap.js';
import {
  requireArray,
  requireArrays,
  requireMatrixForm,
  requireModel,
  requireObject,
  requireOptions,
} from '../required-arguments.js';
import { TrainError } from '../train-error.js';
import type { EvaluationReport, EvaluationReportOptions, EvaluationTruth } from './evaluation-report.js';

const WHAT = 'evaluationReport';

const OPTIONS: OptionKinds<EvaluationReportOptions> = {
  name: 'text',
  threshold: 'checked',
  policy: 'object',
  costs: 'object',
  currency: 'text',
  incumbent: 'object',
  cardsPerDay: 'checked',
  bootstrap: 'object',
  explainedRows: 'checked',
  seed: 'checked',
};

/** @throws {TrainError} INVALID_VALUE, INVALID_OPTION */
export function requireEvaluationArguments(
  model: Model,
  matrix: FeatureMatrix,
  truth: EvaluationTruth,
  options: EvaluationReportOptions,
): void {
  requireModel(WHAT, model, 'scoreBatch');
  requireMatrixForm(WHAT, matrix);
  requireObject(WHAT, 'truth', truth, 'an object with labels');
  const { labels, times, entityCodes, amounts, segments = {} } = truth;
  requireArray(WHAT, 'labels', labels);
  requireArrays(WHAT, { times, entityCodes, amounts });
  if (times) requireNumbers('times', times);
  if (entityCodes) requireNumbers('entityCodes', entityCodes);
  requireObject(WHAT, 'segments', segments, 'an object with a category column each');
  for (const [name, column] of Object.entries(segments)) requireColumn(`segments.${name}`, column);
  requireOptions(WHAT, options, OPTIONS);
  const { bootstrap, incumbent } = options;
  if (bootstrap) requireOptions(WHAT, bootstrap, BOOTSTRAP_OPTIONS, 'options.bootstrap');
  if (!incumbent) return;
  requireOptions(WHAT, incumbent, { name: 'text', scores: 'array' }, 'options.incumbent');
  requireArray(WHAT, 'incumbent.scores', incumbent.scores);
  requireNumbers('incumbent.scores', incumbent.scores);
  requireText(WHAT, 'incumbent.name', incumbent.name);
}

/** Typed arrays of numbers hold nothing else; a plain array may hold anything, and would be converted. */
function requireNumbers(name: string, values: ArrayLike<number>): void {
  for (let i = 0; i < values.length; i++) {
    if (typeof values[i] === 'number') continue;
    throw new TrainError('INVALID_VALUE', `${WHAT}: ${name}[${i}] is ${showValue(values[i])}, expected a number`, {
      details: { index: i },
    });
  }
}

function requireColumn(name: string, column: CategoryColumn): void {
  requireObject(WHAT, name, column, 'a category column');
  requireArray(WHAT, `${name}.codes`, column.codes);
  requireArray(WHAT, `${name}.dictionary`, column.dictionary);
}

/** @throws {TrainError} INVALID_VALUE unless it is a text */
export function requireText(what: string, name: string, value: unknown): void {
  if (typeof value === 'string') return;
  throw new TrainError('INVALID_VALUE', `${what}: ${name} is ${showValue(value)}, expected a text`);
}

/** @throws {TrainError} INVALID_VALUE unless it is a report that this release made; its members are not looked at */
export function requireReport(what: string, name: string, report: EvaluationReport): void {
  requireFormat(what, name, report, 'fraudops.evaluation', 'what evaluationReport gives');
}

/** @throws {TrainError} INVALID_VALUE unless it is data of the format */
export function requireFormat(what: string, name: string, data: unknown, format: string, expected: string): void {
  requireObject(what, name, data, expected);
  const found = data as { readonly format?: unknown; readonly formatVersion?: unknown };
  if (found.format === format && found.formatVersion === 1) return;
  throw new TrainError(
    'INVALID_VALUE',
    `${what}: ${name} has format ${showValue(found.format)}, version ${showValue(found.formatVersion)}, expected ${showValue(format)}, version 1: ${expected}`,
  );
}

/**
 * What `write` makes of data that was stored. Its members are not checked one by one, so where one is of another kind than it was written,
 * the error that follows is told as what it is.
 *
 * @throws {TrainError} INVALID_VALUE when the data are damaged
 */
export function fromStored<Result>(what: string, name: string, write: () => Result): Result {
  try {
    return write();
  } catch (cause) {
    if (isFraudOpsError(cause)) throw cause;
    throw new TrainError('INVALID_VALUE', `${what}: ${name} is damaged (${(cause as Error).message}); make it again`, { cause });
  }
}

/** Whether a value is rows of one purpose, as a model card names them. */
export function isCardDataset(value: unknown): boolean {
  if (!isPlainObject(value)) return false;
  const { description, ...numbers } = value;
  const areNumbers = ['fromMs', 'toMs', 'rows', 'positives'].every((name) => Number.isFinite(numbers[name]));
  return areNumbers && (description === undefined || typeof description === 'string');
}
