/** Commands on files of transactions: simulate, judge, look at, and find out what they are. */
import {
  FeatureError,
  type InferTransactionsOptions,
  type TransactionsDefinition,
  days,
  handbookTransactions,
  inferTransactions,
  profileHtml,
  profileTable,
  readSample,
  readTransactions,
  rulesFromJson,
  streamTransactions,
  validateTransactions,
  writeTransactions,
} from '@fraudops/features';
import { type Command, type CommandContext, UsageError } from './command.js';
import { readJson } from './json-file.js';
import { countText, percentText } from './number-text.js';
import { plainText } from './plain-text.js';
import { profileText } from './profile-text.js';
import { renderTable } from './text-table.js';
import { TRANSACTIONS_OPTION, transactionsOf } from './transactions-option.js';
import { writeWholeFile } from './whole-file.js';

/** Commands on files of transactions. Files are CSV, CSV.gz, Parquet or Arrow, by the ending of their names. */
export const dataCommands: readonly Command[] = [
  {
    name: 'data simulate',
    summary: 'Write simulated card transactions with frauds to a CSV, CSV.gz, Parquet or Arrow file',
    words: ['file'],
    options: {
      world: { value: 'NAME', help: 'handbook, or payments with categories, places and devices', default: 'handbook' },
      rows: { value: 'N', help: 'transactions', default: '100000', whole: [1, 1_000_000_000] },
      days: { value: 'N', help: 'days they are spread over', default: '90', whole: [1, 3660] },
      seed: { value: 'N', help: 'equal seeds give equal files', default: '7', whole: [0, Number.MAX_SAFE_INTEGER] },
    },
    run: simulate,
  },
  {
    name: 'data validate',
    summary: 'Judge a file of transactions by the rules of its columns, and by rules of your own',
    words: ['file'],
    options: {
      transactions: { ...TRANSACTIONS_OPTION, help: `${TRANSACTIONS_OPTION.help}; else handbook` },
      rules: { value: 'FILE', help: 'further rules, JSON as rulesToJson() writes it' },
      quarantine: { value: 'FILE', help: 'where to write the rows that break rules' },
      json: { help: 'print JSON' },
    },
    run: validate,
  },
  {
    name: 'data profile',
    summary: 'Show what is in a file: every column, and what is worth a look',
    words: ['file'],
    options: {
      transactions: { ...TRANSACTIONS_OPTION, help: `${TRANSACTIONS_OPTION.help}; else found out from the file` },
      out: { value: 'FILE', help: 'write it as an HTML page too' },
      json: { help: 'print JSON' },
    },
    run: profile,
  },
  {
    name: 'data infer',
    summary: 'Propose what the transactions of a file are, as TypeScript to paste and change',
    words: ['file'],
    options: {
      time: { value: 'FIELD', help: 'the event time; else guessed, as all of these' },
      arrival: { value: 'FIELD', help: 'when a transaction became known, if that can be later' },
      label: { value: 'FIELD', help: 'whether it was fraud' },
      'label-days': { value: 'N', help: 'days until a label is known, which no file shows', default: '7', whole: [0, 3660] },
      'known-at': { value: 'FIELD', help: 'when its label became known' },
      id: { value: 'FIELD', help: 'what names a transaction' },
      amount: { value: 'FIELD', help: 'the amount' },
      entities: { value: 'FIELDS', help: 'whose histories matter, such as CARD,SHOP' },
      reasons: { help: 'print what each field could be, and why' },
      json: { help: 'print the definition as JSON, which --transactions takes' },
    },
    run: infer,
  },
];

const ROWS_AT_ONCE = 500_000;

async function simulate({ words, options, print, progress, signal }: CommandContext): Promise<void> {
  const file = words['file']!;
  const world = options['world']!;
  if (world !== 'handbook' && world !== 'payments')
    throw new UsageError(`--world is ${JSON.stringify(world)}, expected handbook or payments.`);
  const [rows, dayCount, seed] = ['rows', 'days', 'seed'].map((name) => Number(options[name])) as [number, number, number];
  const tables = streamTransactions({ rows, days: dayCount, seed, world, batchRows: ROWS_AT_ONCE });
  const task = progress.task('Simulating', { total: rows, unit: 'rows' });
  let [written, frauds] = [0, 0];
  const counted = function* () {
    for (const table of tables) {
      yield table;
      signal.throwIfAborted();
      written += table.rowCount;
      frauds += table.flag('TX_FRAUD').reduce((sum, flag) => sum + flag, 0);
      task.advance(table.rowCount);
    }
  };
  try {
    await writeTransactions(file, counted());
  } catch (error) {
    task.fail();
    throw error;
  }
  task.done();
  print(`${file}: ${countText(written)} transactions, ${percentText(frauds / written)} fraud\n`);
}

