/** The option `--transactions`: what the columns of a file are. */
import { type TransactionsDefinition, handbookTransactions, simulatedPayments, transactionsFromJson } from '@fraudops/features';
import { type CommandOption, UsageError } from './command.js';
import { readJson } from './json-file.js';

/** `handbook`, `payments`, or a file. */
export const TRANSACTIONS_OPTION: CommandOption = {
  value: 'WHAT',
  help: 'what the columns are: handbook, payments, or a JSON file that data infer --json or toJson() wrote',
};

/** The definition that `--transactions` names; undefined when it was not given. */
export async function transactionsOf(given: string | undefined): Promise<TransactionsDefinition | undefined> {
  if (given === undefined) return undefined;
  if (given === 'handbook') return handbookTransactions;
  if (given === 'payments') return simulatedPayments;
  const json = await readJson(given);
  if (isFeatureSet(json))
    throw new UsageError(
      `${given} is a set of features, expected a definition of transactions; write one with data infer --json or the definition's toJson().`,
    );
  return transactionsFromJson(json);
}

const isFeatureSet = (json: unknown) => typeof json === 'object' && json !== null && 'transactions' in json && 'features' in json;
