/**
 * The state of a model is the fold of its log: a pure function of the events, which every reader computes for itself.
 *
 * - `registered` appends the next version, in stage None. It has at least one file, and each path once.
 * - `promoted` moves a version to a stage; none of its gates failed. The version that held Production or Staging becomes Archived, so each holds one at most.
 * - `promotion-refused` changes nothing but the sequence number; a gate of it failed.
 * - `rolled-back` puts the version that was in Production before back there; the present one becomes Archived.
 * - `aliased` and `alias-removed` let an alias name a version, and nothing.
 * - `described` changes tags and the description of the model or of a version.
 * - `approved` and `approval-withdrawn` add somebody's approval of a version for a stage, and take it back. Approvals for a stage also lapse
 *   when the version leaves that stage: to come back it needs new ones.
 * - `traffic-split` splits entities between the version in Production and others that are not archived; with nobody beside the champion it
 *   ends the split. Whatever changes Production ends it too, since what was measured against the old champion says nothing about the new
 *   one. A version that becomes Archived leaves the split, and its share goes to the champion.
 * - `deleted-version` removes a version that is in no stage but Archived, has no alias and is in no split. Its number stays taken.
 *
 * Rolling back goes down the stack of versions that were in Production: each promotion to Production puts its version on top (once: it
 * leaves its older place), a rollback takes the top away, and a version that leaves Production for another stage by its own promotion
 * is taken out, for somebody withdrew it. So is a version that is deleted.
 */
import type { PromotionPayload } from './event-payloads.js';
import type { ModelVersion } from './model-version.js';
import { type EventOf, type RegistryEvent, corruptLog } from './registry-event.js';
import type { PromotionStage, Stage } from './stage.js';
import { type StateDraft, changeVersion, livingVersion } from './state-draft.js';
import { type Traffic, trafficProblem, withoutVersions } from './traffic.js';
import { applyAliasRemoved, applyAliased, applyApprovalWithdrawn, applyApproved, applyDescribed } from './version-notes.js';

/** What the events of one model add up to. */
export interface ModelState {
  readonly model: string;
  /** Sequence number of the last event; 0 when there is none. */
  readonly seq: number;
  /** Version n is at index n - 1; undefined where it was deleted. */
  readonly versions: readonly (ModelVersion | undefined)[];
  /** The version in Production. */
  readonly production: number | null;
  /** The version in Staging. */
  readonly staging: number | null;
  /** Versions that were in Production, the latest last; while one is in Production, it is the last. */
  readonly productionOrder: readonly number[];
  /** The versions that aliases name. */
  readonly aliases: ReadonlyMap<string, number>;
  /** Of the model as a whole; empty when there is none. */
  readonly description: string;
  /** Of the model as a whole. */
  readonly tags: Readonly<Record<string, string>>;
  /** How entities are split between versions; null when all of them go to Production. */
  readonly traffic: Traffic | null;
  /** The last event that changed the split or Production; 0 when there is none. */
  readonly trafficSeq: number;
}

/** The state before the first event. */
export function emptyModelState(model: string): ModelState {
  return {
    model,
    seq: 0,
    versions: [],
    production: null,
    staging: null,
    productionOrder: [],
    aliases: new Map(),
    description: '',
    tags: {},
    traffic: null,
    trafficSeq: 0,
  };
}

/**
 * The state after further events. The given state is left as it is.
 *
 * @throws {RegistryError} CORRUPT_LOG, naming the first event that does not follow from those before it
 * @example foldEvents(emptyModelState('fraud'), events).production; // 3
 */
export function foldEvents(state: ModelState, events: Iterable<RegistryEvent>): ModelState {
  const draft: StateDraft = { ...state, versions: [...state.versions] };
  for (const event of events) {
    if (event.model !== draft.model || event.seq !== draft.seq + 1) {
      throw corruptLog({ model: draft.model, seq: event.seq }, `it follows event ${draft.seq} of model ${draft.model}`);
    }
    const champion = draft.production;
    apply(draft, event);
    if (draft.production !== champion) setTraffic(draft, event.seq, null);
    draft.seq = event.seq;
  }
  return draft;
}

