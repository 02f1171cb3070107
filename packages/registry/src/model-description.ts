/** Descriptions and tags, of a model as a whole and of its versions. */
import { z } from 'zod';
import { FIELD_LIMITS, descriptionField, labelField, reasonField, requireShape, tagChangesField } from './bounded-fields.js';
import type { EventLog } from './event-log.js';
import { requireVersionNumber } from './model-version.js';
import { notFound, requireVersion } from './promotion.js';
import { RegistryError } from './registry-error.js';
import { changedTags } from './version-notes.js';

/** A change of a description and of tags. What it does not name stays as it is. */
export interface DescriptionChange {
  /** The version to describe. Default: the model as a whole. */
  readonly version?: number;
  /** Null removes it. */
  readonly description?: string | null;
  /** New values by tag; null removes one. At most 500 tags together. */
  readonly tags?: Readonly<Record<string, string | null>>;
  /** A person or a program, 1 to 250 characters. */
  readonly by: string;
  /** At most 4,000 characters. Default: empty. */
  readonly why?: string;
}

const changeSchema = z.object({
  description: descriptionField.nullable().exactOptional(),
  tags: tagChangesField.default({}),
  by: labelField,
  why: reasonField.default(''),
});

/** Changes a description and tags; see `ModelRegistry.describe`. */
export async function describeModel(log: EventLog, change: DescriptionChange): Promise<void> {
  const given = Object.entries(change ?? {}).filter(([, value]) => value !== undefined);
  const { by, why, ...changes } = requireShape('describe', changeSchema, Object.fromEntries(given));
  const version = change.version ?? null;
  if (version !== null) requireVersionNumber(version);
  if (changes.description === undefined && Object.keys(changes.tags).length === 0) {
    throw new RegistryError('INVALID_ARGUMENT', 'describe: neither a description nor tags; give at least one of them', {
      details: { call: 'describe' },
    });
  }
  await log.append((state) => {
    if (state.seq === 0) throw notFound(state.model);
    const { tags } = version === null ? state : requireVersion(state, version);
    const count = Object.keys(changedTags(tags, changes.tags)).length;
    if (count > FIELD_LIMITS.entries) {
      throw new RegistryError('LIMIT_EXCEEDED', `describe: ${count} tags, at most ${FIELD_LIMITS.entries} are allowed`, {
        details: { model: state.model, version, limit: FIELD_LIMITS.entries },
      });
    }
    return { by, why, type: 'described' as const, payload: { version, ...changes } };
  });
}
