import type { FileHandle } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import type { ProgressTask, Table } from '@fraudops/core';
import { FeatureError } from '../feature-error.js';
import type { TransactionsDefinition } from '../transactions/transactions.js';
import { CsvRecords } from './csv-records.js';
import { CsvTransactions } from './csv-transactions.js';

/** What {@link readCsv} takes beside the file. */
export interface ReadCsvOptions {
  readonly maxRows: number;
  readonly maxLineBytes: number;
  readonly signal?: AbortSignal | undefined;
  /** Hears of the bytes read, compressed ones for a gzip file. */
  readonly task: ProgressTask;
}

/**
 * Transactions from a CSV file, plain or gzip (told by its first bytes), read as a stream: memory holds the table and a few megabytes
 * beside it. Bytes are inflated on another thread while those before are parsed on this one.
 *
 * @throws {FeatureError} as `readTransactions`, but for an aborted signal, whose reason is thrown
 */
export async function readCsv(
  path: string,
  handle: FileHandle,
  definition: TransactionsDefinition,
  { maxRows, maxLineBytes, signal, task }: ReadCsvOptions,
): Promise<Table> {
  const transactions = new CsvTransactions(path, definition, maxRows);
  const records = new CsvRecords(path, maxLineBytes, (record) => transactions.take(record));
  try {
    await readChunks(handle, task, signal, (chunk) => records.push(chunk));
  } catch (error) {
    throw isGzipError(error) && !signal?.aborted ? damagedGzip(path, error) : error;
  }
  records.end();
  return transactions.finish();
}

/** Big chunks cost fewer trips between the thread that inflates and this one. */
const CHUNK_BYTES = 1 << 20;

async function readChunks(
  handle: FileHandle,
  task: ProgressTask,
  signal: AbortSignal | undefined,
  onChunk: (chunk: Uint8Array) => void,
): Promise<void> {
  const { buffer: magic, bytesRead } = await handle.read(Buffer.alloc(2), 0, 2, 0);
  const isGzip = bytesRead === 2 && magic[0] === 0x1f && magic[1] === 0x8b;
  const source = handle.createReadStream({ start: 0, highWaterMark: CHUNK_BYTES, autoClose: false });
  const counted = async function* (chunks: AsyncIterable<Buffer>) {
    for await (const chunk of chunks) {
      task.advance(chunk.length);
      yield chunk;
    }
  };
  const consume = async (chunks: AsyncIterable<Buffer>) => {
    for await (const chunk of chunks) onChunk(chunk);
  };
  const whenAborted = signal ? { signal } : {};
  if (isGzip) await pipeline(source, counted, createGunzip({ chunkSize: CHUNK_BYTES }), consume, whenAborted);
  else await pipeline(source, counted, consume, whenAborted);
}

function isGzipError(error: unknown): boolean {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' && code.startsWith('Z_');
}

function damagedGzip(path: string, cause: unknown): FeatureError {
  const reason = (cause as Error).message;
  return new FeatureError(
    'INVALID_FILE',
    `${path}: the gzip stream is damaged or ends early (${reason}); copy or download the file again`,
    { file: path, reason },
    cause,
  );
}