/** The versions that were not deleted, the first one first. */
export function livingVersions({ versions }: Pick<ModelState, 'versions'>): ModelVersion[] {
  return versions.filter((version) => version !== undefined);
}

/** The version that a rollback would put in Production; undefined when there is none. */
export function rollbackTarget(state: ModelState): number | undefined {
  return state.productionOrder.findLast((version) => version !== state.production);
}

/** The version that holds a stage; null when it is empty, and for Archived, which holds any number of versions. */
export function incumbentOf(state: ModelState, stage: PromotionStage): number | null {
  if (stage === 'Archived') return null;
  return stage === 'Production' ? state.production : state.staging;
}

/** What keeps a version from being deleted; undefined when nothing does. */
export function usedAs({ traffic }: Pick<ModelState, 'traffic'>, { version, stage, aliases }: ModelVersion): string | undefined {
  if (stage === 'Production' || stage === 'Staging') return `in ${stage}`;
  if (aliases.length > 0) return `named by ${aliases.join(', ')}`;
  const isRouted = traffic?.challengers.some((share) => share.version === version) || traffic?.shadow.includes(version);
  return isRouted ? 'in the traffic split' : undefined;
}

/** What keeps a version from being deleted now, the next rollback included; undefined when nothing does. */
export function neededAs(state: ModelState, found: ModelVersion): string | undefined {
  return usedAs(state, found) ?? (found.version === rollbackTarget(state) ? 'what a rollback would go back to' : undefined);
}

function apply(draft: StateDraft, event: RegistryEvent): void {
  switch (event.type) {
    case 'registered':
      return register(draft, event);
    case 'promoted':
      requireFitting(draft, event.seq, event.payload);
      requireJudgement(event);
      return promote(draft, event.seq, event.payload);
    case 'promotion-refused':
      requireFitting(draft, event.seq, event.payload);
      return requireJudgement(event);
    case 'rolled-back':
      return rollBack(draft, event);
    case 'aliased':
      return applyAliased(draft, event);
    case 'alias-removed':
      return applyAliasRemoved(draft, event);
    case 'described':
      return applyDescribed(draft, event);
    case 'approved':
      return applyApproved(draft, event);
    case 'approval-withdrawn':
      return applyApprovalWithdrawn(draft, event);
    case 'traffic-split':
      return splitTraffic(draft, event);
    case 'deleted-version':
      return deleteVersion(draft, event);
  }
}

function register(draft: StateDraft, event: EventOf<'registered'>): void {
  const expected = draft.versions.length + 1;
  const { version, files } = event.payload;
  if (version !== expected) throw corruptLog(event, `it registers version ${version}, expected ${expected}`);
  if (files.length === 0) throw corruptLog(event, `it registers version ${version} without a file`);
  if (new Set(files.map(({ path }) => path)).size < files.length) {
    throw corruptLog(event, `it registers version ${version} with two files of one path`);
  }
  draft.versions.push(frozenVersion(event));
}

/** Every reader gets the same object, so it is one that nobody can change. */
function frozenVersion({ model, atMs, by, payload }: EventOf<'registered'>): ModelVersion {
  const { signature, data } = payload;
  return Object.freeze({
    name: model,
    stage: 'None',
    registeredMs: atMs,
    registeredBy: by,
    ...payload,
    metrics: Object.freeze({ ...payload.metrics }),
    tags: Object.freeze({ ...payload.tags }),
    files: frozenItems(payload.files),
    ...(data ? { data: Object.freeze({ ...data }) } : {}),
    ...(signature
      ? { signature: Object.freeze({ inputs: frozenItems(signature.inputs), outputs: frozenItems(signature.outputs) }) }
      : {}),
    aliases: NONE,
    approvals: NONE,
  });
}

const NONE = Object.freeze([]);

function frozenItems<Item extends object>(items: readonly Item[]): readonly Item[] {
  return Object.freeze(items.map((item) => Object.freeze({ ...item })));
}

