/** What the checks of definitions share: looking up fields, and the words of a refusal. */
import { FeatureError } from '../feature-error.js';
import type { TransactionField } from '../transactions/transaction-field.js';
import type { TransactionsDefinition } from '../transactions/transactions.js';

/** What surrounds a definition in its set. */
export interface DefinitionContext {
  readonly transactions: TransactionsDefinition;
  /** Names of all features of the set. */
  readonly names: ReadonlySet<string>;
  /** Longest time that a history may reach back, in milliseconds; undefined when there is no such limit. */
  readonly retentionMs: number | undefined;
}

/** The field of this name. @throws {FeatureError} UNKNOWN_FIELD */
export function requireField(name: string, fieldName: string, { fields }: TransactionsDefinition): TransactionField {
  const found = Object.hasOwn(fields, fieldName) ? fields[fieldName] : undefined;
  if (found) return found;
  const message = `defineFeatures: ${name} uses the field ${fieldName}, which the transactions don't have; they have ${Object.keys(fields).join(', ')}`;
  throw new FeatureError('UNKNOWN_FIELD', message, { feature: name, field: fieldName });
}

/** The field of this name, of one of these kinds and not the label. @throws {FeatureError} UNKNOWN_FIELD, WRONG_KIND */
export function requireKind(
  name: string,
  fieldName: string,
  transactions: TransactionsDefinition,
  kinds: readonly string[],
): TransactionField {
  const found = requireField(name, fieldName, transactions);
  if (!kinds.includes(found.kind)) throw wrongKind(name, fieldName, found.kind, `a ${kinds.join(' or ')}`);
  return found;
}

/** A field of another kind than is needed. */
export function wrongKind(name: string, fieldName: string, kind: string, expected: string): FeatureError {
  const message = `defineFeatures: ${name} uses the field ${fieldName}, which is a ${kind}, expected ${expected}`;
  return new FeatureError('WRONG_KIND', message, { feature: name, field: fieldName, kind });
}

/** A definition that can't mean anything. */
export function invalid(name: string, what: string): FeatureError {
  return new FeatureError('INVALID_DEFINITION', `defineFeatures: ${name || '""'} ${what}`, { feature: name });
}
