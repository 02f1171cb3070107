/** Descriptions and tags, of a model as a whole and of its versions. */
import type { OptionKinds } from '@fraudops/core';
import { z } from 'zod';
import { FIELD_LIMITS, descriptionField, labelField, reasonField, requireShape, tagChangesField } from './bounded-fields.js';
import type { EventDraft, EventLog } from './event-log.js';
import type { DescribedPayload } from './event-payloads.js';
import { requireOptions } from './known-options.js';
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

const CHANGE_OPTIONS: OptionKinds<DescriptionChange> = {
  version: 'checked',
  description: 'checked',
  tags: 'checked',
  by: 'checked',
  why: 'checked',
};

const changeSchema = z.object({
  description: descriptionField.nullable().exactOptional(),
  tags: tagChangesField.default({}),
  by: labelField,
  why: reasonField.default(''),
});

/** Changes a description and tags; see `ModelRegistry.describe`. */
export async function describeModel(log: EventLog, change: DescriptionChange): Promise<void> {
  requireOptions('describe', change, CHANGE_OPTIONS, 'change');
  const given = Object.entries(change).filter(([, value]) => value !== undefined);
  const { by, why, ...changes } = requireShape('describe', changeSchema, Object.fromEntries(given));
  const version = change.version ?? null;
  if (version !== null) requireVersionNumber(version);
  if (changes.description === undefined && Object.keys(changes.tags).length === 0) {
    throw new RegistryError('INVALID_ARGUMENT', 'describe: neither a description nor tags; give at least one of them', {
      details: { call: 'describe' },
    });
  }
  await log.append((state): EventDraft | undefined => {
    if (state.seq === 0) throw notFound(state.model);
    const present = version === null ? state : requireVersion(state, version);
    if (isDescribedSo(present, { version, ...changes })) return undefined;
    const count = Object.keys(changedTags(present.tags, changes.tags)).length;
    if (count > FIELD_LIMITS.entries) {
      throw new RegistryError('LIMIT_EXCEEDED', `describe: ${count} tags, at most ${FIELD_LIMITS.entries} are allowed`, {
        details: { model: state.model, version, limit: FIELD_LIMITS.entries },
      });
    }
    return { by, why, type: 'described', payload: { version, ...changes } };
  });
}

/** Whether a change changes nothing. Without a description the model has an empty one, a version none. */
function isDescribedSo(
  present: { readonly tags: Readonly<Record<string, string>>; readonly description?: string },
  { version, description, tags }: DescribedPayload,
): boolean {
  const none = version === null ? '' : null;
  const isSame = description === undefined || (description ?? none) === (present.description ?? none);
  const isTagged = ([tag, value]: [string, string | null]) =>
    (Object.hasOwn(present.tags, tag) ? present.tags[tag] : null) === value;
  return isSame && Object.entries(tags).every(isTagged);
}
