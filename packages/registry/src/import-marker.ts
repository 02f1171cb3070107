/**
 * Hides a model while its history is being imported: the marker `models/<name>/log/~importing` lies beside the events, behind the last in order.
 *
 * It is written before the first event and deleted after the last. So a listing of the log that meets an imported event meets the marker
 * too, and who finds the first event finds it when looking then, unless the import has ended since. A reader that knows no event of the model
 * looks, and sees nothing of it until all of it is there. The marker names the first event: when somebody else's came first, it hides nothing.
 */
import { type BlobStore, sha256Hex } from '@fraudops/core';
import { z } from 'zod';
import { countField, sha256Field } from './bounded-fields.js';
import { RegistryError } from './registry-error.js';
import { eventKey, logPrefix } from './registry-event.js';
import { openSealedJson, sealJson } from './sealed-json.js';

/** The import that hides a model. */
export interface ImportMarker {
  readonly eventCount: number;
  /** SHA-256 of the first event's bytes. */
  readonly firstSha256: string;
  /** SHA-256 of the last event's bytes. */
  readonly headSha256: string;
}

const markerSchema = z.object({
  format: z.literal(1),
  eventCount: countField,
  firstSha256: sha256Field,
  headSha256: sha256Field,
});

/** The key of a model's marker. */
export function importMarkerKey(model: string): string {
  return `${logPrefix(model)}~importing`;
}

/** The bytes of a marker; the same for the same import. */
export function encodeImportMarker(marker: ImportMarker): Uint8Array {
  return sealJson({ format: 1, ...marker });
}

/** The import that hides a model, if one does. @throws {RegistryError} CORRUPT_LOG when the marker is damaged */
export async function hidingImport(store: BlobStore, model: string): Promise<ImportMarker | undefined> {
  const stored = await store.get(importMarkerKey(model));
  if (!stored) return undefined;
  const opened = openSealedJson(stored.bytes);
  const parsed = 'damage' in opened ? undefined : markerSchema.safeParse(opened.content);
  if (!parsed?.success) {
    const message = `model ${model}: ${importMarkerKey(model)} is damaged; delete it if no import is under way`;
    throw new RegistryError('CORRUPT_LOG', message, { details: { model, key: importMarkerKey(model) } });
  }
  const { eventCount, firstSha256, headSha256 } = parsed.data;
  const first = await store.get(eventKey(model, 1));
  return first && sha256Hex(first.bytes) !== firstSha256 ? undefined : { eventCount, firstSha256, headSha256 };
}

/** The error for who wants to write to a model whose import is under way. */
export function importUnderWay(model: string, { headSha256 }: ImportMarker): RegistryError {
  const message = `model ${model} is being imported (its last event will be ${headSha256}); try again when that has ended, or import the same file again if it died`;
  return new RegistryError('CONTENTION', message, { details: { model, headSha256 } });
}
