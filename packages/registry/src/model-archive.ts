/**
 * A model with its history as one file: a plain tar (`ustar.ts`), which any `tar` unpacks, of
 *
 * ```
 * manifest.json              sealed JSON: the model's name, the number of its events, the SHA-256 of the last
 * log/00000001.json, ...     all events, byte for byte, the first one first
 * blobs/<sha256>, ...        the files of all versions that were not deleted, each content once, in order of their hashes
 * ```
 *
 * The same history gives the same bytes, wherever it is exported. This module writes archives and says what must hold of one; who reads one
 * for an import is `model-import.ts`.
 */
import { type BlobStore, type OptionKinds, sha256Hex } from '@fraudops/core';
import { z } from 'zod';
import { ARTIFACT_LIMITS } from './artifact.js';
import { loadArtifact } from './artifact-store.js';
import { countField, requireShape, sha256Field } from './bounded-fields.js';
import { requireName } from './entity-name.js';
import { requireOptions } from './known-options.js';
import { readLog, readRawLog } from './log-reader.js';
import { type ModelState, emptyModelState, foldEvents, livingVersions } from './model-state.js';
import { notFound } from './promotion.js';
import { RegistryError } from './registry-error.js';
import { MAX_EVENT_BYTES, corruptLog } from './registry-event.js';
import { openSealedJson, sealJson } from './sealed-json.js';
import { invalidArchive, tarEnd, tarEntry } from './ustar.js';

/** What an archive says of itself. */
export interface ArchiveManifest {
  readonly model: string;
  readonly eventCount: number;
  /** SHA-256 of the last event's bytes; it stands for the whole history, see `VerifyReport`. */
  readonly headSha256: string;
  /** Contents of files. */
  readonly contentCount: number;
}

/** Largest manifest, in bytes. */
const MAX_MANIFEST_BYTES = 64 * 1024;
/** Largest archive that {@link exportModelBytes} makes, unless told otherwise. */
const DEFAULT_MAX_BYTES = 2 ** 30;

const manifestSchema = z.object({
  format: z.literal(1),
  kind: z.literal('fraudops-model'),
  model: z.string(),
  eventCount: countField.min(1),
  headSha256: sha256Field,
  contentCount: countField,
});

/**
 * A model with its history and the files of its versions as one file, in stretches, one file of a version in memory at a time. Events that
 * are written meanwhile are left out.
 *
 * @throws {RegistryError} INVALID_NAME, NOT_FOUND; CORRUPT_LOG and CORRUPT_ARTIFACT, naming what is damaged
 * @example await pipeline(exportModel(store, 'fraud'), createWriteStream('fraud.tar'));
 */
export async function* exportModel(store: BlobStore, name: string): AsyncGenerator<Uint8Array, void, undefined> {
  requireName('model', name);
  let state = emptyModelState(name);
  let headSha256: string | null = null;
  for await (const { events, end } of readLog(store, name)) {
    state = foldEvents(state, events);
    headSha256 = end.hash;
  }
  if (headSha256 === null) throw notFound(name);
  const contents = contentsOf(state);
  const manifest = { model: name, eventCount: state.seq, headSha256, contentCount: contents.size };
  yield* tarEntry('manifest.json', sealJson({ format: 1, kind: 'fraudops-model', ...manifest }));
  yield* logEntries(store, manifest);
  for (const [sha256, sizeBytes] of contents) {
    yield* tarEntry(
      `blobs/${sha256}`,
      await loadArtifact(store, `model ${name}`, { path: `blobs/${sha256}`, sha256, sizeBytes }),
    );
  }
  yield tarEnd();
}

const EXPORT_OPTIONS: OptionKinds<{ readonly maxBytes?: number }> = { maxBytes: 'checked' };

/** The whole archive at once. @throws {RegistryError} as {@link exportModel}; LIMIT_EXCEEDED above `maxBytes`, 1 GiB unless given */
export async function exportModelBytes(
  store: BlobStore,
  name: string,
  options: { readonly maxBytes?: number } = {},
): Promise<Uint8Array> {
  requireOptions('exportModelBytes', options, EXPORT_OPTIONS);
  const maxBytes = requireShape('exportModelBytes', countField, options.maxBytes ?? DEFAULT_MAX_BYTES, 'maxBytes');
  const parts: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const part of exportModel(store, name)) {
    sizeBytes += part.length;
    if (sizeBytes > maxBytes) {
      const message = `exportModelBytes: model ${name} has more than ${maxBytes} bytes; write what exportModel gives to a file`;
      throw new RegistryError('LIMIT_EXCEEDED', message, { details: { model: name, limit: maxBytes } });
    }
    parts.push(part);
  }
  const bytes = new Uint8Array(sizeBytes);
  let end = 0;
  for (const part of parts) {
    bytes.set(part, end);
    end += part.length;
  }
  return bytes;
}

/** The contents that the versions of a state need, with their sizes, in order of their hashes. */
export function contentsOf(state: ModelState): ReadonlyMap<string, number> {
  const files = livingVersions(state).flatMap((version) => version.files);
  const sizes = new Map(files.map(({ sha256, sizeBytes }) => [sha256, sizeBytes]));
  return new Map([...sizes].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** The name of an event's entry. */
export function eventEntryName(seq: number): string {
  return `log/${String(seq).padStart(8, '0')}.json`;
}

/** Most bytes of the entry of a name; undefined for names that have no place in an archive. */
export function entryLimit(name: string): number | undefined {
  if (name === 'manifest.json') return MAX_MANIFEST_BYTES;
  if (/^log\/\d{8}\.json$/.test(name)) return MAX_EVENT_BYTES;
  return /^blobs\/[0-9a-f]{64}$/.test(name) ? ARTIFACT_LIMITS.fileBytes : undefined;
}

/** What an archive says of itself. @throws {RegistryError} INVALID_ARCHIVE */
export function decodeManifest(bytes: Uint8Array): ArchiveManifest {
  const opened = openSealedJson(bytes);
  if ('damage' in opened) throw invalidArchive(`manifest.json: ${opened.damage}`);
  const { format, kind } = opened.content;
  if (kind === 'fraudops-model' && format !== 1) {
    const message = `archive: manifest.json has format ${JSON.stringify(format)}, which this version can't read; upgrade @fraudops/registry`;
    throw new RegistryError('UNSUPPORTED_EVENT', message, { details: { format } });
  }
  const parsed = manifestSchema.safeParse(opened.content);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  throw invalidArchive(`manifest.json: ${issue.path.map(String).join('.')}: ${issue.message}`);
}

async function* logEntries(store: BlobStore, { model, eventCount, headSha256 }: ArchiveManifest): AsyncGenerator<Uint8Array> {
  let last: Uint8Array | undefined;
  for await (const batch of readRawLog(store, model)) {
    for (const { seq, bytes } of batch) {
      if (seq > eventCount) break;
      if (!bytes) throw corruptLog({ model, seq }, 'it is missing');
      yield* tarEntry(eventEntryName(seq), bytes);
      last = bytes;
    }
  }
  if (last && sha256Hex(last) === headSha256) return;
  throw corruptLog({ model, seq: eventCount }, 'it changed while it was exported');
}
