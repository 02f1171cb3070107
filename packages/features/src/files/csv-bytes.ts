/**
 * The bytes of a CSV file, plain or gzip (told by its first bytes), a megabyte at a time. Bytes are inflated on another thread while those
 * before are dealt with on this one.
 */
import type { FileHandle } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { FeatureError } from '../feature-error.js';

/** What {@link readCsvBytes} takes beside the file. */
export interface ReadCsvBytesOptions {
  readonly signal?: AbortSignal | undefined;
  /** Hears how many bytes were read, compressed ones of a gzip file. */
  readonly onRead?: (bytes: number) => void;
}

/** Big chunks cost fewer trips between the thread that inflates and this one. */
const CHUNK_BYTES = 1 << 20;

/**
 * @param path of the file, for messages
 * @param onChunk takes the bytes in order; what it throws ends the reading
 * @throws {FeatureError} INVALID_FILE for a damaged gzip stream; the reason of an aborted signal; what `onChunk` throws
 */
export async function readCsvBytes(
  path: string,
  handle: FileHandle,
  onChunk: (chunk: Uint8Array) => void,
  { signal, onRead }: ReadCsvBytesOptions,
): Promise<void> {
  const { buffer: magic, bytesRead } = await handle.read(Buffer.alloc(2), 0, 2, 0);
  const isGzip = bytesRead === 2 && magic[0] === 0x1f && magic[1] === 0x8b;
  const source = handle.createReadStream({ start: 0, highWaterMark: CHUNK_BYTES, autoClose: false });
  const counted = async function* (chunks: AsyncIterable<Buffer>) {
    for await (const chunk of chunks) {
      onRead?.(chunk.length);
      yield chunk;
    }
  };
  const consume = async (chunks: AsyncIterable<Buffer>) => {
    for await (const chunk of chunks) onChunk(chunk);
  };
  const whenAborted = signal ? { signal } : {};
  try {
    if (isGzip) await pipeline(source, counted, createGunzip({ chunkSize: CHUNK_BYTES }), consume, whenAborted);
    else await pipeline(source, counted, consume, whenAborted);
  } catch (error) {
    throw isGzipError(error) && !signal?.aborted ? damagedGzip(path, error) : error;
  }
}

function isGzipError(error: unknown): boolean {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' && code.startsWith('Z_');
}

function damagedGzip(path: string, cause: unknown): FeatureError {
  const reason = (cause as Error).message;
  const message = `${path}: the gzip stream is damaged or ends early (${reason}); copy or download the file again`;
  return new FeatureError('INVALID_FILE', message, { file: path, reason }, cause);
}
