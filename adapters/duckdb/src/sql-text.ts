/** Names and text as they stand in DuckDB's SQL: quoted, so that whatever they hold stays a name or a value. */
import { FeatureError } from '@fraudops/features';

/** A table by its name, or by schema and name, or by catalog, schema and name. */
export type TableName = string | readonly string[];

/** @throws {FeatureError} INVALID_OPTION for an empty name or one with a NUL character */
export function quotedName(caller: string, name: TableName): string {
  const parts = typeof name === 'string' ? [name] : name;
  const isUsable = parts.length >= 1 && parts.length <= 3 && parts.every((part) => part !== '' && !part.includes('\0'));
  if (isUsable) return parts.map((part) => `"${part.replaceAll('"', '""')}"`).join('.');
  const message = `${caller}: ${JSON.stringify(name)} names no table or column; a name has characters, and no NUL among them`;
  throw new FeatureError('INVALID_OPTION', message, { name });
}

/** @throws {FeatureError} INVALID_OPTION for text with a NUL character, at which DuckDB would end the statement */
export function quotedText(caller: string, text: string): string {
  if (!text.includes('\0')) return `'${text.replaceAll("'", "''")}'`;
  throw new FeatureError('INVALID_OPTION', `${caller}: ${JSON.stringify(text)} holds a NUL character`, { text });
}
