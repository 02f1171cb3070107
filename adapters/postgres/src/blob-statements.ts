/**
 * The statements of the blob store. Each is complete in itself: what it must see together it reads in one snapshot, what it must compare
 * before it writes it compares while it writes, and no connection has to remember anything for the next one.
 */
import { MAX_CHANGES } from '@fraudops/core';
import { type BlobTables, CHANGE_TRIGGER, REMEMBERED_TRANSACTIONS } from './blob-tables.js';

/** Bytes of the largest blobs that `getMany` has from its own query: a thousand of them are less than 64 MiB. */
const MOST_BYTES_IN_BULK = 2 ** 16;

const INFO = `key, etag, size_bytes, date_part('epoch', modified_at) * 1000 AS modified_ms`;
const WRITTEN = 'etag, size_bytes, modified_at, sha256, bytes_in, bytes';

/** Texts of all statements, by what they do. */
export type BlobStatements = ReturnType<typeof blobStatements>;

export function blobStatements(tables: BlobTables) {
  const { blobs, chunks, migrations } = tables;
  const place = `etag, encode(sha256, 'hex') AS sha256, bytes_in`;
  const row = `${INFO}, encode(sha256, 'hex') AS sha256, bytes_in`;
  // Values of a put: key, etag, size, SHA-256, where the bytes are, the bytes.
  const values = `$1, $2, $3::bigint, statement_timestamp(), decode($4, 'hex'), $5, $6::bytea`;
  const insert = `INSERT INTO ${blobs} (key, ${WRITTEN}) VALUES (${values})`;
  return {
    get: `SELECT ${row}, bytes FROM ${blobs} WHERE key = $1`,
    getMany: `SELECT ${row}, CASE WHEN size_bytes <= ${MOST_BYTES_IN_BULK} THEN bytes END AS bytes FROM ${blobs} WHERE key = ANY($1::text[])`,
    look: `SELECT ${place} FROM ${blobs} WHERE key = $1`,
    list: `SELECT ${INFO} FROM ${blobs} WHERE key > $1 AND key >= $2 AND key < $3 ORDER BY key LIMIT $4::integer`,
    put: `${insert} ON CONFLICT (key) DO UPDATE SET (${WRITTEN}) = ROW (${excluded()}) RETURNING etag`,
    create: `${insert} ON CONFLICT (key) DO NOTHING RETURNING etag`,
    replace: `UPDATE ${blobs} SET (${WRITTEN}) = ROW (${values.slice('$1, '.length)}) WHERE key = $1 AND etag = $7 RETURNING etag`,
    delete: `DELETE FROM ${blobs} WHERE key = $1 RETURNING ${place}`,
    deleteIf: `DELETE FROM ${blobs} WHERE key = $1 AND etag = $2 RETURNING ${place}`,
    putChunk: `INSERT INTO ${chunks} (etag, n, bytes) VALUES ($1, $2::integer, $3::bytea)`,
    getChunks: `SELECT n, bytes FROM ${chunks} WHERE etag = $1 AND n >= $2::integer AND n < $3::integer ORDER BY n`,
    changes: changes(tables),
    migrated: `SELECT name FROM ${migrations}`,
  } as const;
}

function excluded(): string {
  return WRITTEN.replaceAll(/\w+/g, 'excluded.$&');
}

/**
 * What `store-changes.ts` says, in one snapshot. Values: the place and the transaction of a mark, or nulls; from which key on, and below
 * which. At least one row, unless the table can't tell; columns of changes are null in one that is none, and all but the key in deletions.
 */
function changes({ blobs, deleted }: BlobTables): string {
  const isIn = (table: string) => `here.place = $1 AND $2::bigint >= here.seen - ${REMEMBERED_TRANSACTIONS}
    AND ${table}.changed >= $2::bigint AND ${table}.changed < here.next AND ${table}.key >= $3 AND ${table}.key < $4`;
  const first = `ORDER BY changed LIMIT ${MAX_CHANGES + 1}`;
  return `WITH here AS MATERIALIZED (
  SELECT concat_ws('-', to_char(pg_postmaster_start_time() AT TIME ZONE 'UTC', 'YYYYMMDDHH24MISSUS'), pg_database.oid,
      pg_relation_filenode(tgrelid), pg_trigger.oid) AS place,
    txid_snapshot_xmin(txid_current_snapshot()) AS seen, txid_snapshot_xmax(txid_current_snapshot()) AS next
  FROM pg_trigger, pg_database
  WHERE tgrelid = to_regclass('${blobs}') AND tgname = '${CHANGE_TRIGGER}' AND tgenabled = 'A'
    AND datname = current_database() AND NOT pg_is_in_recovery()
)
SELECT here.place, here.seen::text AS seen, change.* FROM here LEFT JOIN LATERAL (
  (SELECT ${INFO} FROM ${blobs} AS blob WHERE ${isIn('blob')} ${first})
  UNION ALL
  (SELECT key, NULL, NULL, NULL FROM ${deleted} AS gone WHERE ${isIn('gone')}
    AND NOT EXISTS (SELECT FROM ${blobs} AS blob WHERE blob.key = gone.key) ${first})
) AS change ON true`;
}
