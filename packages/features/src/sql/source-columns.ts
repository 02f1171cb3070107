import type { TransactionsDefinition } from '../transactions/transactions.js';
import { sqlColumn } from './sql-text.js';

/**
 * The columns of the source table that features use, each under a short name of its own, so that no name of the table can be taken for
 * one of the statement. NaN is missing, as NULL is.
 */
export class SourceColumns {
  readonly #transactions: TransactionsDefinition;
  readonly #aliases = new Map<string, string>();

  constructor(transactions: TransactionsDefinition) {
    this.#transactions = transactions;
  }

  /** The short name of a field. */
  alias(field: string): string {
    let alias = this.#aliases.get(field);
    if (alias === undefined) {
      alias = `f${this.#aliases.size}`;
      this.#aliases.set(field, alias);
    }
    return alias;
  }

  /** The fields that were asked for. */
  get fields(): readonly string[] {
    return [...this.#aliases.keys()];
  }

  /** What to select for all fields that were asked for. */
  selected(): string[] {
    return [...this.#aliases].map(([field, alias]) => `${this.#value(field)} AS ${alias}`);
  }

  #value(field: string): string {
    const column = sqlColumn(field);
    switch (this.#transactions.kinds[field]) {
      case 'number':
        return `CASE WHEN isnan(${column}::DOUBLE) THEN NULL ELSE ${column}::DOUBLE END`;
      case 'flag':
        return `${column}::BOOLEAN`;
      case 'category':
        return `${column}::VARCHAR`;
      default:
        return `epoch_ms(${column})`;
    }
  }
}
