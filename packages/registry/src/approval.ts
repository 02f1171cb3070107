/**
 * Approvals: a person's word that a version may go to a stage, on which a gate can decide. Who approves is the name that the caller gives;
 * the registry asks nobody for a password, so let only those write to the store whose names you believe.
 */
import type { OptionKinds } from '@fraudops/core';
import type { EventLog } from './event-log.js';
import { requireOptions } from './known-options.js';
import { type ModelVersion, requireVersionNumber } from './model-version.js';
import { requireVersion } from './promotion.js';
import { type Actor, requireActor } from './registration.js';
import { RegistryError } from './registry-error.js';
import { type PromotionStage, requirePromotionStage } from './stage.js';
import { NOTE_LIMITS } from './version-notes.js';

/** Who approves, and for which stage. */
export interface ApprovalOptions extends Actor {
  readonly stage: PromotionStage;
}

const APPROVAL_OPTIONS: OptionKinds<ApprovalOptions> = { stage: 'checked', by: 'checked', why: 'checked' };

/** Approves a version for a stage; see `ModelRegistry.approve`. */
export async function approve(log: EventLog, version: number, options: ApprovalOptions): Promise<ModelVersion> {
  const { actor, stage } = requireApproval('approve', version, options);
  const { state: after } = await log.append((state) => {
    const { approvals } = requireVersion(state, version);
    const isRenewal = approvals.some((approval) => approval.stage === stage && approval.by === actor.by);
    if (!isRenewal && approvals.length >= NOTE_LIMITS.approvals) {
      throw new RegistryError(
        'LIMIT_EXCEEDED',
        `approve: version ${version} has ${approvals.length} approvals, more are not allowed`,
        {
          details: { model: state.model, version, limit: NOTE_LIMITS.approvals },
        },
      );
    }
    return { ...actor, type: 'approved' as const, payload: { version, stage } };
  });
  return requireVersion(after, version);
}

/** Takes an approval back; see `ModelRegistry.withdrawApproval`. */
export async function withdrawApproval(log: EventLog, version: number, options: ApprovalOptions): Promise<ModelVersion> {
  const { actor, stage } = requireApproval('withdrawApproval', version, options);
  const { state: after } = await log.append((state) => {
    const { approvals } = requireVersion(state, version);
    if (!approvals.some((approval) => approval.stage === stage && approval.by === actor.by)) {
      const message = `withdrawApproval: ${actor.by} does not approve version ${version} of model ${state.model} for ${stage}`;
      throw new RegistryError('NOT_FOUND', message, { details: { model: state.model, version, stage, by: actor.by } });
    }
    return { ...actor, type: 'approval-withdrawn' as const, payload: { version, stage } };
  });
  return requireVersion(after, version);
}

function requireApproval(call: string, version: number, options: ApprovalOptions): { actor: Actor; stage: PromotionStage } {
  requireVersionNumber(version);
  requireOptions(call, options, APPROVAL_OPTIONS);
  const { stage } = options;
  requirePromotionStage(stage);
  return { actor: requireActor(call, options), stage };
}
