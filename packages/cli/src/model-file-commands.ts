/** Commands on models as files: written for other libraries, looked at, and asked for reasons; and those that import. */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { formatFeature } from '@fraudops/core';
import {
  type Explanation,
  type LinearModel,
  type Model,
  type TreeModel,
  mlflowModelFiles,
  toOnnx,
  toXgboostJson,
  topContributions,
} from '@fraudops/model';
import { type Command, type CommandContext, type CommandOption, UsageError } from './command.js';
import { readJson } from './json-file.js';
import { readModel } from './model-file.js';
import { modelImportCommands } from './model-import-commands.js';
import { countText, percentText } from './number-text.js';
import { plainText } from './plain-text.js';
import { renderTable } from './text-table.js';
import { writeWholeFile } from './whole-file.js';

const JSON_OPTION: CommandOption = { help: 'print JSON' };

/** Commands on model files. */
export const modelFileCommands: readonly Command[] = [
  ...modelImportCommands,
  {
    name: 'model export',
    summary: 'Write a model as ONNX, as an MLflow model folder, or as XGBoost JSON',
    words: ['file'],
    options: {
      to: { value: 'NAME', help: 'onnx, mlflow or xgboost', default: 'onnx' },
      out: { value: 'PATH', help: 'file, or folder for mlflow; default model.onnx, mlflow-model or xgboost.json' },
      json: JSON_OPTION,
    },
    run: exportModel,
  },
  {
    name: 'model show',
    summary: 'Say what a model is made of',
    words: ['file'],
    options: { json: JSON_OPTION },
    run: showModel,
  },
  {
    name: 'model explain',
    summary:
      'Score a row and say which features made the score; ROW is a JSON file, an array of values or an object by feature name',
    words: ['file', 'row'],
    options: { json: JSON_OPTION },
    run: explainRow,
  },
];

/** What a model is written as: where to by default, and which files. */
const EXPORTS: Readonly<
  Record<string, { out: string; files: (model: Model) => { path: string; bytes: Uint8Array | string }[] }>
> = {
  onnx: { out: 'model.onnx', files: (model) => [{ path: '', bytes: toOnnx(model) }] },
  xgboost: { out: 'xgboost.json', files: (model) => [{ path: '', bytes: toXgboostJson(model) }] },
  mlflow: { out: 'mlflow-model', files: (model) => mlflowModelFiles(model) },
};

async function exportModel({ words, options, switches, print }: CommandContext): Promise<void> {
  const model = await readModel(words['file']!);
  const to = options['to']!;
  if (!Object.hasOwn(EXPORTS, to)) {
    throw new UsageError(`--to is ${JSON.stringify(to)}, expected onnx, mlflow or xgboost.`);
  }
  const target = EXPORTS[to]!;
  const out = options['out'] ?? target.out;
  const files = target.files(model);
  if (to === 'mlflow') await mkdir(out, { recursive: true });
  for (const { path: name, bytes } of files) await writeWholeFile(path.join(out, name), bytes);
  if (switches.has('json')) {
    return print(`${JSON.stringify({ to, out, files: files.map(({ path: name }) => path.join(out, name)) }, null, 2)}\n`);
  }
  const what = to === 'mlflow' ? `the folder ${plainText(out, 300)}; mlflow.pyfunc.load_model takes it` : plainText(out, 300);
  print(`Written to ${what}.\n`);
}

async function showModel({ words, switches, print, style }: CommandContext): Promise<void> {
  const facts = factsOf(await readModel(words['file']!));
  if (switches.has('json')) return print(`${JSON.stringify(facts, null, 2)}\n`);
  const lines = Object.entries(facts).map(([fact, value]): [string, string[]] => [FACT_NAMES[fact] ?? fact, factText(value)]);
  const width = Math.max(...lines.map(([name]) => name.length));
  for (const [name, texts] of lines) {
    const [first = 'none', ...others] = wrapped(texts);
    print(`${style('quiet', name.padEnd(width))}  ${first}\n`);
    for (const line of others) print(`${' '.repeat(width)}  ${line}\n`);
  }
}

/** Facts whose names are several words. */
const FACT_NAMES: Readonly<Record<string, string>> = { baseMargin: 'base margin', unused: 'not used' };

function factText(value: unknown): string[] {
  if (Array.isArray(value)) return value.map((each) => plainText(String(each), 200));
  if (typeof value !== 'number') return [plainText(String(value), 300)];
  return [Number.isInteger(value) ? countText(value) : String(Number(value.toPrecision(6)))];
}

const LINE_WIDTH = 80;

/** Texts with commas between them, as lines of about 80 characters. */
function wrapped(texts: readonly string[]): string[] {
  const lines: string[] = [];
  texts.forEach((text, i) => {
    const piece = i < texts.length - 1 ? `${text},` : text;
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + piece.length <= LINE_WIDTH) lines[lines.length - 1] = `${last} ${piece}`;
    else lines.push(piece);
  });
  return lines;
}

