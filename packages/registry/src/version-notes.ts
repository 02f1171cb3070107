/** The part of the fold that is about what people attach to versions: aliases, descriptions, tags and approvals. */
import { FIELD_LIMITS } from './bounded-fields.js';
import { type EventOf, corruptLog } from './registry-event.js';
import { type StateDraft, changeVersion, livingVersion } from './state-draft.js';

/** Bounds of what is attached to a model and its versions. */
export const NOTE_LIMITS = {
  /** Aliases of one model. */
  aliases: 100,
  /** Approvals of one version. */
  approvals: 100,
} as const;

/** An alias names a version, and none that it named before. */
export function applyAliased(draft: StateDraft, event: EventOf<'aliased'>): void {
  const { alias, version, previous } = event.payload;
  livingVersion(draft, event, version);
  requireAliased(draft, event, previous);
  draft.aliases = new Map([...draft.aliases, [alias, version]]);
  if (draft.aliases.size > NOTE_LIMITS.aliases) throw corruptLog(event, `it makes more than ${NOTE_LIMITS.aliases} aliases`);
  showAliases(draft, [previous, version]);
}

/** An alias names nothing. */
export function applyAliasRemoved(draft: StateDraft, event: EventOf<'alias-removed'>): void {
  const { alias, version } = event.payload;
  requireAliased(draft, event, version);
  draft.aliases = new Map([...draft.aliases].filter(([other]) => other !== alias));
  showAliases(draft, [version]);
}

function requireAliased(draft: StateDraft, event: EventOf<'aliased' | 'alias-removed'>, expected: number | null): void {
  const { alias } = event.payload;
  const present = draft.aliases.get(alias) ?? null;
  if (present === expected) return;
  throw corruptLog(event, `it says that alias ${alias} names version ${expected}, which is ${present}`);
}

function showAliases(draft: StateDraft, versions: readonly (number | null)[]): void {
  for (const version of versions) {
    if (version === null) continue;
    const aliases = [...draft.aliases].flatMap(([alias, named]) => (named === version ? [alias] : [])).toSorted();
    changeVersion(draft, version, { aliases: Object.freeze(aliases) });
  }
}

/** Tags and the description of the model or of a version change. */
export function applyDescribed(draft: StateDraft, event: EventOf<'described'>): void {
  const { version, tags: changes, description } = event.payload;
  const present = version === null ? draft : livingVersion(draft, event, version);
  const tags = Object.keys(changes).length === 0 ? present.tags : changedTags(present.tags, changes);
  if (Object.keys(tags).length > FIELD_LIMITS.entries) throw corruptLog(event, `it makes more than ${FIELD_LIMITS.entries} tags`);
  if (version === null) {
    draft.tags = tags;
    if (description !== undefined) draft.description = description ?? '';
    return;
  }
  changeVersion(draft, version, { tags, ...(typeof description === 'string' ? { description } : {}) });
  if (description !== null) return;
  const { description: _, ...others } = draft.versions[version - 1]!;
  draft.versions[version - 1] = Object.freeze(others);
}

/** Tags after changes, of which null removes one. */
export function changedTags(
  tags: Readonly<Record<string, string>>,
  changes: Readonly<Record<string, string | null>>,
): Readonly<Record<string, string>> {
  const entries = Object.entries({ ...tags, ...changes });
  return Object.freeze(Object.fromEntries(entries.flatMap(([tag, value]) => (value === null ? [] : [[tag, value] as const]))));
}

/** Somebody approves a version for a stage. */
export function applyApproved(draft: StateDraft, event: EventOf<'approved'>): void {
  const { version, stage } = event.payload;
  const { approvals } = livingVersion(draft, event, version);
  // Whoever approves again renews the approval.
  const others = approvals.filter((approval) => approval.stage !== stage || approval.by !== event.by);
  if (others.length >= NOTE_LIMITS.approvals) throw corruptLog(event, `it makes more than ${NOTE_LIMITS.approvals} approvals`);
  const approval = Object.freeze({ stage, by: event.by, why: event.why, atMs: event.atMs });
  changeVersion(draft, version, { approvals: Object.freeze([...others, approval]) });
}

/** Somebody no longer approves. */
export function applyApprovalWithdrawn(draft: StateDraft, event: EventOf<'approval-withdrawn'>): void {
  const { version, stage } = event.payload;
  const { approvals } = livingVersion(draft, event, version);
  const others = approvals.filter((approval) => approval.stage !== stage || approval.by !== event.by);
  if (others.length === approvals.length) {
    throw corruptLog(event, `${event.by} withdraws an approval of version ${version} for ${stage} that was not given`);
  }
  changeVersion(draft, version, { approvals: Object.freeze(others) });
}
