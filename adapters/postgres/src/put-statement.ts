/**
 * The statement that writes states: one for each number of states, without anything that a session would have to remember, so that
 * poolers such as pgbouncer may give it to any connection.
 *
 * It locks the states that exist, in order of their keys, and judges them. If every state has the version it must have, it creates the
 * missing ones, in order of their keys, and only when it created all of them does it change the others. When another writer created one
 * of them at the same time, the statement fails with LOST_CREATION and leaves nothing behind; run again, it sees the other's state.
 *
 * No deadlocks: whoever waits for a lock on a state holds locks on lower keys only, whoever waits for a creation has created lower keys
 * only, and creations wait for no lock. Changes come last and wait for nothing, for their locks are held.
 */
import { ENTITY_STATE_LIMITS } from '@fraudops/features';

/** 12 hexadecimal digits of a version's SHA-256 and a space: two versions have the same mark once in 2^48 pairs. */
const MARKS_LENGTH = 13 * ENTITY_STATE_LIMITS.rememberedVersions;

/** In the message of the error that ends the statement. */
const LOST_CREATION = 'another writer created a state at the same time';

/** Values of one state in a put: the key, the version it must have or null, the new version, its bytes, its time to live in ms. */
export type PutValues = readonly [
  storedKey: string,
  ifVersion: string | null,
  version: string,
  bytes: Uint8Array,
  expiresAfterMs: number,
];

/**
 * The text for a number of states; its parameters are their {@link PutValues}, one after the other. It answers one row with
 * `is_written`: true when all were written now or before.
 */
export function putStatement(table: string, states: number): string {
  const given = Array.from({ length: states }, (_, i) => givenRow(5 * i + 1)).join(', ');
  return `WITH given (key, if_version, version, bytes, expires_at) AS (VALUES ${given}),
found AS MATERIALIZED (
  SELECT state.key, state.version, state.earlier_versions, state.expires_at > statement_timestamp() AS is_live
  FROM ${table} AS state
  WHERE state.key IN (SELECT key FROM given)
  ORDER BY state.key
  FOR UPDATE
), judged AS MATERIALIZED (
  SELECT
    bool_or(coalesce(given.version = found.version OR strpos(found.earlier_versions, ${mark('given.version')}) > 0, false)) AS is_done,
    bool_and(given.if_version IS NOT DISTINCT FROM CASE WHEN found.is_live THEN found.version END) AS is_unchanged,
    count(*) FILTER (WHERE found.key IS NULL) AS missing
  FROM given LEFT JOIN found ON found.key = given.key
), created AS (
  INSERT INTO ${table} (key, version, earlier_versions, bytes, expires_at)
  SELECT given.key, given.version, '', given.bytes, given.expires_at
  FROM given, judged
  WHERE judged.is_unchanged AND NOT judged.is_done AND given.key NOT IN (SELECT key FROM found)
  ORDER BY given.key
  ON CONFLICT (key) DO NOTHING
  RETURNING key
), changed AS (
  UPDATE ${table} AS state
  SET version = given.version, bytes = given.bytes, expires_at = given.expires_at,
    earlier_versions = left(${mark('state.version')} || ' ' || state.earlier_versions, ${MARKS_LENGTH})
  FROM given, judged
  WHERE state.key = given.key AND given.key IN (SELECT key FROM found)
    AND judged.is_unchanged AND NOT judged.is_done AND judged.missing = (SELECT count(*) FROM created)
)
SELECT CASE
  WHEN is_done THEN true
  WHEN NOT is_unchanged THEN false
  WHEN (SELECT count(*) FROM created) = missing THEN true
  ELSE ('${LOST_CREATION}, one of ' || missing)::boolean
END AS is_written
FROM judged`;
}

/** Whether a put failed because another writer created one of its states at the same time; nothing was written then. */
export function isLostCreation(error: unknown): boolean {
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown };
  return code === '22P02' && typeof message === 'string' && message.includes(LOST_CREATION);
}

function givenRow(first: number): string {
  const [key, ifVersion, version, bytes, expiresAfterMs] = [0, 1, 2, 3, 4].map((i) => `$${first + i}`);
  const expiresAt = `statement_timestamp() + ${expiresAfterMs}::float8 * interval '1 millisecond'`;
  return `(${key}::text COLLATE "C", ${ifVersion}::text, ${version}::text, ${bytes}::bytea, ${expiresAt})`;
}

function mark(version: string): string {
  return `left(encode(sha256(convert_to(${version}, 'UTF8')), 'hex'), 12)`;
}