function factsOf(model: Model): Record<string, unknown> {
  const { featureNames, calibration } = model;
  const known = { calibration: calibration?.kind ?? 'none', features: featureNames };
  const parts = model as LinearModel | TreeModel;
  if (parts.kind === 'linear') return { kind: 'linear model', intercept: parts.intercept, ...known };
  const splits = parts.trees.flatMap(({ feature }) => [...feature].filter((position) => position >= 0));
  const used = new Set(splits);
  return {
    kind: 'tree ensemble',
    trees: parts.trees.length,
    leaves: splits.length + parts.trees.length,
    link: parts.link,
    baseMargin: parts.baseMargin,
    ...known,
    unused: featureNames.filter((_, position) => !used.has(position)),
  };
}

/** What margins and contributions are in. */
const SPACE_TEXT = { log_odds: 'log-odds', probability: 'share of frauds', log2: 'powers of 2' } as const;

async function explainRow({ words, switches, print, style }: CommandContext): Promise<void> {
  const model = await readModel(words['file']!);
  const row = rowOf(await readJson(words['row']!), model.featureNames);
  const explanation = model.explain(row);
  if (switches.has('json')) {
    const { contributions, ...rest } = explanation;
    const byName = Object.fromEntries(model.featureNames.map((name, position) => [name, contributions[position]]));
    return print(`${JSON.stringify({ ...rest, contributions: byName }, null, 2)}\n`);
  }
  const { base, margin, score, space } = explanation;
  const calibration = model.calibration ? `, made a probability by ${model.calibration.kind} calibration` : '';
  print(`${style('heading', `Score ${percentText(score)}`)}\n\n`);
  print(`${contributionsTable(model, row, explanation, style)}\n\n`);
  print(
    `An average row has ${signedText(base)}, this one ${signedText(margin)}, in ${SPACE_TEXT[space]}${calibration}; the features add the difference.\n`,
  );
  const absent = model.featureNames.filter((_, position) => Number.isNaN(row[position]!));
  if (absent.length > 0) print(`Missing in the row: ${absent.map((name) => plainText(name, 100)).join(', ')}.\n`);
  const idle = model.featureNames.filter((_, position) => explanation.contributions[position] === 0);
  if (idle.length > 0) print(`Nothing comes from ${idle.map((name) => plainText(name, 100)).join(', ')}.\n`);
}

/** Longest bar, in characters. */
const BAR_LENGTH = 24;

function contributionsTable(
  model: Model,
  row: readonly number[],
  explanation: Explanation,
  style: CommandContext['style'],
): string {
  const ranked = topContributions(explanation, model.featureNames, model.featureNames.length);
  const largest = Math.abs(ranked[0]?.contribution ?? 1);
  const right = { align: 'right' } as const;
  const lines = ranked.map(({ feature, contribution }) => {
    const emphasis = contribution > 0 ? 'bad' : 'good';
    const bar = '█'.repeat(Math.round((Math.abs(contribution) / largest) * BAR_LENGTH)) || '▏';
    const value = row[model.featureNames.indexOf(feature)]!;
    return [plainText(feature, 100), valueText(value), style(emphasis, signedText(contribution)), style(emphasis, bar)];
  });
  return renderTable([{ title: 'feature' }, { title: 'value', ...right }, { title: 'adds', ...right }, { title: '' }], lines);
}

const signedText = (value: number): string => `${value > 0 ? '+' : value < 0 ? '−' : ''}${Math.abs(value).toFixed(4)}`;

function valueText(value: number): string {
  if (Number.isNaN(value)) return 'missing';
  if (Number.isFinite(value)) return formatFeature(value);
  return value > 0 ? 'infinite' : '−infinite';
}

/** A row from an array in the model's order, or from an object by name; null and what an object lacks is missing. */
function rowOf(json: unknown, names: readonly string[]): number[] {
  if (Array.isArray(json) && json.length !== names.length) {
    throw new UsageError(`ROW has ${json.length} values, the model takes ${names.length}.`);
  }
  if (typeof json !== 'object' || json === null) throw new UsageError('ROW is neither an array nor an object.');
  const cells = new Map<string, unknown>(Array.isArray(json) ? names.map((name, i) => [name, json[i]]) : Object.entries(json));
  if (!names.some((name) => cells.has(name)))
    throw new UsageError(`ROW has none of the features: ${names.slice(0, 20).join(', ')}.`);
  return names.map((name) => {
    const value = cells.get(name) ?? Number.NaN;
    if (typeof value === 'number') return value;
    throw new UsageError(`ROW: ${name} is ${JSON.stringify(value)}, expected a number, or null when it is missing.`);
  });
}
