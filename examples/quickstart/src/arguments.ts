import { parseArgs } from 'node:util';
import { LEAST_DAYS } from './timeline.js';

/** What the program was asked to do. */
export interface Settings {
  /** CSV(.gz) of transactions in the handbook's columns; undefined simulates. */
  readonly data: string | undefined;
  /** Transactions to simulate. */
  readonly rows: number;
  readonly seed: number;
  readonly port: number;
  /** Folder of models, runs and reports. */
  readonly store: string;
  /** Where to write the results as JSON. */
  readonly json: string | undefined;
  /** End after the loop instead of serving on. */
  readonly once: boolean;
}

export const HELP = `The whole loop of a fraud team in one process: transactions in, a trained and registered model serving over HTTP,
drift found, and a better model promoted while the API keeps answering.

Usage: npm start -- [options]

  --once         end after the loop; otherwise the API keeps running until Ctrl-C
  --data FILE    use real transactions: a CSV or CSV.gz with the columns TRANSACTION_ID, TX_DATETIME, CUSTOMER_ID,
                 TERMINAL_ID, TX_AMOUNT, TX_FRAUD; at least ${LEAST_DAYS} days. Without it, transactions are simulated.
  --rows N       transactions to simulate, 20000 to 5000000 (default 100000)
  --seed N       seed of all randomness, 0 or more (default 7)
  --port N       port of the API, 0 for any free one (default 3000)
  --store DIR    folder of models, runs and reports; a second start goes on from it (default .fraudops)
  --json FILE    also write the results as JSON
  --help         this text
`;

/** The command line was wrong; the message says what and how it is right. */
export class UsageError extends Error {}

const OPTIONS = {
  once: { type: 'boolean', default: false },
  data: { type: 'string' },
  rows: { type: 'string', default: '100000' },
  seed: { type: 'string', default: '7' },
  port: { type: 'string', default: '3000' },
  store: { type: 'string', default: '.fraudops' },
  json: { type: 'string' },
  help: { type: 'boolean', default: false },
} as const;

/**
 * @param words the command line without the program's name
 * @returns 'help' when that was asked for
 * @throws {UsageError}
 */
export function parseArguments(words: readonly string[]): Settings | 'help' {
  const values = parseWords(words);
  if (values.help) return 'help';
  for (const name of ['data', 'store', 'json'] as const) {
    if (values[name] === '') throw new UsageError(`--${name} is empty, expected a path`);
  }
  return {
    data: values.data,
    rows: wholeNumber('rows', values.rows, 20_000, 5_000_000),
    seed: wholeNumber('seed', values.seed, 0, Number.MAX_SAFE_INTEGER),
    port: wholeNumber('port', values.port, 0, 65_535),
    store: values.store,
    json: values.json,
    once: values.once,
  };
}

function parseWords(words: readonly string[]) {
  try {
    return parseArgs({ args: [...words], options: OPTIONS, strict: true, allowPositionals: false }).values;
  } catch (error) {
    throw new UsageError((error as Error).message.split('. ')[0]);
  }
}

function wholeNumber(name: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= least && value <= most) return value;
  throw new UsageError(`--${name} is ${JSON.stringify(text)}, expected a whole number from ${least} to ${most}`);
}
