import type { EntityPlan, KeptValue, RunningTotal } from './feature-plan.js';

/** A plan of histories with these columns and no features. */
export function planOf(parts: {
  readonly totals?: readonly RunningTotal['of'][];
  readonly values?: readonly KeptValue['of'][];
  readonly retentionMs: number;
  readonly resolutionMs?: number;
}): EntityPlan {
  const { totals = [], values = [], retentionMs, resolutionMs = 0 } = parts;
  return {
    per: ['card'],
    resolutionMs,
    totals: totals.map((of) => ({ of, field: 'x', units: { numerator: 1, denominator: 1 } }) as RunningTotal),
    values: values.map((of) => ({ of, field: 'x' })),
    windows: [],
    fraudSlot: totals.indexOf('frauds'),
    retentionMs,
  };
}
