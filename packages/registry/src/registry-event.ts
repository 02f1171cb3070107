/**
 * The events that a model's log is made of, and how they are written.
 *
 * An event is one object under `models/<name>/log/<seq, 8 digits>.json`: canonical JSON with
 * - `format`: 1
 * - `id`: unique, so that a writer whose answer was lost can tell whether its event is the one that is there
 * - `model`, `seq`: where it belongs; the first event of a model is 1
 * - `type`, `payload`: what happened
 * - `by`, `why`, `atMs`: who, for which reason, when by the writer's clock (clocks differ: the order is that of `seq`)
 * - `previous`: SHA-256 of the bytes of the event before, null for the first
 * - `checksum`: SHA-256 of this event's canonical JSON without this member, so that damage is found in the event it is in, the last too
 *
 * Members this version does not know are kept by the checksum and otherwise ignored; unknown types and formats are refused, since they
 * may change what is in Production.
 */
import { z } from 'zod';
import { countField, labelField, reasonField, sha256Field } from './bounded-fields.js';
import { MAX_TIME_MS } from './epoch-time.js';
import { type EventPayloads, payloadFields } from './event-payloads.js';
import { RegistryError } from './registry-error.js';
import { openSealedJson, sealJson } from './sealed-json.js';

/** What all events have in common. */
export interface EventEnvelope {
  readonly id: string;
  readonly model: string;
  /** 1 for a model's first event, then 2, 3, ... */
  readonly seq: number;
  /** Who did it. */
  readonly by: string;
  /** For which reason; may be empty. */
  readonly why: string;
  /** When, epoch milliseconds by the clock of the one who did it. */
  readonly atMs: number;
  /** SHA-256 of the bytes of the event before; null for the first. */
  readonly previous: string | null;
}

/** An event of one type. */
export interface EventOf<Type extends keyof EventPayloads> extends EventEnvelope {
  readonly type: Type;
  readonly payload: EventPayloads[Type];
}

/** One change of a model's state. */
export type RegistryEvent = { [Type in keyof EventPayloads]: EventOf<Type> }[keyof EventPayloads];

export type RegisteredEvent = EventOf<'registered'>;
export type PromotedEvent = EventOf<'promoted'>;
export type PromotionRefusedEvent = EventOf<'promotion-refused'>;
export type RolledBackEvent = EventOf<'rolled-back'>;

/** Largest event, in bytes. */
export const MAX_EVENT_BYTES = 4 * 2 ** 20;
/** Largest sequence number: the key has 8 digits. */
export const MAX_SEQ = 99_999_999;

const envelope = {
  id: labelField,
  model: z.string(),
  seq: z.number().int().min(1).max(MAX_SEQ),
  by: labelField,
  why: reasonField,
  atMs: countField.max(MAX_TIME_MS),
  previous: sha256Field.nullable(),
};

/** Events as they are stored, by their types. */
const eventFields = Object.fromEntries(
  Object.entries(payloadFields).map(([type, payload]) => [type, z.object({ ...envelope, type: z.literal(type), payload })]),
) as unknown as Readonly<Record<keyof EventPayloads, z.ZodType<RegistryEvent>>>;

/** The key of an event. */
export function eventKey(model: string, seq: number): string {
  return `${logPrefix(model)}${String(seq).padStart(8, '0')}.json`;
}

/** What the keys of a model's events begin with. */
export function logPrefix(model: string): string {
  return `models/${model}/log/`;
}

/** The sequence number that a key of {@link eventKey} holds; undefined for any other key. */
export function seqOfKey(model: string, key: string): number | undefined {
  const digits = /^(\d{8})\.json$/.exec(key.slice(logPrefix(model).length))?.[1];
  return digits && key.startsWith(logPrefix(model)) ? Number(digits) : undefined;
}

/** The bytes of an event. @throws {RegistryError} LIMIT_EXCEEDED when there are more than {@link MAX_EVENT_BYTES} */
export function encodeEvent(event: RegistryEvent): Uint8Array {
  const bytes = sealJson({ ...event, format: 1 });
  if (bytes.length > MAX_EVENT_BYTES) {
    throw new RegistryError(
      'LIMIT_EXCEEDED',
      `event of model ${event.model}: ${bytes.length} bytes, at most ${MAX_EVENT_BYTES} are allowed`,
      {
        details: { model: event.model, sizeBytes: bytes.length },
      },
    );
  }
  return bytes;
}

/**
 * Reads an event back, and checks all that can be checked on it alone.
 *
 * @param at where the bytes were found
 * @throws {RegistryError} CORRUPT_LOG, naming the sequence number; UNSUPPORTED_EVENT for one that a newer version wrote
 */
export function decodeEvent(bytes: Uint8Array, at: { model: string; seq: number }): RegistryEvent {
  if (bytes.length > MAX_EVENT_BYTES) throw corruptLog(at, `${bytes.length} bytes, at most ${MAX_EVENT_BYTES} are allowed`);
  const opened = openSealedJson(bytes);
  if ('damage' in opened) throw corruptLog(at, opened.damage);
  const { format, type } = opened.content;
  if (format !== 1 || typeof type !== 'string' || !Object.hasOwn(eventFields, type)) {
    const shown = JSON.stringify({ format, type });
    const message = `model ${at.model}: event ${at.seq} is ${shown}, which this version can't read; upgrade @fraudops/registry`;
    throw new RegistryError('UNSUPPORTED_EVENT', message, { details: { ...at, format, type } });
  }
  const parsed = eventFields[type as keyof EventPayloads].safeParse(opened.content);
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    throw corruptLog(at, `${issue.path.map(String).join('.')}: ${issue.message}`);
  }
  if (parsed.data.model !== at.model || parsed.data.seq !== at.seq) {
    throw corruptLog(at, `it says that it is event ${parsed.data.seq} of model ${parsed.data.model}`);
  }
  return parsed.data;
}

/** A CORRUPT_LOG error about one event. */
export function corruptLog({ model, seq }: { model: string; seq: number }, reason: string): RegistryError {
  const message = `model ${model}: event ${seq}: ${reason}; the log was changed or damaged, restore ${eventKey(model, seq)} from a backup`;
  return new RegistryError('CORRUPT_LOG', message, { details: { model, seq, reason } });
}
