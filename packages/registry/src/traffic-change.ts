/** Setting a model's traffic split; what a split is, and how entities are routed by it, says `traffic.ts`. */
import type { OptionKinds } from '@fraudops/core';
import { z } from 'zod';
import { requireShape } from './bounded-fields.js';
import type { EventLog } from './event-log.js';
import { requireOptions } from './known-options.js';
import type { ModelState } from './model-state.js';
import { requireVersionNumber } from './model-version.js';
import { requireVersion } from './promotion.js';
import { type Actor, requireActor } from './registration.js';
import { RegistryError, TrafficConflictError } from './registry-error.js';
import { eventKey } from './registry-event.js';
import { TRAFFIC_LIMITS, type Traffic, type TrafficShare, type TrafficSplit, sharesProblem, splitTraffic } from './traffic.js';

/** A split to be set. */
export interface TrafficOptions extends Actor {
  /** Percent of the entities that the version in Production decides for; with the challengers' it makes 100. */
  readonly champion: number;
  /** Versions that decide for the others, at most 10. Default: none. */
  readonly challengers?: readonly TrafficShare[];
  /** Versions that score along without deciding, at most 10. Default: none. */
  readonly shadow?: readonly number[];
  /**
   * The last event that the caller took into account, such as `await registry.head(name)`: when the split or Production was changed by an
   * event after it, nothing is written. Default: whatever happened.
   */
  readonly expectedSeq?: number;
}

const TRAFFIC_OPTIONS: OptionKinds<TrafficOptions> = {
  champion: 'checked',
  challengers: 'checked',
  shadow: 'checked',
  expectedSeq: 'checked',
  by: 'checked',
  why: 'checked',
};

const optionsSchema = z.object({
  champion: z.number(),
  challengers: z
    .array(z.object({ version: z.unknown(), percent: z.number() }))
    .max(TRAFFIC_LIMITS.versions)
    .default([]),
  shadow: z.array(z.unknown()).max(TRAFFIC_LIMITS.versions).default([]),
  expectedSeq: z.number().int().nonnegative().exactOptional(),
});

/** Splits entities between versions; see `ModelRegistry.setTraffic`. */
export async function setTraffic(log: EventLog, options: TrafficOptions): Promise<Traffic | undefined> {
  requireOptions('setTraffic', options, TRAFFIC_OPTIONS);
  const actor = requireActor('setTraffic', options);
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  const { champion, challengers, shadow, expectedSeq } = requireShape('setTraffic', optionsSchema, Object.fromEntries(given));
  for (const version of [...challengers.map((share) => share.version), ...shadow]) requireVersionNumber(version);
  const { state } = await log.append((present) => {
    requireExpectedSeq(present, expectedSeq);
    const others = { challengers: challengers as readonly TrafficShare[], shadow: shadow as readonly number[] };
    for (const version of [...others.challengers.map((share) => share.version), ...others.shadow])
      requireRoutable(present, version);
    const payload = requireSplit(present, { champion: { version: requireChampion(present), percent: champion }, ...others });
    return { ...actor, type: 'traffic-split' as const, payload };
  });
  return state.traffic ?? undefined;
}

function requireExpectedSeq({ model, seq, trafficSeq }: ModelState, expectedSeq: number | undefined): void {
  if (expectedSeq === undefined || trafficSeq <= expectedSeq) return;
  throw new TrafficConflictError({ model, key: eventKey(model, seq + 1) }, expectedSeq, trafficSeq);
}

function requireRoutable(state: ModelState, version: number): void {
  if (requireVersion(state, version).stage !== 'Archived') return;
  const message = `setTraffic: version ${version} of model ${state.model} is archived; promote it to Staging, or choose another`;
  throw new RegistryError('INVALID_ARGUMENT', message, { details: { model: state.model, version } });
}

function requireChampion({ model, production }: ModelState): number {
  if (production !== null) return production;
  throw new RegistryError(
    'NOT_FOUND',
    `setTraffic: no version of model ${model} is in Production, so there is no champion; promote one`,
    {
      details: { model },
    },
  );
}

function requireSplit(state: ModelState, shares: Omit<TrafficSplit, 'slots'>): TrafficSplit {
  const problem = sharesProblem(shares);
  if (!problem) return splitTraffic(shares, state.traffic ?? undefined);
  throw new RegistryError('INVALID_ARGUMENT', `setTraffic: ${problem}`, { details: { model: state.model, reason: problem } });
}
