/**
 * Imports a model from an archive of `exportModel`. Nothing is written before the whole archive was checked. Then the files are written, then
 * the events in their order.
 *
 * A new model is hidden by a marker until its last event is there (`import-marker.ts`), so readers see nothing of it or all; an import
 * that died leaves it hidden, and the same import goes on where that one ended. A model that is there already must have the same history, as far as
 * both go: then the events that it lacks are added one after the other, as if they happened now, and nothing at all when it lacks none.
 */
import { type BlobStore, type OptionKinds, durableLayer, readBlobs, sha256Hex, showValue } from '@fraudops/core';
import { type ArchiveReading, type CheckedArchive, archivedContents, archivedEvents, checkArchive } from './archive-check.js';
import { saveArtifacts, type SavedArtifacts } from './artifact-store.js';
import { countField, requireShape } from './bounded-fields.js';
import { isConflict } from './conflict.js';
import { requireName } from './entity-name.js';
import { encodeImportMarker, hidingImport, importMarkerKey, importUnderWay, type ImportMarker } from './import-marker.js';
import { requireOptions } from './known-options.js';
import { livingVersions } from './model-state.js';
import { putAndLook } from './put-and-look.js';
import { RegistryError } from './registry-error.js';
import { eventKey, logPrefix, seqOfKey } from './registry-event.js';
import { shownValue } from './shown-value.js';
import type { TarSource } from './ustar.js';

/** An archive: its bytes, or a function that gives them from the first to the last each time it is called (it is called up to three times). */
export type ArchiveSource = Uint8Array | TarSource;

/** Options of {@link importModel}. */
export interface ImportOptions {
  /** The name that the model gets; its own unless given. Under another name its events, and their hashes, are others. */
  readonly as?: string;
  /** The SHA-256 of the last event that the archive must have, such as `headSha256` of a `verify` before the export. */
  readonly headSha256?: string;
  /** Largest archive, in bytes. Default 64 GiB. */
  readonly maxBytes?: number;
}

const IMPORT_OPTIONS: OptionKinds<ImportOptions> = { as: 'checked', headSha256: 'checked', maxBytes: 'checked' };

/** What an import did. */
export interface ModelImport {
  readonly model: string;
  /** `created`: there was no such model; `forwarded`: it lacked some events; `unchanged`: it lacked none. */
  readonly outcome: 'created' | 'forwarded' | 'unchanged';
  /** Events that it brought; those of an earlier try that died are among them. */
  readonly eventCount: number;
  /** SHA-256 of the last event's bytes as they are stored. */
  readonly headSha256: string;
  /** Versions that were not deleted. */
  readonly versionCount: number;
}

const DEFAULT_MAX_BYTES = 64 * 2 ** 30;
/** Contents that are saved together: so many, and no more once they have so many bytes. One file of a version may come on top. */
const SAVED_TOGETHER = 64;
const SAVED_TOGETHER_BYTES = 16 * 2 ** 20;

/**
 * Imports a model with its history and files.
 *
 * @throws {RegistryError} INVALID_ARCHIVE for bytes that `exportModel` did not make, or that were changed or cut since; LIMIT_EXCEEDED;
 *   INVALID_NAME, INVALID_ARGUMENT; UNSUPPORTED_EVENT. Nothing is written then
 * @throws {RegistryError} DIVERGED when there is a model of that name with another history; CONTENTION while another import hides it
 * @example
 * await importModel(store, () => createReadStream('fraud.tar'), { as: 'fraud-copy' });
 */
export async function importModel(store: BlobStore, source: ArchiveSource, options: ImportOptions = {}): Promise<ModelImport> {
  requireOptions('importModel', options, IMPORT_OPTIONS);
  if (options.as !== undefined) requireName('model', options.as);
  const maxBytes = requireShape('importModel', countField, options.maxBytes ?? DEFAULT_MAX_BYTES, 'maxBytes');
  const reading = { source: sourceOf(source), maxBytes, as: options.as };
  const checked = await checkArchive(reading);
  const { model } = checked.state;
  requireName('model', model);
  requireHead(checked, options.headSha256);
  // What is near by may be old; all is decided on what there is.
  const target = new ImportTarget(durableLayer(store), model, checked);
  const before = await target.look();
  const eventCount = before === 'unchanged' ? 0 : await target.write(reading);
  return {
    model,
    outcome: before,
    eventCount,
    headSha256: checked.eventHashes.at(-1)!,
    versionCount: livingVersions(checked.state).length,
  };
}

function sourceOf(source: ArchiveSource): TarSource {
  if (source instanceof Uint8Array) return () => [source];
  if (typeof source === 'function') return source;
  const message = `importModel: source is ${showValue(source)}, expected a Uint8Array or a function that gives the bytes`;
  throw new RegistryError('INVALID_ARGUMENT', message, { details: { field: 'source' } });
}

function requireHead({ manifest }: CheckedArchive, expected: string | undefined): void {
  if (expected === undefined || manifest.headSha256 === expected) return;
  const message = `importModel: the archive's last event is ${manifest.headSha256}, expected ${shownValue(expected)}; it holds another history`;
  throw new RegistryError('DIVERGED', message, { details: { headSha256: manifest.headSha256, expected: shownValue(expected) } });
}

