/**
 * Promotions and rollbacks: one atomic step each.
 *
 * A promotion reads the state, asks the gates, and appends its event only if the version in the stage, the candidate's own stage, and the
 * approvals and tags of both are still those that the gates judged. Whatever else was written to the log meanwhile does not matter. If one of
 * them changed, it starts over, up to 20 times; without gates there is nothing to start over. Failed gates are recorded in the same way,
 * as a refusal.
 */
import type { OptionKinds } from '@fraudops/core';
import type { EventDraft, EventLog } from './event-log.js';
import type { PromotionPayload } from './event-payloads.js';
import {
  DEFAULT_GATE_TIMEOUT_MS,
  type Gate,
  type GateResult,
  judge,
  requireGateTimeout,
  requireGates,
  summarizeGates,
} from './gate.js';
import { requireOptions } from './known-options.js';
import { type ModelState, incumbentOf, rollbackTarget } from './model-state.js';
import { type ModelVersion, requireVersionNumber } from './model-version.js';
import { type Actor, requireActor } from './registration.js';
import { PromotionConflictError, RegistryError } from './registry-error.js';
import { eventKey } from './registry-event.js';
import { shownValue } from './shown-value.js';
import { type PromotionStage, requirePromotionStage } from './stage.js';

/** How a version is promoted. */
export interface PromotionOptions extends Actor {
  readonly stage: PromotionStage;
  /**
   * The version that must hold the stage, null for none: of several promoters who expect the same version one wins. Default: whichever
   * holds it. Not for Archived, which holds any number of versions.
   */
  readonly expectedCurrent?: number | null;
  /** All must pass. Default: none. */
  readonly gates?: readonly Gate[];
  /** How long each gate may take, in milliseconds; one that takes longer fails the promotion with GATE_ERROR. Default: 10 minutes. */
  readonly gateTimeoutMs?: number;
}

/** How a version is rolled back. */
export interface RollbackOptions extends Actor {
  /** The version that must be in Production, null for none. Default: the one that is there when the call begins. */
  readonly expectedCurrent?: number | null;
}

const PROMOTION_OPTIONS: OptionKinds<PromotionOptions> = {
  stage: 'checked',
  expectedCurrent: 'checked',
  gates: 'checked',
  gateTimeoutMs: 'checked',
  by: 'checked',
  why: 'checked',
};
const ROLLBACK_OPTIONS: OptionKinds<RollbackOptions> = { expectedCurrent: 'checked', by: 'checked', why: 'checked' };

/** What became of a promotion or a rollback. */
export interface Promotion {
  /** Whether the version holds the stage; false when a gate failed. */
  readonly promoted: boolean;
  readonly stage: PromotionStage;
  readonly version: number;
  /** The version that held the stage before; null when it was empty, and for Archived. */
  readonly previous: number | null;
  readonly gates: readonly GateResult[];
  /** One sentence. */
  readonly reason: string;
  /** Sequence number of the event; when the version was in the stage already, of the last event. */
  readonly seq: number;
}

/** Times a promotion is judged before it gives up. */
const MAX_JUDGEMENTS = 20;

/** Moves a version to a stage; see `ModelRegistry.promote`. */
export async function promote(log: EventLog, model: string, version: number, options: PromotionOptions): Promise<Promotion> {
  const call = `promote ${model} version ${shownValue(version)}`;
  requireVersionNumber(version);
  requireOptions(call, options, PROMOTION_OPTIONS);
  const { stage, expectedCurrent, gates: givenGates = [], gateTimeoutMs = DEFAULT_GATE_TIMEOUT_MS } = options;
  requirePromotionStage(stage);
  const actor = requireActor(call, options);
  requireGates(call, givenGates);
  requireGateTimeout(call, gateTimeoutMs);
  requireExpectation(call, stage, expectedCurrent);
  // The caller's list may change while gates are asked.
  const gates = [...givenGates];
  let state = await log.state();
  for (let judgement = 1; judgement <= MAX_JUDGEMENTS; judgement++) {
    const candidate = requireVersion(state, version);
    const previous = requireIncumbent(state, stage, expectedCurrent);
    if (candidate.stage === stage) {
      const reason = `version ${version} is in ${stage} already; nothing was changed`;
      return { promoted: true, stage, version, previous, gates: [], reason, seq: state.seq };
    }
    const incumbent = versionOf(state, previous);
    const results = await judge(call, gates, { candidate, incumbent, stage, by: actor.by }, gateTimeoutMs);
    const promoted = results.every(({ passed }) => passed);
    const appended = await log.append((present): EventDraft | undefined => {
      const incumbentNow = requireIncumbent(present, stage, expectedCurrent);
      const candidateNow = requireVersion(present, version);
      const asJudged =
        gates.length === 0 ||
        (incumbentNow === previous &&
          isAsJudged(candidate, candidateNow) &&
          isAsJudged(incumbent, versionOf(present, incumbentNow)));
      if (candidateNow.stage === stage || !asJudged) return undefined;
      const payload = { version, stage, incumbent: incumbentNow, gates: results };
      return { ...actor, type: promoted ? 'promoted' : 'promotion-refused', payload };
    });
    if (appended) {
      const { incumbent: displaced } = appended.event.payload as PromotionPayload;
      const reason = summarizeGates(results);
      return { promoted, stage, version, previous: displaced, gates: results, reason, seq: appended.event.seq };
    }
    state = await log.state();
  }
  const message = `${call}: ${stage} or the version's own stage changed while the gates judged, ${MAX_JUDGEMENTS} times; try again`;
  throw new RegistryError('CONTENTION', message, { details: { model, version, stage } });
}

