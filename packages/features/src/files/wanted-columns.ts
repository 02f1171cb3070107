/** Which columns of a typed file become columns of the table, in which order and as which kinds. */
import type { ColumnKind } from '@fraudops/core';
import { FeatureError } from '../feature-error.js';
import type { TransactionsDefinition } from '../transactions/transactions.js';
import { type FileColumn, inferredKind } from './file-column.js';

/** Kinds by name, for the columns that a file has. */
export type ChooseColumns = (file: string, columns: readonly FileColumn[]) => Readonly<Record<string, ColumnKind>>;

/**
 * The columns of a definition, in its order; those it doesn't know are ignored, and those of fields that aren't required may be absent.
 *
 * @throws {FeatureError} MISSING_COLUMN, INVALID_FILE for a column that comes twice
 */
export function columnsOfDefinition({ kinds, fields }: TransactionsDefinition): ChooseColumns {
  return (file, columns) => {
    const names = columns.map(({ name }) => name);
    const present = Object.keys(kinds).filter((name) => {
      requireOnce(file, names, name);
      if (names.includes(name)) return true;
      if (!fields[name]!.required) return false;
      throw missing(file, names, name);
    });
    return Object.fromEntries(present.map((name) => [name, kinds[name]!]));
  };
}

/**
 * The columns that are named, in that order, or all columns with the kinds that fit their types.
 *
 * @throws {FeatureError} MISSING_COLUMN, WRONG_KIND for a type that no kind can hold, INVALID_FILE for a column that comes twice
 */
export function columnsOfKinds(kinds: Readonly<Record<string, ColumnKind>> | undefined): ChooseColumns {
  return (file, columns) => {
    const names = columns.map(({ name }) => name);
    if (kinds) {
      for (const name of Object.keys(kinds)) {
        requireOnce(file, names, name);
        if (!names.includes(name)) throw missing(file, names, name);
      }
      return kinds;
    }
    for (const name of names) {
      requireOnce(file, names, name);
      requireUsable(file, name);
    }
    return Object.fromEntries(columns.map((column) => [column.name, inferredKind(file, column)]));
  };
}

function requireOnce(file: string, names: readonly string[], name: string): void {
  if (names.indexOf(name) === names.lastIndexOf(name)) return;
  throw new FeatureError('INVALID_FILE', `${file}: column ${name} comes twice; rename one`, { file, column: name });
}

/** A table has no such columns; those of a definition or of given kinds have other names. */
function requireUsable(file: string, name: string): void {
  if (name !== '' && name !== '__proto__') return;
  const message = `${file}: a column is called ${JSON.stringify(name)}, which a table can't have; rename it, or say which columns to read`;
  throw new FeatureError('INVALID_FILE', message, { file, column: name });
}

function missing(file: string, names: readonly string[], name: string): FeatureError {
  const shown = names.join(', ');
  const message = `${file}: no column ${name}; the file has ${shown.length > 100 ? `${shown.slice(0, 100)}...` : shown || 'none'}`;
  return new FeatureError('MISSING_COLUMN', message, { file, column: name });
}