/** The place of a model in a store, and the history that it is to get. */
class ImportTarget {
  readonly #store: BlobStore;
  readonly #model: string;
  readonly #checked: CheckedArchive;
  readonly #marker: ImportMarker;
  /** Number of the last event that is there. */
  #last = 0;
  /** Number of the last event before which all are there, as they are in the archive. */
  #whole = 0;
  #isNew = false;

  constructor(store: BlobStore, model: string, checked: CheckedArchive) {
    this.#store = store;
    this.#model = model;
    this.#checked = checked;
    const { eventHashes } = checked;
    this.#marker = { eventCount: eventHashes.length, firstSha256: eventHashes[0]!, headSha256: eventHashes.at(-1)! };
  }

  /** What the import will do. @throws {RegistryError} DIVERGED, CONTENTION */
  async look(): Promise<ModelImport['outcome']> {
    const hiding = await hidingImport(this.#store, this.#model);
    if (hiding && hiding.headSha256 !== this.#marker.headSha256) throw importUnderWay(this.#model, hiding);
    for await (const { key } of this.#store.list(logPrefix(this.#model))) {
      this.#last = Math.max(this.#last, seqOfKey(this.#model, key) ?? 0);
    }
    this.#isNew = hiding !== undefined || this.#last === 0;
    await this.#compare(this.#checked.eventHashes.slice(0, this.#last));
    if (this.#isNew) return 'created';
    return this.#last < this.#marker.eventCount ? 'forwarded' : 'unchanged';
  }

  /** Writes files and events, and gives the number of events written. */
  async write(reading: ArchiveReading): Promise<number> {
    if (this.#isNew) await this.#hide();
    const saved = await this.#saveContents(reading);
    let written = 0;
    for await (const { seq, bytes } of archivedEvents(reading, this.#checked)) {
      saved?.requireFresh();
      if (await this.#append(seq, bytes)) written++;
    }
    if (this.#isNew) await this.#show();
    return written;
  }

  /** @throws {RegistryError} DIVERGED */
  async #compare(hashes: readonly string[]): Promise<void> {
    const keys = hashes.map((_, i) => eventKey(this.#model, i + 1));
    let seq = 0;
    for await (const batch of readBlobs(this.#store, keys)) {
      for (const { blob } of batch) {
        seq++;
        if (blob && sha256Hex(blob.bytes) !== hashes[seq - 1]) throw this.#diverged(seq);
        if (blob && this.#whole === seq - 1) this.#whole = seq;
      }
    }
  }

  /** Writes the files, some at once. Gives those that were written first. */
  async #saveContents(reading: ArchiveReading): Promise<SavedArtifacts | undefined> {
    let first: SavedArtifacts | undefined;
    let contents = new Map<string, Uint8Array>();
    let sizeBytes = 0;
    const save = async () => {
      if (contents.size === 0) return;
      const saved = await saveArtifacts(this.#store, { contents });
      first ??= saved;
      contents = new Map();
      sizeBytes = 0;
    };
    for await (const { sha256, bytes } of archivedContents(reading, this.#checked)) {
      contents.set(sha256, bytes);
      sizeBytes += bytes.length;
      if (contents.size >= SAVED_TOGETHER || sizeBytes >= SAVED_TOGETHER_BYTES) await save();
    }
    await save();
    return first;
  }

  /** Whether the event belongs to what this import brought, now or before it died. */
  async #append(seq: number, bytes: Uint8Array): Promise<boolean> {
    if (!this.#isNew && seq <= this.#last) return false;
    // An import that died wrote it, and it was compared.
    if (seq <= this.#whole) return true;
    const key = eventKey(this.#model, seq);
    const isSame = (found: Uint8Array) => Buffer.from(found).equals(bytes);
    const put = await putAndLook(this.#store, key, bytes, { ifNoneMatch: '*' }, isSame);
    if (put.own) return true;
    // Somebody registered a model of this name while the files were written; the marker does not hide theirs, and goes.
    if (this.#isNew) await this.#show();
    throw this.#diverged(seq);
  }

  async #hide(): Promise<void> {
    const bytes = encodeImportMarker(this.#marker);
    const isSame = (found: Uint8Array) => Buffer.from(found).equals(bytes);
    const put = await putAndLook(this.#store, importMarkerKey(this.#model), bytes, { ifNoneMatch: '*' }, isSame);
    if (put.own) return;
    const hiding = await hidingImport(this.#store, this.#model);
    if (hiding) throw importUnderWay(this.#model, hiding);
    throw this.#diverged(1);
  }

  async #show(): Promise<void> {
    try {
      await this.#store.delete(importMarkerKey(this.#model));
    } catch (error) {
      // The same import, made twice at once.
      if (!isConflict(error)) throw error;
    }
  }

  #diverged(seq: number): RegistryError {
    const message = `model ${this.#model}: its event ${seq} is another than the archive's; import under another name`;
    return new RegistryError('DIVERGED', message, { details: { model: this.#model, seq } });
  }
}
