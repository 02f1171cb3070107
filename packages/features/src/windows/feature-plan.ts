/**
 * Definitions, arranged for work: which histories must be kept, which running totals each of them needs, and which features read
 * which window. History and the request path follow the same plan, and features with one entity share its grouping and totals.
 */
import type { FeatureDefinition, TimeFeature, WindowAggregate, WindowFeature } from '../definitions/feature-definition.js';
import { type MinorUnits, minorUnits } from '../definitions/minor-units.js';
import type { TransactionsDefinition } from '../transactions/transactions.js';

/** See the module's comment. */
export interface FeaturePlan {
  readonly names: readonly string[];
  readonly fieldFeatures: readonly { readonly index: number; readonly field: string }[];
  readonly timeFeatures: readonly { readonly index: number; readonly definition: TimeFeature }[];
  readonly entities: readonly EntityPlan[];
}

/** What the features of one entity need. */
export interface EntityPlan {
  readonly entity: string;
  readonly totals: readonly RunningTotal[];
  readonly windows: readonly WindowPlan[];
  /** Position of the frauds in `totals`, or -1 when no feature needs labels. */
  readonly fraudSlot: number;
  /** A transaction older than this, in milliseconds before the one at hand, is in no window. */
  readonly retentionMs: number;
}

/** A quantity added up over an entity's transactions: minor units of a field, presence of a field's value (0 or 1), or frauds. */
export type RunningTotal =
  | { readonly of: 'units'; readonly field: string; readonly units: MinorUnits }
  | { readonly of: 'presence'; readonly field: string }
  | { readonly of: 'frauds'; readonly field: string };

/** One window of an entity, and the features that read it. */
export interface WindowPlan {
  readonly windowMs: number;
  readonly delayMs: number;
  readonly reads: readonly WindowRead[];
}

/** A feature's reading of a window. */
export interface WindowRead {
  /** Position of the feature among all. */
  readonly index: number;
  readonly aggregate: WindowAggregate;
  /** Running total to read; -1 for none. */
  readonly totalSlot: number;
  /** Running total that counts the transactions; -1 when all in the window count. */
  readonly countSlot: number;
  readonly units: MinorUnits;
}

const WHOLE: MinorUnits = { numerator: 1, denominator: 1 };

/** Arranges checked definitions; windows have their delay filled in. */
export function planFeatures(
  definitions: Readonly<Record<string, FeatureDefinition>>,
  transactions: TransactionsDefinition,
): FeaturePlan {
  const entries = Object.entries(definitions).map(([name, definition], index) => ({ name, definition, index }));
  const windows = entries.flatMap(({ definition, index }) => (definition.type === 'window' ? [{ definition, index }] : []));
  const entities = [...new Set(windows.map(({ definition }) => definition.per))];
  return {
    names: entries.map(({ name }) => name),
    fieldFeatures: entries.flatMap(({ definition, index }) =>
      definition.type === 'field' ? [{ index, field: definition.field }] : [],
    ),
    timeFeatures: entries.flatMap(({ definition, index }) =>
      definition.type === 'duringWeekend' || definition.type === 'duringNight' ? [{ index, definition }] : [],
    ),
    entities: entities.map((entity) =>
      planEntity(
        entity,
        windows.filter(({ definition }) => definition.per === entity),
        transactions,
      ),
    ),
  };
}

function planEntity(
  entity: string,
  features: readonly { readonly definition: WindowFeature; readonly index: number }[],
  transactions: TransactionsDefinition,
): EntityPlan {
  const totals: RunningTotal[] = [];
  const slotOf = (wanted: RunningTotal): number => {
    const slot = totals.findIndex(({ of, field }) => of === wanted.of && field === wanted.field);
    return slot >= 0 ? slot : totals.push(wanted) - 1;
  };
  const windows = new Map<string, { windowMs: number; delayMs: number; reads: WindowRead[] }>();
  for (const { definition, index } of features) {
    const { aggregate, windowMs, delayMs = 0, field } = definition;
    const key = `${windowMs} ${delayMs}`;
    const window = windows.get(key) ?? { windowMs, delayMs, reads: [] };
    windows.set(key, window);
    if (aggregate === 'risk') {
      const totalSlot = slotOf({ of: 'frauds', field: transactions.label!.field });
      window.reads.push({ index, aggregate, totalSlot, countSlot: -1, units: WHOLE });
    } else if (aggregate === 'count') {
      window.reads.push({ index, aggregate, totalSlot: -1, countSlot: -1, units: WHOLE });
    } else {
      const { resolution, required } = transactions.fields[field!]!;
      const units = minorUnits(resolution!)!;
      const totalSlot = slotOf({ of: 'units', field: field!, units });
      const countSlot = required || aggregate === 'sum' ? -1 : slotOf({ of: 'presence', field: field! });
      window.reads.push({ index, aggregate, totalSlot, countSlot, units });
    }
  }
  return {
    entity,
    totals,
    windows: [...windows.values()],
    fraudSlot: totals.findIndex(({ of }) => of === 'frauds'),
    retentionMs: Math.max(...features.map(({ definition }) => definition.windowMs + (definition.delayMs ?? 0))),
  };
}
