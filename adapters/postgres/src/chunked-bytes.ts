/** The bytes of large blobs in the table of chunks. */
import type { BlobStatements } from './blob-statements.js';
import type { PgLike } from './postgres-pool.js';

/** Bytes of a chunk; blobs up to this size are kept in their row. */
export const CHUNK_BYTES = 2 ** 20;
/** Chunks read by one query. */
const CHUNKS_AT_ONCE = 8;

/** Writes all chunks of a blob; its row must follow in the same transaction. */
export async function putChunks(
  transaction: PgLike,
  { putChunk }: BlobStatements,
  etag: string,
  bytes: Uint8Array,
): Promise<void> {
  for (let n = 0; n * CHUNK_BYTES < bytes.length; n++) {
    await transaction.query(putChunk, [etag, n, bytes.subarray(n * CHUNK_BYTES, (n + 1) * CHUNK_BYTES)]);
  }
}

/** The bytes of a blob; undefined when chunks are missing, which they are once it was overwritten or deleted. */
export async function getChunks(
  pool: PgLike,
  statements: BlobStatements,
  etag: string,
  sizeBytes: number,
): Promise<Uint8Array | undefined> {
  const bytes = new Uint8Array(sizeBytes);
  const count = Math.ceil(sizeBytes / CHUNK_BYTES);
  for (let first = 0; first < count; first += CHUNKS_AT_ONCE) {
    const end = Math.min(first + CHUNKS_AT_ONCE, count);
    const rows = (await pool.query(statements.getChunks, [etag, first, end])).rows as { n: number; bytes: Uint8Array }[];
    const isWhole = rows.length === end - first && rows.every((row) => row.bytes.length === chunkLength(row.n, sizeBytes));
    if (!isWhole) return undefined;
    for (const row of rows) bytes.set(row.bytes, row.n * CHUNK_BYTES);
  }
  return bytes;
}

function chunkLength(n: number, sizeBytes: number): number {
  return Math.min(CHUNK_BYTES, sizeBytes - n * CHUNK_BYTES);
}
