import type { EntityPlan, KeptValue, RunningTotal } from './feature-plan.js';

/** A plan of histories with these columns and windows without features. */
export function planOf(parts: {
  readonly totals?: readonly RunningTotal['of'][];
  readonly values?: readonly KeptValue['of'][];
  readonly retentionMs: number;
  readonly resolutionMs?: number;
  readonly windowsMs?: readonly number[];
}): EntityPlan {
  const { totals = [], values = [], retentionMs, resolutionMs = 0, windowsMs = [] } = parts;
  return {
    per: ['card'],
    resolutionMs,
    totals: totals.map((of) => ({ of, field: 'x', units: { numerator: 1, denominator: 1 } }) as RunningTotal),
    values: values.map((of) => ({ of, field: 'x' })),
    windows: windowsMs.map((windowMs) => ({ windowMs, delayMs: 0, own: false, reads: [] })),
    fraudSlot: totals.indexOf('frauds'),
    retentionMs,
  };
}
