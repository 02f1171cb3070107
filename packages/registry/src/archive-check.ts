/**
 * Checks an archive from its first byte to its last before anything of it is used: the chain of its events and the state they make, each
 * file against the hash that its version recorded, and that there is nothing else.
 */
import { sha256Hex } from '@fraudops/core';
import { type ArchiveManifest, contentsOf, decodeManifest, entryLimit, eventEntryName } from './model-archive.js';
import { type ModelState, emptyModelState, foldEvents } from './model-state.js';
import { RegistryError } from './registry-error.js';
import { type RegistryEvent, decodeEvent } from './registry-event.js';
import { openSealedJson, sealJson } from './sealed-json.js';
import { type TarEntry, type TarSource, invalidArchive, readTar } from './ustar.js';

/** What is known of an archive that was checked. */
export interface CheckedArchive {
  readonly manifest: ArchiveManifest;
  /** The state after its last event, under the name it is imported as. */
  readonly state: ModelState;
  /** SHA-256 of each event's bytes as they will be stored, the first one first. */
  readonly eventHashes: readonly string[];
}

/** An event as it will be stored. */
interface ArchivedEvent {
  readonly seq: number;
  readonly bytes: Uint8Array;
}

/** How an archive is read. */
export interface ArchiveReading {
  readonly source: TarSource;
  readonly maxBytes: number;
  /** The name it is imported as; undefined for its own. */
  readonly as: string | undefined;
}

/** Most bytes of all events together: their state is held in memory. */
const MAX_LOG_BYTES = 256 * 2 ** 20;
/** Events folded at once. */
const STRETCH = 256;

/**
 * Reads an archive through.
 *
 * @throws {RegistryError} INVALID_ARCHIVE, naming what is wrong; LIMIT_EXCEEDED; UNSUPPORTED_EVENT for one that a newer version wrote
 */
export async function checkArchive(reading: ArchiveReading): Promise<CheckedArchive> {
  const parts = partsOf(reading);
  try {
    const { value: first } = await parts.next();
    const manifest = first as ArchiveManifest;
    const own = new ChainCheck(manifest.model);
    const stored = new ChainCheck(reading.as ?? manifest.model);
    while (own.seq < manifest.eventCount) {
      const entry = await nextEntry(parts, eventEntryName(own.seq + 1));
      own.add(entry.bytes);
      stored.add(renamed(entry.bytes, reading.as, stored.head));
    }
    own.end();
    stored.end();
    if (own.head !== manifest.headSha256) throw invalidArchive(`its last event is ${own.head}, expected ${manifest.headSha256}`);
    const contents = contentsOf(own.state);
    if (contents.size !== manifest.contentCount) {
      throw invalidArchive(`its versions have ${contents.size} contents, manifest.json says ${manifest.contentCount}`);
    }
    for (const [sha256, sizeBytes] of contents) requireContent(await nextEntry(parts, `blobs/${sha256}`), sha256, sizeBytes);
    const { done, value } = await parts.next();
    if (!done) throw invalidArchive(`entry ${(value as TarEntry).name} belongs to no version`);
    return { manifest, state: stored.state, eventHashes: stored.hashes };
  } finally {
    await parts.return();
  }
}

/** The events of a checked archive as they will be stored. @throws {RegistryError} INVALID_ARCHIVE when it changed since */
export async function* archivedEvents(reading: ArchiveReading, checked: CheckedArchive): AsyncGenerator<ArchivedEvent> {
  let previous: string | null = null;
  let seq = 0;
  for await (const entry of readTar(reading.source, { maxBytes: reading.maxBytes, entryBytes: entryLimit })) {
    if (entry.name === 'manifest.json') continue;
    if (seq === checked.eventHashes.length) return;
    seq++;
    const bytes: Uint8Array = entry.name === eventEntryName(seq) ? renamed(entry.bytes, reading.as, previous) : entry.bytes;
    previous = sha256Hex(bytes);
    if (previous !== checked.eventHashes[seq - 1]) throw invalidArchive(`event ${seq} changed while it was imported`);
    yield { seq, bytes };
  }
  if (seq < checked.eventHashes.length) throw invalidArchive('it became shorter while it was imported');
}

