/**
 * The statements of the blob store. Each is complete in itself: what it must see together it reads in one snapshot, what it must compare
 * before it writes it compares while it writes, and no connection has to remember anything for the next one.
 */
import type { BlobTables } from './blob-tables.js';

/** Bytes of the largest blobs that `getMany` has from its own query: a thousand of them are less than 64 MiB. */
const MOST_BYTES_IN_BULK = 2 ** 16;

const INFO = `key, etag, size_bytes, date_part('epoch', modified_at) * 1000 AS modified_ms`;
const WRITTEN = 'etag, size_bytes, modified_at, sha256, bytes_in, bytes';

/** Texts of all statements, by what they do. */
export type BlobStatements = ReturnType<typeof blobStatements>;

export function blobStatements({ blobs, chunks, migrations }: BlobTables) {
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
    migrated: `SELECT name FROM ${migrations}`,
  } as const;
}

function excluded(): string {
  return WRITTEN.replaceAll(/\w+/g, 'excluded.$&');
}