function requireFitting(
  draft: StateDraft,
  seq: number,
  payload: Pick<PromotionPayload, 'version' | 'stage' | 'incumbent'>,
): void {
  livingVersion(draft, { seq }, payload.version);
  const incumbent = incumbentOf(draft, payload.stage);
  if (incumbent !== payload.incumbent) {
    const at = { model: draft.model, seq };
    throw corruptLog(at, `it names version ${payload.incumbent} as the one in ${payload.stage}, which is ${incumbent}`);
  }
}

function requireJudgement(event: EventOf<'promoted' | 'promotion-refused'>): void {
  const failed = event.payload.gates.find(({ passed }) => !passed);
  if (event.type === 'promoted' && failed) throw corruptLog(event, `it promotes, but gate ${failed.gate} failed`);
  if (event.type === 'promotion-refused' && !failed) throw corruptLog(event, 'it refuses, but no gate failed');
}

function rollBack(draft: StateDraft, event: EventOf<'rolled-back'>): void {
  const { version } = event.payload;
  requireFitting(draft, event.seq, { ...event.payload, stage: 'Production' });
  if (rollbackTarget(draft) !== version) {
    throw corruptLog(event, `it rolls back to version ${version}, which was not in Production before the present one`);
  }
  draft.productionOrder = draft.productionOrder.filter((other) => other !== draft.production);
  promote(draft, event.seq, { version, stage: 'Production' });
}

function promote(draft: StateDraft, seq: number, { version, stage }: Pick<PromotionPayload, 'version' | 'stage'>): void {
  if (draft.production === version && stage !== 'Production') leaveProduction(draft, version);
  if (draft.staging === version) draft.staging = null;
  const displaced = incumbentOf(draft, stage);
  if (displaced !== null && displaced !== version) setStage(draft, seq, displaced, 'Archived');
  setStage(draft, seq, version, stage);
  if (stage === 'Staging') draft.staging = version;
  if (stage !== 'Production') return;
  draft.production = version;
  draft.productionOrder = [...draft.productionOrder.filter((other) => other !== version), version];
}

function leaveProduction(draft: StateDraft, version: number): void {
  draft.production = null;
  draft.productionOrder = draft.productionOrder.filter((other) => other !== version);
}

function setStage(draft: StateDraft, seq: number, version: number, stage: Stage): void {
  const { stage: left, approvals } = draft.versions[version - 1]!;
  if (left === stage) return;
  const standing = approvals.filter((approval) => approval.stage !== left);
  const lapses = standing.length < approvals.length;
  changeVersion(draft, version, { stage, ...(lapses ? { approvals: Object.freeze(standing) } : {}) });
  const isRouted =
    draft.traffic?.challengers.some((share) => share.version === version) || draft.traffic?.shadow.includes(version);
  if (stage === 'Archived' && draft.traffic && isRouted) {
    const traffic = withoutVersions(draft.traffic, (other) => other === version);
    setTraffic(draft, seq, traffic ?? null);
  }
}

function splitTraffic(draft: StateDraft, event: EventOf<'traffic-split'>): void {
  const { champion, challengers, shadow } = event.payload;
  if (champion.version !== draft.production) {
    throw corruptLog(event, `its champion is version ${champion.version}, but Production is ${draft.production}`);
  }
  for (const version of [...challengers.map((share) => share.version), ...shadow]) {
    if (livingVersion(draft, event, version).stage === 'Archived')
      throw corruptLog(event, `it names version ${version}, which is archived`);
  }
  const problem = trafficProblem(event.payload);
  if (problem) throw corruptLog(event, problem);
  const ends = challengers.length === 0 && shadow.length === 0;
  setTraffic(draft, event.seq, ends ? null : { ...event.payload, model: draft.model, seq: event.seq });
}

function setTraffic(draft: StateDraft, seq: number, traffic: Traffic | null): void {
  draft.traffic = traffic && Object.freeze({ ...traffic, seq });
  draft.trafficSeq = seq;
}

function deleteVersion(draft: StateDraft, event: EventOf<'deleted-version'>): void {
  const { version } = event.payload;
  const use = usedAs(draft, livingVersion(draft, event, version));
  if (use) throw corruptLog(event, `it deletes version ${version}, which is ${use}`);
  draft.versions[version - 1] = undefined;
  draft.productionOrder = draft.productionOrder.filter((other) => other !== version);
}
