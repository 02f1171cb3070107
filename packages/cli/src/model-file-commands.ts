/** Commands on models as files: taken over from other libraries, written for them, looked at, and asked for reasons. */
import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import {
  type ImportOptions,
  type LinearModel,
  type Model,
  type ParityReference,
  type TreeModel,
  certificateRows,
  fromLightgbm,
  fromMlCart,
  fromOnnx,
  fromXgboost,
  mlflowModelFiles,
  modelFromJson,
  toOnnx,
  toXgboostJson,
  topContributions,
} from '@fraudops/model';
import { type Command, type CommandContext, type CommandOption, UsageError } from './command.js';
import { parseJson, readJson } from './json-file.js';
import { countText, percentText } from './number-text.js';
import { plainText } from './plain-text.js';
import { renderTable } from './text-table.js';
import { writeWholeFile } from './whole-file.js';

const JSON_OPTION: CommandOption = { help: 'print JSON' };

/** What an import returns, of whatever library. */
type Imported = Pick<ReturnType<typeof fromXgboost>, 'model' | 'certificate' | 'warnings'> &
  Partial<Pick<ReturnType<typeof fromXgboost>, 'categories'>>;

/** With what only XGBoost's files need. */
type FileOptions = ImportOptions & { readonly iterations?: 'best' | 'all' | undefined };

const IMPORTS: Readonly<Record<string, (bytes: Uint8Array, options: FileOptions) => Imported>> = {
  xgboost: (bytes, options) => fromXgboost(bytes, options),
  lightgbm: (bytes, options) => fromLightgbm(bytes, options),
  onnx: (bytes, options) => fromOnnx(bytes, options),
  'ml-cart': (bytes, options) => fromMlCart(new TextDecoder().decode(bytes), options),
};

/** Which library writes files that end so. */
const LIBRARY_OF_ENDING: Readonly<Record<string, string>> = {
  '.ubj': 'xgboost',
  '.json': 'xgboost',
  '.txt': 'lightgbm',
  '.onnx': 'onnx',
};

