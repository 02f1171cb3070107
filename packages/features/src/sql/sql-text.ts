/** Names, text and whole numbers as they stand in SQL: quoted, so that whatever they hold stays a name or a value. */
import { FeatureError } from '../feature-error.js';

/** A name in double quotes. @throws {FeatureError} INVALID_OPTION for an empty name or one with a NUL character */
export function sqlName(name: string): string {
  requireNoNul(name);
  if (name === '') throw new FeatureError('INVALID_OPTION', 'featuresToSql: a name is empty; name the table or the column');
  return `"${name.replaceAll('"', '""')}"`;
}

/** What the table with the transactions is called in a statement. */
export const SOURCE_TABLE = 'transactions_table';

/** A column of that table. Without the table's name, DuckDB would take a name that is no column for the row of a table of that name. */
export function sqlColumn(name: string): string {
  return `${SOURCE_TABLE}.${sqlName(name)}`;
}

/** Text in single quotes. @throws {FeatureError} INVALID_OPTION for text with a NUL character */
export function sqlText(text: string): string {
  requireNoNul(text);
  return `'${text.replaceAll("'", "''")}'`;
}

/** Databases end a text at the first NUL, which would cut the statement. */
function requireNoNul(text: string): void {
  if (!text.includes('\0')) return;
  const message = `featuresToSql: ${JSON.stringify(text)} holds a NUL character, which SQL can't; rename it`;
  throw new FeatureError('INVALID_OPTION', message, { text });
}

/** The whole number at or below a quotient of whole numbers; SQL's own division goes towards 0. */
export function sqlFloorDivision(dividend: string, divisor: number): string {
  return `((${dividend} - ((${dividend} % ${divisor}) + ${divisor}) % ${divisor}) // ${divisor})`;
}