async function validate({ words, options, switches, print, style, progress, signal }: CommandContext): Promise<void> {
  const given = await transactionsOf(options['transactions']);
  const definition = given ?? handbookTransactions;
  const rules = options['rules'] === undefined ? [] : rulesFromJson(await readJson(options['rules']));
  const reading = readTransactions(words['file']!, definition, { progress, signal });
  const table = await (given ? reading : reading.catch(hintAtTransactions));
  const report = validateTransactions(table, definition, { rules });
  const quarantine = options['quarantine'];
  if (quarantine !== undefined) await writeTransactions(quarantine, report.quarantined);
  if (!report.passed) process.exitCode = 1;
  if (switches.has('json')) return print(`${JSON.stringify(report.toJson(), null, 2)}\n`);
  const [verdict = '', ...lines] = report.toText().split('\n');
  const marked = lines.map((line) =>
    line.replace(/^[✓✗!](?= )/, (mark) => style(mark === '✓' ? 'good' : mark === '!' ? 'warning' : 'bad', mark)),
  );
  print(`${[verdict.replace(/^\w+/, (word) => style(report.passed ? 'good' : 'bad', word)), ...marked].join('\n')}\n`);
  if (quarantine !== undefined) print(`\n${countText(report.quarantined.rowCount)} rows in ${quarantine}\n`);
}

/** A file without the handbook's columns is another file, not a bad one. */
function hintAtTransactions(error: unknown): never {
  if (!(error instanceof FeatureError && error.code === 'MISSING_COLUMN')) throw error;
  throw new UsageError(
    `${error.message}. These are the handbook's columns; name others with --transactions: payments for a file of data simulate --world payments, else a JSON file that data infer --json wrote.`,
  );
}

async function profile(context: CommandContext): Promise<void> {
  const { words, options, switches, print, style, progress, signal } = context;
  const file = words['file']!;
  const definition = (await transactionsOf(options['transactions'])) ?? (await inferredFrom(context));
  const table = await readTransactions(file, definition, { progress, signal });
  const found = profileTable(table, { definition });
  const page = options['out'];
  if (page !== undefined) {
    await writeWholeFile(page, profileHtml(found, { title: file }));
  }
  if (switches.has('json')) return print(`${JSON.stringify(found, null, 2)}\n`);
  const size = `${countText(table.rowCount)} rows, ${countText(table.columnNames.length)} columns`;
  print(`${style('heading', file)}: ${size}\n\n${profileText(found, style)}`);
  if (page !== undefined) print(`\npage: ${page}\n`);
}

async function inferredFrom({ words, progress, signal }: CommandContext): Promise<TransactionsDefinition> {
  const task = progress.task('Finding out the columns');
  try {
    const { definition } = inferTransactions(await readSample(words['file']!, { signal }));
    task.done();
    return definition;
  } catch (error) {
    task.fail();
    throw error;
  }
}

async function infer({ words, options, switches, print, style, signal }: CommandContext): Promise<void> {
  const { time, arrival, label, id, amount, entities, 'known-at': knownAt } = options;
  const given: InferTransactionsOptions = {
    labelDelayMs: days(Number(options['label-days'])),
    ...(time !== undefined && { time }),
    ...(arrival !== undefined && { arrival }),
    ...(label !== undefined && { label }),
    ...(knownAt !== undefined && { knownAt }),
    ...(id !== undefined && { id }),
    ...(amount !== undefined && { amount }),
    ...(entities !== undefined && { entities: entities.split(',').map((name) => name.trim()) }),
  };
  const proposal = inferTransactions(await readSample(words['file']!, { signal }), given);
  if (switches.has('json')) return print(`${JSON.stringify(proposal.definition.toJson(), null, 2)}\n`);
  if (!switches.has('reasons')) return print(proposal.toSource());
  const rows = proposal.roles.map(({ role, field, chosen, reasons }) => [
    role,
    chosen ? style('good', plainText(field)) : plainText(field),
    chosen ? style('good', '✓') : '',
    reasons.join('; '),
  ]);
  print(`${renderTable([{ title: 'role' }, { title: 'field' }, { title: '' }, { title: 'because' }], rows)}\n`);
}
