/**
 * The state of a model is the fold of its log: a pure function of the events, which every reader computes for itself.
 *
 * - `registered` appends the next version, in stage None. It has at least one file, and each path once.
 * - `promoted` moves a version to a stage; none of its gates failed. The version that held Production or Staging becomes Archived, so each holds one at most.
 * - `promotion-refused` changes nothing but the sequence number; a gate of it failed.
 * - `rolled-back` puts the version that was in Production before back there; the present one becomes Archived.
 *
 * Rolling back goes down the stack of versions that were in Production: each promotion to Production puts its version on top (once: it
 * leaves its older place), a rollback takes the top away, and a version that leaves Production for another stage by its own promotion
 * is taken out, for somebody withdrew it.
 */
import type { ModelVersion } from './model-version.js';
import {
  type PromotedEvent,
  type PromotionPayload,
  type PromotionRefusedEvent,
  type RegisteredEvent,
  type RegistryEvent,
  corruptLog,
} from './registry-event.js';
import type { PromotionStage, Stage } from './stage.js';

/** What the events of one model add up to. */
export interface ModelState {
  readonly model: string;
  /** Sequence number of the last event; 0 when there is none. */
  readonly seq: number;
  /** Version n is at index n - 1. */
  readonly versions: readonly ModelVersion[];
  /** The version in Production. */
  readonly production: number | null;
  /** The version in Staging. */
  readonly staging: number | null;
  /** Versions that were in Production, the latest last; while one is in Production, it is the last. */
  readonly productionOrder: readonly number[];
}

/** The state before the first event. */
export function emptyModelState(model: string): ModelState {
  return { model, seq: 0, versions: [], production: null, staging: null, productionOrder: [] };
}

/**
 * The state after further events. The given state is left as it is.
 *
 * @throws {RegistryError} CORRUPT_LOG, naming the first event that does not follow from those before it
 * @example foldEvents(emptyModelState('fraud'), events).production; // 3
 */
export function foldEvents(state: ModelState, events: Iterable<RegistryEvent>): ModelState {
  const draft: Draft = { ...state, versions: [...state.versions], productionOrder: [...state.productionOrder] };
  for (const event of events) {
    if (event.model !== draft.model || event.seq !== draft.seq + 1) {
      throw corruptLog({ model: draft.model, seq: event.seq }, `it follows event ${draft.seq} of model ${draft.model}`);
    }
    apply(draft, event);
    draft.seq = event.seq;
  }
  return draft;
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

interface Draft {
  readonly model: string;
  seq: number;
  readonly versions: ModelVersion[];
  production: number | null;
  staging: number | null;
  productionOrder: number[];
}

function apply(draft: Draft, event: RegistryEvent): void {
  switch (event.type) {
    case 'registered':
      register(draft, event);
      break;
    case 'promoted':
      requireFitting(draft, event.seq, event.payload);
      requireJudgement(event);
      promote(draft, event.payload.version, event.payload.stage);
      break;
    case 'promotion-refused':
      requireFitting(draft, event.seq, event.payload);
      requireJudgement(event);
      break;
    case 'rolled-back': {
      const { version } = event.payload;
      requireFitting(draft, event.seq, { ...event.payload, stage: 'Production' });
      if (rollbackTarget(draft) !== version) {
        throw corruptLog(event, `it rolls back to version ${version}, which was not in Production before the present one`);
      }
      draft.productionOrder = draft.productionOrder.filter((other) => other !== draft.production);
      promote(draft, version, 'Production');
    }
  }
}

function register(draft: Draft, event: RegisteredEvent): void {
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
function frozenVersion({ model, atMs, by, payload }: RegisteredEvent): ModelVersion {
  return Object.freeze({
    name: model,
    stage: 'None',
    registeredMs: atMs,
    registeredBy: by,
    ...payload,
    metrics: Object.freeze({ ...payload.metrics }),
    tags: Object.freeze({ ...payload.tags }),
    files: Object.freeze(payload.files.map((file) => Object.freeze({ ...file }))),
  });
}

function requireFitting(draft: Draft, seq: number, payload: Pick<PromotionPayload, 'version' | 'stage' | 'incumbent'>): void {
  const at = { model: draft.model, seq };
  if (payload.version > draft.versions.length)
    throw corruptLog(at, `it names version ${payload.version}, which is not registered`);
  const incumbent = incumbentOf(draft, payload.stage);
  if (incumbent !== payload.incumbent) {
    throw corruptLog(at, `it names version ${payload.incumbent} as the one in ${payload.stage}, which is ${incumbent}`);
  }
}

function requireJudgement(event: PromotedEvent | PromotionRefusedEvent): void {
  const failed = event.payload.gates.find(({ passed }) => !passed);
  if (event.type === 'promoted' && failed) throw corruptLog(event, `it promotes, but gate ${failed.gate} failed`);
  if (event.type === 'promotion-refused' && !failed) throw corruptLog(event, 'it refuses, but no gate failed');
}

function promote(draft: Draft, version: number, stage: PromotionStage): void {
  if (draft.production === version) leaveProduction(draft, version);
  if (draft.staging === version) draft.staging = null;
  const displaced = incumbentOf(draft, stage);
  if (displaced !== null) setStage(draft, displaced, 'Archived');
  setStage(draft, version, stage);
  if (stage === 'Staging') draft.staging = version;
  if (stage !== 'Production') return;
  draft.production = version;
  draft.productionOrder = [...draft.productionOrder.filter((other) => other !== version), version];
}

function leaveProduction(draft: Draft, version: number): void {
  draft.production = null;
  draft.productionOrder = draft.productionOrder.filter((other) => other !== version);
}

function setStage(draft: Draft, version: number, stage: Stage): void {
  draft.versions[version - 1] = Object.freeze({ ...draft.versions[version - 1]!, stage });
}