/** Commands on model files. */
export const modelFileCommands: readonly Command[] = [
  {
    name: 'model import',
    summary: 'Take over a model that XGBoost, LightGBM, ml-cart or an ONNX tool wrote',
    words: ['file'],
    options: {
      from: { value: 'NAME', help: `${Object.keys(IMPORTS).join(', ')}; default by the file's ending` },
      certificate: {
        value: 'FILE',
        help: 'JSON { rows, margins } or { rows, probabilities }: what the other library makes of the rows',
      },
      iterations: { value: 'WHICH', help: 'best or all, for an XGBoost file whose training was stopped early' },
      unproven: { help: 'take it over without a certificate, to make the rows for one' },
      out: { value: 'FILE', help: 'where to write the model', default: 'model.json' },
    },
    run: importModel,
  },
  {
    name: 'model rows',
    summary: 'Write rows on which libraries differ if they differ, to be scored in the other library for a certificate',
    words: ['file'],
    options: { out: { value: 'FILE', help: 'where to write the rows', default: 'rows.json' } },
    run: writeRows,
  },
  {
    name: 'model export',
    summary: 'Write a model as ONNX, as an MLflow model folder, or as XGBoost JSON',
    words: ['file'],
    options: {
      to: { value: 'NAME', help: 'onnx, mlflow or xgboost', default: 'onnx' },
      out: { value: 'PATH', help: 'file, or folder for mlflow; default model.onnx, mlflow-model or xgboost.json' },
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

async function importModel(context: CommandContext): Promise<void> {
  const { words, options, switches, print, style } = context;
  const file = words['file']!;
  const library = options['from'] ?? LIBRARY_OF_ENDING[path.extname(file).toLowerCase()];
  if (library === undefined || !Object.hasOwn(IMPORTS, library)) {
    const given = library === undefined ? 'is missing' : `is ${JSON.stringify(library)}`;
    throw new UsageError(`--from ${given}, expected ${Object.keys(IMPORTS).join(', ')}.`);
  }
  const certify = options['certificate'] === undefined ? undefined : certificateOf(await readJson(options['certificate']));
  if (certify === undefined && !switches.has('unproven')) {
    throw new UsageError(
      '--certificate is missing. Import once with --unproven, write rows with "fraudops model rows", score them in the other library, and import again with what it says.',
    );
  }
  const { iterations } = options;
  if (iterations !== undefined && iterations !== 'best' && iterations !== 'all') {
    throw new UsageError(`--iterations is ${JSON.stringify(iterations)}, expected best or all.`);
  }
  const {
    model,
    certificate,
    warnings,
    categories = [],
  } = IMPORTS[library]!(await readFile(file), {
    certify,
    iterations,
    withoutCertificate: certify === undefined,
  });
  await writeWholeFile(options['out']!, `${JSON.stringify(model.toJson())}\n`);
  for (const warning of warnings) print(`${style('warning', 'Note:')} ${plainText(warning, 500)}\n`);
  for (const { feature, values } of categories) {
    const codes = values.map((value, code) => `${code} = ${plainText(String(value))}`).join(', ');
    print(`${style('warning', 'Note:')} ${plainText(feature ?? 'a feature', 200)} takes codes: ${plainText(codes, 2000)}.\n`);
  }
  const proof = certificate
    ? `${style('good', 'Proven')} on ${countText(certificate.rowCount)} rows; ${certificate.compared} differ by at most ${differenceText(certificate.largestDifference)}.`
    : `${style('warning', 'Not proven')} to score as it does in ${library}.`;
  print(`${proof} Written to ${plainText(options['out']!, 300)}.\n`);
}

const differenceText = (difference: number): string => (difference === 0 ? '0' : difference.toExponential(1));

/** What `model rows` wrote, with the margins or probabilities of the other library. The numbers are checked where they are compared. */
function certificateOf(json: unknown): ParityReference {
  const { rows, margins, probabilities } = (typeof json === 'object' && json !== null ? json : {}) as Record<string, unknown>;
  if (!Array.isArray(rows) || !rows.every(Array.isArray)) {
    throw new UsageError('The certificate has no rows, expected JSON { rows, margins } or { rows, probabilities }.');
  }
  const numbers = (rows as unknown[][]).map((row) =>
    row.map((value) => (value === 'Infinity' || value === '-Infinity' ? Number(value) : (value as number | null))),
  );
  return { rows: numbers, margins: margins as number[] | undefined, probabilities: probabilities as number[] | undefined };
}

async function writeRows({ words, options, print }: CommandContext): Promise<void> {
  const model = await readModel(words['file']!);
  const rows = certificateRows(model, { seed: 0 });
  // JSON has no numbers for what libraries differ on.
  const text = JSON.stringify({ featureNames: model.featureNames, rows: rows.map((row) => row.map(jsonNumber)) });
  await writeWholeFile(options['out']!, `${text}\n`);
  print(
    `${countText(rows.length)} rows in ${plainText(options['out']!, 300)}; null stands for a missing value, "Infinity" and "-Infinity" for themselves.\n`,
  );
}

const jsonNumber = (value: number): number | string | null =>
  Number.isNaN(value) ? null : Number.isFinite(value) ? value : String(value);

async function exportModel({ words, options, print }: CommandContext): Promise<void> {
  const model = await readModel(words['file']!);
  const to = options['to']!;
  if (to === 'onnx') {
    const out = options['out'] ?? 'model.onnx';
    await writeWholeFile(out, toOnnx(model));
    return print(`Written to ${plainText(out, 300)}.\n`);
  }
  if (to === 'xgboost') {
    const out = options['out'] ?? 'xgboost.json';
    await writeWholeFile(out, toXgboostJson(model));
    return print(`Written to ${plainText(out, 300)}.\n`);
  }
  if (to !== 'mlflow') throw new UsageError(`--to is ${JSON.stringify(to)}, expected onnx, mlflow or xgboost.`);
  const folder = options['out'] ?? 'mlflow-model';
  await mkdir(folder, { recursive: true });
  for (const { path: name, bytes } of mlflowModelFiles(model)) await writeWholeFile(path.join(folder, name), bytes);
  print(`Written to the folder ${plainText(folder, 300)}; mlflow.pyfunc.load_model takes it.\n`);
}

async function showModel({ words, switches, print, style }: CommandContext): Promise<void> {
  const model = await readModel(words['file']!);
  const facts = factsOf(model);
  if (switches.has('json')) return print(`${JSON.stringify(facts, null, 2)}\n`);
  const lines = Object.entries(facts).map(([fact, value]) => {
    const texts = Array.isArray(value) ? value.map((each) => plainText(String(each), 200)) : [plainText(String(value), 300)];
    return `${style('quiet', `${fact}:`)} ${texts.join(', ') || 'none'}\n`;
  });
  print(lines.join(''));
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
    'base margin': parts.baseMargin,
    ...known,
    unused: featureNames.filter((_, position) => !used.has(position)),
  };
}

/** What contributions are in. */
const SPACE_TEXT = {
  log_odds: 'a sum in log-odds',
  probability: 'a mean of shares of frauds',
  log2: 'a sum in powers of 2',
} as const;

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
  const right = { align: 'right' } as const;
  const absent = model.featureNames.filter((_, position) => Number.isNaN(row[position]!));
  const rows = topContributions(explanation, model.featureNames, model.featureNames.length).map(({ feature, contribution }) => [
    plainText(feature, 100),
    String(row[model.featureNames.indexOf(feature)]),
    style(contribution > 0 ? 'bad' : 'good', `${contribution > 0 ? '+' : ''}${contribution.toFixed(4)}`),
  ]);
  print(
    `${style('heading', `Score ${percentText(score)}`)}: it comes from ${SPACE_TEXT[space]}, ${base.toFixed(4)} for an average row and ${margin.toFixed(4)} for this one.\n\n`,
  );
  print(`${renderTable([{ title: 'feature' }, { title: 'value', ...right }, { title: 'adds', ...right }], rows)}\n`);
  if (absent.length > 0) print(`\nMissing in the row: ${absent.map((name) => plainText(name, 100)).join(', ')}.\n`);
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

/** @throws {UsageError} for a file that is no model of ours */
async function readModel(file: string): Promise<Model> {
  const text = await readFile(file, 'utf8');
  // Files of other libraries name no such format.
  if (!text.includes('"fraudops.model"')) {
    const what = text.trimStart().startsWith('{') ? 'is JSON, but no model' : 'is no model';
    throw new UsageError(`${file} ${what} as "fraudops model import" writes it; import files of other libraries first.`);
  }
  return modelFromJson(parseJson(file, text));
}
