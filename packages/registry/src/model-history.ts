/** Reading a model's events back, all or some of them, verified. */
import type { BlobStore, OptionKinds } from '@fraudops/core';
import { z } from 'zod';
import { requireShape } from './bounded-fields.js';
import { requireOptions } from './known-options.js';
import { endAt, readLog } from './log-reader.js';
import { requireVersionNumber } from './model-version.js';
import { MAX_SEQ, type RegistryEvent } from './registry-event.js';

/** Which events of a model to read. Default: all. */
export interface HistoryOptions {
  /** Only events that name this version, as the one that moved or as the one that was displaced; a deleted one may be asked for too. */
  readonly version?: number;
  /** Only events after this one. The chain is verified from it on. */
  readonly since?: number;
  /** At most so many, from 1 on: the first ones after `since` where that is given, else the latest. */
  readonly limit?: number;
}

const HISTORY_OPTIONS: OptionKinds<HistoryOptions> = { version: 'checked', since: 'checked', limit: 'checked' };

const optionsSchema = z.object({
  version: z.unknown().exactOptional(),
  since: z.number().int().min(0).max(MAX_SEQ).exactOptional(),
  limit: z.number().int().min(1).max(MAX_SEQ).exactOptional(),
});

/** Checks options of a history. @throws {RegistryError} INVALID_ARGUMENT, LIMIT_EXCEEDED, INVALID_VERSION */
export function requireHistoryOptions(options: HistoryOptions): HistoryOptions {
  requireOptions('history', options, HISTORY_OPTIONS);
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  const checked = requireShape('history', optionsSchema, Object.fromEntries(given));
  if ('version' in checked) requireVersionNumber(checked.version);
  return checked as HistoryOptions;
}

/** The events that options ask for; see `ModelRegistry.history`. */
export async function readHistory(store: BlobStore, model: string, options: HistoryOptions): Promise<RegistryEvent[]> {
  const { version, since, limit = MAX_SEQ } = options;
  const history: RegistryEvent[] = [];
  for await (const { events } of readLog(store, model, await endAt(store, model, since ?? 0))) {
    history.push(...(version === undefined ? events : events.filter((event) => namesVersion(event, version))));
    if (history.length <= limit) continue;
    if (since !== undefined) return history.slice(0, limit);
    history.splice(0, history.length - limit);
  }
  return history;
}

/** Whether an event names a version. */
function namesVersion({ type, payload }: RegistryEvent, version: number): boolean {
  if (type === 'traffic-split') {
    const { champion, challengers, shadow } = payload;
    return [champion, ...challengers].some((share) => share.version === version) || shadow.includes(version);
  }
  const displaced = 'incumbent' in payload ? payload.incumbent : 'previous' in payload ? payload.previous : null;
  return payload.version === version || displaced === version;
}
