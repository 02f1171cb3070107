/** The table of states: its name, its columns, and how keys are kept in it. */
import { createHash } from 'node:crypto';
import { FeatureError } from '@fraudops/features';

/** Leaves room for the name of the index. */
const NAME = /^[A-Za-z_][A-Za-z0-9_]{0,49}$/;
/** Longer keys would not fit into an index. */
const LONGEST_PLAIN_KEY = 500;
/** Any number, so long as nothing else that takes advisory locks uses it. */
const MIGRATION_LOCK = 7_301_944_018_252_061;

/** The quoted name of a table. @throws {FeatureError} INVALID_OPTION */
export function qualifiedName(schema: string, table: string): string {
  return `${quoted('schema', schema)}.${quoted('table', table)}`;
}

function quoted(option: string, name: string): string {
  if (typeof name === 'string' && NAME.test(name)) return `"${name}"`;
  const rule = 'expected 1 to 50 letters of ASCII, digits and "_", without a digit at the beginning';
  throw new FeatureError('INVALID_OPTION', `postgresEntityStates: ${option} is ${JSON.stringify(name)}, ${rule}`, {
    [option]: name,
  });
}

/**
 * Makes schema, table and index where they are missing: one statement, and one process at a time.
 *
 * | column | what it holds |
 * |---|---|
 * | key | see {@link storedKey} |
 * | version | as the writer gave it |
 * | earlier_versions | the beginnings of the SHA-256 sums of the versions before, the latest first |
 * | bytes | as the writer gave them |
 * | expires_at | from when on the state counts as missing |
 */
export function migration(schema: string, table: string): string {
  const name = qualifiedName(schema, table);
  return `DO $migration$ BEGIN
  PERFORM pg_advisory_xact_lock(${MIGRATION_LOCK});
  IF to_regnamespace('"${schema}"') IS NULL THEN
    CREATE SCHEMA "${schema}";
  END IF;
  IF to_regclass('${name}') IS NULL THEN
    CREATE TABLE ${name} (
      key text COLLATE "C" PRIMARY KEY,
      version text NOT NULL,
      earlier_versions text NOT NULL,
      bytes bytea NOT NULL,
      expires_at timestamptz NOT NULL
    );
    CREATE INDEX "${table}_expires_at" ON ${name} (expires_at);
  END IF;
END $migration$`;
}

/**
 * A key as the table keeps it: the key itself, so that a person finds it; or `#` and its SHA-256 when it has over 500 characters, any
 * that are not printable ASCII, which some encodings of databases lack, or `#` at its beginning.
 *
 * @example storedKey('card:596'); // 'card:596'
 * @example storedKey('支付宝'); // '#PcjtNhO7...', 44 characters
 */
export function storedKey(key: string): string {
  if (key.length <= LONGEST_PLAIN_KEY && /^[ !"$-~][ -~]*$/.test(key)) return key;
  return `#${createHash('sha256').update(key).digest('base64url')}`;
}
