/**
 * An answer of a store, written down so that it can be given again later: whole or not at all. The layout is
 *
 * ```
 * <the blob's bytes><header: canonical JSON><length of the header: 4 bytes, little endian><SHA-256 of header and length: 32 bytes>
 * ```
 *
 * and the header holds the SHA-256 of the bytes, so any changed bit is found.
 */
import { createHash } from 'node:crypto';
import { canonicalJson, sha256Hex } from './canonical-json.js';

/** What is known beside the bytes. */
interface AnswerHeader {
  /** What was asked: a key, or the prefix of a list. */
  readonly question: string;
  /** Whether there was nothing. */
  readonly absent: boolean;
  /** Of the blob; empty for a list. */
  readonly etag: string;
  readonly modifiedMs: number;
  /** The call that was answered; see `told-answers.ts`. Answers written before there was this are reads that took no time. */
  readonly by: string;
  readonly started: number;
  readonly ended: number;
  readonly askedMs: number;
  readonly answeredMs: number;
  readonly isWrite: boolean;
  /** SHA-256 of the bytes. */
  readonly sha256: string;
}

/** An answer that was written down. */
export interface StoredAnswer extends AnswerHeader {
  readonly bytes: Uint8Array;
}

const TRAILER_BYTES = 36;

/** The answer as bytes. */
export function encodeAnswer(answer: Omit<StoredAnswer, 'sha256'>): Uint8Array {
  const { bytes, ...others } = answer;
  const header = new TextEncoder().encode(canonicalJson({ ...others, sha256: sha256Hex(bytes) }));
  const encoded = new Uint8Array(bytes.length + header.length + TRAILER_BYTES);
  encoded.set(bytes);
  encoded.set(header, bytes.length);
  const end = bytes.length + header.length;
  new DataView(encoded.buffer).setUint32(end, header.length, true);
  encoded.set(digestOf(encoded.subarray(bytes.length, end + 4)), end + 4);
  return encoded;
}

/** The answer that was written down for this question; undefined when the bytes are damaged, or answer another one. */
export function decodeAnswer(encoded: Uint8Array, question: string): StoredAnswer | undefined {
  const end = encoded.length - TRAILER_BYTES;
  if (end < 0) return undefined;
  const headerLength = new DataView(encoded.buffer, encoded.byteOffset).getUint32(end, true);
  if (headerLength > end) return undefined;
  const sealed = encoded.subarray(end - headerLength, end + 4);
  if (!Buffer.from(digestOf(sealed)).equals(encoded.subarray(end + 4))) return undefined;
  const header = JSON.parse(new TextDecoder().decode(sealed.subarray(0, headerLength))) as AnswerHeader;
  const bytes = encoded.subarray(0, end - headerLength);
  if (header.question !== question || sha256Hex(bytes) !== header.sha256) return undefined;
  const unknown = { by: '', started: 0, ended: 0, askedMs: header.answeredMs, isWrite: false };
  return { ...unknown, ...header, bytes };
}

function digestOf(bytes: Uint8Array): Uint8Array {
  return createHash('sha256').update(bytes).digest();
}
