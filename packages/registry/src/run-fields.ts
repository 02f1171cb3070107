/** What may be set on a run after its start: parameters once each, tags as often as one likes. */
import { FIELD_LIMITS } from './bounded-fields.js';
import { RegistryError } from './registry-error.js';
import type { RunRecord } from './run-record.js';
import { shownValue } from './shown-value.js';

/** The record with further parameters. @throws {RegistryError} INVALID_ARGUMENT when one has another value already; LIMIT_EXCEEDED */
export function withParams(record: RunRecord, given: RunRecord['params']): RunRecord {
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(record.params, name) || record.params[name] === value) continue;
    const message = `logParams: params.${name} of run ${record.id} is ${shown(record.params[name])}, and can't become ${shown(value)}; parameters are set once, use a tag for what changes`;
    throw new RegistryError('INVALID_ARGUMENT', message, { details: { id: record.id, param: name } });
  }
  const params = { ...record.params, ...given };
  requireCount('logParams', record.id, 'params', params);
  return { ...record, params };
}

/** The record with tags changed; null removes one. @throws {RegistryError} LIMIT_EXCEEDED */
export function withTags(call: string, record: RunRecord, changes: Readonly<Record<string, string | null>>): RunRecord {
  const tags = changedTags(record.tags, changes);
  requireCount(call, record.id, 'tags', tags);
  return { ...record, tags };
}

/** Tags with some set, and those that are null removed. */
export function changedTags(
  tags: Readonly<Record<string, string>>,
  changes: Readonly<Record<string, string | null>>,
): Record<string, string> {
  const all = Object.entries({ ...tags, ...changes });
  return Object.fromEntries(all.filter((entry): entry is [string, string] => entry[1] !== null));
}

function requireCount(call: string, id: string, what: string, entries: object): void {
  const count = Object.keys(entries).length;
  if (count <= FIELD_LIMITS.entries) return;
  const message = `${call}: run ${id} would have ${count} ${what}, at most ${FIELD_LIMITS.entries} are allowed`;
  throw new RegistryError('LIMIT_EXCEEDED', message, { details: { id, count } });
}

function shown(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(shownValue(value)) : shownValue(value);
}