/** The contents of a checked archive, by their SHA-256. @throws {RegistryError} INVALID_ARCHIVE when it changed since */
export async function* archivedContents(
  { source, maxBytes }: ArchiveReading,
  { state }: CheckedArchive,
): AsyncGenerator<{ sha256: string; bytes: Uint8Array }> {
  const missing = new Map(contentsOf(state));
  for await (const entry of readTar(source, { maxBytes, entryBytes: entryLimit })) {
    if (!entry.name.startsWith('blobs/')) continue;
    const sha256 = entry.name.slice('blobs/'.length);
    requireContent(entry, sha256, missing.get(sha256) ?? -1);
    missing.delete(sha256);
    yield { sha256, bytes: entry.bytes };
  }
  if (missing.size > 0) throw invalidArchive('it became shorter while it was imported');
}

/** First the manifest, then all entries behind it. */
async function* partsOf({ source, maxBytes }: ArchiveReading): AsyncGenerator<ArchiveManifest | TarEntry, void, undefined> {
  let isFirst = true;
  for await (const entry of readTar(source, { maxBytes, entryBytes: entryLimit })) {
    if (isFirst && entry.name !== 'manifest.json') throw invalidArchive(`it begins with ${entry.name}, expected manifest.json`);
    yield isFirst ? decodeManifest(entry.bytes) : entry;
    isFirst = false;
  }
  if (isFirst) throw invalidArchive('it is empty');
}

async function nextEntry(parts: AsyncGenerator<ArchiveManifest | TarEntry, void, undefined>, name: string): Promise<TarEntry> {
  const { done, value } = await parts.next();
  const found = done ? 'its end' : (value as TarEntry).name;
  if (found !== name) throw invalidArchive(`there is ${found}, expected ${name}`, { name, found });
  return value as TarEntry;
}

function requireContent({ name, bytes }: TarEntry, sha256: string, sizeBytes: number): void {
  if (bytes.length !== sizeBytes) throw invalidArchive(`${name} has ${bytes.length} bytes, expected ${sizeBytes}`, { name });
  if (sha256Hex(bytes) !== sha256) throw invalidArchive(`${name} has another SHA-256 than its name`, { name });
}

/** An event under another name, linked to the event before it there. Bytes that are no event stay as they are, to be refused. */
function renamed(bytes: Uint8Array, as: string | undefined, previous: string | null): Uint8Array {
  const opened = as === undefined ? undefined : openSealedJson(bytes);
  return opened && 'content' in opened ? sealJson({ ...opened.content, model: as, previous }) : bytes;
}

/** What work gives; a log that is damaged is an archive that is none. */
function asArchived<Result>(work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof RegistryError) || error.code !== 'CORRUPT_LOG') throw error;
    const { model, seq, reason } = error.details;
    throw invalidArchive(`event ${String(seq)}: ${String(reason)}`, { model, seq });
  }
}

/** The events of one log, each checked with those before it. */
class ChainCheck {
  readonly hashes: string[] = [];
  state: ModelState;
  head: string | null = null;
  #logBytes = 0;
  /** Events that are not in the state yet: each fold copies all versions. */
  #waiting: RegistryEvent[] = [];

  constructor(model: string) {
    this.state = emptyModelState(model);
  }

  add(bytes: Uint8Array): void {
    const at = { model: this.state.model, seq: this.seq + 1 };
    this.#logBytes += bytes.length;
    if (this.#logBytes > MAX_LOG_BYTES) {
      const message = `archive: its events have more than ${MAX_LOG_BYTES} bytes, more are not allowed`;
      throw new RegistryError('LIMIT_EXCEEDED', message, { details: { limit: MAX_LOG_BYTES } });
    }
    const event = asArchived(() => decodeEvent(bytes, at));
    if (event.previous !== this.head) throw invalidArchive(`event ${at.seq} names another SHA-256 than that of the event before`);
    this.#waiting.push(event);
    this.head = sha256Hex(bytes);
    this.hashes.push(this.head);
    if (this.#waiting.length >= STRETCH) this.end();
  }

  /** Brings the state up to the last event. */
  end(): void {
    this.state = asArchived(() => foldEvents(this.state, this.#waiting));
    this.#waiting = [];
  }

  /** Number of the last event. */
  get seq(): number {
    return this.hashes.length;
  }
}
