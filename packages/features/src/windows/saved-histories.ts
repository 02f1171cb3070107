/**
 * All histories as a stream of bytes. First a line of JSON that says of which feature set they are; then for each entity its place in
 * the plan, the lengths of its key and of its history in bytes, four bytes each, its key in UTF-16, and its history; at the end a record
 * that says how many there were, so that a cut stream is noticed.
 */
import { FeatureError } from '../feature-error.js';
import type { EntityHistories } from './entity-histories.js';
import type { FeaturePlan } from './feature-plan.js';
import { decodeHistory, encodeHistory } from './history-bytes.js';

const CHUNK_BYTES = 1 << 20;

const RECORD_BYTES = 12;

/** In the place of an entity's plan: the end. */
const END = 0xffff_ffff;

/** Most bytes of a key or a history. */
const MOST_BYTES = 1 << 28;

/** What a state is of. */
export interface StateOf {
  /** Version of the feature set. */
  readonly version: string;
  readonly latenessMs: number;
}

/** Chunks of about a megabyte. */
export function* savedHistories(
  stateOf: StateOf,
  plan: FeaturePlan,
  histories: readonly EntityHistories[],
): IterableIterator<Uint8Array> {
  const header = new TextEncoder().encode(
    `${JSON.stringify({ format: 'fraudops-feature-state', formatVersion: 1, ...stateOf })}\n`,
  );
  let parts: Uint8Array[] = [header];
  let length = header.length;
  let count = 0;
  for (const [index, each] of histories.entries()) {
    for (const key of each.keys()) {
      const name = Buffer.from(key, 'utf16le');
      const bytes = encodeHistory(plan.entities[index]!, each.open(key)!);
      parts.push(record(index, name.length, bytes.length), name, bytes);
      length += RECORD_BYTES + name.length + bytes.length;
      count++;
      if (length < CHUNK_BYTES) continue;
      yield Buffer.concat(parts);
      parts = [];
      length = 0;
    }
  }
  parts.push(record(END, count, 0));
  yield Buffer.concat(parts);
}

function record(index: number, keyLength: number, length: number): Uint8Array {
  const bytes = new Uint8Array(RECORD_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, index, true);
  view.setUint32(4, keyLength, true);
  view.setUint32(8, length, true);
  return bytes;
}

/** Fills empty histories. @throws {FeatureError} INVALID_FILE */
export function restoreHistories(
  saved: Iterable<Uint8Array>,
  stateOf: StateOf,
  plan: FeaturePlan,
  histories: readonly EntityHistories[],
  keepAtMost: number,
): void {
  const stream = new ByteStream(saved);
  requireHeader(stream.line(), stateOf);
  for (let count = 0; ; count++) {
    const taken = stream.take(RECORD_BYTES);
    const fields = new DataView(taken.buffer, taken.byteOffset, taken.byteLength);
    const index = fields.getUint32(0, true);
    const keyLength = fields.getUint32(4, true);
    if (index === END) {
      if (keyLength !== count || !stream.isAtEnd()) throw damaged('it has another length than it says');
      return;
    }
    const length = fields.getUint32(8, true);
    if (index >= histories.length || keyLength > MOST_BYTES || length > MOST_BYTES) throw damaged('a record makes no sense');
    const key = Buffer.from(stream.take(keyLength)).toString('utf16le');
    const bytes = stream.take(length);
    if (histories[index]!.open(key)) throw damaged(`the entity ${key} comes twice`);
    decodeHistory(plan.entities[index]!, bytes, histories[index]!.openOrCreate(key), keepAtMost);
  }
}

function requireHeader(line: string, { version, latenessMs }: StateOf): void {
  let header: { format?: unknown; formatVersion?: unknown; version?: unknown; latenessMs?: unknown } = {};
  try {
    header = JSON.parse(line) as typeof header;
  } catch {
    // Refused below.
  }
  if (header?.format !== 'fraudops-feature-state' || header.formatVersion !== 1) throw damaged('it has no header of this format');
  if (header.version !== version) {
    const message = `restore: the state is of the feature set ${String(header.version)}, expected ${version}; start from history with backfill`;
    throw new FeatureError('INVALID_FILE', message, { version: String(header.version), expected: version });
  }
  if (header.latenessMs !== latenessMs) {
    const message = `restore: the state was kept with latenessMs ${String(header.latenessMs)}, expected ${latenessMs}; start with the same, or from history with backfill`;
    throw new FeatureError('INVALID_FILE', message, { latenessMs: String(header.latenessMs), expected: latenessMs });
  }
}

/** Takes so many bytes at a time from chunks of any sizes. */
class ByteStream {
  readonly #chunks: Iterator<Uint8Array>;
  #rest: Uint8Array = new Uint8Array();

  constructor(chunks: Iterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.iterator]();
  }

  take(length: number): Uint8Array {
    while (this.#rest.length < length) if (!this.#more()) throw damaged('it ends too early');
    const taken = this.#rest.subarray(0, length);
    this.#rest = this.#rest.subarray(length);
    return taken;
  }

  line(): string {
    for (;;) {
      const end = this.#rest.indexOf(10);
      if (end >= 0) return new TextDecoder().decode(this.take(end + 1));
      if (this.#rest.length > 1000 || !this.#more()) return '';
    }
  }

  isAtEnd(): boolean {
    return this.#rest.length === 0 && !this.#more();
  }

  #more(): boolean {
    const { value, done } = this.#chunks.next();
    if (done) return false;
    this.#rest = this.#rest.length === 0 ? value : Buffer.concat([this.#rest, value]);
    return this.#rest.length > 0 || this.#more();
  }
}

function damaged(what: string): FeatureError {
  return new FeatureError('INVALID_FILE', `restore: the saved state is damaged: ${what}; start from history with backfill`);
}