/** Whether a version is still as gates saw it: the fold makes new lists only when something in them changes. */
function isAsJudged(before: ModelVersion | undefined, now: ModelVersion | undefined): boolean {
  return before?.stage === now?.stage && before?.approvals === now?.approvals && before?.tags === now?.tags;
}

function versionOf({ versions }: ModelState, version: number | null): ModelVersion | undefined {
  return version === null ? undefined : versions[version - 1];
}

/** Brings the version back that was in Production before; see `ModelRegistry.rollback`. */
export async function rollback(log: EventLog, model: string, options: RollbackOptions): Promise<Promotion> {
  const call = `rollback ${model}`;
  requireOptions(call, options, ROLLBACK_OPTIONS);
  const actor = requireActor(call, options);
  requireExpectation(call, 'Production', options.expectedCurrent);
  const first = await log.state();
  if (first.seq === 0) throw notFound(model);
  const expected = options.expectedCurrent === undefined ? first.production : options.expectedCurrent;
  const { event } = await log.append((state) => {
    const incumbent = requireIncumbent(state, 'Production', expected);
    const version = rollbackTarget(state);
    if (version === undefined) {
      const message = `${call}: no other version was in Production before; promote one`;
      throw new RegistryError('NOTHING_TO_ROLL_BACK', message, { details: { model, production: incumbent } });
    }
    return { ...actor, type: 'rolled-back' as const, payload: { version, incumbent } };
  });
  const { version, incumbent } = event.payload as { version: number; incumbent: number | null };
  const reason = `rolled back from ${incumbent === null ? 'no version' : `version ${incumbent}`}: ${actor.why}`;
  return { promoted: true, stage: 'Production', version, previous: incumbent, gates: [], reason, seq: event.seq };
}

/** @throws {RegistryError} NOT_FOUND, telling an unknown model from an unknown and from a deleted version */
export function requireVersion(state: ModelState, version: number): ModelVersion {
  requireRegistered(state, version);
  const found = state.versions[version - 1];
  if (found) return found;
  throw new RegistryError('NOT_FOUND', `model ${state.model} has no version ${version} any more; it was deleted`, {
    details: { model: state.model, version },
  });
}

/** Checks that a version was registered; it may be deleted. @throws {RegistryError} NOT_FOUND */
export function requireRegistered({ model, versions }: ModelState, version: number): void {
  requireVersionNumber(version);
  if (versions.length === 0) throw notFound(model);
  if (version <= versions.length) return;
  throw new RegistryError('NOT_FOUND', `model ${model} has no version ${version}; its last is ${versions.length}`, {
    details: { model, version, lastVersion: versions.length },
  });
}

/** The NOT_FOUND error of a model without events. */
export function notFound(model: string): RegistryError {
  return new RegistryError('NOT_FOUND', `model ${model}: no version was ever registered under this name`, { details: { model } });
}

function requireExpectation(call: string, stage: PromotionStage, expectedCurrent: number | null | undefined): void {
  if (expectedCurrent === undefined) return;
  if (expectedCurrent !== null) requireVersionNumber(expectedCurrent);
  if (stage === 'Archived') {
    throw new RegistryError('INVALID_ARGUMENT', `${call}: expectedCurrent: not for Archived, which holds any number of versions`);
  }
}

/** @throws {PromotionConflictError} when the stage holds another version than the one expected */
function requireIncumbent(state: ModelState, stage: PromotionStage, expected: number | null | undefined): number | null {
  const incumbent = incumbentOf(state, stage);
  if (expected === undefined || expected === incumbent) return incumbent;
  throw new PromotionConflictError({ model: state.model, stage, key: eventKey(state.model, state.seq + 1) }, expected, incumbent);
}
