import { createHash } from 'node:crypto';
import { type BlobInfo, StoreError, type StoredBlob } from '@fraudops/core';

/** A row of blobs as it is read; sizes and times may come as text, as 8-byte integers do. */
export interface BlobRow {
  readonly key: string;
  readonly etag: string;
  readonly size_bytes: number | string;
  readonly modified_ms: number | string;
  /** Hexadecimal. */
  readonly sha256: string;
  readonly bytes_in: 'row' | 'chunks' | 'store';
  /** Null unless they are in the row, and were asked for. */
  readonly bytes: Uint8Array | null;
}

/** What a list needs of a row. */
export type InfoRow = Pick<BlobRow, 'key' | 'etag' | 'size_bytes' | 'modified_ms'>;

/** A row as it is listed. */
export function infoOf({ key, etag, size_bytes, modified_ms }: InfoRow): BlobInfo {
  return { key, etag, sizeBytes: Number(size_bytes), modifiedMs: Math.floor(Number(modified_ms)) };
}

/** A row's blob, once its bytes are known to be those that were put. @throws {StoreError} CORRUPT, naming the key */
export function verifiedBlob(row: BlobRow, bytes: Uint8Array): StoredBlob {
  if (bytes.length !== Number(row.size_bytes)) throw corruptBlob(row, `it has ${bytes.length} bytes, expected ${row.size_bytes}`);
  if (sha256Of(bytes) !== row.sha256) throw corruptBlob(row, 'its bytes have another SHA-256 than the one stored with them');
  return { bytes, etag: row.etag, modifiedMs: Math.floor(Number(row.modified_ms)) };
}

/** The error for a blob that is no longer what was put. */
export function corruptBlob({ key, etag }: BlobRow, reason: string): StoreError {
  const message = `get ${key}: ${reason}; restore it from a backup, or put it again`;
  return new StoreError('CORRUPT', message, { details: { key, etag, reason } });
}

/** 64 hexadecimal digits. */
export function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
