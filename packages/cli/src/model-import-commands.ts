/** Commands that take over models of other libraries, and that write the rows by which an import is proven. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { isFraudOpsError } from '@fraudops/core';
import {
  type FromOnnxOptions,
  type ParityReference,
  certificateRows,
  fromLightgbm,
  fromMlCart,
  fromOnnx,
  fromXgboost,
} from '@fraudops/model';
import { type Command, type CommandContext, UsageError } from './command.js';
import { readJson } from './json-file.js';
import { readModel } from './model-file.js';
import { countText } from './number-text.js';
import { plainText } from './plain-text.js';
import { writeWholeFile } from './whole-file.js';

/** What an import returns, of whatever library. */
type Imported = Pick<ReturnType<typeof fromXgboost>, 'model' | 'certificate' | 'warnings'> &
  Partial<Pick<ReturnType<typeof fromXgboost>, 'categories'>>;

/** With what only XGBoost's files need. */
type FileOptions = FromOnnxOptions & { readonly iterations?: 'best' | 'all' | undefined };

const IMPORTS: Readonly<Record<string, (bytes: Uint8Array, options: FileOptions) => Imported>> = {
  xgboost: (bytes, { certify, iterations, withoutCertificate }) =>
    fromXgboost(bytes, { certify, iterations, withoutCertificate }),
  lightgbm: (bytes, { certify, withoutCertificate }) => fromLightgbm(bytes, { certify, withoutCertificate }),
  onnx: (bytes, { certify, missingValues, sumIs, withoutCertificate }) =>
    fromOnnx(bytes, { certify, missingValues, sumIs, withoutCertificate }),
  'ml-cart': (bytes, { certify, withoutCertificate }) =>
    fromMlCart(new TextDecoder().decode(bytes), { certify, withoutCertificate }),
};

/** Which library writes files that end so. */
const LIBRARY_OF_ENDING: Readonly<Record<string, string>> = {
  '.ubj': 'xgboost',
  '.json': 'xgboost',
  '.txt': 'lightgbm',
  '.onnx': 'onnx',
};

/** Commands around the import of models. */
export const modelImportCommands: readonly Command[] = [
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
      missing: {
        value: 'VALUES',
        help: 'what a missing feature counts as, for a linear ONNX file: a number, or a JSON file with one a feature',
      },
      sum: { value: 'KIND', help: 'margin or probability, for an ONNX file of a regressor, which does not say' },
      unproven: { help: 'take it over without a certificate, to make the rows for one' },
      out: { value: 'FILE', help: 'where to write the model', default: 'model.json' },
      json: { help: 'print JSON' },
    },
    run: importModel,
  },
  {
    name: 'model rows',
    summary: 'Write rows on which libraries differ if they differ, to be scored in the other library for a certificate',
    words: ['file'],
    options: {
      out: { value: 'FILE', help: 'where to write the rows', default: 'rows.json' },
      complete: { help: 'no missing values, for a linear model of a library that gives no score for them' },
      json: { help: 'print JSON' },
    },
    run: writeRows,
  },
];

async function importModel(context: CommandContext): Promise<void> {
  const { words, options, switches } = context;
  const file = words['file']!;
  const library = libraryOf(file, options['from']);
  const fileOptions = await fileOptionsOf(library, context);
  const bytes = await readFile(file);
  const imported = namingOptions(() => IMPORTS[library]!(bytes, fileOptions));
  const out = options['out']!;
  await writeWholeFile(out, `${JSON.stringify(imported.model.toJson())}\n`);
  if (!switches.has('json')) return printImport(context, library, imported);
  const { model, certificate = null, warnings, categories = [] } = imported;
  const { kind, featureNames } = model;
  context.print(
    `${JSON.stringify({ out, library, kind, features: featureNames, certificate, warnings, categories }, null, 2)}\n`,
  );
}

function libraryOf(file: string, from: string | undefined): string {
  const library = from ?? LIBRARY_OF_ENDING[path.extname(file).toLowerCase()];
  if (library !== undefined && Object.hasOwn(IMPORTS, library)) return library;
  const given = library === undefined ? 'is missing' : `is ${JSON.stringify(library)}`;
  throw new UsageError(`--from ${given}, expected ${Object.keys(IMPORTS).join(', ')}.`);
}

async function fileOptionsOf(library: string, { options, switches }: CommandContext): Promise<FileOptions> {
  const certify = options['certificate'] === undefined ? undefined : certificateOf(await readJson(options['certificate']));
  if (certify === undefined && !switches.has('unproven')) {
    throw new UsageError(
      '--certificate is missing. Import once with --unproven, write rows with "fraudops model rows", score them in the other library, and import again with what it says.',
    );
  }
  for (const name of ['missing', 'sum'] as const) {
    if (options[name] === undefined || library === 'onnx') continue;
    throw new UsageError(`--${name} is for ONNX files only; files of ${library} say it themselves.`);
  }
  return {
    certify,
    iterations: oneOf('iterations', options['iterations'], ['best', 'all']),
    sumIs: oneOf('sum', options['sum'], ['margin', 'probability']),
    missingValues: options['missing'] === undefined ? undefined : await missingValuesOf(options['missing']),
    withoutCertificate: certify === undefined,
  };
}

function oneOf<Choice extends string>(name: string, given: string | undefined, choices: readonly Choice[]): Choice | undefined {
  const choice = choices.find((each) => each === given);
  if (given === undefined || choice !== undefined) return choice;
  throw new UsageError(`--${name} is ${JSON.stringify(given)}, expected ${choices.join(' or ')}.`);
}

async function missingValuesOf(given: string): Promise<number | number[] | Record<string, number>> {
  if (Number.isFinite(Number(given))) return Number(given);
  const json = await readJson(given);
  const values = typeof json === 'object' && json !== null ? Object.values(json) : [];
  if (values.length > 0 && values.every((value) => typeof value === 'number')) return json as number[] | Record<string, number>;
  throw new UsageError(`--missing: ${given} holds no array of numbers and no object of numbers by feature name.`);
}

/** Options of the package, as the command calls them. */
const OPTION_HINTS: Readonly<Record<string, string>> = {
  missingValues:
    'Say it by --missing: a number for all features (0 if they were standardised), or a JSON file with one number a feature, such as the training means',
  sumIs: 'Say it by --sum margin or --sum probability',
};

/** An import whose errors name options as the command does. */
function namingOptions(read: () => Imported): Imported {
  try {
    return read();
  } catch (error) {
    const hint = isFraudOpsError(error) ? OPTION_HINTS[String(error.details['option'])] : undefined;
    if (hint === undefined) throw error;
    throw new UsageError(`${(error as Error).message.replace(/; pass .*$/s, '')}. ${hint}.`);
  }
}

function printImport(context: CommandContext, library: string, { certificate, warnings, categories = [] }: Imported): void {
  const { options, print, style } = context;
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

async function writeRows({ words, options, switches, print }: CommandContext): Promise<void> {
  const model = await readModel(words['file']!);
  const rows = certificateRows(model, { seed: 0, missing: !switches.has('complete') });
  // JSON has no numbers for what libraries differ on.
  const text = JSON.stringify({ featureNames: model.featureNames, rows: rows.map((row) => row.map(jsonNumber)) });
  await writeWholeFile(options['out']!, `${text}\n`);
  if (switches.has('json')) return print(`${JSON.stringify({ out: options['out'], rows: rows.length }, null, 2)}\n`);
  print(
    `${countText(rows.length)} rows in ${plainText(options['out']!, 300)}; null stands for a missing value, "Infinity" and "-Infinity" for themselves.\n`,
  );
}

const jsonNumber = (value: number): number | string | null =>
  Number.isNaN(value) ? null : Number.isFinite(value) ? value : String(value);
